/** What a sandbox has to commit to for a job, and what comes of it (V2). */
import { cidOfDag } from '../cid.ts'
import { itemBytesMaxOf } from './nodes.ts'
import { rootOf } from './pack.ts'
import type { Cid } from '../../core/ids.ts'
import type { Commits } from '../sandbox.ts'
import type { JobSpec } from '../../core/job.ts'
import type { Pack } from './pack.ts'

/** Do producers of this job commit to how they came to their values? */
export const isCommitted = ({ trust }: JobSpec): boolean => trust.type !== 'none'

/** The longest item of a commitment that is no link, bytes; null where none is made. */
export const itemsCommitted = (spec: JobSpec): number | null => isCommitted(spec) ? itemBytesMaxOf(spec) : null

/**
 * The commitment to a computed value. The root's name is made here, never inside a sandbox.
 *
 * @param nodes - null where outputs are gathered: every output is in the value, so its content id commits to them
 * @returns null where there is nothing to commit to
 */
export function commitsOf (spec: JobSpec, cid: Cid, nodes: Pack | null): Commits | null {
  if (!isCommitted(spec) || (spec.collect && nodes === null)) return null
  return { root: nodes === null ? cid : cidOfDag(rootOf(nodes)), nodes }
}
