/**
 * Nobody has more connections than its kind may have, or more helpers than the fan-out (J3), whatever its place in the tree. Connections
 * younger than the host's grace do not count: it prunes only afterwards. With each place that was another's before (C6) a peer
 * inherits as many helpers again, as long as it holds it.
 */
import type { Invariant } from './checker.ts'
import { CONNECTIONS_MAX, GRACE_MS, TAB_CONNECTIONS_MAX } from '../world/links.ts'
import { lastTerm } from '../../protocol/core/fence.ts'
import { membersOf } from '../metrics/tree.ts'
import { jobOf, rotation } from './rotation.ts'

export const caps: Invariant = play => {
  const { world, spec } = play
  const next = rotation(play)
  return {
    name: 'caps',
    kind: 'safety',
    sample: () => next().flatMap(node => {
      const most = node.kind === 'tab' ? TAB_CONNECTIONS_MAX : CONNECTIONS_MAX
      const broken: string[] = []
      if (node.links.size > most) {
        const old = [...node.links.values()].filter(({ state, upMs }) => state === 'up' && upMs + GRACE_MS < world.nowMs).length
        if (old > most) broken.push(`${node.id} has ${old} connections, a ${node.kind} may have ${most}`)
      }
      const helpers = membersOf(node, play)
      const inherited = [...jobOf(play, node)?.positions.values() ?? []].filter(({ fence }) => lastTerm(fence) > 1).length
      const helpersMax = (1 + inherited) * spec.fanout
      if (helpers > helpersMax) broken.push(`${node.id} coordinates ${helpers} peers, it may have ${helpersMax}`)
      return broken
    })
  }
}
