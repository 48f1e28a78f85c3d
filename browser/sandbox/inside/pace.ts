/**
 * Where a worker stands and when it lets go: between calls it tells its keeper what runs, lets messages in, and rests as
 * the duty asks. A worker shares no memory with the page, so it is this that its keeper goes by. Looking at the clock costs
 * more than a small call of job code: calls are looked at the more seldom the shorter they are.
 */
import { CALL, GO, IDLE, PAUSE, SIGNAL, STOP } from '../../../protocol/job/runtime/gauge.ts'
import { natives, turn } from './natives.ts'

/** The clock is looked at about this often, milliseconds. */
const LOOK_MS = 0.5
/** Calls between two looks at most: should they suddenly take long, their keeper has to wait for so many. */
const CALLS_MAX = 1024
/** So many calls are told one by one at most: they must have been within what the first run told last. */
const TOLD_MAX = 1_000_000
/** Messages are let in this often, milliseconds: what an abort waits at least. */
const TURN_MS = 50

export class Pace {
  readonly #gauge: Float64Array
  readonly #tell: (call: number, calls: number, exact: boolean) => void
  readonly #wantsTurn: () => boolean
  /** Calls are told this often, milliseconds. */
  tellMs = 100
  #calls = 0
  #tellFrom = Infinity
  #every = 1
  #left = 0
  #lookedMs = 0
  #toldMs = 0
  #turnedMs = 0
  #duty = 1
  #ranMs = 0
  #restedMs = 0
  #stopped = false
  #wake: (() => void) | null = null

  /**
   * @param gauge - its signal is set to pause before the next call
   * @param tell - tells the keeper which call runs, how many began, and whether the next will be told as well
   * @param wantsTurn - asks for a pause
   */
  constructor (gauge: Float64Array, tell: (call: number, calls: number, exact: boolean) => void, wantsTurn: () => boolean) {
    this.#gauge = gauge
    this.#tell = tell
    this.#wantsTurn = wantsTurn
  }

  /** Milliseconds rested since the request began. */
  get restedMs (): number {
    return this.#restedMs
  }

  get #isExact (): boolean {
    return this.#calls >= this.#tellFrom && this.#calls < this.#tellFrom + TOLD_MAX
  }

  /** A request begins. @param tellFrom - so many calls are not told one by one; null for none that are */
  begin (tellFrom: number | null): void {
    this.#calls = 0
    this.#tellFrom = tellFrom ?? Infinity
    this.#every = 1
    this.#left = 0
    this.#ranMs = this.#restedMs = 0
    this.#stopped = false
    this.#gauge[SIGNAL] = this.#duty < 1 ? PAUSE : GO
    this.#lookedMs = this.#toldMs = this.#turnedMs = natives.clock()
  }

  /** A call of job code begins. */
  readonly onCall = (call: number): void => {
    this.#calls++
    if (this.#calls > this.#tellFrom && this.#isExact) this.#tell(call, this.#calls, true)
    if (--this.#left <= 0) this.#look(call)
  }

  #look (call: number): void {
    const now = natives.clock()
    const ms = now - this.#lookedMs
    this.#lookedMs = now
    this.#every = ms > LOOK_MS ? Math.max(1, this.#every >> 2) : Math.min(CALLS_MAX, this.#every * 2)
    this.#left = this.#every
    if (now - this.#toldMs >= this.tellMs) {
      this.#toldMs = now
      this.#tell(call, this.#calls, this.#isExact)
    }
    if (now - this.#turnedMs >= TURN_MS || this.#wantsTurn()) this.#gauge[SIGNAL] = PAUSE
  }

  /** The pause before the next call: lets messages in, and rests. */
  readonly resume = async (): Promise<void> => {
    this.#ranMs += natives.clock() - this.#turnedMs
    await turn()
    while (!this.#stopped && this.#owedMs() > 0) await this.#rest(this.#owedMs())
    this.#turnedMs = this.#lookedMs = natives.clock()
    this.#gauge[SIGNAL] = this.#stopped ? STOP : GO
  }

  /** Milliseconds to rest before going on. */
  #owedMs (): number {
    if (this.#duty >= 1) return 0
    if (this.#duty <= 0) return Infinity
    return this.#ranMs * (1 - this.#duty) / this.#duty - this.#restedMs
  }

  async #rest (ms: number): Promise<void> {
    const start = natives.clock()
    this.#tellIdle()
    await new Promise<void>(resolve => {
      const timer = Number.isFinite(ms) ? natives.setTimeout(resolve, Math.max(ms, 1)) : 0
      this.#wake = () => {
        natives.clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = null
    this.#restedMs += natives.clock() - start
  }

  /** @param duty - share of the time, 0..1 */
  setDuty (duty: number): void {
    if (duty === this.#duty) return
    this.#duty = duty
    // What was owed by another measure is not asked for.
    this.#ranMs = 0
    this.#gauge[SIGNAL] = this.#stopped ? STOP : PAUSE
    this.#wake?.()
  }

  /** End at the next call. */
  stop (): void {
    this.#stopped = true
    this.#gauge[SIGNAL] = STOP
    this.#wake?.()
  }

  /** Tell at once. */
  tell (): void {
    if (this.#gauge[CALL] === IDLE) this.#tellIdle()
    else this.#tell(this.#gauge[CALL]!, this.#calls, this.#isExact)
  }

  /** No job code runs: who hears this stops counting until the next call, so that is told. */
  #tellIdle (): void {
    this.#tell(IDLE, this.#calls, this.#isExact)
    this.#left = 0
    this.#toldMs = -Infinity
  }
}
