/**
 * What the host has to know of the jobs the core works on, to serve its effects: their specs, who submitted them
 * and who their tree neighbours are.
 */
import type { Contact, JobId, PeerId } from '../core/ids.ts'
import type { JobSpec } from '../core/job.ts'

interface Entry { spec: JobSpec, submitter: PeerId }

export class JobBook {
  readonly #jobs = new Map<JobId, Entry>()
  readonly #neighbours = new Map<JobId, PeerId[]>()

  /** A job was submitted or heard of; what is known of it already stays. */
  know (job: JobId, spec: JobSpec, submitter: PeerId): void {
    if (!this.#jobs.has(job)) this.#jobs.set(job, { spec, submitter })
  }

  forget (job: JobId): void {
    this.#jobs.delete(job)
    this.#neighbours.delete(job)
  }

  has (job: JobId): boolean {
    return this.#jobs.has(job)
  }

  /** Every job that is known. */
  all (): Array<Entry & { job: JobId }> {
    return [...this.#jobs].map(([job, entry]) => ({ job, ...entry }))
  }

  submitterOf (job: JobId): PeerId | null {
    return this.#jobs.get(job)?.submitter ?? null
  }

  /** Undefined for a job nobody has told of. */
  find (job: JobId): JobSpec | undefined {
    return this.#jobs.get(job)?.spec
  }

  /** @throws Error when the core works on a job that it never made known, which is a bug */
  specOf (job: JobId): JobSpec {
    const entry = this.#jobs.get(job)
    if (entry === undefined) throw new Error(`the core works on job ${job} without having made it known`)
    return entry.spec
  }

  /** The spec of a job that somebody names, or null. */
  findSpec (job: JobId): JobSpec | null {
    return this.#jobs.get(job)?.spec ?? null
  }

  setNeighbours (job: JobId, contacts: Contact[]): void {
    this.#neighbours.set(job, contacts.map(({ peer }) => peer))
  }

  neighboursOf (job: JobId): PeerId[] {
    return this.#neighbours.get(job) ?? []
  }

  /**
   * Whom to ask for a job's blocks, best first: tree neighbours are near and have what they work on, the submitter
   * had everything first, any other connected peer may have it.
   */
  sourcesOf (job: JobId, connected: PeerId[]): PeerId[] {
    const submitter = this.submitterOf(job)
    return [...new Set([...this.#neighbours.get(job) ?? [], ...submitter === null ? [] : [submitter], ...connected])]
  }
}
