/**
 * Who coordinates which path now, told by notices and looked up again when asked, so that nobody has to search a hundred thousand
 * peers; and how long two coordinated one path at once, which is allowed and harmless (SCENARIOS, "Invariants").
 */
import type { Node } from '../world/node.ts'
import type { Path } from '../../protocol/core/ids.ts'
import type { Play } from '../play.ts'
import type { Position } from '../../protocol/core/state.ts'
import type { Watcher } from '../world/watchers.ts'

/** Does somebody else work for this position? */
export const hasMembers = (node: Node, position: Position): boolean =>
  position.children.some(child => child.state === 'leased' && child.holder !== null && child.holder !== node.id)

export class Holders {
  /** Milliseconds of two at once, summed over paths; to a second. */
  overlapMs = 0
  readonly watcher: Watcher
  readonly #play: Play
  /** Those that became coordinators of a path and may still be. */
  readonly #known = new Map<Path, Node[]>()
  readonly #shared = new Set<Path>()
  #sampledMs = 0

  constructor (play: Play) {
    this.#play = play
    this.watcher = {
      onNotice: (node, notice) => {
        if (notice.type === 'coordinator') this.#add(notice.path, node)
        else if (notice.type === 'value') this.#known.delete(notice.path)
      }
    }
  }

  #add (path: Path, node: Node): void {
    const nodes = this.#known.get(path)
    if (nodes === undefined) this.#known.set(path, [node])
    else if (!nodes.includes(node)) {
      nodes.push(node)
      this.#shared.add(path)
    }
  }

  /** Nodes that are there, hold this path, and have members below it. */
  of (path: Path): Node[] {
    const nodes = this.#known.get(path)
    if (nodes === undefined) return []
    const held = nodes.filter(node => this.#positionOf(node, path) !== undefined)
    this.#known.set(path, held)
    return held.filter(node => hasMembers(node, this.#positionOf(node, path) as Position))
  }

  #positionOf (node: Node, path: Path): Position | undefined {
    return node.state === 'off' ? undefined : node.core.jobs.get(this.#play.job)?.positions.get(path)
  }

  sample (): void {
    const passedMs = this.#play.atMs - this.#sampledMs
    this.#sampledMs = this.#play.atMs
    for (const path of this.#shared) {
      const live = this.of(path).filter(node => node.state === 'live')
      if (live.length > 1) this.overlapMs += passedMs
      if ((this.#known.get(path)?.length ?? 0) < 2) this.#shared.delete(path)
    }
  }
}
