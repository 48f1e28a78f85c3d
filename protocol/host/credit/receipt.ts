/**
 * A receipt: what is signed, who may have signed it, and what is wrong with one (K1). Anybody can check it offline, since an issuer's
 * key is inside its id and the job's id is the hash of its spec. Keys are libp2p's own; nothing here is stored or sent.
 */
import { encode } from '@ipld/dag-cbor'
import { ROOT, isWithin, parentOf, rangeOf } from '../../core/geometry.ts'
import { describeRuns, isInRange, isRuns, sizeOfRuns } from './runs.ts'
import type { JobId, Path, PeerId } from '../../core/ids.ts'
import type { JobSpec, Trust } from '../../core/job.ts'
import type { Receipt } from '../../core/credit.ts'
import type { Verify } from '../cancelled.ts'

/** A receipt on its own: with the job that it is for. */
export interface JobReceipt extends Receipt { job: JobId }

export type Sign = (bytes: Uint8Array) => Promise<Uint8Array>

/** Before everything that is signed, so that a signature says nothing in another place. */
const PURPOSE = 'millionfold receipt 1'

/** What an issuer signs. */
export const receiptBytes = ({ mesh, job, path, runs, ms, trust, producer, issuer }: Omit<JobReceipt, 'signature'>): Uint8Array =>
  encode([PURPOSE, mesh, job, path, [...runs], ms, trust, producer, issuer])

export async function signReceipt (sign: Sign, claim: Omit<JobReceipt, 'signature'>): Promise<Receipt> {
  const { job: _job, ...rest } = claim
  return { ...rest, signature: await sign(receiptBytes(claim)) }
}

/** Is the signature by the issuer that it names? */
export const isSigned = async (verify: Verify, receipt: JobReceipt): Promise<boolean> =>
  await verify(receipt.issuer, receiptBytes(receipt), receipt.signature).catch(() => false)

/** Certified by nobody but the one who did it: where a mesh has no other peer (K2). */
export const isSelfIssued = ({ producer, issuer }: Receipt): boolean => producer === issuer

/** A trust policy in a word, as `--trust` takes it. */
export function trustWord (trust: Trust): string {
  switch (trust.type) {
    case 'none': return 'none'
    case 'votes': return `votes:${trust.quorum}/${trust.voters}`
    case 'adaptive': return trust.after === 10 ? 'adaptive' : `adaptive:${trust.after}`
    case 'audit': return `audit:${trust.rate}`
  }
}

/** Policies in which several peers are asked for the same partition, so that so many of them may be certified for it. */
export const votersOf = ({ trust }: JobSpec): number => trust.type === 'votes' ? trust.voters : 1

/** What is wrong with a receipt of a job but its signature, as the end of a sentence; null when nothing is. */
export function faultOf (spec: JobSpec, { path, runs, ms, trust }: Receipt): string | null {
  const range = rangeOf(spec, path)
  if (range === null) return `its path ${path} does not exist in that job`
  if (runs.length === 0 || !isRuns(runs)) return 'its partitions are out of order'
  if (!isInRange(runs, range)) return `its partitions ${describeRuns(runs)} are not all below its path ${path}`
  if (!Number.isSafeInteger(ms) || ms < 0) return 'its time is no number of milliseconds'
  const word = trustWord(spec.trust)
  return trust === word ? null : `it says that the job's trust is ${trust}, but it is ${word}`
}

export const partitionsOf = ({ runs }: Receipt): number => sizeOfRuns(runs)

/** The deepest path that all of these lie within. */
export function commonPath (paths: Path[]): Path {
  let common = paths[0] ?? ROOT
  for (const path of paths) {
    while (!isWithin(path, common)) common = parentOf(common) ?? ROOT
  }
  return common
}

/** An id in a sentence. */
export const shortId = (id: PeerId | JobId): string => id.length > 20 ? `${id.slice(0, 8)}…${id.slice(-6)}` : id
