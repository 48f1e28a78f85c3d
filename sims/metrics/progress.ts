/**
 * How the job goes on: which partitions are part of an accepted value, when shares of them were reached, and the longest times in which none
 * was added. Values that are lost again afterwards still count as reached once.
 */
import type { Path } from '../../protocol/core/ids.ts'
import type { Play } from '../play.ts'
import type { Report } from '../report/report.ts'
import type { Watcher } from '../world/watchers.ts'
import { ROOT, childDigits, childRange, rangeOf, sizeOf } from '../../protocol/core/geometry.ts'
import { jobOf } from '../invariants/rotation.ts'
import { Series } from './series.ts'
import { Stall } from './stall.ts'

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
  readonly #whole: Stall
  /** Of the root's children, by digit. */
  readonly #subtrees = new Map<number, Stall>()
  #next = 0

  constructor (play: Play) {
    this.#play = play
    const { spec } = play
    const all = { from: 0, to: spec.partitions }
    this.#marks = new Uint8Array(spec.partitions)
    this.#whole = new Stall(spec.partitions, 0)
    for (const digit of childDigits(spec, all)) this.#subtrees.set(digit, new Stall(sizeOf(childRange(all, spec.fanout, digit)), -1))
    this.watcher = { onNotice: (_node, notice) => { if (notice.type === 'value') this.#onValue(notice.path) } }
  }

  #onValue (path: Path): void {
    const { spec, atMs } = this.#play
    const range = rangeOf(spec, path)
    if (range === null || this.done === spec.partitions) return
    const before = this.done
    for (let i = range.from; i < range.to; i++) {
      this.done += 1 - (this.#marks[i] as number)
      this.#marks[i] = 1
    }
    if (this.done === before) return
    this.#whole.progress(this.done - before, atMs)
    this.#subtreeOf(path)?.progress(this.done - before, atMs)
    for (; this.#next < SHARES.length; this.#next++) {
      const [name, share] = SHARES[this.#next] as typeof SHARES[number]
      if (this.done < share * spec.partitions) return
      this.reachedMs[name] = atMs
    }
  }

  /** The longest time from the submission on in which no partition was added, milliseconds. */
  get stallMs (): number {
    return this.#whole.longestMs(this.#play.atMs)
  }

  /** The same in one of the root's subtrees, while somebody holds it or a part of it, but nobody honest computes in it, however slowly. */
  get subtreeStallMs (): number {
    const { atMs } = this.#play
    return [...this.#subtrees.values()].reduce((longest, stall) => Math.max(longest, stall.longestMs(atMs)), 0)
  }

  sample (): void {
    if (this.#play.plan.bounds.subtreeStallMs !== undefined) this.#lookForWork()
    this.series.offer(this.#play.atMs, () => ({ done: this.done, live: this.#play.world.live.length }))
  }

  #lookForWork (): void {
    const { world, atMs } = this.#play
    const held = new Set<Stall>()
    for (const node of world.live) {
      const job = jobOf(this.#play, node)
      if (job === undefined || job.positions.size === 0) continue
      for (const path of job.positions.keys()) {
        const subtree = this.#subtreeOf(path)
        if (subtree !== undefined) held.add(subtree)
      }
      if (node.adversary !== null || node.speed === 0) continue
      for (const path of job.bites.keys()) this.#subtreeOf(path)?.progress(0, atMs)
    }
    // One that nobody holds is there for anybody to take.
    for (const subtree of this.#subtrees.values()) if (!held.has(subtree)) subtree.progress(0, atMs)
  }

  #subtreeOf (path: Path): Stall | undefined {
    return path === ROOT ? undefined : this.#subtrees.get(Number.parseInt(path, 10))
  }
}
