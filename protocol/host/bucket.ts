/**
 * A token bucket (Turner's leaky bucket as a meter): it fills at a steady rate up to a burst, and what is taken must be
 * there. The clock is the caller's.
 */
import type { Rate } from './limits.ts'

export class Bucket {
  readonly #rate: Rate
  #level: number
  #ms: number

  constructor (rate: Rate, nowMs: number) {
    this.#rate = rate
    this.#level = rate.burst
    this.#ms = nowMs
  }

  /** Take so much, or nothing when there is less. @returns whether it was there */
  take (cost: number, nowMs: number): boolean {
    this.#fill(nowMs)
    if (this.#level < cost) return false
    this.#level -= cost
    return true
  }

  /** Take so much in any case. @returns milliseconds until there is something again; 0 when there is */
  owe (cost: number, nowMs: number): number {
    this.#fill(nowMs)
    this.#level -= cost
    return this.#level >= 0 ? 0 : -this.#level / this.#rate.perSecond * 1000
  }

  #fill (nowMs: number): void {
    this.#level = Math.min(this.#rate.burst, this.#level + Math.max(0, nowMs - this.#ms) / 1000 * this.#rate.perSecond)
    this.#ms = nowMs
  }
}
