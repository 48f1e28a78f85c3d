/**
 * Yields to the visitor's own work by what the browser tells of the processor's pressure. Our own work is part of that
 * pressure, so it steps down a ladder — full, half, a quarter, paused — and looks again after each step: what was our
 * own goes away with the first steps, and while paused all that is left is the visitor's. It climbs back after a
 * calm time; climbing too early doubles that time, so that it settles where the machine is at ease instead of
 * swinging, and never stays paused over pressure that is its own. Pure; times are in the clock of its caller.
 */

/** As the Compute Pressure specification names them; `unknown` when the browser tells nothing, as in a hidden tab. */
export type Pressure = 'nominal' | 'fair' | 'serious' | 'critical' | 'unknown'

const SHARES = [1, 0.5, 0.25, 0]

// Guesses, not yet measured. A browser samples once a second, and a page load is over in less than SERIOUS_MS.
const SERIOUS_MS = 5_000
const CRITICAL_MS = 2_000
/** Calm for so long before a step up. */
const CALM_MS = 30_000
const CALM_MAX_MS = 10 * 60_000
/** A step down so soon after a step up says that the step up was wrong. */
const RELAPSE_MS = 60_000
/** At the top for so long, and the past is forgotten. */
const FORGET_MS = 30 * 60_000

export class PressureLadder {
  #rung = 0
  #pressure: Pressure = 'unknown'
  /** Since when nothing changed: neither the side the pressure is on, nor the rung. */
  #sinceMs = 0
  #roseMs = -Infinity
  #calmMs = CALM_MS

  /** How much of the chosen duty may be used. */
  get share (): number {
    return SHARES[this.#rung] ?? 0
  }

  /** When the next step is due if nothing changes. */
  get nextMs (): number | undefined {
    const wait = this.#isHigh ? (this.#rung < SHARES.length - 1 ? this.#holdMs : undefined) : (this.#rung > 0 ? this.#calmMs : undefined)
    return wait === undefined ? undefined : this.#sinceMs + wait
  }

  onPressure (pressure: Pressure, nowMs: number): void {
    this.onTick(nowMs)
    const wasHigh = this.#isHigh
    this.#pressure = pressure
    if (wasHigh !== this.#isHigh) this.#sinceMs = nowMs
  }

  onTick (nowMs: number): void {
    if (this.#rung === 0 && !this.#isHigh && nowMs - this.#sinceMs >= FORGET_MS) this.#calmMs = CALM_MS
    if (nowMs < (this.nextMs ?? Infinity)) return
    if (this.#isHigh) this.#becomeLower(nowMs)
    else this.#becomeHigher(nowMs)
  }

  get #isHigh (): boolean {
    return this.#pressure === 'serious' || this.#pressure === 'critical'
  }

  get #holdMs (): number {
    return this.#pressure === 'critical' ? CRITICAL_MS : SERIOUS_MS
  }

  #becomeLower (nowMs: number): void {
    if (nowMs - this.#roseMs < RELAPSE_MS) {
      this.#calmMs = Math.min(CALM_MAX_MS, this.#calmMs * 2)
      this.#roseMs = -Infinity
    }
    this.#rung++
    this.#sinceMs = nowMs
  }

  #becomeHigher (nowMs: number): void {
    this.#rung--
    this.#sinceMs = nowMs
    this.#roseMs = nowMs
  }
}
