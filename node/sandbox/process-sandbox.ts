/**
 * The Sandbox of Node peers (DESIGN 6): one unprivileged process per core for computes, handed out in
 * order. A collect runs between two computes where it can do so soon, and else in a process of its own, so that
 * it never waits behind a long compute.
 */
import { ROOT, rangeOf } from '../../protocol/core/geometry.ts'
import { cidOfDag } from '../../protocol/job/cid.ts'
import { commitsOf, itemsCommitted } from '../../protocol/job/commitment/commits.ts'
import { decodeValue } from '../../protocol/job/value.ts'
import { joinFolds } from '../../protocol/job/folds.ts'
import { gatherInner } from '../../protocol/job/gathered.ts'
import { SandboxError } from '../../protocol/job/sandbox.ts'
import { mapStack } from '../../protocol/job/stack.ts'
import { WorkerProcess } from './worker-process.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { Cid, JobId, Path } from '../../protocol/core/ids.ts'
import type { InputChunk } from '../../protocol/job/inputs.ts'
import type { CollectRequest, ComputeRequest, EqualRequest, FoldsRequest, JobCode, Output, OutputsRequest, Sandbox } from '../../protocol/job/sandbox.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'
import type { WorkerJob } from './messages.ts'
import type { WorkerEnd, WorkerRequest } from './worker-process.ts'

export interface ProcessSandboxInit {
  /** Partitions computed at once; one process each. None for a peer that only collects. */
  cores: number
  /** Memory of one isolate, MB; 8 at least, 256 by default. */
  memoryMb?: number
  /** Share of the time that is computed, above 0 up to 1, the default. */
  duty?: number
  /** Limit of loading a module and its `setup`, milliseconds; the job's own limit where that is longer. */
  loadMs?: number
}

/** A few hundred MB fit beside an application on any machine with two cores. A guess. */
const MEMORY_MB = 256
/** `setup` may be costly, but a volunteer must not hang in it. A guess. */
const LOAD_MS = 60_000
/** A collect waits this long for a compute to end before a process is started for it, milliseconds: about what that would take. */
const COLLECT_WAIT_MS = 100
/** Jobs that have a process for collects at once. A guess. */
const COLLECTORS_MAX = 4

/**
 * A sandbox of processes; they are started at once and wait.
 *
 * @throws Error when a limit makes no sense
 */
export function createProcessSandbox (init: ProcessSandboxInit): Sandbox {
  const { cores, memoryMb = MEMORY_MB, duty = 1, loadMs = LOAD_MS } = init
  if (!Number.isInteger(cores) || cores < 0) throw new Error(`a sandbox cannot have this many cores: ${cores}`)
  if (!(memoryMb >= 8)) throw new Error(`a sandbox needs at least 8 MB, not ${memoryMb}`)
  if (!(duty > 0 && duty <= 1)) throw new Error(`the duty must be above 0 and at most 1, not ${duty}`)
  return new ProcessSandbox(cores, { memoryMb, duty, loadMs })
}

type Limits = Required<Omit<ProcessSandboxInit, 'cores'>>

class ProcessSandbox implements Sandbox {
  readonly cores: number
  readonly #limits: Limits
  readonly #idle: WorkerProcess[]
  readonly #workers: WorkerProcess[]
  readonly #waiting: Array<(worker: WorkerProcess) => void> = []
  /** Warm, for the first job that collects, where no process computes. */
  #spare: WorkerProcess | null
  /** By job, the one used last at the end. Each runs its requests one after the other. */
  readonly #collectors = new Map<JobId, { worker: WorkerProcess, last: Promise<unknown> }>()
  readonly #closing = new AbortController()

  constructor (cores: number, limits: Limits) {
    this.cores = cores
    this.#limits = limits
    this.#workers = Array.from({ length: cores }, () => new WorkerProcess(limits))
    this.#idle = [...this.#workers]
    this.#spare = cores === 0 ? new WorkerProcess(limits) : null
    for (const worker of this.#workers) worker.warm()
    this.#spare?.warm('later')
  }

  async compute ({ code, path, inputs, aside = false }: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const range = rangeIn(code, path)
    if (aside) return await this.#soon({ type: 'compute', job: code.job, range }, code, path, inputs, signal)
    const either = AbortSignal.any([signal, this.#closing.signal])
    const worker = await this.#worker(either)
    try {
      const request = { type: 'compute', job: code.job, range } as const
      return outputOf(await worker.run(request, () => workerJob(code), inputs, either), code, path, either)
    } finally {
      this.#release(worker)
    }
  }

  async collect ({ code, path, values }: CollectRequest, signal: AbortSignal): Promise<Output> {
    const range = rangeIn(code, path)
    signal.throwIfAborted()
    if (!code.spec.collect) return gathered(values, path)
    return await this.#soon({ type: 'collect', job: code.job, range, values }, code, path, null, signal)
  }

  async outputs ({ code, partitions, inputs }: OutputsRequest, signal: AbortSignal): Promise<Uint8Array[] | null> {
    const { bytes } = await this.#soon({ type: 'outputs', job: code.job, partitions }, code, ROOT, inputs, signal)
    return decodeValue(bytes) as Uint8Array[] | null
  }

  async folds ({ code, folds }: FoldsRequest, signal: AbortSignal): Promise<Uint8Array[]> {
    const ranges = folds.map(({ path, values }) => ({ range: rangeIn(code, path), values }))
    const { bytes } = await this.#soon({ type: 'folds', job: code.job, folds: joinFolds(ranges) }, code, ROOT, null, signal)
    return decodeValue(bytes) as Uint8Array[]
  }

  async equal ({ code, a, b }: EqualRequest, signal: AbortSignal): Promise<boolean> {
    if (!code.spec.equal) return false
    const { bytes } = await this.#soon({ type: 'equal', job: code.job, a, b }, code, ROOT, null, signal)
    return decodeValue(bytes) as boolean
  }

  /** Run what must not wait behind a long compute. */
  async #soon (request: WorkerRequest, code: JobCode, path: Path, inputs: AsyncIterable<InputChunk> | null, signal: AbortSignal): Promise<Output> {
    const either = AbortSignal.any([signal, this.#closing.signal])
    either.throwIfAborted()
    const worker = this.#collectors.has(code.job) ? null : await this.#workerSoon(either)
    if (worker !== null) {
      try {
        return outputOf(await worker.run(request, () => workerJob(code), inputs, either), code, path, either)
      } finally {
        this.#release(worker)
      }
    }
    const collector = this.#collector(code.job)
    const turn = collector.last.then(async () => {
      either.throwIfAborted()
      return await collector.worker.run(request, () => workerJob(code), inputs, either)
    })
    collector.last = turn.catch(() => {})
    return outputOf(await turn, code, path, either)
  }

  forget (job: JobId): void {
    for (const worker of this.#workers) worker.forget(job)
    this.#endCollector(job)
  }

  #endCollector (job: JobId): void {
    const collector = this.#collectors.get(job)
    this.#collectors.delete(job)
    void collector?.last.then(() => collector.worker.close())
  }

  async close (): Promise<void> {
    this.#closing.abort(new Error('the sandbox is closed'))
    const collectors = [...this.#collectors.values()].map(({ worker }) => worker)
    await Promise.all([...this.#workers, ...collectors, this.#spare].map(worker => worker?.close()))
  }

  /** A worker that is free at once or soon, before all that wait; null when there is none. */
  async #workerSoon (signal: AbortSignal): Promise<WorkerProcess | null> {
    if (this.cores === 0) return null
    const late = AbortSignal.timeout(COLLECT_WAIT_MS)
    try {
      return await this.#worker(AbortSignal.any([signal, late]), true)
    } catch {
      signal.throwIfAborted()
      return null
    }
  }

  /** A free worker, in the order of asking, or first of all. */
  async #worker (signal: AbortSignal, isFirst = false): Promise<WorkerProcess> {
    signal.throwIfAborted()
    const free = this.#idle.pop()
    if (free !== undefined) return free
    const { promise, resolve, reject } = Promise.withResolvers<WorkerProcess>()
    const abort = (): void => {
      const place = this.#waiting.indexOf(resolve)
      if (place >= 0) this.#waiting.splice(place, 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    if (isFirst) this.#waiting.unshift(resolve)
    else this.#waiting.push(resolve)
    return await promise.finally(() => { signal.removeEventListener('abort', abort) })
  }

  #release (worker: WorkerProcess): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(worker)
    else next(worker)
  }

  #collector (job: JobId): { worker: WorkerProcess, last: Promise<unknown> } {
    const collector = this.#collectors.get(job) ?? { worker: this.#spare ?? new WorkerProcess(this.#limits), last: Promise.resolve() }
    if (collector.worker === this.#spare) this.#spare = null
    this.#collectors.delete(job)
    this.#collectors.set(job, collector)
    const [oldest] = this.#collectors.keys()
    if (this.#collectors.size > COLLECTORS_MAX && oldest !== undefined) this.#endCollector(oldest)
    return collector
  }
}

function rangeIn ({ spec }: JobCode, path: Path): Range {
  const range = rangeOf(spec, path)
  if (range === null) throw new Error(`the job has no path ${path}`)
  return range
}

const workerJob = ({ job, spec, bundle, params }: JobCode): WorkerJob => ({
  job,
  geometry: { partitions: spec.partitions, fanout: spec.fanout, grain: spec.grain },
  collects: spec.collect,
  commits: itemsCommitted(spec),
  takesInputs: spec.inputs !== null,
  timeoutMs: spec.timeoutMs,
  bundle,
  params
})

function outputOf (end: WorkerEnd, code: JobCode, path: Path, signal: AbortSignal): Output {
  switch (end.type) {
    case 'done': {
      const { bytes, cid, links, blocks, nodes, ms } = end
      return { bytes, cid: cid as Cid, links, blocks: blocks as Output['blocks'], commits: commitsOf(code.spec, cid as Cid, nodes), ms }
    }
    case 'failed': throw failure(end.why, code, path)
    case 'stopped':
      signal.throwIfAborted()
      throw new Error('the sandbox ended the request')
    default: return end satisfies never
  }
}

const failure = (why: PlainFailure, code: JobCode, path: Path): SandboxError =>
  new SandboxError({ ...why, path, stack: mapStack(why.stack, code.bundle) })

/** Without `collect`, no job code is needed. */
function gathered (values: Uint8Array[], path: Path): Output {
  const start = performance.now()
  try {
    const { bytes, links, blocks } = gatherInner(values)
    return { bytes, cid: cidOfDag(bytes), links, blocks, commits: null, ms: performance.now() - start }
  } catch (error) {
    throw new SandboxError({ kind: 'collect', path, partition: -1, message: (error as Error).message, stack: '' })
  }
}
