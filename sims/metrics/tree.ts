/** The tree of coordinators over time, and the largest degrees that were seen in it. */
import type { Node } from '../world/node.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { Play } from '../play.ts'
import type { TreeSample } from '../report/report.ts'
import { Series } from './series.ts'

const SAMPLES_MAX = 60

export class Tree {
  /** Others that one peer coordinates, over all its positions. */
  maxFanout = 0
  readonly series = new Series<TreeSample>(SAMPLES_MAX)
  readonly #play: Play

  constructor (play: Play) {
    this.#play = play
  }

  get maxConnections (): number {
    return this.#play.world.links.most
  }

  sample (): void {
    this.series.offer(this.#play.atMs, () => this.#take())
  }

  #take (): TreeSample {
    const { world, job, atMs } = this.#play
    const sample: TreeSample = { atMs, coordinators: [], workers: [], idle: 0 }
    for (const node of world.live) {
      const positions = node.core.jobs.get(job)?.positions
      if (positions === undefined || positions.size === 0) {
        if (node.cores > 0) sample.idle++
        continue
      }
      let level = Infinity
      for (const position of positions.values()) level = Math.min(level, position.level)
      const fanout = membersOf(node, this.#play)
      this.maxFanout = Math.max(this.maxFanout, fanout)
      const counts = fanout > 0 ? sample.coordinators : sample.workers
      while (counts.length <= level) counts.push(0)
      counts[level] = (counts[level] as number) + 1
    }
    return sample
  }
}

/** Distinct others that hold a child of one of a node's positions. */
export function membersOf (node: Node, { job }: Play): number {
  const members = new Set<PeerId>()
  for (const { children } of node.core.jobs.get(job)?.positions.values() ?? []) {
    for (const { state, holder } of children) if (state === 'leased' && holder !== null && holder !== node.id) members.add(holder)
  }
  return members.size
}
