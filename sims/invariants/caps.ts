/**
 * Nobody has more connections than its kind may have, or more helpers than the fan-out (J3), whatever its place in the tree. Connections
 * younger than the host's grace do not count: it prunes only afterwards. With each place that was another's before (C6) a peer
 * inherits as many helpers again, some of which stay with it when that place has ended; and whoever loses a child that it worked on itself
 * to a rival with a higher fence (C4) has that one as a helper it did not choose.
 */
import type { Child } from '../../protocol/core/state.ts'
import type { Invariant } from './checker.ts'
import type { Node } from '../world/node.ts'
import type { Play } from '../play.ts'
import { CONNECTIONS_MAX, GRACE_MS, TAB_CONNECTIONS_MAX } from '../world/links.ts'
import { lastTerm } from '../../protocol/core/fence.ts'
import { membersOf } from '../metrics/tree.ts'
import { jobOf, rotation } from './rotation.ts'

export const caps: Invariant = play => {
  const { world, spec } = play
  const next = rotation(play)
  /** Places that were another's, at most so many at once. */
  const inherited = new Map<Node, number>()
  return {
    name: 'caps',
    kind: 'safety',
    watcher: { onGone: node => { inherited.delete(node) } },
    sample: () => next().flatMap(node => {
      const most = node.kind === 'tab' ? TAB_CONNECTIONS_MAX : CONNECTIONS_MAX
      const broken: string[] = []
      if (node.links.size > most) {
        const old = [...node.links.values()].filter(({ state, upMs }) => state === 'up' && upMs + GRACE_MS < world.nowMs).length
        if (old > most) broken.push(`${node.id} has ${old} connections, a ${node.kind} may have ${most}`)
      }
      const helpers = membersOf(node, play)
      const positions = [...jobOf(play, node)?.positions.values() ?? []]
      const places = positions.filter(({ fence }) => lastTerm(fence) > 1).length
      if (places > (inherited.get(node) ?? 0)) inherited.set(node, places)
      const chosenMax = (1 + (inherited.get(node) ?? 0)) * spec.fanout
      if (helpers <= chosenMax) return broken
      const helpersMax = chosenMax + positions.flatMap(({ children }) => children).filter(child => hasRisen(play, node, child)).length
      if (helpers > helpersMax) broken.push(`${node.id} coordinates ${helpers} peers, it may have ${helpersMax}`)
      return broken
    })
  }
}

/** Is the child held by somebody else whose term is not its first? */
function hasRisen (play: Play, node: Node, { path, holder }: Child): boolean {
  const other = holder === null || holder === node.id ? undefined : play.world.byId(holder)
  const position = other === undefined ? undefined : jobOf(play, other)?.positions.get(path)
  return position !== undefined && lastTerm(position.fence) > 1
}
