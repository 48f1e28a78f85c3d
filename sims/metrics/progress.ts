/**
 * How the job goes on: which partitions are part of an accepted value, when shares of them were reached, and the longest time in which none
 * was added. Values that are lost again afterwards still count as reached once.
 */
import type { Notice } from '../../protocol/core/notice.ts'
import type { Play } from '../play.ts'
import type { Report } from '../report/report.ts'
import type { Watcher } from '../world/world.ts'
import { Series } from './series.ts'
import { rangeOf } from '../../protocol/core/geometry.ts'

const SAMPLES_MAX = 600
const SHARES = [['p50', 0.5], ['p90', 0.9], ['p99', 0.99], ['p100', 1]] as const

export class Progress {
  /** Partitions in accepted values. */
  done = 0
  readonly reachedMs: Report['reachedMs'] = { p50: -1, p90: -1, p99: -1, p100: -1 }
  readonly series = new Series<{ done: number, live: number }>(SAMPLES_MAX)
  readonly watcher: Watcher
  readonly #play: Play
  readonly #marks: Uint8Array
  #progressMs = 0
  #stallMs = 0
  #next = 0

  constructor (play: Play) {
    this.#play = play
    this.#marks = new Uint8Array(play.spec.partitions)
    this.watcher = { onNotice: (_node, notice) => { if (notice.type === 'value') this.#onValue(notice) } }
  }

  #onValue (notice: Notice & { type: 'value' }): void {
    const { spec, atMs } = this.#play
    const range = rangeOf(spec, notice.path)
    if (range === null || this.done === spec.partitions) return
    const before = this.done
    for (let i = range.from; i < range.to; i++) {
      this.done += 1 - (this.#marks[i] as number)
      this.#marks[i] = 1
    }
    if (this.done === before) return
    this.#stallMs = this.longestStallMs
    this.#progressMs = atMs
    for (; this.#next < SHARES.length; this.#next++) {
      const [name, share] = SHARES[this.#next] as typeof SHARES[number]
      if (this.done < share * spec.partitions) return
      this.reachedMs[name] = atMs
    }
  }

  /** The longest time so far, from the submission on, in which no partition was added; milliseconds. */
  get longestStallMs (): number {
    const isComplete = this.done === this.#play.spec.partitions
    return isComplete ? this.#stallMs : Math.max(this.#stallMs, this.#play.atMs - this.#progressMs)
  }

  sample (): void {
    this.series.offer(this.#play.atMs, () => ({ done: this.done, live: this.#play.world.live.length }))
  }
}
