/** How a world recovers from splits: whether both halves went on while they lasted, and for how long after them the root was not one peer's. */
import type { Fault } from '../scenarios/fault.ts'
import type { Holders } from './holders.ts'
import type { Play } from '../play.ts'
import type { Watcher } from '../world/watchers.ts'
import { ROOT } from '../../protocol/core/geometry.ts'

/** One split; times in milliseconds after the submission. */
interface Split {
  fromMs: number
  toMs: number
  /** When the next fault begins, whose doings are not this one's. */
  nextMs: number
  /** Values accepted on either side while it lasts. */
  accepted: [number, number]
  /** When the root was last not one peer's, before the next fault. */
  lastMs: number
}

export class Healing {
  readonly watcher: Watcher
  readonly #play: Play
  readonly #holders: Holders
  readonly #splits: Split[]

  constructor (play: Play, holders: Holders) {
    this.#play = play
    this.#holders = holders
    const { faults } = play.plan
    this.#splits = faults.filter(fault => fault.type === 'split').map(({ atMs, forMs }) => ({
      fromMs: atMs, toMs: atMs + forMs, nextMs: nextAfter(faults, atMs + forMs), accepted: [0, 0], lastMs: atMs + forMs
    }))
    this.watcher = {
      onNotice: (node, notice) => {
        const { groupOf } = play.world.network
        if (notice.type !== 'value' || groupOf === null) return
        const split = this.#splits.find(({ fromMs, toMs }) => play.atMs >= fromMs && play.atMs <= toMs)
        if (split !== undefined) split.accepted[groupOf(node) === 0 ? 0 : 1]++
      }
    }
  }

  sample (): void {
    const { atMs } = this.#play
    for (const split of this.#splits) {
      if (atMs > split.toMs && atMs < split.nextMs && this.#holders.of(ROOT).length !== 1) split.lastMs = atMs
    }
  }

  /** The longest time from healing until the root stays one peer's, milliseconds. */
  get convergedMs (): number {
    return this.#splits.reduce((longest, { toMs, lastMs }) => Math.max(longest, lastMs - toMs), 0)
  }

  /** Values that the half which accepted fewer did, in the split where it accepted fewest; Infinity when there was none. */
  get leastAccepted (): number {
    const begun = this.#splits.filter(({ fromMs }) => fromMs < this.#play.atMs)
    return begun.length === 0 ? Infinity : Math.min(...begun.flatMap(({ accepted }) => accepted))
  }
}

const nextAfter = (faults: Fault[], ms: number): number =>
  faults.reduce((next, { atMs }) => atMs > ms ? Math.min(next, atMs) : next, Infinity)
