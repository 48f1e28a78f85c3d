/**
 * What the protocol needs to know of a job. The spec is content-addressed: equal specs are the same
 * job everywhere (row `submitted`). Encoding it to its block and id is protocol/job's part.
 */
import type { Cid, Contact, JobId, Path, PeerId } from './ids.ts'
import type { Credit } from './credit.ts'

/**
 * How much of what peers say a job believes (V1).
 *
 * `none`: all of it. `votes`: a bite counts once `quorum` of at most `voters` distinct peers say the same. `adaptive`: two must, but a peer whose
 * last `after` values or more were all right is checked only with probability 1 / (how many): Anderson, "BOINC: A Platform for Volunteer
 * Computing", 2020. `audit`: a share `rate` of all leaves is recomputed, drawn after their producer is committed to what it computed.
 * `deadlineMs`: a job that waits so long for enough distinct peers fails; 0 waits for ever, and says so.
 */
export type Trust =
  | { type: 'none' }
  | { type: 'votes', quorum: number, voters: number, deadlineMs: number }
  | { type: 'adaptive', after: number, deadlineMs: number }
  | { type: 'audit', rate: number }

export interface JobSpec {
  /** Shown to people; at most 64 characters. */
  name: string
  /** N, the number of partitions (G1), 1..2^40. */
  partitions: number
  /** F, the fan-out (G1), 2..128. */
  fanout: number
  /** g, partitions a leaf holds at most (G3), >= 1. */
  grain: number
  /** The bundled module: one raw block of ECMAScript. */
  bundle: Cid
  /** What `prepare` was given: a dag-cbor block. */
  params: Cid
  /** Root of the inputs, one per partition, or null when compute needs only the index. */
  inputs: Cid | null
  /** True when the module exports `collect`; false means values are gathered in order (G3). */
  collect: boolean
  /** Wall-clock limit of one partition's compute, milliseconds. */
  timeoutMs: number
  /** Milliseconds after which peers may forget the job and its outcome, counted from when each heard of it. */
  expiryMs: number
  /** Whose values count (V1); in the block only when it is not `none`. */
  trust: Trust
  /** True when the module exports `equal(a, b)`: outputs that differ in their last bits are the same; in the block only when true. */
  equal: boolean
  /** The key that params and inputs are sealed with, encrypted for the private mesh (A8); null, and not in the block, when they are not sealed. */
  sealed: Uint8Array | null
  /** Makes a job that is otherwise equal a new one (`--again`); empty by default. */
  nonce: string
}

/** How a job ended. Kept until expiry so that a finished job does not rise again (R5). */
export type Outcome =
  | { type: 'done', value: Value, holders: Contact[] }
  | { type: 'failed', why: Failure }
  | { type: 'cancelled', signature: Uint8Array }

/** What peers tell each other of a job (J1). */
export interface Announcement {
  job: JobId
  spec: JobSpec
  /** Who first published it; the only one whose signature cancels it. */
  submitter: PeerId
  /** Members a joiner may ask, best first; at most 4. */
  members: Contact[]
  outcome: Outcome | null
  /** In a private mesh: that its submitter may submit (A6); made and checked by the host, passed on as it came. Null in an open one. */
  proof: Uint8Array | null
}

/**
 * What a producer is bound to before it learns what is asked (V2): the root of a Merkle tree over a bite's partition outputs, arranged like the
 * path tree; of a collected value the CID of a dag-cbor block that lists its children's digits, values, roots, makers, counts and signatures.
 */
export interface Commitment {
  root: Cid
  /** By the value's maker over job, path, value and root; made and checked by the host. */
  signature: Uint8Array
}

/** A value that is proved wrong (V5). */
export interface Lie {
  /** Who signed it. */
  peer: PeerId
  /** The path whose value holds it: a bite's, or of values that do not fold to what their coordinator said. */
  path: Path
  /** The partition that was recomputed, or -1 when a fold was. */
  partition: number
  /** Signed bytes that anybody can check by recomputing that one partition, or that one fold. */
  evidence: Uint8Array
}

/** What a check of a value came to; `unanswered` when its maker did not show what was asked for. */
export type Verdict = { type: 'valid' } | { type: 'unanswered' } | { type: 'lie', lie: Lie }

/** A value as the sandbox makes it. */
export type Computed = Omit<Value, 'by' | 'stats' | 'bite' | 'commitment'>

/** The value of one path: what its partitions fold to (G3). It depends on the spec alone; stats do not and are outside its digest. */
export interface Value {
  path: Path
  /** Partitions folded into it: the path's size, or it is dropped. */
  count: number
  /** CID of the dag-cbor bytes. */
  cid: Cid
  /** The bytes themselves up to `valueInlineBytesMax`; null when they travel as a block. */
  bytes: Uint8Array | null
  /** True when the bytes hold links, so that more blocks must be fetched before it can be kept. */
  links: boolean
  /** True when one bite computed it, false when it was collected from values below. */
  bite: boolean
  /** Who computed or collected it. */
  by: PeerId
  /** Null exactly when the job's trust is `none`. */
  commitment: Commitment | null
  stats: Stats
  /** Who did what below (K3); null of a bite, which is its producer's alone. */
  credit: Credit | null
}

/** What rolls up beside values; sums over the subtree unless said otherwise. */
export interface Stats {
  /** Milliseconds spent inside sandboxes. */
  computeMs: number
  /** The smallest hashes of the ids of the producers, sorted: a KMV sketch (sketch.ts), exact up to its size. */
  producers: number[]
  /** Deepest holder: how often authority changed hands from the root down (a maximum). */
  levels: number
  failovers: number
  /** Partitions computed more than once. */
  duplicates: number
  /** Control messages sent, values and blocks not counted. */
  messages: number
  /** Encoded bytes of those. */
  bytes: number
}

/** Why a partition, a collect or a whole job failed; shown to the submitter (E1). */
export interface Failure {
  kind: 'threw' | 'timeout' | 'memory' | 'output' | 'module' | 'collect' | 'unavailable' | 'trust'
  path: Path
  /** Partition index, or -1 when no single partition is to blame. */
  partition: number
  message: string
  /** Mapped to the source where a map was bundled; empty otherwise. */
  stack: string
}
