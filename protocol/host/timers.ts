/**
 * The core's timer slots on the platform's timers: setting a slot replaces it, clearing one that does not run
 * does nothing. A wait longer than the platform can count is cut into several.
 */
import { timerKey } from '../core/timer.ts'
import type { Timer } from '../core/timer.ts'

/** setTimeout takes 31 bits of milliseconds, 24.8 days; more would fire at once. */
const WAIT_MS_MAX = 2 ** 31 - 1

export class Timers {
  readonly #running = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #onTimer: (timer: Timer) => void

  /** @param onTimer - called when a slot's time has come, the slot being free again */
  constructor (onTimer: (timer: Timer) => void) {
    this.#onTimer = onTimer
  }

  /** @param ms - milliseconds from now */
  set (timer: Timer, ms: number): void {
    this.clear(timer)
    const wait = Math.min(Math.max(0, ms), WAIT_MS_MAX)
    const fire = (): void => {
      this.#running.delete(timerKey(timer))
      if (ms > wait) this.set(timer, ms - wait)
      else this.#onTimer(timer)
    }
    this.#running.set(timerKey(timer), setTimeout(fire, wait))
  }

  clear (timer: Timer): void {
    const running = this.#running.get(timerKey(timer))
    if (running === undefined) return
    clearTimeout(running)
    this.#running.delete(timerKey(timer))
  }

  clearAll (): void {
    for (const running of this.#running.values()) clearTimeout(running)
    this.#running.clear()
  }
}
