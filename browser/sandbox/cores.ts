/** Cores handed out in the order of asking; their number may change, also to none. */

export class Cores {
  #count: number
  #taken = 0
  readonly #waiting: Array<() => void> = []

  constructor (count: number) {
    this.#count = count
  }

  get count (): number {
    return this.#count
  }

  setCount (count: number): void {
    this.#count = count
    this.#next()
  }

  /**
   * Wait for a core.
   *
   * @returns gives it back
   * @throws the signal's reason
   */
  async take (signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const abort = (): void => {
      const place = this.#waiting.indexOf(resolve)
      if (place < 0) return
      this.#waiting.splice(place, 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#waiting.push(resolve)
    this.#next()
    await promise.finally(() => { signal.removeEventListener('abort', abort) })
    return () => {
      this.#taken--
      this.#next()
    }
  }

  #next (): void {
    while (this.#taken < this.#count && this.#waiting.length > 0) {
      this.#taken++
      this.#waiting.shift()!()
    }
  }
}
