/**
 * Nobody has more connections than its kind may have, or more helpers than the fan-out (J3), whatever its place in the tree. Connections
 * younger than the host's grace do not count: it prunes only afterwards. A peer that took over another's place (C6) has inherited
 * its helpers: as many again.
 */
import type { Invariant } from './checker.ts'
import type { Node } from '../world/node.ts'
import { CONNECTIONS_MAX, GRACE_MS, TAB_CONNECTIONS_MAX } from '../world/links.ts'
import { membersOf } from '../metrics/tree.ts'
import { rotation } from './rotation.ts'

export const caps: Invariant = play => {
  const { world, spec } = play
  const next = rotation(play)
  const successors = new Set<Node>()
  return {
    name: 'caps',
    kind: 'safety',
    watcher: {
      onNotice: (node, notice) => { if (notice.type === 'failover') successors.add(node) },
      onGone: node => { successors.delete(node) }
    },
    sample: () => next().flatMap(node => {
      const most = node.kind === 'tab' ? TAB_CONNECTIONS_MAX : CONNECTIONS_MAX
      const broken: string[] = []
      if (node.links.size > most) {
        const old = [...node.links.values()].filter(({ state, upMs }) => state === 'up' && upMs + GRACE_MS < world.nowMs).length
        if (old > most) broken.push(`${node.id} has ${old} connections, a ${node.kind} may have ${most}`)
      }
      const helpers = membersOf(node, play)
      const helpersMax = successors.has(node) ? 2 * spec.fanout : spec.fanout
      if (helpers > helpersMax) broken.push(`${node.id} coordinates ${helpers} peers, it may have ${helpersMax}`)
      return broken
    })
  }
}
