/** Samples at equal steps over a time that is not known before: when there are too many, every other one goes and the step doubles. */

const STEP_MS = 1_000

export class Series<T> {
  /** Sample i is of the moment i * stepMs. */
  readonly samples: T[] = []
  stepMs = STEP_MS
  readonly #max: number

  /** @param max - samples to keep at most; even */
  constructor (max: number) {
    this.#max = max
  }

  /**
   * Asked at every virtual second.
   *
   * @param make - takes a sample; called only when one is due
   */
  offer (atMs: number, make: () => T): void {
    if (atMs < this.samples.length * this.stepMs) return
    if (this.samples.length >= this.#max) {
      for (let i = 0; i < this.samples.length / 2; i++) this.samples[i] = this.samples[2 * i] as T
      this.samples.length /= 2
      this.stepMs *= 2
    }
    this.samples.push(make())
  }
}
