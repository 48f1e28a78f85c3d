/** What the sandbox's parent and its worker process tell each other over IPC; one request at a time. */
import type { Geometry, Range } from '../../protocol/core/geometry.ts'
import type { JobId } from '../../protocol/core/ids.ts'
import type { InputChunk } from '../../protocol/job/inputs.ts'
import type { Pack } from '../../protocol/job/commitment/pack.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'

/** A job as a worker needs it. */
export interface WorkerJob {
  job: JobId
  geometry: Geometry
  collects: boolean
  /** The longest item of a commitment that is no link, bytes; null when nothing is committed to. */
  commits: number | null
  takesInputs: boolean
  /** Limit of one call of job code, milliseconds. */
  timeoutMs: number
  bundle: Uint8Array
  /** dag-cbor. */
  params: Uint8Array
}

export type ToWorker =
  /** Job code to keep until `drop`. */
  | { type: 'open', job: WorkerJob }
  | { type: 'drop', job: JobId }
  | { type: 'compute', id: number, job: JobId, range: Range }
  | { type: 'collect', id: number, job: JobId, range: Range, values: Uint8Array[] }
  | { type: 'outputs', id: number, job: JobId, partitions: number[] }
  /** `folds`: as `joinFolds` writes them. */
  | { type: 'folds', id: number, job: JobId, folds: Uint8Array }
  | { type: 'equal', id: number, job: JobId, a: Uint8Array, b: Uint8Array }
  /** The answer to `want`; null after the last. */
  | { type: 'chunk', id: number, chunk: InputChunk | null }
  /** Stop; answered by `stopped` (or by `done`, when it was faster). */
  | { type: 'abort', id: number }

/** What is run, one at a time. */
export type ToRun = Extract<ToWorker, { type: 'compute' | 'collect' | 'outputs' | 'folds' | 'equal' }>

export interface Done {
  type: 'done'
  id: number
  bytes: Uint8Array
  cid: string
  links: boolean
  blocks: Array<{ cid: string, bytes: Uint8Array }>
  /** A commitment's nodes; null where there are none. */
  nodes: Pack | null
  ms: number
}

export type FromWorker =
  | { type: 'ready' }
  /** The next chunk of inputs. */
  | { type: 'want', id: number }
  /** The call of job code that runs (gauge.ts), told now and then, so that a dead process can be explained. */
  | { type: 'at', id: number, call: number }
  | Done
  /** `ruined`: the process cannot go on and must be ended. */
  | { type: 'failed', id: number, why: PlainFailure, ruined: boolean }
  | { type: 'stopped', id: number }

/** Given to the worker as its one argument, in JSON. */
export interface WorkerConfig {
  /** Path of isolated-vm's addon. */
  addon: string
  /** Path of the script that runs inside isolates. */
  isolate: string
  memoryMb: number
  /** Share of the time it may compute, 0..1. */
  duty: number
  /** Limit of loading a module and its `setup`, milliseconds. */
  loadMs: number
}
