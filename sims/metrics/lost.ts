/**
 * What an exodus takes with it for good: partitions that were part of a value which nobody who is left keeps. The limit is computed again
 * with them (SCENARIOS, S5), since no scheduler can do without what has no copy left; how many copies there are is the protocol's part (R2).
 */
import type { Fault } from '../scenarios/fault.ts'
import type { Node } from '../world/node.ts'
import type { Play } from '../play.ts'
import type { Watcher } from '../world/watchers.ts'
import { rangeOf } from '../../protocol/core/geometry.ts'

export class Lost {
  readonly watcher: Watcher
  readonly #play: Play
  readonly #exoduses: Fault[]
  /** Partitions that those kept who left in the present moment of an exodus; null at other times. */
  #gone: Uint8Array | null = null
  #partitions = 0

  constructor (play: Play) {
    this.#play = play
    this.#exoduses = play.plan.faults.filter(({ type }) => type === 'exodus')
    this.watcher = {
      onGone: node => {
        if (!this.#exoduses.some(({ atMs }) => atMs === Math.round(play.atMs))) return
        this.#gone ??= new Uint8Array(play.spec.partitions)
        this.#mark(this.#gone, node, 1)
      }
    }
  }

  /** Looks at once after an exodus: what is computed anew by then counts as kept. */
  sample (): void {
    const gone = this.#gone
    if (gone === null) return
    for (const node of this.#play.world.live) this.#mark(gone, node, 0)
    this.#partitions += gone.reduce((sum, isLost) => sum + isLost, 0)
    this.#gone = null
  }

  /** Partitions lost with all copies of their values, in all exoduses together. */
  get partitions (): number {
    return this.#partitions
  }

  #mark (partitions: Uint8Array, node: Node, as: 0 | 1): void {
    const { job, spec } = this.#play
    for (const path of node.core.jobs.get(job)?.ledger.keys() ?? []) {
      const range = rangeOf(spec, path)
      if (range !== null) partitions.fill(as, range.from, range.to)
    }
  }
}
