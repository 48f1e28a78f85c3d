/**
 * A job that somebody else submitted, or this page before it was opened again: asked for once a second until it ends,
 * then its result can be fetched by anyone.
 */
import { FollowedJob } from './followed-job.ts'
import { JobCancelledError, JobFailedError } from '../../protocol/client/errors.ts'
import { ProgressMeter } from '../../protocol/client/progress.ts'
import type { JobId } from '../../protocol/core/ids.ts'
import type { JobModule } from '../../protocol/job/module.ts'
import type { JobReport } from '../../protocol/core/message.ts'
import type { JobResult } from '../../protocol/client/result.ts'
import type { JobSpec } from '../../protocol/core/job.ts'
import type { MeshClient } from '../../protocol/client/mesh-client.ts'

export interface OtherJobInit {
  job: JobId
  /** A stranger's text. */
  name: string
  client: Pick<MeshClient, 'result' | 'cancel'>
  /** The module of a job, if this page happens to have it: then its `assemble` is used. */
  moduleOf: (spec: JobSpec) => Promise<HadModule | null>
}

export interface HadModule {
  module: JobModule
  /** What the job was given. */
  params: unknown
  /** Lets go of it. */
  close: () => void
}

const ASK_MS = 1000

export class OtherJob extends FollowedJob {
  readonly isOwn = false
  readonly #init: OtherJobInit
  #timer: ReturnType<typeof setTimeout> | undefined
  #meter: ProgressMeter | null = null
  #isClosed = false
  #had: HadModule | null = null
  /** Was a question answered yet? */
  #isKnown = false

  constructor (init: OtherJobInit) {
    super()
    this.#init = init
    this.job.value = init.job
    this.name.value = init.name
    void this.#ask()
  }

  async stop (): Promise<void> {
    await this.#init.client.cancel(this.#init.job)
    await this.#ask()
  }

  override close (): void {
    super.close()
    this.#isClosed = true
    this.#had?.close()
    clearTimeout(this.#timer)
  }

  async #ask (): Promise<void> {
    clearTimeout(this.#timer)
    try {
      const { result, report } = await this.#init.client.result(this.#init.job)
      if (this.#isClosed) return
      this.#take(report)
      if (result !== null) return await this.becomeDone(result, null, await this.#outputs(result))
      const { outcome } = report.announcement
      if (outcome?.type === 'failed') return this.becomeEnded(new JobFailedError(outcome.why))
      if (outcome?.type === 'cancelled') return this.becomeEnded(new JobCancelledError(this.#init.job))
    } catch (error) {
      if (this.#isClosed) return
      if (!this.#isKnown) return this.becomeEnded(error)
    }
    this.#timer = setTimeout(() => { void this.#ask() }, ASK_MS)
  }

  #take ({ announcement: { job, spec }, done, load }: JobReport): void {
    this.#isKnown = true
    this.#meter ??= new ProgressMeter(job, spec.partitions, performance.now())
    this.spec.value ??= spec
    this.isStocked.value = true
    if (this.phase.value === 'preparing') this.phase.value = 'running'
    this.progress.value = this.#meter.update(done, load, performance.now())
  }

  async #outputs (result: JobResult): Promise<{ items: () => AsyncIterable<unknown>, isAssembled: boolean }> {
    const had = result.isGathered ? await this.#init.moduleOf(result.spec).catch(() => null) : null
    const assemble = had?.module.assemble
    this.#had = had
    if (this.#isClosed) had?.close()
    if (had === null || assemble === undefined) return { items: () => result.outputs(), isAssembled: false }
    return { items: () => assemble(result.outputs(), { params: had.params }), isAssembled: true }
  }
}
