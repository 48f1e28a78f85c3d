/**
 * No partition is folded twice, none is missing at the root: every result that an honest peer learns equals the oracle's, whose content id
 * holds the range and a sum over all partitions. (While worlds have liars and jobs have no policy against them, those may be wrong.)
 */
import type { Invariant } from './checker.ts'
import { ROOT } from '../../protocol/core/geometry.ts'

export const foldedOnce: Invariant = ({ world, job, spec }, report) => {
  const { cid } = world.oracleOf(job).value(ROOT, { from: 0, to: spec.partitions })
  return {
    name: 'folded-once',
    kind: 'safety',
    watcher: {
      onNotice: (node, notice) => {
        if (notice.type === 'done' && notice.value.cid !== cid) report(`${node.id} learnt the result ${notice.value.cid}, which is ${cid}`)
      }
    }
  }
}
