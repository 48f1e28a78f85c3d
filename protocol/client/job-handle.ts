/**
 * One job as its submitter follows it: from module to result. It prepares and submits the job, turns the
 * peer's notices into progress, calls the module's `log`, and settles when the job is done, has failed or
 * was cancelled. Awaiting the handle gives the result's value. It starts and stops no peer.
 */
import type { Contact, JobId } from '../core/ids.ts'
import type { Value } from '../core/job.ts'
import type { Notice } from '../core/notice.ts'
import type { LogEvent } from '../job/module.ts'
import type { MeshPeer } from '../host/mesh-peer.ts'
import { JobCancelledError, JobFailedError, reasonOf } from './errors.ts'
import { Holders } from './holders.ts'
import { Latest } from './latest.ts'
import type { PreparedJob } from './prepare-job.ts'
import { ProgressMeter } from './progress.ts'
import type { Progress } from './progress.ts'
import { JobResult, listOf } from './result.ts'

export interface Finished {
  result: JobResult
  /** Milliseconds from the first lease to done. */
  wallMs: number
}

/** What a handle needs of its mesh. */
export interface HandleInit {
  peer: () => Promise<MeshPeer>
  /** Bundle the job and store its blocks; called once, at once, while the peer may still be starting. */
  prepare: () => Promise<PreparedJob>
  /**
   * Ask the mesh what it knows of this job: before it is submitted, so that it is computed once, and while it
   * runs, since the gossip of its end may miss one that only follows it.
   */
  ask: (job: JobId) => Promise<void>
  /** Unix milliseconds when a local volunteer began a job's first bite, if one has told. */
  firstLeaseMs: (job: JobId) => number | null
  /** Aborting cancels the job; the handle rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** `log` is given the whole list of outputs only when it is this short. */
const LOGGED_OUTPUTS_MAX = 10_000
/** One small question this often is a thousandth of what the job itself says. A guess. */
const ASK_MS = 3_000
/** Those next to the root ask for it as soon as they hear of the end. A guess. */
const HAND_ON_MS_MAX = 1_000
const NO_LOAD = { remaining: 0, free: 0, helpers: 0, rate: 0, levels: 0 }

type Deferred<T> = ReturnType<typeof Promise.withResolvers<T>>

export class JobHandle implements PromiseLike<unknown> {
  /** The newest state of the job, again and again until it ends. */
  readonly progress: AsyncIterable<Progress>
  /** Resolves when the job's blocks are made and it is submitted. */
  readonly submitted: Promise<PreparedJob>
  /** Resolves when three members hold bundle and inputs, so that the submitter may leave (R5). */
  readonly stocked: Promise<void>
  /** Told when the job waits, because its trust policy wants more distinct peers than there are (V3), and again when there are enough. */
  onShort: (need: number, have: number) => void = () => {}
  /** Resolves when the job is done. Rejects with JobFailedError, JobCancelledError or UsageError. */
  readonly finished: Promise<Finished>

  readonly #init: HandleInit
  readonly #latest = new Latest<Progress>()
  readonly #stocked: Deferred<void> = Promise.withResolvers<void>()
  readonly #ended: Deferred<{ value: Value, holders: Contact[] }> = Promise.withResolvers()
  #meter: ProgressMeter | null = null
  #load = NO_LOAD
  #startMs = 0
  #isOver = false
  #asking: ReturnType<typeof setTimeout> | undefined

  /** Begins at once. */
  constructor (init: HandleInit) {
    this.#init = init
    this.progress = this.#latest
    this.stocked = this.#stocked.promise
    this.submitted = this.#submit(init.signal)
    this.finished = this.#follow(init.signal)
    // Whoever asks for one of these hears of its failure; those nobody asked for must not end the process.
    for (const promise of [this.submitted, this.stocked, this.#ended.promise, this.finished]) promise.catch(() => {})
  }

  /** Awaiting the handle waits for the value: of a job without `collect`, an array of what `outputs` gives. */
  then: PromiseLike<unknown>['then'] = async (onDone, onFailed) => await this.#value().then(onDone, onFailed)

  /**
   * The outputs in index order as they are read, once the job is done; or what the module's `assemble` makes
   * of them.
   */
  async * outputs (): AsyncGenerator<unknown> {
    const [{ module, params }, { result }] = await Promise.all([this.submitted, this.finished])
    const outputs = result.outputs()
    yield * module.assemble === undefined || !result.isGathered ? outputs : module.assemble(outputs, { params })
  }

  async #value (): Promise<unknown> {
    const { result } = await this.finished
    return result.isGathered ? await listOf(this.outputs()) : await result.value()
  }

  /** End the job for everyone; the handle rejects. */
  async cancel (): Promise<void> {
    const { job } = await this.submitted
    await (await this.#init.peer()).cancel(job)
  }

  async #submit (signal: AbortSignal | undefined): Promise<PreparedJob> {
    signal?.throwIfAborted()
    const prepared = await this.#init.prepare()
    const peer = await this.#init.peer()
    signal?.throwIfAborted()
    this.#meter = new ProgressMeter(prepared.job, prepared.spec.partitions, performance.now())
    this.#startMs = Date.now()
    peer.onNotice((notice) => {
      if ('job' in notice && notice.job === prepared.job) this.#onNotice(notice, prepared)
    })
    await this.#init.ask(prepared.job)
    await peer.submit(prepared.spec)
    this.#keepAsking(prepared.job)
    this.#log(prepared, { type: 'submitted', job: prepared.job, partitions: prepared.spec.partitions })
    return prepared
  }

  #keepAsking (job: JobId): void {
    this.#asking = setTimeout(() => {
      this.#init.ask(job).then(() => { if (!this.#isOver) this.#keepAsking(job) }, () => {})
    }, ASK_MS);
    // Where a timer keeps a process running, this one does not.
    (this.#asking as { unref?: () => void }).unref?.()
  }

  async #follow (signal: AbortSignal | undefined): Promise<Finished> {
    const onAbort = (): void => {
      this.#ended.reject(signal?.reason)
      this.cancel().catch(() => { /* it was not even submitted */ })
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      const prepared = await this.submitted
      const { value, holders } = await this.#ended.promise
      return await this.#finish(prepared, value, holders)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#isOver = true
      clearTimeout(this.#asking)
      this.#latest.end()
    }
  }

  async #finish (prepared: PreparedJob, value: Value, holders: Contact[]): Promise<Finished> {
    const { job, spec } = prepared
    const wallMs = Date.now() - (this.#init.firstLeaseMs(job) ?? this.#startMs)
    this.#push(spec.partitions)
    this.#latest.end()
    // What it was folded from has to stay with somebody: this peer may leave with its result.
    const peer = await this.#init.peer()
    if (value.commitment !== null && !value.bite && value.by === peer.id) await peer.verification.handedOn(value.commitment.root, HAND_ON_MS_MAX)
    const result = new JobResult(job, spec, value, new Holders(job, holders, [], peer))
    if (prepared.module.log !== undefined) {
      const small = !result.isGathered || spec.partitions <= LOGGED_OUTPUTS_MAX
      const output = small ? await result.value() : undefined
      this.#log(prepared, { type: 'done', result: output, wallMs, peers: result.figures.peers })
    }
    return { result, wallMs }
  }

  #onNotice (notice: Notice, prepared: PreparedJob): void {
    switch (notice.type) {
      case 'progress': {
        if (notice.done < notice.partitions) this.#load = notice.load
        const { done, partitions, rate, peers, levels } = this.#push(notice.done)
        this.#log(prepared, { type: 'progress', done, partitions, rate, peers, levels })
        break
      }
      case 'stocked': this.#stocked.resolve(); break
      case 'short': this.onShort(notice.need, notice.have); break
      case 'done': this.#ended.resolve({ value: notice.value, holders: notice.holders }); break
      case 'cancelled': this.#ended.reject(new JobCancelledError(notice.job)); break
      case 'job-failed': {
        const error = new JobFailedError(notice.why)
        this.#log(prepared, { type: 'failed', message: error.message, partition: notice.why.partition, stack: notice.why.stack })
        this.#ended.reject(error)
        break
      }
      default: // the event log's business
    }
  }

  #push (done: number): Progress {
    const progress = (this.#meter as ProgressMeter).update(done, this.#load, performance.now())
    this.#latest.push(progress)
    return progress
  }

  #log (prepared: PreparedJob, event: LogEvent): void {
    try {
      prepared.module.log?.(event, { params: prepared.params })
    } catch (error) {
      console.warn(`The job's \`log\` threw: ${reasonOf(error)}`)
    }
  }
}
