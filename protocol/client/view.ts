/**
 * Asking a mesh about its jobs from outside: any peer answers with what it knows and names those closer
 * to a job's root (`up`), who are asked next, so that the view ends at the root's coordinator. Bounded in
 * hops and time; a peer that does not answer costs a second and the best view so far is kept.
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
/** After this many milliseconds no further hop is asked: where coordinators have just been lost, each costs a dial that fails. A guess. */
const LOOK_MS_MAX = 10_000
/** Whoever answers does so within a few round trips; a dial to one that is gone takes three seconds to fail. A guess. */
const SILENT_MS = 1_000

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

/** The first answer: where one says nothing for a while, the next is asked as well, and where it fails, at once. */
async function askAny (query: Query, contacts: Contact[], jobs: JobId[]): Promise<JobReport[]> {
  const asked: Array<Promise<JobReport[]>> = []
  for (const contact of contacts) {
    asked.push(query(contact, jobs))
    const answer = await within(SILENT_MS, Promise.any(asked))
    if (answer !== null) return answer
  }
  try {
    return await Promise.any(asked)
  } catch (error) {
    throw (error as AggregateError).errors.at(-1) ?? new Error('There is no peer to ask.')
  }
}

/** What a promise resolves with; null when it rejects, or is not there after `ms` milliseconds. */
async function within<T> (ms: number, promise: Promise<T>): Promise<T | null> {
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(late.resolve, ms, null)
  try {
    return await Promise.race([promise, late.promise])
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}

async function towardsRoot (query: Query, from: JobReport): Promise<JobReport> {
  const { job } = from.announcement
  const asked = new Set<string>()
  const end = performance.now() + LOOK_MS_MAX
  let best = from
  for (let hop = 0; hop < HOPS_MAX && best.announcement.outcome === null && performance.now() < end; hop++) {
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
