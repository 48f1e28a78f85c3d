/** How a world recovers from splits: whether both halves went on while they lasted, and how long two roots stood after they healed. */
import type { Fault } from '../scenarios/fault.ts'
import type { Holders } from './holders.ts'
import type { Play } from '../play.ts'
import type { Watcher } from '../world/world.ts'
import { ROOT } from '../../protocol/core/geometry.ts'

type Split = Fault & { type: 'split' }

export class Healing {
  readonly watcher: Watcher
  readonly #play: Play
  readonly #holders: Holders
  readonly #splits: Split[]
  /** Values accepted on either side of each split. */
  readonly #accepted: Array<[number, number]>
  /** When each split's world had one root again, milliseconds after healing; -1 before. */
  readonly #convergedMs: number[]

  constructor (play: Play, holders: Holders) {
    this.#play = play
    this.#holders = holders
    this.#splits = play.plan.faults.filter(fault => fault.type === 'split')
    this.#accepted = this.#splits.map(() => [0, 0])
    this.#convergedMs = this.#splits.map(() => -1)
    this.watcher = {
      onNotice: (node, notice) => {
        const { groupOf } = play.world.network
        if (notice.type !== 'value' || groupOf === null) return
        const at = this.#splits.findIndex(({ atMs, forMs }) => play.atMs >= atMs && play.atMs <= atMs + forMs)
        const accepted = this.#accepted[at]
        if (accepted === undefined) return
        if (groupOf(node) === 0) accepted[0]++
        else accepted[1]++
      }
    }
  }

  sample (): void {
    this.#splits.forEach(({ atMs, forMs }, i) => {
      const healedMs = this.#play.atMs - atMs - forMs
      if (healedMs > 0 && (this.#convergedMs[i] as number) < 0 && this.#holders.of(ROOT).length === 1) this.#convergedMs[i] = healedMs
    })
  }

  /** The longest time from healing to one root, milliseconds; what is not healed counts up to now, what ended before is none. */
  get convergedMs (): number {
    const { atMs, doneMs } = this.#play
    return this.#splits.reduce((longest, split, i) => {
      const healsMs = split.atMs + split.forMs
      const ms = this.#convergedMs[i] as number
      if (ms >= 0) return Math.max(longest, ms)
      return Math.max(longest, (doneMs < 0 ? atMs : doneMs) - healsMs)
    }, 0)
  }

  /** Values that the half which accepted fewer did, in the split where it accepted fewest; Infinity when there was none. */
  get leastAccepted (): number {
    const begun = this.#accepted.filter((_, i) => (this.#splits[i] as Split).atMs < this.#play.atMs)
    return begun.length === 0 ? Infinity : Math.min(...begun.flat())
  }
}
