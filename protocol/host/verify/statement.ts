/**
 * What a value's maker puts its name to (V2): this value, folded in this way, is what this path of this job gives. Whoever has
 * a statement can hold its maker to it, wherever it came from. Signing and verifying are the platform's.
 */
import type { Cid, JobId, Path, PeerId } from '../../core/ids.ts'
import type { Value } from '../../core/job.ts'

export interface Statement {
  job: JobId
  path: Path
  /** The value's. */
  cid: Cid
  /** Of the commitment. */
  root: Cid
  by: PeerId
  signature: Uint8Array
}

/** What is signed: none of these texts has a space in it. */
export const statementBytes = ({ job, path, cid, root }: Omit<Statement, 'by' | 'signature'>): Uint8Array =>
  new TextEncoder().encode(`millionfold value ${job} ${path} ${cid} ${root}`)

/** What a value states; null when it is bound to nothing. */
export function statementOf (job: JobId, { path, cid, by, commitment }: Value): Statement | null {
  return commitment === null ? null : { job, path, cid, root: commitment.root, by, signature: commitment.signature }
}
