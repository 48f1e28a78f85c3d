/**
 * Why a volunteer's tab does not compute just now. Each cause comes and goes by itself; a visitor may overrule any of
 * them, and their own pause none can overrule. A machine under pressure is eased before it is paused (pressure.ts).
 * Pure: `handle(input, now)`, no clock, no browser; what the browser tells comes in through machine.ts.
 */
import { PressureLadder } from './pressure.ts'
import type { Pressure } from './pressure.ts'

/** What pauses by itself, in the order in which it is told. */
export const CAUSES = ['battery', 'save-data', 'offline', 'busy'] as const
export type Cause = typeof CAUSES[number]
export type Reason = 'user' | Cause

export type PauseInput =
  | { type: 'user', paused: boolean }
  /** On battery power, not charging; Save-Data asked for; no network. */
  | { type: 'battery' | 'save-data' | 'offline', on: boolean }
  | { type: 'pressure', pressure: Pressure }
  | { type: 'overrule', cause: Cause, goOn: boolean }
  /** Time has passed: at least once when `nextMs` is reached. */
  | { type: 'tick' }

export class Pauses {
  readonly #on = new Set<Reason>()
  readonly #goOn: Set<Cause>
  readonly #ladder = new PressureLadder()

  /** @param goOn - causes overruled from the start */
  constructor (goOn: Cause[] = []) {
    this.#goOn = new Set(goOn)
  }

  handle (input: PauseInput, nowMs: number): void {
    switch (input.type) {
      case 'user':
        this.#set('user', input.paused)
        break
      case 'pressure':
        this.#ladder.onPressure(input.pressure, nowMs)
        break
      case 'overrule':
        if (input.goOn) this.#goOn.add(input.cause)
        else this.#goOn.delete(input.cause)
        break
      case 'tick':
        break
      default:
        this.#set(input.type, input.on)
    }
    this.#ladder.onTick(nowMs)
    this.#set('busy', this.#ladder.share === 0)
  }

  /** Why nothing is computed now; empty when it is. The visitor's own pause comes first. */
  get reasons (): Reason[] {
    const causes = CAUSES.filter((cause) => this.#on.has(cause) && !this.#goOn.has(cause))
    return this.#on.has('user') ? ['user', ...causes] : causes
  }

  /** Causes that are there and overruled. */
  get overruled (): Cause[] {
    return CAUSES.filter((cause) => this.#goOn.has(cause) && (cause === 'busy' ? this.#ladder.share < 1 : this.#on.has(cause)))
  }

  /** How much of the chosen duty may be used: 1 unless the machine is busy; 0 when something pauses. */
  get share (): number {
    if (this.reasons.length > 0) return 0
    return this.#goOn.has('busy') ? 1 : this.#ladder.share
  }

  /** When a tick is due, in the clock of `handle`; undefined when nothing waits for time to pass. */
  get nextMs (): number | undefined {
    return this.#ladder.nextMs
  }

  #set (reason: Reason, on: boolean): void {
    if (on) this.#on.add(reason)
    else this.#on.delete(reason)
  }
}
