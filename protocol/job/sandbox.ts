/**
 * The port behind which job code runs. Node binds it to a process with an isolate, tabs to a worker in
 * an opaque iframe. One acceptance suite (test/sandbox-suite.ts) holds for every implementation.
 */
import type { Cid, JobId, Path } from '../core/ids.ts'
import type { Failure, JobSpec } from '../core/job.ts'
import type { InputChunk } from './inputs.ts'
import type { Pack } from './commitment/pack.ts'

/** A value as bytes: the dag-cbor block and the blocks its links lead to that were made on the way. */
export interface Output {
  /** The value's dag-cbor bytes. */
  bytes: Uint8Array
  /** CID of `bytes`. */
  cid: Cid
  /** True when `bytes` holds links. */
  links: boolean
  /** Blocks made below it, in no particular order; `bytes` itself is not among them. */
  blocks: Array<{ cid: Cid, bytes: Uint8Array }>
  /** What its producer commits to (V2); null where the job's trust is `none`, and for what is collected from others' values. */
  commits: Commits | null
  /** Milliseconds inside the sandbox. */
  ms: number
}

/** A commitment to how a value was folded. */
export interface Commits {
  /** CID of the root's node; of the value itself where outputs are gathered. */
  root: Cid
  /** All its nodes (commitment/nodes.ts), the root's last; null where outputs are gathered. */
  nodes: Pack | null
}

/** What job code needs, as bytes. The host fetches them; the sandbox never does. */
export interface JobCode {
  job: JobId
  spec: JobSpec
  /** The bundled module's source. */
  bundle: Uint8Array
  /** The params' dag-cbor bytes. */
  params: Uint8Array
}

export interface ComputeRequest {
  code: JobCode
  path: Path
  /** The inputs of the path's partitions, in chunks that tile its range in order (inputs.ts); null when the job has none. */
  inputs: AsyncIterable<InputChunk> | null
  /** Waits for other computes as little as `collect` does, and needs no core: to look into what somebody else computed (V4). */
  aside?: boolean
}

export interface CollectRequest {
  code: JobCode
  path: Path
  /** The children's values in index order. */
  values: Uint8Array[]
}

export interface OutputsRequest {
  code: JobCode
  /** In rising order. */
  partitions: number[]
  /** Their inputs, in order; null when the job has none. */
  inputs: AsyncIterable<InputChunk> | null
}

export interface FoldsRequest {
  code: JobCode
  folds: Fold[]
}

export interface Fold {
  path: Path
  /** Dag-cbor of the list of the children's values, or of a leaf's outputs, in index order. */
  values: Uint8Array
}

export interface EqualRequest {
  code: JobCode
  /** Two outputs or values, dag-cbor. */
  a: Uint8Array
  b: Uint8Array
}

/** A failure of job code or of its limits: costs its lease, never the peer. */
export class SandboxError extends Error {
  readonly why: Failure
  constructor (why: Failure) {
    super(why.message)
    this.name = 'SandboxError'
    this.why = why
  }
}

export interface Sandbox {
  /** Partitions it computes at once. */
  readonly cores: number
  /**
   * Compute and fold a path (G3). Requests beyond `cores` wait in order.
   *
   * @throws SandboxError when job code fails or exceeds a limit; the signal's reason when aborted
   */
  compute (request: ComputeRequest, signal: AbortSignal): Promise<Output>
  /** Run the job's `collect` (or gather, without one) over children's values; never waits for computes. */
  collect (request: CollectRequest, signal: AbortSignal): Promise<Output>
  /**
   * The dag-cbor of single partitions' outputs, to hold against what somebody committed to (V4); waits for computes as little as
   * `collect` does.
   *
   * @returns null for a job that folds whole leaves (`computeRange`): its smallest part is a leaf
   */
  outputs (request: OutputsRequest, signal: AbortSignal): Promise<Uint8Array[] | null>
  /**
   * Run the job's `collect` many times in one request, to look into what others folded (V4): each value's dag-cbor. As `collect`, but for jobs that
   * have one only.
   *
   * @throws SandboxError when one of them fails
   */
  folds (request: FoldsRequest, signal: AbortSignal): Promise<Uint8Array[]>
  /** Does the job's `equal` take two values for the same (V6)? False where it has none. */
  equal (request: EqualRequest, signal: AbortSignal): Promise<boolean>
  /** Drop what is kept for a job. */
  forget (job: JobId): void
  /** End every process or worker. */
  close (): Promise<void>
}
