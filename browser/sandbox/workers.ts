/**
 * The workers of a sandbox that do nothing just now, each with its job or fresh, and which is given to whom: one of the same job,
 * else a fresh one, else a new one. Those not used for long are ended. Never gives one job's worker to another job.
 */
import { orAborted } from './gate.ts'
import { TabWorker } from './tab-worker.ts'
import type { JobId } from '../../protocol/core/ids.ts'
import type { Kind } from './messages.ts'

export interface WorkersInit {
  cores: number
  memoryMb: number
  duty: number
  loadMs: number
  frameUrl: string
}

/** Workers kept beside those at work. A guess. */
const KEPT_MAX = 8
/** A worker without work ends after this time, milliseconds: it takes some 10 MB and starts again in 0.1 s. A guess. */
const KEPT_MS = 30_000

export class Workers {
  readonly #init: WorkersInit
  /** The one used last at the end, each with the timer that ends it. */
  readonly #idle = new Map<TabWorker, ReturnType<typeof setTimeout>>()
  readonly #busy = new Set<TabWorker>()
  readonly #forgotten = new Set<TabWorker>()
  readonly #gpuJobs = new Set<JobId>()
  #freed = Promise.withResolvers<void>()
  #duty: number
  #closed = false

  constructor (init: WorkersInit) {
    this.#init = init
    this.#duty = init.duty
  }

  /** Start one ahead of its first request. */
  warm (): void {
    if (this.#closed || [...this.#idle.keys()].some(({ job }) => job === null)) return
    this.#keep(this.#make('plain'))
  }

  /** The job's module asks for WebGPU: from now on it is run where that is, if the browser has it. */
  wantGpu (job: JobId): void {
    this.#gpuJobs.add(job)
  }

  /** A worker for a job. */
  take (job: JobId, duty: number): TabWorker {
    const kind = this.#gpuJobs.has(job) ? 'gpu' : 'plain'
    const idle = [...this.#idle.keys()].reverse()
    const worker = idle.find(it => it.job === job && it.kind === kind) ?? idle.find(it => it.job === null && it.kind === kind) ?? this.#make(kind)
    clearTimeout(this.#idle.get(worker))
    this.#idle.delete(worker)
    this.#busy.add(worker)
    worker.setDuty(duty)
    return worker
  }

  /** Take a worker back; one that was ended is replaced. */
  put (worker: TabWorker): void {
    this.#busy.delete(worker)
    if (this.#forgotten.delete(worker) || this.#closed) worker.end()
    if (worker.isEnded) this.warm()
    else this.#keep(worker)
    this.#freed.resolve()
    this.#freed = Promise.withResolvers()
  }

  /** Wait a little for a worker of a job, if it has any. @throws the signal's reason */
  async soon (job: JobId, ms: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + ms
    const isBusy = (): boolean => ![...this.#idle.keys()].some(worker => worker.job === job) && [...this.#busy].some(worker => worker.job === job)
    while (isBusy() && performance.now() < end) {
      const late = new Promise<void>(resolve => { setTimeout(resolve, end - performance.now()) })
      await orAborted(Promise.race([this.#freed.promise, late]), signal)
    }
  }

  /** End a job's workers; those at work when they are done. */
  forget (job: JobId): void {
    this.#gpuJobs.delete(job)
    for (const worker of this.#idle.keys()) if (worker.job === job) this.#drop(worker)
    for (const worker of this.#busy) if (worker.job === job) this.#forgotten.add(worker)
  }

  setDuty (duty: number): void {
    this.#duty = duty
    for (const worker of this.#busy) worker.setDuty(duty)
  }

  close (): void {
    this.#closed = true
    for (const worker of this.#idle.keys()) this.#drop(worker)
    for (const worker of this.#busy) worker.end()
  }

  #make (kind: Kind): TabWorker {
    const { frameUrl, memoryMb, loadMs } = this.#init
    return new TabWorker({ frameUrl, kind, allowed: { memoryMb, duty: this.#duty }, loadMs })
  }

  #keep (worker: TabWorker): void {
    this.#idle.set(worker, setTimeout(() => { this.#drop(worker) }, KEPT_MS))
    const [oldest] = this.#idle.keys()
    if (this.#idle.size > KEPT_MAX && oldest !== undefined) this.#drop(oldest)
  }

  #drop (worker: TabWorker): void {
    clearTimeout(this.#idle.get(worker))
    this.#idle.delete(worker)
    worker.end()
  }
}
