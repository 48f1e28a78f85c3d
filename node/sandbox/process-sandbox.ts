/**
 * The Sandbox of Node peers (DESIGN 6): one unprivileged process per core for computes, handed out in
 * order; collects have processes of their own, one a job, so that they never wait behind a compute.
 */
import { rangeOf } from '../../protocol/core/geometry.ts'
import { cidOfDag } from '../../protocol/job/cid.ts'
import { gatherInner } from '../../protocol/job/gathered.ts'
import { SandboxError } from '../../protocol/job/sandbox.ts'
import { mapStack } from '../../protocol/job/stack.ts'
import { WorkerProcess } from './worker-process.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { Cid, JobId, Path } from '../../protocol/core/ids.ts'
import type { CollectRequest, ComputeRequest, JobCode, Output, Sandbox } from '../../protocol/job/sandbox.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'
import type { WorkerJob } from './messages.ts'
import type { WorkerEnd } from './worker-process.ts'

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
  /** By job, the one used last at the end. Each runs its requests one after the other. */
  readonly #collectors = new Map<JobId, { worker: WorkerProcess, last: Promise<unknown> }>()
  readonly #closing = new AbortController()

  constructor (cores: number, limits: Limits) {
    this.cores = cores
    this.#limits = limits
    this.#workers = Array.from({ length: cores }, () => new WorkerProcess(limits))
    this.#idle = [...this.#workers]
    for (const worker of this.#workers) worker.warm()
  }

  async compute ({ code, path, inputs }: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const range = rangeIn(code, path)
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
    const either = AbortSignal.any([signal, this.#closing.signal])
    either.throwIfAborted()
    if (!code.spec.collect) return gathered(values, path)
    const collector = this.#collector(code.job)
    const turn = collector.last.then(async () => {
      either.throwIfAborted()
      return await collector.worker.run({ type: 'collect', job: code.job, range, values }, () => workerJob(code), null, either)
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
    await Promise.all([...this.#workers, ...collectors].map(worker => worker.close()))
  }

  /** A free worker, in the order of asking. */
  async #worker (signal: AbortSignal): Promise<WorkerProcess> {
    signal.throwIfAborted()
    const free = this.#idle.pop()
    if (free !== undefined) return free
    const { promise, resolve, reject } = Promise.withResolvers<WorkerProcess>()
    const abort = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#waiting.push(resolve)
    return await promise.finally(() => { signal.removeEventListener('abort', abort) })
  }

  #release (worker: WorkerProcess): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(worker)
    else next(worker)
  }

  #collector (job: JobId): { worker: WorkerProcess, last: Promise<unknown> } {
    const collector = this.#collectors.get(job) ?? { worker: new WorkerProcess(this.#limits), last: Promise.resolve() }
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
  takesInputs: spec.inputs !== null,
  timeoutMs: spec.timeoutMs,
  bundle,
  params
})

function outputOf (end: WorkerEnd, code: JobCode, path: Path, signal: AbortSignal): Output {
  switch (end.type) {
    case 'done': {
      const { bytes, cid, links, blocks, ms } = end
      return { bytes, cid: cid as Cid, links, blocks: blocks as Output['blocks'], ms }
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
    return { bytes, cid: cidOfDag(bytes), links, blocks, ms: performance.now() - start }
  } catch (error) {
    throw new SandboxError({ kind: 'collect', path, partition: -1, message: (error as Error).message, stack: '' })
  }
}
