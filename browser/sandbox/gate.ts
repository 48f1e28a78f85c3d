/**
 * Lets many in together, or one alone: when a frame's process ends, all frames that share it are gone, and who did it is found
 * out by running each of their requests by itself. Those who would be alone come first. Knows nothing of what they do inside.
 */

export class Gate {
  #inside = 0
  #alone = false
  #wantAlone = 0
  #changed = Promise.withResolvers<void>()

  /**
   * Wait to be let in.
   *
   * @param alone - with nobody else inside
   * @returns what leaves again
   * @throws the signal's reason
   */
  async enter (alone: boolean, signal: AbortSignal): Promise<() => void> {
    if (alone) this.#wantAlone++
    try {
      while (alone ? this.#inside > 0 : this.#alone || this.#wantAlone > 0) await orAborted(this.#changed.promise, signal)
    } finally {
      if (alone) this.#wantAlone--
      this.#change()
    }
    this.#inside++
    this.#alone = alone
    return () => {
      this.#inside--
      this.#alone = false
      this.#change()
    }
  }

  #change (): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

/** A promise, or the signal's reason. */
export async function orAborted<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => { aborted.reject(signal.reason) }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
