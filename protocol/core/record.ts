/**
 * What a peer that keeps tells its store, and what it is given back after a restart (D1, D2). Authority is not part of
 * it: a restarted process has none (C4).
 */
import type { Announcement, Value } from './job.ts'
import type { Fence } from './message.ts'
import type { JobId, Path, PeerId } from './ids.ts'

/** A job as a peer remembers it, its values apart. */
export interface JobRecord {
  /** The job, how it ended, and as members its acquaintances there, nearest to the root first; at most 8. */
  announcement: Announcement
  /** Had it a part in the job? */
  part: 'none' | 'member'
  /** Of the acquaintances, those seen as members. */
  met: PeerId[]
  /** The highest fences seen, the root's first (C4). */
  fences: Array<{ path: Path, fence: Fence }>
}

/** What one input changed. */
export interface JobChange {
  job: JobId
  /** Takes the place of the one before; null when it stays. */
  record: JobRecord | null
  /** Values that are kept from now on, all their blocks with them. */
  puts: Value[]
  /** Paths whose values need not be kept any more. */
  drops: Path[]
}

/** One job as it was found in the store. */
export interface Restored {
  record: JobRecord
  /** Those whose blocks are all there, verified. */
  values: Value[]
  /** Are bundle, params and inputs all there? Without them nobody can go on with the job (D3). */
  goods: 'all' | 'some'
  /** Milliseconds since the job ended, or since it was heard of where it has not. */
  ageMs: number
}
