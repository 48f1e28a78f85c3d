/**
 * What the protocol needs to know of a job. The spec is content-addressed: equal specs are the same
 * job everywhere (row `submitted`). Encoding it to its block and id is protocol/job's part.
 */
import type { Cid, Contact, JobId, Path, PeerId } from './ids.ts'

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
}

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
  stats: Stats
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
  kind: 'threw' | 'timeout' | 'memory' | 'output' | 'module' | 'collect' | 'unavailable'
  path: Path
  /** Partition index, or -1 when no single partition is to blame. */
  partition: number
  message: string
  /** Mapped to the source where a map was bundled; empty otherwise. */
  stack: string
}
