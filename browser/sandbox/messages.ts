/**
 * What a page and the worker in its sandbox frame tell each other over their port, one request at a time. What comes
 * from the worker is a stranger's word (check.ts); it never holds more than data.
 */
import type { Geometry, Range } from '../../protocol/core/geometry.ts'
import type { InputChunk } from '../../protocol/job/inputs.ts'
import type { Piece } from '../../protocol/job/runtime/listing.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'

/** A job as a worker needs it; a worker has one job in its life. */
export interface TabJob {
  geometry: Geometry
  collects: boolean
  /** The longest item of a commitment that is no link, bytes; null when nothing is committed to. */
  commits: number | null
  takesInputs: boolean
  /** The module's source. */
  bundle: Uint8Array
  /** dag-cbor. */
  params: Uint8Array
  /** Eight words, the job's hash. */
  seed: Uint32Array
}

/** What one worker is allowed. */
export interface Allowed {
  /** Memory that counts, MB. */
  memoryMb: number
  /** Share of the time job code may run, 0..1; 0 holds it. */
  duty: number
}

/** `plain`: a worker without WebGPU, from a blob. `gpu`: with it, from a data URL, since Chromium thinks no blob's worker of an opaque origin secure. */
export type Kind = 'plain' | 'gpu'

export type ToWorker =
  | { type: 'open', job: TabJob, tellMs: number }
  /** `tellFrom`: this many calls pass, those after are told one by one; null when the keeper need not know so exactly. */
  | { type: 'compute', id: number, range: Range, tellFrom: number | null }
  | { type: 'collect', id: number, range: Range, values: Uint8Array[], tellFrom: number | null }
  | { type: 'outputs', id: number, partitions: number[], tellFrom: number | null }
  /** `folds`: as `joinFolds` writes them. */
  | { type: 'folds', id: number, folds: Uint8Array, tellFrom: number | null }
  | { type: 'equal', id: number, a: Uint8Array, b: Uint8Array, tellFrom: number | null }
  /** The answer to `want`; null after the last. */
  | { type: 'chunk', id: number, chunk: InputChunk | null }
  /** Stop at the next call; answered by `stopped`, or by what was faster. */
  | { type: 'abort', id: number }
  | { type: 'duty', duty: number }
  /** Answered by `at`, unless job code does not let go. */
  | { type: 'where' }

/** What is run, one at a time. */
export type ToRun = Extract<ToWorker, { type: 'compute' | 'collect' | 'outputs' | 'folds' | 'equal' }>

export type FromWorker =
  | { type: 'ready' }
  /** The module is loaded, or not; `asksGpu`: it exports `gpu = true`. */
  | { type: 'opened', why: PlainFailure | null, asksGpu: boolean }
  | { type: 'want', id: number }
  /** The call that runs (gauge.ts) and how many began; told now and then. `exact`: the next will be told as well. */
  | { type: 'at', call: number, calls: number, exact: boolean }
  /** Some outputs in order, of a job without `collect`. */
  | { type: 'piece', id: number, bytes: Uint8Array, ends: Uint32Array }
  /** The value, or null when it is in the pieces; the nodes of a commitment to it, or null where there are none. */
  | { type: 'done', id: number, bytes: Uint8Array | null, nodes: Piece | null, ms: number }
  | { type: 'failed', id: number, why: PlainFailure }
  | { type: 'stopped', id: number }

/** The page to its frame, which knows no more of the world. */
export type ToFrame =
  | { type: 'start', kind: Kind, allowed: Allowed }
  | { type: 'ping' }

export type FromFrame =
  /** The frame's script runs. */
  | { type: 'up' }
  | { type: 'pong' }
  /** The worker ended with an error of its own: most likely for want of memory. */
  | { type: 'broken', message: string }
