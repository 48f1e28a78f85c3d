/**
 * Row `rolled up`: child values -> `collect` in index order -> the position's own value -> the parent
 * (G3, R1, R4). Invariant: each partition is folded exactly once, because the ledger keys values by path:
 * the first valid one stays, and a path is folded only from its own children.
 */
import type { Child, Context, Entry, Job, Position } from './state.ts'
import type { Cid, Path, PeerId } from './ids.ts'
import type { Stats, Value } from './job.ts'
import { NEVER_MS, NONE } from './state.ts'
import { NO_SALT } from './salt.ts'
import { ROOT, isBelow, isWithin, parentOf } from './geometry.ts'
import { childAt, touch } from './position.ts'
import { drop, notify, send, setTimer, viewAbove } from './context.ts'
import { endWork, notifyProgress } from './leased.ts'
import { createOwed, isPatient, tellOwed } from './owed.ts'
import { isLiar, refuseLiars } from './blamed.ts'
import { isOnTrial, tryValue } from './verified.ts'
import { assert } from './unreachable.ts'
import { boundTime } from './credit.ts'
import { mergeSketches } from './sketch.ts'
import { noteWorked } from './worked.ts'
import { replyAccepted, tellAccepted } from './accepted.ts'
import { becomeWorker } from './stalled.ts'
import { sizeOfPath } from './load.ts'

/** Put a value into the ledger, wherever it came from. Blocks it needs are fetched first. */
export function deposit (cx: Context, job: Job, value: Value, from: PeerId, salt: Uint8Array = NO_SALT): void {
  if (job.outcome !== null) return
  if (value.count < 1 || sizeOfPath(job, value.path) !== value.count) return drop(cx, from, 'value with a wrong path or count')
  const known = job.ledger.get(value.path)
  if (known !== undefined) return meetKnown(cx, job, known, value, from)
  const cover = coverOf(job, value.path)
  if (cover !== undefined) {
    countDuplicate(job, cover, value)
    if (from !== cx.id) replyAccepted(cx, job, from, value.path)
    return
  }
  if (from !== cx.id && job.ledger.size >= cx.config.ledgerMax && !job.positions.has(parentOf(value.path) ?? ROOT)) return drop(cx, from, 'too many values')
  if (job.court === null) return admit(cx, job, value, from)
  if (isLiar(job, value.by)) return refuseLiars(cx, job, value, from)
  if (isOnTrial(cx, job, value, from)) return tryValue(cx, job, value, from, salt)
  admit(cx, job, value, from)
}

/** It counts: blocks it needs are fetched, then it is kept. */
export function admit (cx: Context, job: Job, value: Value, from: PeerId): void {
  const entry: Entry = { value, state: 'kept', from, heldBy: NONE, sent: NONE }
  job.ledger.set(value.path, entry)
  const missing = from === cx.id ? NONE : blocksOf(value)
  if (missing.length === 0) return becomeKept(cx, job, entry)
  entry.state = 'fetching'
  if (missing.length > 1) entry.missing = missing
  for (const cid of missing) {
    const waiting = cx.fetches.get(cid)
    if (waiting !== undefined) waiting.push({ job: job.id, path: value.path })
    else {
      cx.fetches.set(cid, [{ job: job.id, path: value.path }])
      cx.effects.push({ type: 'fetch', job: job.id, cid, from: [...new Set([from, value.by])] })
    }
  }
}

/** What does not travel inside messages: its own bytes, what they link to, and what it was folded from (V2). */
function blocksOf ({ cid, bytes, links, bite, commitment }: Value): Cid[] {
  const cids = bytes === null || links ? [cid] : []
  if (!bite && commitment !== null) cids.push(commitment.root)
  return cids
}

/** R4: one value per path, the first valid one; a different one is evidence. */
function meetKnown (cx: Context, job: Job, known: Entry, value: Value, from: PeerId): void {
  if (known.value.cid !== value.cid) {
    notify(cx, { type: 'conflict', job: job.id, path: value.path, peers: [known.value.by, value.by] })
  }
  countDuplicate(job, known.value, value)
  if (from === cx.id) return
  if (known.state === 'accepted') tellAccepted(cx, job, from, known.value)
  else if (known.from === cx.id || known.from === value.by) known.from = from
}

/** Partitions that two peers computed; values that were collected twice from the same values below do not count. */
function countDuplicate (job: Job, known: Value, value: Value): void {
  if (value.bite && known.bite && known.by !== value.by) job.extra.duplicates += value.count
}

/** The value of an ancestor that makes this one needless; one that is still on its way may never come. */
function coverOf (job: Job, path: Path): Value | undefined {
  for (let at = parentOf(path); at !== null; at = parentOf(at)) {
    const entry = job.ledger.get(at)
    if (entry !== undefined && entry.state !== 'fetching') return entry.value
  }
  return undefined
}

/** Does this peer hold a position there or below? */
function isCover (job: Job, path: Path): boolean {
  for (const position of job.positions.values()) if (isWithin(position.path, path)) return true
  return false
}

/** R4: what this peer is to work on is part of a value it keeps: the coordinator above fills that gap, and work ends. */
export function yieldCovered (cx: Context, job: Job): void {
  for (const position of [...job.positions.values()]) {
    if (position.work === 'valued' || !job.positions.has(position.path)) continue
    const own = job.ledger.get(position.path)
    const cover = own !== undefined && own.state !== 'fetching' ? own.value : coverOf(job, position.path)
    if (cover === undefined) continue
    const view = viewAbove(job, position.path)
    if (view !== undefined) send(cx, view.state.coordinator.peer, { type: 'value', job: job.id, value: cover, salt: NO_SALT })
    endWork(cx, job, position.path)
  }
}

/** All blocks of a value are here. */
export function becomeKept (cx: Context, job: Job, entry: Entry): void {
  entry.state = 'kept'
  job.unstored?.paths.add(entry.value.path)
  const { path } = entry.value
  const parent = parentOf(path)
  const above = parent === null ? undefined : job.positions.get(parent)
  const own = job.positions.get(path)
  const isCovered = above === undefined && isCover(job, path)
  if (above !== undefined || isCovered) {
    job.rolling = 'due'
    if (entry.from !== cx.id && entry.from === entry.value.by) becomeWorker(job, entry.from)
  }
  if (isCovered && own === undefined) noteWorked(job, path)
  if (above !== undefined || path === ROOT) job.uncopied?.push(entry)
  if (own !== undefined) becomeValued(cx, job, own, entry)
  else if (above === undefined) passDown(cx, job, entry)
  if (above !== undefined) {
    const child = childAt(above, path)
    assert(child !== undefined, 'a value in the ledger has a place in the tree')
    becomeDone(cx, job, above, child, entry)
  }
}

/** A value for a path deep below a child that somebody else holds: its holder should know (J5, E1). */
function passDown (cx: Context, job: Job, entry: Entry): void {
  const { path } = entry.value
  for (let at = parentOf(path); at !== null; at = parentOf(at)) {
    const position = job.positions.get(at)
    if (position === undefined) continue
    const child = position.children.find(candidate => isWithin(path, candidate.path))
    if (child?.holder != null && child.holder !== cx.id && child.holder !== entry.from) {
      send(cx, child.holder, { type: 'hold', job: job.id, values: [entry.value] })
    }
    return
  }
}

function becomeDone (cx: Context, job: Job, position: Position, child: Child, entry: Entry): void {
  if (child.state === 'done') return
  const holder = child.holder
  entry.value = boundTime(cx, job, position, child, entry.value)
  child.state = 'done'
  child.load = null
  child.reservedFor = null
  // The first value wins: the holder's run and those in the tail are cancelled (J5).
  for (const peer of new Set([holder, ...child.reruns])) {
    if (peer !== null && peer !== entry.from) send(cx, peer, { type: 'ended', job: job.id, path: child.path })
  }
  child.reruns = NONE
  if (entry.from !== cx.id) endWork(cx, job, child.path)
  job.failures.delete(child.path)
  touch(cx, job, position)
  setTimer(cx, 'hold', job.id, ROOT, cx.config.holdMs)
  if (position.path === ROOT) notifyProgress(cx, job, position)
  becomeCollectingIfComplete(cx, job, position)
}

/** G3: once per inner node, over its children's values in index order. */
export function becomeCollectingIfComplete (cx: Context, job: Job, position: Position): void {
  if (position.work !== 'split' || position.children.length === 0) return
  const values: Value[] = []
  for (const child of position.children) {
    if (child.state !== 'done') return
    const entry = job.ledger.get(child.path)
    if (entry === undefined || entry.state === 'fetching') return
    values.push(entry.value)
  }
  position.work = 'collecting'
  cx.effects.push({ type: 'collect', job: job.id, path: position.path, values })
}

/** The stats of a value folded from these, plus what this peer adds now. */
export function foldStats (cx: Context, job: Job, values: Value[], own: Pick<Stats, 'computeMs' | 'producers' | 'levels'>): Stats {
  const stats: Stats = { ...own, ...job.extra, ...cx.traffic }
  for (const { stats: child } of values) {
    stats.computeMs += child.computeMs
    stats.failovers += child.failovers
    stats.duplicates += child.duplicates
    stats.messages += child.messages
    stats.bytes += child.bytes
    stats.levels = Math.max(stats.levels, child.levels)
    stats.producers = mergeSketches(stats.producers, child.producers)
  }
  job.extra = { failovers: 0, duplicates: 0 }
  cx.traffic = { messages: 0, bytes: 0 }
  return stats
}

/** The position's value is known: it is owed to the parent's coordinator (R1), or it is the root's. */
export function becomeValued (cx: Context, job: Job, position: Position, entry: Entry): void {
  const { value } = entry
  if (entry.from !== cx.id) endWorkBelow(cx, job, position)
  position.work = 'valued'
  setTimer(cx, 'hold', job.id, ROOT, position.path === ROOT ? 0 : cx.config.holdMs)
  const parent = position.parent
  if (parent === null || job.positions.has(parent)) return
  const owed = createOwed(value, null, cx.now)
  job.owed.set(value.path, owed)
  const view = viewAbove(job, position.path)
  if (view !== undefined) tellOwed(cx, job, owed, view.state.coordinator.peer)
}

function endWorkBelow (cx: Context, job: Job, position: Position): void {
  const bite = job.bites.get(position.path)
  if (bite !== undefined) {
    job.bites.delete(bite.path)
    cx.busyUntilMs = NEVER_MS
    cx.effects.push({ type: 'cancel-compute', job: job.id, path: bite.path })
  }
  for (const child of position.children) {
    if (child.state === 'leased' && child.holder !== null && child.holder !== cx.id) {
      send(cx, child.holder, { type: 'ended', job: job.id, path: child.path })
    }
    endWork(cx, job, child.path)
  }
}

/** R1: say again what is owed, to whoever coordinates above now. Values without a taker are given up after a lease. */
export function resendOwed (cx: Context, job: Job): void {
  for (const [path, owed] of [...job.owed]) {
    const to = owed.to ?? viewAbove(job, path)?.state.coordinator.peer
    if (owed.to !== null && cx.now - owed.sentMs > patienceMs(cx, job)) job.owed.delete(path)
    else if (to !== undefined && !isPatient(cx, job, owed)) tellOwed(cx, job, owed, to)
  }
  if (job.owed.size > 0) setTimer(cx, 'hold', job.id, ROOT, cx.config.renewMs)
}

/** A lease; voters wait for each other (V3). */
const patienceMs = (cx: Context, job: Job): number => job.court === null ? cx.config.leaseMs : VOTE_LEASES * cx.config.leaseMs

/** A guess. */
const VOTE_LEASES = 20

/** Ledger entries strictly below a path, in the order in which they came. */
export function entriesBelow (job: Job, path: Path): Entry[] {
  const entries: Entry[] = []
  for (const below of job.ledger.keys()) if (isBelow(below, path)) entries.push(job.ledger.get(below) as Entry)
  return entries
}
