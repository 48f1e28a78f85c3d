/** Lets so many go at once; the others wait their turn, first come first served. */

export class Turns {
  readonly #max: number
  readonly #waiting: Array<() => void> = []
  #running = 0

  /** @param max - how many may go at once */
  constructor (max: number) {
    this.#max = max
  }

  get isIdle (): boolean {
    return this.#running === 0
  }

  /** Wait for a turn, take it, and pass it on when the work is done or has failed. */
  async run<T> (work: () => Promise<T>): Promise<T> {
    const done = await this.take()
    try {
      return await work()
    } finally {
      done()
    }
  }

  /** @returns what ends the turn; to be called once */
  async take (): Promise<() => void> {
    if (this.#running >= this.#max) await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    else this.#running++
    return () => {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
