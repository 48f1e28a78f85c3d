/**
 * Terms never decrease, and no authority of a fenced term is believed (C4). In one life a peer never becomes coordinator of a path under a
 * lower fence than before, the highest root term it has worked under never falls, and a view that it adopts is never of a lower one. Values
 * are not meant: a late value of a fenced holder is still taken.
 */
import type { Fence } from '../../protocol/core/message.ts'
import type { Invariant } from './checker.ts'
import type { Node } from '../world/node.ts'
import type { Path } from '../../protocol/core/ids.ts'
import type { View } from '../../protocol/core/state.ts'
import { compareFences } from '../../protocol/core/fence.ts'
import { jobOf, rotation } from './rotation.ts'

/** Peers whose fences are remembered: a thousand of them show what all do. */
const WATCHED = 1_000

interface Memory { life: number, fences: Map<Path, Fence>, rootTerm: number, views: WeakSet<View> }

export const termsNeverDecrease: Invariant = (play, report) => {
  const next = rotation(play)
  const every = Math.ceil(play.plan.peers / WATCHED)
  const memories = new Map<Node, Memory>()
  const memoryOf = (node: Node): Memory => {
    const known = memories.get(node)
    if (known?.life === node.life) return known
    const fresh: Memory = { life: node.life, fences: new Map(), rootTerm: 0, views: new WeakSet() }
    memories.set(node, fresh)
    return fresh
  }

  const onFence = (node: Node, path: Path, fence: Fence): void => {
    if (node.index % every !== 0) return
    const { fences } = memoryOf(node)
    const before = fences.get(path)
    if (before !== undefined && compareFences(fence, before) < 0) report(`${node.id} coordinates ${path} under [${fence.join(' ')}], after [${before.join(' ')}]`)
    fences.set(path, fence)
  }

  const look = (node: Node): string[] => {
    const job = jobOf(play, node)
    if (job === undefined || node.index % every !== 0) return []
    const memory = memoryOf(node)
    const broken: string[] = []
    if (job.rootTerm < memory.rootTerm) broken.push(`${node.id} has seen root term ${memory.rootTerm} and knows only of ${job.rootTerm} now`)
    for (const view of job.views.values()) {
      // Made up in an election from what the last state told, not adopted.
      const isAdopted = view.state.version >= 0 && !memory.views.has(view)
      memory.views.add(view)
      const term = view.state.fence[0] ?? 0
      if (isAdopted && term < memory.rootTerm) broken.push(`${node.id} follows ${view.path} of root term ${term}, after ${memory.rootTerm}`)
    }
    memory.rootTerm = job.rootTerm
    return broken
  }

  return {
    name: 'terms-never-decrease',
    kind: 'safety',
    watcher: {
      onNotice: (node, notice) => { if (notice.type === 'coordinator' || notice.type === 'failover') onFence(node, notice.path, notice.fence) },
      onGone: node => { memories.delete(node) }
    },
    sample: () => next().flatMap(look)
  }
}
