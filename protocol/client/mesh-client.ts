/**
 * What programs and pages ask of a mesh through a peer of their own: run a job, list jobs, how far one is, its result,
 * cancel it. The command line and the control page are thin layers over this. It starts and stops no peer.
 */
import type { Contact, JobId } from '../core/ids.ts'
import type { JobReport } from '../core/message.ts'
import type { MeshPeer } from '../host/mesh-peer.ts'
import type { Notice } from '../core/notice.ts'
import { Holders } from './holders.ts'
import { JobHandle } from './job-handle.ts'
import { audit } from './audit.ts'
import type { AuditOptions, Audited } from './audit.ts'
import { JobResult } from './result.ts'
import { UsageError } from './errors.ts'
import { jobIdIn } from './job-id.ts'
import { lookUp, statusOf } from './view.ts'
import type { JobStatus } from './view.ts'
import type { PreparedJob } from './prepare-job.ts'

export interface MeshClientInit {
  /** The own peer, once it has started; the same each time. */
  peer: () => Promise<MeshPeer>
  /** Whom to ask first. */
  entries: () => Contact[]
  /** Is this a mesh that others are on, so that a job may be known already? */
  isShared: boolean
}

/** Connected peers tell each other of their jobs at once; a slow link takes a few round trips. A guess. */
const HEAR_MS_MAX = 5_000

export class MeshClient {
  readonly #init: MeshClientInit
  readonly #firstLeases = new Map<string, number>()
  /** Jobs this peer has heard of, and who waits for that. */
  readonly #heard = new Map<string, PromiseWithResolvers<void>>()

  constructor (init: MeshClientInit) {
    this.#init = init
  }

  /** Every notice of the peer goes through here, from the start. */
  onNotice (notice: Notice): void {
    if (notice.type === 'known') this.#hearing(notice.announcement.job).resolve()
    if (notice.type === 'leased') this.onLease(notice.job, Date.now())
  }

  /** Somebody began a job's first bite, at this time (Unix ms). */
  onLease (job: string, timeMs: number): void {
    this.#firstLeases.set(job, Math.min(timeMs, this.#firstLeases.get(job) ?? Infinity))
  }

  /**
   * Submit a job and follow it.
   *
   * @param prepare bundles it and stores its blocks; called at once
   * @param signal aborting cancels the job
   */
  run (prepare: () => Promise<PreparedJob>, signal?: AbortSignal): JobHandle {
    const firstLeaseMs = (id: JobId): number | null => this.#firstLeases.get(id) ?? null
    const ask = async (id: JobId): Promise<void> => {
      if (this.#init.isShared) await this.#reports([id]).catch(() => { /* then it is submitted unasked; splits heal */ })
    }
    return new JobHandle({ peer: this.#init.peer, prepare, ask, firstLeaseMs, signal })
  }

  /** All jobs the mesh knows. */
  async jobs (): Promise<JobStatus[]> {
    return (await this.#reports([])).map(statusOf)
  }

  /**
   * How far a job is.
   *
   * @throws UsageError when no asked peer knows it
   */
  async status (job: string): Promise<JobStatus> {
    return statusOf(await this.#report(job))
  }

  /**
   * The result of a finished job, or how far it is.
   *
   * @throws UsageError when no asked peer knows it
   */
  async result (job: string): Promise<{ result: JobResult | null, report: JobReport }> {
    return await this.#result(job)
  }

  /** Nobody is dialled for it before something has to be read. */
  async #result (job: string): Promise<{ result: JobResult | null, holders: Holders | null, report: JobReport }> {
    const report = await this.#report(job)
    const { outcome, spec, members } = report.announcement
    if (outcome?.type !== 'done') return { result: null, holders: null, report }
    const { job: id } = report.announcement
    const holders = new Holders(id, [...outcome.holders, ...members], this.#init.entries().map((entry) => entry.peer), await this.#init.peer())
    return { result: new JobResult(id, spec, outcome.value, holders), holders, report }
  }

  /**
   * Look into a finished job's result: recompute some of its partitions, and fold again all above them, down from the value of its root.
   *
   * @throws UsageError when no asked peer knows it, it is not done, or its result is bound to nothing
   */
  async audit (job: string, options: AuditOptions): Promise<Audited> {
    const { holders, report } = await this.#result(job)
    if (holders === null) throw new UsageError(`Job ${job} is not done: there is nothing to audit yet.`)
    await holders.reach()
    return await audit(await this.#init.peer(), report.announcement, options)
  }

  /** Cancel a job this peer's key submitted. Resolves when it is told to the mesh. */
  async cancel (job: string): Promise<void> {
    const report = await this.#report(job)
    const peer = await this.#init.peer()
    const { outcome } = report.announcement
    if (outcome !== null) throw new UsageError(`Job ${job} is ${outcome.type} already; there is nothing to cancel.`)
    if (report.announcement.submitter !== peer.id) throw new UsageError('Only the key that submitted a job can cancel it.')
    await this.#heardOf(report.announcement.job)
    await peer.cancel(report.announcement.job)
  }

  #hearing (job: string): PromiseWithResolvers<void> {
    let hearing = this.#heard.get(job)
    if (hearing === undefined) {
      hearing = Promise.withResolvers<void>()
      this.#heard.set(job, hearing)
    }
    return hearing
  }

  /** Resolves when this peer itself has heard of a job, which peers tell each other on connecting (J1). */
  async #heardOf (job: string): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(() => { late.reject(new Error(`Nobody told this peer of job ${job}.`)) }, HEAR_MS_MAX)
    try {
      await Promise.race([this.#hearing(job).promise, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  async #report (job: string): Promise<JobReport> {
    const report = (await this.#reports([jobIdIn(job)])).find(({ announcement }) => announcement.job === job)
    if (report === undefined) throw new UsageError(`No peer there knows of job ${job}; \`millionfold jobs\` lists those it knows.`)
    return report
  }

  async #reports (jobs: JobId[]): Promise<JobReport[]> {
    const peer = await this.#init.peer()
    return await lookUp(async (to, wanted) => await peer.query(to, wanted), this.#init.entries(), jobs)
  }
}
