/**
 * How jobs and values lie in a store: as the messages that carry them on the wire, so that what a later version adds is skipped, and what is
 * not such a message is refused.
 */
import { announcement, fence, peers, value } from '../wire/tables.ts'
import { count, decode, encode, list, oneOf, struct } from '../wire/schema.ts'
import { path } from '../wire/types.ts'
import type { JobRecord } from '../../core/record.ts'
import type { JobId, Path } from '../../core/ids.ts'
import type { Value } from '../../core/job.ts'

export interface KeptJob {
  record: JobRecord
  /** Unix milliseconds when it was heard of, and when it ended; 0 while it has not. */
  heardMs: number
  endedMs: number
}

/** A record has fewer (core/kept.ts). */
const FENCES_MAX = 256

const fences = list(struct<JobRecord['fences'][number]>({ path: [1, path], fence: [2, fence] }), FENCES_MAX)

const keptJob = struct<KeptJob>({
  record: [1, struct<JobRecord>({ announcement: [1, announcement], part: [2, oneOf(['none', 'member'])], met: [3, peers], fences: [4, fences] })],
  heardMs: [2, count],
  endedMs: [3, count]
})

export const encodeJob = (job: KeptJob): Uint8Array => encode(keptJob, job)
export const encodeValue = (kept: Value): Uint8Array => encode(value, kept)

/** @returns null for what is none, or no longer one */
export const decodeJob = (bytes: Uint8Array): KeptJob | null => orNull(() => decode(keptJob, bytes))
export const decodeValue = (bytes: Uint8Array): Value | null => orNull(() => decode(value, bytes))

function orNull<T> (read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

/** Keys of what belongs to a job; neither ids nor paths hold a colon, and the root's path is no part of a name. */
export const keyOf = (job: JobId, rest: string): string => `${job}:${rest}`
export const pathKey = (job: JobId, at: Path): string => keyOf(job, at.replace('/', 'root'))
export const splitKey = (key: string): { job: JobId, rest: string } => {
  const at = key.indexOf(':')
  return { job: key.slice(0, at) as JobId, rest: key.slice(at + 1) }
}
