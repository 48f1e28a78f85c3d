/**
 * Asking a mesh about its jobs from outside: any peer answers with what it knows and names those closer
 * to a job's root (`up`), who are asked next, so that the view ends at the root's coordinator. Bounded in
 * hops; a peer that does not answer costs one deadline and the best view so far is kept.
 */
import type { Contact, JobId } from '../core/ids.ts'
import type { JobReport } from '../core/message.ts'

export interface JobStatus {
  job: JobId
  name: string
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Partitions that are part of a value, as far as the asked peers know. */
  done: number
  partitions: number
  /** Partitions a second. */
  rate: number
  peers: number
  levels: number
  submitter: string
  /** The peer that was asked works for it, unless its rules do not accept it (A7). */
  declined: boolean
}

/** One question to one peer; see MeshPeer.query. */
export type Query = (to: Contact, jobs: JobId[], tables?: boolean) => Promise<JobReport[]>

/** A tree of N = 2^40 with F = 2 and lone coordinators is deeper, but its `up` skips no one only on the way; a guess. */
const HOPS_MAX = 12

/**
 * What a mesh knows about jobs.
 *
 * @param entries peers to ask first, in turn until one answers
 * @param jobs those of interest; empty for all
 * @returns the view closest to each job's root that could be had
 * @throws the last error when none of the entries answers
 */
export async function lookUp (query: Query, entries: Contact[], jobs: JobId[]): Promise<JobReport[]> {
  const first = await askAny(query, entries, jobs)
  return await Promise.all(first.map(async (report) => await towardsRoot(query, report)))
}

async function askAny (query: Query, contacts: Contact[], jobs: JobId[]): Promise<JobReport[]> {
  let failure: unknown = new Error('There is no peer to ask.')
  for (const contact of contacts) {
    try {
      return await query(contact, jobs)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function towardsRoot (query: Query, from: JobReport): Promise<JobReport> {
  const { job } = from.announcement
  const asked = new Set<string>()
  let best = from
  for (let hop = 0; hop < HOPS_MAX && best.announcement.outcome === null; hop++) {
    const next = best.up.filter(({ peer }) => !asked.has(peer))
    if (next.length === 0) break
    for (const { peer } of next) asked.add(peer)
    const closer = await askAny(query, next, [job]).catch(() => [])
    const report = closer.find(({ announcement }) => announcement.job === job)
    if (report === undefined) break
    best = report
  }
  return { ...best, declined: from.declined }
}

/** A report as people read it. */
export function statusOf (report: JobReport): JobStatus {
  const { announcement, load, declined } = report
  const { spec, outcome } = announcement
  return {
    job: announcement.job,
    name: spec.name,
    state: outcome === null ? 'running' : outcome.type,
    done: outcome?.type === 'done' ? spec.partitions : report.done,
    partitions: spec.partitions,
    rate: outcome === null ? load.rate : 0,
    peers: outcome === null ? load.helpers : 0,
    levels: load.levels,
    submitter: announcement.submitter,
    declined
  }
}
