/**
 * What is played on both sides of a calibration: one job, and whose process ends when. Real peers and simulated ones get the
 * very same numbers. Never draws anything: victims are chosen when their time comes.
 */
import type { JobSpec } from '../../../protocol/core/job.ts'
import type { Path } from '../../../protocol/core/ids.ts'
import { ROOT } from '../../../protocol/core/geometry.ts'

/** Whom a kill hits: who coordinates the root, who has members below it, who works and has none. */
export type Role = 'root' | 'coordinator' | 'worker'

export interface Kill {
  /** Milliseconds after the submission. */
  atMs: number
  role: Role
}

export interface Trial {
  /** Volunteers of one core each; the submitter, who does not compute, is one more. */
  peers: number
  job: Pick<JobSpec, 'partitions' | 'fanout' | 'grain'>
  /** Milliseconds of one partition. */
  partitionMs: number
  /** Milliseconds before a peer's first bite: its sandbox starts. */
  startMs: number
  kills: Kill[]
}

/** A tree of three levels under twenty peers, so that some coordinate others below the root. */
const FANOUT = 4
const GRAIN = 4
const PARTITION_MS = 100
/** As sims/play.ts has it on loopback. */
const START_MS = 20
/** After the result is known messages are counted for so long: the news of it is part of the job. */
export const NEWS_MS = 1_000

/** When somebody is killed, as a share of the time that the job takes at best. The first root is the submitter. */
const KILLS: Array<{ at: number, role: Role }> = [
  { at: 0.25, role: 'root' },
  { at: 0.45, role: 'coordinator' },
  { at: 0.65, role: 'worker' }
]

/**
 * A job that keeps so many peers busy for about so long.
 *
 * @param peers - volunteers
 * @param seconds - without kills or delays
 */
export const trialOf = (peers: number, seconds: number): Trial => ({
  peers,
  job: { partitions: Math.round(peers * seconds * 1_000 / PARTITION_MS), fanout: FANOUT, grain: GRAIN },
  partitionMs: PARTITION_MS,
  startMs: START_MS,
  kills: KILLS.map(({ at, role }) => ({ atMs: at * seconds * 1_000, role }))
})

/** What a peer is to the tree, by the paths that it coordinates with members. */
export function roleOf (coordinated: Path[]): Role {
  if (coordinated.length === 0) return 'worker'
  return coordinated.includes(ROOT) ? 'root' : 'coordinator'
}
