/** The longest time in which a part of the job made no progress between its beginning and its end. */

export class Stall {
  readonly #size: number
  #done: number
  #progressMs: number
  #longestMs = 0

  /**
   * @param size - partitions of this part
   * @param beginMs - from when on it counts, milliseconds; -1 from its first progress on
   */
  constructor (size: number, beginMs: number) {
    this.#size = size
    this.#done = 0
    this.#progressMs = beginMs
  }

  /** So many partitions more are done; none, where somebody is at work. */
  progress (partitions: number, atMs: number): void {
    this.#longestMs = this.longestMs(atMs)
    this.#progressMs = atMs
    this.#done += partitions
  }

  /** Milliseconds, up to a moment. */
  longestMs (atMs: number): number {
    const isUnderWay = this.#progressMs >= 0 && this.#done < this.#size
    return isUnderWay ? Math.max(this.#longestMs, atMs - this.#progressMs) : this.#longestMs
  }
}
