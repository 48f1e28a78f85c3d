/**
 * Paths that values lie below, deeper than the children of a position of this peer's: what is partly done is not computed as a
 * whole (D4). Only restarts, grants and merged tables bring such values. Invariant: a path stays in here longer than needed at
 * worst, which makes bites smaller and nothing else.
 */
import type { Job } from './state.ts'
import type { Path } from './ids.ts'
import { parentOf } from './geometry.ts'

/** A value of this path is kept. */
export function noteWorked (job: Job, path: Path): void {
  job.worked ??= new Set()
  for (let at = parentOf(path); at !== null && !job.worked.has(at); at = parentOf(at)) job.worked.add(at)
}

export const isWorked = (job: Job, path: Path): boolean => job.worked !== null && job.worked.has(path)
