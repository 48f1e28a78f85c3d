/** Peers with real keys, receipts they sign, and jobs, for tests of credit. The same in every run. */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { sha256 } from '@noble/hashes/sha2.js'
import { SPEC } from '../../test/samples.ts'
import { jobIdOf } from '../../../job/spec.ts'
import { rangeOf, sizeOf } from '../../../core/geometry.ts'
import { signReceipt } from '../receipt.ts'
import { signWith } from '../../keys.ts'
import type { Cid, JobId, Path, PeerId } from '../../../core/ids.ts'
import type { Credit, Receipt } from '../../../core/credit.ts'
import type { JobReceipt, Sign } from '../receipt.ts'
import type { JobSpec, Value } from '../../../core/job.ts'

export interface Someone { id: PeerId, sign: Sign }

/** A peer with a key of its own, always the same of one name. */
export async function someone (name: string): Promise<Someone> {
  const key = await generateKeyPairFromSeed('Ed25519', sha256(new TextEncoder().encode(name)))
  return { id: peerIdFromPrivateKey(key).toString() as PeerId, sign: signWith(key) }
}

/** 64 partitions, three levels: the root's children hold 16, theirs are leaves of 4. */
export const TREE: JobSpec = { ...SPEC, partitions: 64, fanout: 4, grain: 4 }
export const TREE_ID: JobId = jobIdOf(TREE)

/** One of another id and the same shape. */
export const other = (nonce: string, changes: Partial<JobSpec> = {}): { job: JobId, spec: JobSpec } => {
  const spec = { ...TREE, nonce, ...changes }
  return { job: jobIdOf(spec), spec }
}

/** A receipt that is signed, then changed if one wants a forged one. */
export async function receiptOf (issuer: Someone, producer: Someone, runs: number[], changes: Partial<JobReceipt> = {}, forged: Partial<JobReceipt> = {}): Promise<JobReceipt> {
  const claim = { mesh: '', job: TREE_ID, path: '/' as Path, runs, ms: 10 * (runs.length / 2), trust: 'none', producer: producer.id, issuer: issuer.id, ...changes }
  return { job: claim.job, ...await signReceipt(issuer.sign, claim), ...forged }
}

/** A value of a path in the tree: a bite, or collected with this credit. */
export function valueAt (at: string, by: Someone, credit: Credit | null = null, computeMs = 7): Value {
  const range = rangeOf(TREE, at)
  return {
    path: at as Path, count: range === null ? 0 : sizeOf(range), cid: `value of ${at}` as Cid, bytes: new Uint8Array(1), links: false,
    bite: credit === null, by: by.id, commitment: null, credit,
    stats: { computeMs, producers: [], levels: 1, failovers: 0, duplicates: 0, messages: 0, bytes: 0 }
  }
}

export const jobless = ({ job: _job, ...receipt }: JobReceipt): Receipt => receipt

/** Blocks in memory, as a table is read from them. */
export class Blocks {
  readonly #bytes = new Map<Cid, Uint8Array>()

  put (blocks: Array<{ cid: Cid, bytes: Uint8Array }>): this {
    for (const { cid, bytes } of blocks) this.#bytes.set(cid, bytes)
    return this
  }

  get size (): number {
    return this.#bytes.size
  }

  readonly get = async (cid: Cid): Promise<Uint8Array> => {
    const bytes = this.#bytes.get(cid)
    if (bytes === undefined) throw new Error(`nobody has ${cid}`)
    return bytes
  }
}
