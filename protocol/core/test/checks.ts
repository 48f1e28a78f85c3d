/** One function an invariant of a whole run: each returns what broke it, in words; an empty list is a pass. */
import type { Path } from '../ids.ts'
import { isWithin, rangeOf, sizeOf } from '../geometry.ts'
import { compareFences } from '../fence.ts'
import type { Run } from './scenario.ts'
import { PARTITION_MS, noticesOf } from './scenario.ts'
import { rootOracle } from './oracle.ts'

/** Ten of the slowest messages without losses. */
const DELAY_MS = 200

/** The job ended for everybody, with the oracle's value, and nobody was told twice. */
export function isExact (run: Run): string[] {
  const broken: string[] = []
  const told = new Set<string>()
  const oracle = rootOracle(run.spec)
  for (const { peer, notice } of noticesOf(run, 'done')) {
    if (notice.value.cid !== oracle) broken.push(`${peer} learnt ${notice.value.cid}, not ${oracle}`)
    if (told.has(peer)) broken.push(`${peer} was told twice`)
    told.add(peer)
  }
  if (told.size === 0) broken.push('nobody learnt the result')
  if (!run.isOver) broken.push('not every live peer learnt how it ended')
  return broken
}

/** No values differ (R4). */
export const hasNoConflicts = (run: Run): string[] =>
  noticesOf(run, 'conflict').map(({ peer, notice }) => `${peer} saw two values of ${notice.path}`)

/** C4: what a peer says of a path is never below what it said before. */
export function fencesRise (run: Run): string[] {
  const broken: string[] = []
  const last = new Map<string, number[]>()
  for (const { peer, notice } of [...noticesOf(run, 'coordinator'), ...noticesOf(run, 'failover')].sort((a, b) => a.at - b.at)) {
    const key = `${peer} ${notice.path}`
    const before = last.get(key)
    if (before !== undefined && compareFences(notice.fence, before) < 0) broken.push(`${key}: ${before.join()} then ${notice.fence.join()}`)
    last.set(key, notice.fence)
  }
  return broken
}

/**
 * R2: the share of all partitions that were computed again after they were part of an accepted value. A bite
 * that was handed out before may still end; so it counts only when it must have been handed out later: a peer
 * has two bites at once, so after twice its time and a delay.
 */
export function recomputed (run: Run): number {
  const accepted = noticesOf(run, 'value').map(({ at, notice }) => ({ at, path: notice.path }))
  let again = 0
  for (const { at, peer, path } of run.world.computed) {
    const handedOutMs = at - 2 * sizeAt(run, path) * PARTITION_MS / run.world.get(peer).speed - DELAY_MS
    if (accepted.some(value => isWithin(path, value.path) && value.at < handedOutMs)) again += sizeAt(run, path)
  }
  return again / run.spec.partitions
}

/** Partitions computed, over N: 1 when nothing was done twice. */
export const effort = (run: Run): number =>
  run.world.computed.reduce((sum, { path }) => sum + sizeAt(run, path), 0) / run.spec.partitions

export const sizeAt = (run: Run, path: Path): number => {
  const range = rangeOf(run.spec, path)
  return range === null ? 0 : sizeOf(range)
}

/** The share of a path's partitions that accepted values cover. */
export function acceptedAt (run: Run, path: Path): number {
  const paths = new Set(noticesOf(run, 'value').map(({ notice }) => notice.path))
  const top = [...paths].filter(each => isWithin(each, path) && ![...paths].some(other => other !== each && isWithin(each, other)))
  return top.reduce((sum, each) => sum + sizeAt(run, each), 0) / sizeAt(run, path)
}
