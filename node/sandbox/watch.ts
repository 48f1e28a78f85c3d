/**
 * Watches a running request from outside its isolate: a call of job code that takes longer than its limit,
 * a process that grows beyond its memory, and the share of time the volunteer allows (`--duty`). Reads
 * the gauge now and then; costs job code nothing.
 */
import { outOfMemory, timedOut } from '../../protocol/job/runtime/failure.ts'
import { CALL, GO, IDLE, LOADING, PAUSE, SIGNAL } from '../../protocol/job/runtime/gauge.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'

/** Looks this often at most, milliseconds; short limits are looked at four times. */
const TICK_MS = 100
const TICK_MS_MIN = 5
/** What a request may take beside its isolate's heap (WebAssembly, outputs on their way), MB. A guess. */
const BESIDE_MB = 512
/** With `--duty`, it runs or rests this long at least, milliseconds. */
const DUTY_MS = 100

export interface WatchInit {
  gauge: Float64Array
  timeoutMs: number
  loadMs: number
  memoryMb: number
  duty: number
  /** A limit was exceeded; told once. */
  onFailure: (why: PlainFailure) => void
  /** The call that runs, told when it changed since the last time, about twice a second. */
  onCall: (call: number) => void
}

export class Watch {
  readonly #init: WatchInit
  readonly #timer: ReturnType<typeof setInterval>
  readonly #rssAtStart = process.memoryUsage.rss()
  #seen = performance.now()
  #call = IDLE
  #callMs = 0
  #told = IDLE
  #toldMs = 0
  #ranMs = 0
  #restedMs = 0
  #onResume: (() => void) | null = null

  constructor (init: WatchInit) {
    this.#init = init
    const tickMs = Math.max(TICK_MS_MIN, Math.min(TICK_MS, init.timeoutMs / 4))
    this.#timer = setInterval(() => { this.#tick(2 * tickMs) }, tickMs)
  }

  /** Milliseconds rested so far. */
  get restedMs (): number {
    return this.#restedMs
  }

  /** Resolves when the present pause is over. */
  resumed (): Promise<void> {
    if (this.#init.gauge[SIGNAL] !== PAUSE) return Promise.resolve()
    return new Promise(resolve => { this.#onResume = resolve })
  }

  /** End the watch; who waits for `resumed` goes on. */
  end (): void {
    clearInterval(this.#timer)
    this.#onResume?.()
  }

  /** @param msMax - a process that was stopped for a while has not computed meanwhile */
  #tick (msMax: number): void {
    const now = performance.now()
    const ms = Math.min(now - this.#seen, msMax)
    this.#seen = now
    const call = this.#init.gauge[CALL]!
    this.#clock(call, ms)
    this.#weigh(call)
    this.#tell(call, ms)
    if (this.#init.duty < 1) this.#share(ms)
  }

  #clock (call: number, ms: number): void {
    const { timeoutMs, loadMs } = this.#init
    this.#callMs = call === this.#call && call !== IDLE ? this.#callMs + ms : 0
    this.#call = call
    const limitMs = call === LOADING ? Math.max(loadMs, timeoutMs) : timeoutMs
    if (this.#callMs >= limitMs) this.#fail(timedOut(call, limitMs))
  }

  /** An isolate's own limit does not see WebAssembly's memory. */
  #weigh (call: number): void {
    const { memoryMb } = this.#init
    const grown = process.memoryUsage.rss() - this.#rssAtStart
    if (grown > (memoryMb + BESIDE_MB) * 2 ** 20) this.#fail(outOfMemory(call, memoryMb))
  }

  #tell (call: number, ms: number): void {
    this.#toldMs += ms
    if (this.#toldMs < 5 * TICK_MS || call === this.#told) return
    this.#toldMs = 0
    this.#told = call
    this.#init.onCall(call)
  }

  #fail (why: PlainFailure): void {
    this.end()
    this.#init.onFailure(why)
  }

  #share (ms: number): void {
    const { gauge, duty } = this.#init
    if (this.#onResume === null) this.#ranMs += ms
    else this.#restedMs += ms
    // Positive: it has run longer than its share.
    const debtMs = this.#ranMs * (1 - duty) - this.#restedMs * duty
    if (gauge[SIGNAL] === GO && debtMs > DUTY_MS * (1 - duty)) gauge[SIGNAL] = PAUSE
    else if (gauge[SIGNAL] === PAUSE && debtMs <= 0) {
      gauge[SIGNAL] = GO
      this.#onResume?.()
      this.#onResume = null
    }
  }
}
