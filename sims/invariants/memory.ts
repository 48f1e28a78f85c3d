/**
 * Memory a peer hangs on its place in the tree alone, not on the mesh or the job (SCENARIOS: O(F + depth)). What it keeps of a job belongs to
 * chains of positions, from the highest that somebody granted it down to a bite: at each of the tree's levels a position, a view of the one
 * above, F children and their values. It has some chains at once: those of its bites, those it is heir to, and those that
 * neighbours handed over when they left.
 */
import type { Invariant } from './checker.ts'
import type { Job } from '../../protocol/core/state.ts'
import type { JobSpec } from '../../protocol/core/job.ts'
import { depthMax } from '../../protocol/core/geometry.ts'
import { jobOf, rotation } from './rotation.ts'

/** Two bites and the claim made early, as many as heir, and two handed over. A guess. */
const CHAINS = 8

export const memory: Invariant = play => {
  const next = rotation(play)
  const most = recordsMax(play.spec)
  return {
    name: 'memory',
    kind: 'safety',
    sample: () => next().flatMap(node => {
      const job = jobOf(play, node)
      const records = job === undefined ? 0 : recordsOf(job)
      return records <= most ? [] : [`${node.id} keeps ${records} records of the job, ${job?.ledger.size} of them values; it may keep ${most}`]
    })
  }
}

/** Records that grow with a peer's part in a job. */
export function recordsOf ({ positions, views, ledger, owed, bites }: Job): number {
  let records = positions.size + views.size + ledger.size + owed.size + bites.size
  for (const { children } of positions.values()) records += children.length
  return records
}

export const recordsMax = (spec: JobSpec): number => CHAINS * (depthMax(spec) + 1) * (2 * spec.fanout + 2)
