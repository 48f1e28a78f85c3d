/**
 * Watches a running request from the page: a call of job code that takes longer than its limit, and a frame whose process is gone.
 * Goes by what the worker tells now and then, so it may know only roughly which call it was: the request is then
 * run again and told exactly (tab-sandbox.ts). A hidden tab's timers come seldom, so limits are late there, never early.
 */
import { LOADING } from '../../protocol/job/runtime/gauge.ts'

/** Looks this often at most, milliseconds; short limits are looked at four times. */
const TICK_MS = 100
const TICK_MS_MIN = 10
/** A pause longer than this was the machine's, not job code's: a hidden tab's timers come once a minute at least, milliseconds. */
const GAP_MS_MAX = 65_000
/** A frame that does not answer for so long is looked into, milliseconds. */
const QUIET_MS = 1_500

export interface WatchInit {
  timeoutMs: number
  loadMs: number
  /** Ask the worker where it is. */
  ask: () => void
  /** The call ran longer than `limitMs`; `exact`: it is that call and no later one. */
  onTimeout: (call: number, limitMs: number, exact: boolean) => void
  /** Resolves when the frame has answered. */
  ping: () => Promise<void>
  /** The frame does not answer, though the page has time. */
  onQuiet: () => void
}

export class Watch {
  readonly #init: WatchInit
  readonly #tickMs: number
  readonly #timer: ReturnType<typeof setInterval>
  #seen = performance.now()
  #call = LOADING
  #calls = 0
  #exact = false
  #callMs = 0
  #isIdle = false
  #asked = false
  #answered = false
  #pinging = false
  #quietMs = 0

  constructor (init: WatchInit) {
    this.#init = init
    this.#tickMs = Math.max(TICK_MS_MIN, Math.min(TICK_MS, init.timeoutMs / 4))
    this.#timer = setInterval(() => { this.#tick() }, this.#tickMs)
  }

  /** What the worker said last. */
  get at (): { call: number, calls: number, exact: boolean } {
    return { call: this.#call, calls: this.#calls, exact: this.#exact || this.#call === LOADING }
  }

  /** The worker told the call that runs, and how many began. @param exact - it would have told a later one */
  heard (call: number, calls: number, exact: boolean): void {
    if (this.#asked && calls === this.#calls && call === this.#call) this.#answered = true
    else this.#restart()
    this.#call = call
    this.#calls = calls
    this.#exact = exact
    this.#isIdle = false
  }

  /** Any other sign of life. */
  alive (): void {
    this.#restart()
  }

  /** Nothing is run until it is heard of again: it waits for inputs, or rests. */
  idle (): void {
    this.#restart()
    this.#isIdle = true
  }

  /** What it waited for is there. */
  busy (): void {
    this.#restart()
    this.#isIdle = false
  }

  end (): void {
    clearInterval(this.#timer)
  }

  #restart (): void {
    this.#callMs = 0
    this.#asked = this.#answered = false
  }

  #tick (): void {
    const now = performance.now()
    const ms = Math.min(now - this.#seen, GAP_MS_MAX)
    this.#seen = now
    this.#ping(Math.min(ms, 2 * this.#tickMs))
    if (this.#isIdle) return
    this.#callMs += ms
    const { timeoutMs, loadMs } = this.#init
    const limitMs = this.#call === LOADING ? Math.max(loadMs, timeoutMs) : timeoutMs
    if (this.#callMs >= limitMs && this.#asked) return this.#late(limitMs)
    if (this.#callMs < limitMs / 2 || this.#asked) return
    this.#asked = true
    this.#init.ask()
  }

  #late (limitMs: number): void {
    this.end()
    this.#init.onTimeout(this.#call, limitMs, this.#answered || this.at.exact)
  }

  /** @param ms - while the page itself had no time, the frame is not to blame */
  #ping (ms: number): void {
    this.#quietMs += ms
    if (!this.#pinging) {
      this.#pinging = true
      this.#quietMs = 0
      void this.#init.ping().then(() => { this.#pinging = false })
    } else if (this.#quietMs >= QUIET_MS) {
      this.#quietMs = 0
      this.#init.onQuiet()
    }
  }
}
