/**
 * Row `leased`: own range -> bites -> `compute` effects (J4), and leases kept alive by renewals (C5).
 * Invariant: every child of a held position is free, leased or done. Authority is cut down to bites by
 * leasing children to oneself; nothing here talks to peers except renewals.
 */
import type { Child, Context, Job, Position, View } from './state.ts'
import type { Contact, Path, PeerId } from './ids.ts'
import type { Load, RenewMessage } from './message.ts'
import { NEVER_MS } from './state.ts'
import { ROOT, isWithin, parentOf } from './geometry.ts'
import { membersOf } from './heirs.ts'
import { becomeHolder, childAt, dropPosition, leaseToSelf, publishTurn, stateOf, touch } from './position.ts'
import { childFence, compareFences } from './fence.ts'
import { isTop, loadOf, shownLoad, sizeOfPath, topOf, widestLoad } from './load.ts'
import { assert } from './unreachable.ts'
import { quietMs } from './config.ts'
import { becomeAnswered, mayReturn } from './claimed.ts'
import { copyAgain } from './accepted.ts'
import { drop, notify, send, setTimer, unsettle } from './context.ts'
import { askAgain } from './failed.ts'
import { onPositionEnded } from './doubted.ts'
import { becomeSafeIfStocked } from './stocked.ts'
import { resign, shouldResign } from './resigned.ts'
import { seekOthers } from './sought.ts'
import { isWorked } from './worked.ts'
import { becomeStalled, isBarred, isStalled } from './stalled.ts'
import { marginalMs, msPerPartition } from './speed.ts'

/** May this child be given to `peer` now? */
export function isAvailable (cx: Context, job: Job, child: Child, peer: PeerId): boolean {
  if (child.state !== 'free' || job.failures.has(child.path) || isBarred(cx, job, peer) || job.court?.trials.has(child.path) === true) return false
  return child.reservedFor === null || child.reservedFor === peer || child.reservedUntilMs <= cx.now
}

/** J4: partitions a bite may have, in time of this peer: ≤ biteMsMax, and ≤ half of what is left to all; ≥ biteMsMin. */
export function biteLimit (cx: Context, job: Job, position: Position): number {
  const wide = widestLoad(cx, job, position)
  const ownMs = msPerPartition(job.speed)
  const ms = ownMs > 0 ? ownMs : CAUTION * toldMs(wide)
  if (ms === 0) return job.spec.grain
  const top = topOf(job, position)
  const local = loadOf(cx, job, top)
  let limit = Math.min(biteMsMax(cx, top) / ms, shareOf(wide, ms))
  if (local.helpers > 1) limit = Math.min(limit, shareOf(local, ms))
  return Math.max(job.spec.grain, cx.config.biteMsMin / (ownMs > 0 ? marginalMs(job.speed) : ms), limit)
}

/** C5: whoever holds a lease is on trial until its first bite is done, so that one is half as long. */
const biteMsMax = (cx: Context, { path, since }: Position): number =>
  path !== ROOT && cx.now - since < cx.config.renewMs ? cx.config.biteMsMax / 2 : cx.config.biteMsMax

/** Half of what this peer, at `ms` a partition, does of a load while its helpers do the rest: slow peers take less (J4). */
function shareOf ({ remaining, helpers, rate }: Load, ms: number): number {
  const even = remaining / (2 * Math.max(1, helpers))
  return rate > 0 ? Math.min(2 * even, 1000 * remaining / (2 * rate * ms)) : even
}

/** Others may be so much faster: the first bite of a slow peer must not be the last of all. Speeds vary by as much (SCENARIOS: sigma 0.7). */
const CAUTION = 4

/** What others told of their speed: a newcomer's first guess. */
const toldMs = (load: Load): number => load.rate > 0 ? 1000 * load.helpers / load.rate : 0

/** Start one bite of this job if authority allows; deepest positions first, so that subtrees finish. */
export function startNext (cx: Context, job: Job): boolean {
  const split = [...job.positions.values()].filter(position => position.work === 'split')
  return split.sort((a, b) => b.fence.length - a.fence.length).some(position => biteAt(cx, job, position))
}

function biteAt (cx: Context, job: Job, position: Position): boolean {
  const available = position.children.filter(child => isAvailable(cx, job, child, cx.id))
  const isUntouched = available.length === position.children.length
  if (available.length === 0 && !isUntouched) return false
  const limit = biteLimit(cx, job, position)
  if (isUntouched && position.size <= limit && !isWorked(job, position.path) && !job.failures.has(position.path)) {
    position.work = 'whole'
    startBite(cx, job, position.path)
    return true
  }
  for (const child of available) {
    leaseToSelf(cx, child, child.term + 1)
    touch(cx, job, position)
    if (child.size <= limit && !isWorked(job, child.path)) startBite(cx, job, child.path)
    else if (!biteAt(cx, job, becomeHolder(cx, job, child.path, childFence(position.fence, child.term), position.level, 'granted'))) continue
    return true
  }
  return false
}

export function startBite (cx: Context, job: Job, path: Path, rerunFor: Contact | null = null): void {
  job.state = 'member'
  becomeAnswered(cx, job)
  unsettle(job)
  if (job.bites.size === 0 && job.speed.x === 0) notify(cx, { type: 'leased', job: job.id, path })
  job.bites.set(path, { path, size: sizeOfPath(job, path), startedMs: hasIdleCore(cx) ? cx.now : null, rerunFor })
  cx.busyUntilMs = NEVER_MS
  cx.effects.push({ type: 'compute', job: job.id, path })
}

function hasIdleCore (cx: Context): boolean {
  let running = 0
  for (const job of cx.jobs.values()) {
    for (const bite of job.bites.values()) if (bite.startedMs !== null) running++
  }
  return running < cx.cores
}

/** Stop computing everything at or below a path. */
export function cancelBites (cx: Context, job: Job, path: Path): void {
  for (const bite of [...job.bites.values()]) {
    if (!isWithin(bite.path, path)) continue
    job.bites.delete(bite.path)
    cx.busyUntilMs = NEVER_MS
    cx.effects.push({ type: 'cancel-compute', job: job.id, path: bite.path })
  }
}

/** C4: a coordinator above says that a path is done; or whoever asked for a run no longer needs it. */
export function onEnded (cx: Context, job: Job, from: PeerId, path: Path): void {
  if (onPositionEnded(cx, job, from, path)) return
  const isAbove = [...job.views.values()].some(view => view.state.coordinator.peer === from && isWithin(path, view.path))
  if (isAbove) return endWork(cx, job, path)
  forgetVote(job, from, path)
  const runs = [...job.bites.values()].filter(bite => bite.rerunFor?.peer === from && isWithin(bite.path, path))
  const isAtWork = [...job.bites.keys(), ...job.positions.keys()].some(own => isWithin(own, path))
  if (runs.length === 0 && isAtWork) return drop(cx, from, 'end of work by a peer that is not above')
  for (const bite of runs) cancelBites(cx, job, bite.path)
}

/** V3: a vote comes too late. */
function forgetVote (job: Job, from: PeerId, path: Path): void {
  if (job.court === null || job.owed.get(path)?.to !== from) return
  job.owed.delete(path)
  job.court.salts.delete(path)
}

/** End all work at or below a path: it is done, or somebody else's (C4). */
export function endWork (cx: Context, job: Job, path: Path): void {
  cancelBites(cx, job, path)
  for (const position of [...job.positions.values()]) {
    if (!isWithin(position.path, path)) continue
    for (const member of membersOf(cx, position)) send(cx, member, { type: 'ended', job: job.id, path: position.path })
    dropPosition(cx, job, position)
  }
}

/** The position's regular turn: renew upwards, tell members, look after silent children. */
export function onRenewTimer (cx: Context, job: Job, path: Path): void {
  const position = job.positions.get(path)
  if (position === undefined) return
  const load = loadOf(cx, job, position)
  if (isTop(job, position) && shouldResign(cx, job, position, load)) return resign(cx, job, position)
  const nextMs = isQuiet(cx, position, load) ? quietMs(cx.config) : cx.config.renewMs
  position.turn = load
  setTimer(cx, 'renew', job.id, path, nextMs)
  if (isTop(job, position) && path !== ROOT) renew(cx, job, position, load)
  for (const child of position.children) expireChild(cx, job, position, child)
  if (job.failures.size > 0) askAgain(cx, job, path)
  copyAgain(cx, job)
  publishTurn(cx, job, position, load, nextMs)
  if (path !== ROOT) return
  notifyProgress(cx, job, position)
  becomeSafeIfStocked(cx, job)
  seekOthers(cx, job, position)
}

/** C5: nothing that anybody routes by has changed since the last turn, and everybody below was heard in time. */
function isQuiet (cx: Context, { turn, changed, told, children }: Position, load: Load): boolean {
  if (turn === null || turn.free !== load.free || turn.helpers !== load.helpers || (turn.rate === 0) !== (load.rate === 0)) return false
  if (told !== null && told.version < changed) return false
  for (const { state, holder, heardMs } of children) {
    if (state === 'leased' && holder !== cx.id && cx.now - heardMs > quietMs(cx.config)) return false
  }
  return true
}

export function notifyProgress (cx: Context, job: Job, position: Position): void {
  const load = shownLoad(cx, job, position)
  notify(cx, { type: 'progress', job: job.id, done: job.spec.partitions - load.remaining, partitions: job.spec.partitions, load })
}

/** C5: tell the parent's coordinator that this peer is at work. */
export function renew (cx: Context, job: Job, position: Position, load = loadOf(cx, job, position)): void {
  const view = position.parent === null ? undefined : job.views.get(position.parent)
  if (view !== undefined) renewAt(cx, job, position, view, view.state.coordinator.peer, load)
}

export function renewAt (cx: Context, job: Job, position: Position, view: View, to: PeerId, load = loadOf(cx, job, position)): void {
  if (position.state !== 'granted') return
  send(cx, to, {
    type: 'renew',
    job: job.id,
    path: position.path,
    fence: position.fence,
    done: position.size - load.remaining,
    load,
    seen: view.version
  })
}

function expireChild (cx: Context, job: Job, position: Position, child: Child): void {
  if (child.state !== 'leased' || child.holder === cx.id) return
  if (job.court?.trials.has(child.path) !== true && isStalled(cx, job, position, child)) {
    becomeStalled(cx, job, child)
    freeChild(cx, job, position, child)
  } else if (cx.now - child.heardMs > cx.config.leaseMs + quietMs(cx.config) - cx.config.renewMs) {
    freeChild(cx, job, position, child)
  }
}

/** The holder lost the child (C5): kept a while for its members, if it had any. */
export function freeChild (cx: Context, job: Job, position: Position, child: Child): void {
  const hasMembers = (child.load?.helpers ?? 0) > 1
  child.state = 'free'
  child.reservedFor = hasMembers ? 'members' : null
  child.reservedUntilMs = hasMembers ? cx.now + cx.config.keptMs : 0
  if (hasMembers) setTimer(cx, 'kept', job.id, child.path, cx.config.keptMs)
  child.load = null
  child.last = child.holder
  child.holder = null
  touch(cx, job, position)
}

/** C5: a child's holder renews. */
export function onRenew (cx: Context, job: Job, from: PeerId, message: RenewMessage): void {
  const parent = parentOf(message.path)
  const position = parent === null ? undefined : job.positions.get(parent)
  if (position === undefined) {
    const view = parent === null ? undefined : job.views.get(parent)
    send(cx, from, { type: 'refused', job: job.id, path: message.path, next: null, ask: view?.state.coordinator ?? null })
    return
  }
  const child = childAt(position, message.path)
  assert(child !== undefined, 'a path of the tree is a child of its parent')
  if (child.state === 'done') return send(cx, from, { type: 'ended', job: job.id, path: child.path })
  const isHolder = child.state === 'leased' && child.holder === from
  const isReturning = mayReturn(cx, job, child, from, message.fence[message.fence.length - 1] as number)
  if (!isHolder && !isReturning) {
    return send(cx, from, { type: 'stale', job: job.id, path: child.path, fence: childFence(position.fence, child.term) })
  }
  if (isReturning) {
    child.state = 'leased'
    child.holder = from
    child.reservedFor = null
    touch(cx, job, position)
  }
  heardChild(cx, child, message)
  const isBehind = message.seen < position.changed || compareFences(message.fence, childFence(position.fence, child.term)) !== 0
  if (isBehind) send(cx, from, stateOf(cx, job, position))
}

function heardChild (cx: Context, child: Child, message: RenewMessage): void {
  // What it was given values of is not its doing.
  if (message.done > child.done && child.load !== null) child.progressMs = cx.now
  child.done = message.done
  child.heardMs = cx.now
  child.load = message.load
  child.sent = 0
}
