/**
 * No partition is folded twice and none is missing at the root: every result that a peer learns equals the oracle's, whose content id holds
 * the range and a sum over all partitions. Where peers lie and no policy stops them the sum may be wrong, the range never.
 */
import type { Invariant } from './checker.ts'
import { ROOT } from '../../protocol/core/geometry.ts'
import { isHonest } from './honesty.ts'

export const foldedOnce: Invariant = ({ world, job, spec, plan }, report) => {
  const { cid } = world.oracleOf(job).value(ROOT, { from: 0, to: spec.partitions })
  const right = isHonest(plan) ? cid : cid.slice(0, cid.lastIndexOf(' ') + 1)
  return {
    name: 'folded-once',
    kind: 'safety',
    watcher: {
      onNotice: (node, notice) => {
        if (notice.type === 'done' && !notice.value.cid.startsWith(right)) report(`${node.id} learnt the result "${notice.value.cid}", the oracle says "${cid}"`)
      }
    }
  }
}
