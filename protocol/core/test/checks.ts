/** One function an invariant of a whole run: each returns what broke it, in words; an empty list is a pass. */
import type { Path, PeerId } from '../ids.ts'
import { isWithin, rangeOf, sizeOf } from '../geometry.ts'
import { compareFences } from '../fence.ts'
import type { Run } from './scenario.ts'
import { noticesOf } from './scenario.ts'
import { rootOracle } from './oracle.ts'

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
 * R2: what was accepted is not computed again. A bite that was handed out before may still end; so it counts
 * only when it must have been handed out later: a peer has two bites at once, so twice its time and a delay.
 */
export function acceptedIsKept (run: Run, partitionMs: number, graceMs: number): string[] {
  const broken: string[] = []
  const accepted = noticesOf(run, 'value').map(({ at, notice }) => ({ at, path: notice.path }))
  for (const { at, peer, path } of run.world.computed) {
    const ms = sizeAt(run, path) * partitionMs / run.world.get(peer).speed
    const covering = accepted.find(value => isWithin(path, value.path) && at - 2 * ms - graceMs > value.at)
    if (covering !== undefined) broken.push(`${path} by ${peer} at ${at}: ${covering.path} was accepted at ${covering.at}`)
  }
  return broken
}

/** Partitions computed, over N: 1 when nothing was done twice. */
export const effort = (run: Run): number =>
  run.world.computed.reduce((sum, { path }) => sum + sizeAt(run, path), 0) / run.spec.partitions

export const sizeAt = (run: Run, path: Path): number => {
  const range = rangeOf(run.spec, path)
  return range === null ? 0 : sizeOf(range)
}

/** Everybody that made one of the accepted values. */
export const producers = (run: Run): Set<PeerId> => new Set(run.world.computed.map(({ peer }) => peer))
