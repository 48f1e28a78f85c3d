/** What sandboxes computed: how much of it more than once, and how long peers waited for their first bite. */
import type { Node } from '../world/node.ts'
import type { Play } from '../play.ts'
import type { Watcher } from '../world/watchers.ts'
import { rangeOf } from '../../protocol/core/geometry.ts'

/** Peers that come when the last partitions are under way find nothing to do; they do not wait. */
const TAIL = 0.99

export class Work {
  readonly watcher: Watcher
  readonly #play: Play
  readonly #marks: Uint8Array
  #computed = 0
  #distinct = 0
  /** Since when a node that is there waits for its first bite, by index; -1 when it does not. */
  readonly #waitsSinceMs: number[] = []
  readonly #firstWorkMs: number[] = []
  #isTail = false

  constructor (play: Play) {
    this.#play = play
    this.#marks = new Uint8Array(play.spec.partitions)
    this.watcher = {
      onComputed: (_node, run) => { this.#onComputed(run.path) },
      onNotice: (node, notice) => { if (notice.type === 'leased') this.#stopWaiting(node) },
      onCame: node => { if (node.cores > 0 && !this.#isTail) this.#waitsSinceMs[node.index] = Math.max(0, play.atMs) },
      // Whoever goes without having got anything waited at least so long.
      onGone: node => { if (play.atMs > 0) this.#stopWaiting(node) }
    }
  }

  #onComputed (path: string): void {
    const range = rangeOf(this.#play.spec, path)
    if (range === null) return
    this.#computed += range.to - range.from
    for (let i = range.from; i < range.to; i++) {
      this.#distinct += 1 - (this.#marks[i] as number)
      this.#marks[i] = 1
    }
    if (!this.#isTail && this.#distinct >= TAIL * this.#play.spec.partitions) this.#isTail = true
  }

  #stopWaiting ({ index }: Node): void {
    const since = this.#waitsSinceMs[index] ?? -1
    if (since >= 0) this.#firstWorkMs.push(this.#play.atMs - since)
    this.#waitsSinceMs[index] = -1
  }

  /** Milliseconds from coming (or from the submission) to the first bite, those that still wait included. */
  firstWorkMs (): number[] {
    const waiting = this.#waitsSinceMs.filter(since => since >= 0).map(since => this.#play.atMs - since)
    return [...this.#firstWorkMs, ...waiting]
  }

  /** Partitions computed once more than needed, over all partitions. */
  get duplicateFraction (): number {
    return (this.#computed - this.#distinct) / this.#play.spec.partitions
  }
}
