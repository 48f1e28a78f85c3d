/**
 * Row `claimed`: `offer`/`state` -> `claim` -> `grant` or `refused` (C1, C2). Claims to a live coordinator
 * go to it directly; claims where there is none are gossiped (elected.ts). Invariant: a conflict has one
 * deterministic winner, because only the coordinator of the parent grants, and it grants a child once.
 */
import type { Child, Context, Entry, Job, Position } from './state.ts'
import type { ClaimMessage, Fence, GrantMessage, RefusedMessage, StateMessage } from './message.ts'
import type { Contact, Path, PeerId } from './ids.ts'
import type { Value } from './job.ts'
import { ROOT, depthOf, isWithin, parentOf, stepTowards } from './geometry.ts'
import { helpersOf, membersOf } from './heirs.ts'
import { becomeHolder, childAt, highestSeen, refence, stateOf, subscribe, touch } from './position.ts'
import { childFence, compareFences, lastTerm } from './fence.ts'
import { drop, notify, self, send, setTimer } from './context.ts'
import { addrsOf, isConnected, learn } from './links.ts'
import { becomeMemberOf } from './viewed.ts'
import { isAvailable, renew } from './leased.ts'
import { deposit } from './rolled-up.ts'
import { tellHeld } from './accepted.ts'
import { isBarred } from './stalled.ts'
import { loseTo } from './yielded.ts'
import { seekSoon } from './joined.ts'
import { tellNeighbours } from './announced.ts'
import { bringAbove } from './restored.ts'
import { noteWorked } from './worked.ts'
import { assert } from './unreachable.ts'

/** Claim a child of somebody's position; repeated by the claim timer until answered (C1). */
export function claim (cx: Context, job: Job, path: Path, fence: Fence, coordinator: Contact): void {
  learn(cx, coordinator)
  job.seek.state = 'claiming'
  job.seek.claim = { path, fence, coordinator }
  job.naming = 'due'
  notify(cx, { type: 'claim', job: job.id, path, fence })
  send(cx, coordinator.peer, { type: 'claim', job: job.id, path, fence, peer: self(cx) })
  // A dial takes three round trips before the claim's own.
  setTimer(cx, 'join', job.id, ROOT, (isConnected(cx, coordinator.peer) ? 1 : 3) * cx.config.claimRepeatMs)
}

/** A claim reaches the coordinator of the parent, or a peer on the way to it. */
export function onClaim (cx: Context, job: Job, from: PeerId, message: ClaimMessage): void {
  if (message.peer.peer !== from) return drop(cx, from, 'claim for another peer')
  learn(cx, message.peer)
  const position = nearestPosition(job, message.path)
  if (position === undefined) {
    const view = nearestView(job, message.path)
    return refuse(cx, job, from, message.path, null, view?.state.coordinator ?? null)
  }
  const child = childAt(position, stepTowards(position.path, message.path))
  assert(child !== undefined, 'the way to a path of the tree leads through a child')
  if (child.path === message.path) return decide(cx, job, position, child, from, message)
  // The claimed path lies deeper: its parent's coordinator is whoever holds this child.
  if (child.state === 'done') return send(cx, from, { type: 'ended', job: job.id, path: child.path })
  if (child.state === 'leased' && child.holder !== null && child.holder !== from) {
    return refuse(cx, job, from, message.path, null, { peer: child.holder, addrs: addrsOf(cx, child.holder) })
  }
  refuse(cx, job, from, message.path, child.path, null)
}

function nearestPosition (job: Job, path: Path): Position | undefined {
  for (let at = parentOf(path); at !== null; at = parentOf(at)) {
    const position = job.positions.get(at)
    if (position !== undefined) return position
  }
  return undefined
}

function nearestView (job: Job, path: Path): { state: { coordinator: Contact } } | undefined {
  for (let at = parentOf(path); at !== null; at = parentOf(at)) {
    const view = job.views.get(at)
    if (view !== undefined) return view
  }
  return undefined
}

function decide (cx: Context, job: Job, position: Position, child: Child, from: PeerId, message: ClaimMessage): void {
  if (child.state === 'done') {
    send(cx, from, { type: 'ended', job: job.id, path: child.path })
    return refuse(cx, job, from, child.path, nextFree(cx, job, position, from), null)
  }
  if (child.state === 'leased' && child.holder === from) return grant(cx, job, position, child, from, Math.max(child.term, claimedTerm(position, message)))
  const isElected = claimedTerm(position, message) > child.term
  if (child.state === 'leased' && !(isElected && isSilent(cx, child))) {
    return refuse(cx, job, from, child.path, nextFree(cx, job, position, from), null)
  }
  if (mayReturn(cx, job, child, from, claimedTerm(position, message))) return grant(cx, job, position, child, from, child.term)
  const isInherited = child.state === 'free' && isBefore(cx, position, message)
  const isKeptFor = (child.reservedFor === 'members' && isElected) || (child.reservedFor === 'values' && isInherited)
  const isOpen = child.state === 'leased' || isAvailable(cx, job, child, from) || (isKeptFor && !isBarred(cx, job, from))
  // A helper that is new goes further down; whoever held the child before comes with the place, which brings as many again (J3).
  const isTooMany = isInherited ? helpersOf(cx, job).length >= 2 * job.spec.fanout : isFull(cx, job, from, isKept(cx, child))
  if (!isOpen || isTooMany) return refuse(cx, job, from, child.path, nextFree(cx, job, position, from), null)
  grant(cx, job, position, child, from, Math.max(child.term + 1, claimedTerm(position, message)))
}

/** The term claimed for this child; 0 when the claim's fence is not under this position's. */
function claimedTerm (position: Position, message: ClaimMessage): number {
  return message.fence.length === position.fence.length + 1 ? lastTerm(message.fence) : 0
}

/** C6: was the child held when this position was still another's? Who took it over may not know, and whoever is refused gives all below it up. */
const isBefore = (cx: Context, { fence: own, since }: Position, { fence }: ClaimMessage): boolean =>
  lastTerm(own) > FIRST_TERM && cx.now - since <= 2 * cx.config.leaseMs && fence.length === own.length + 1 && compareFences(fence.slice(0, -1), own) < 0

const FIRST_TERM = 1

/** A holder that heirs may replace: not this peer, and not connected or long unheard. */
function isSilent (cx: Context, child: Child): boolean {
  if (child.holder === null) return true
  if (child.holder === cx.id) return false
  return !isConnected(cx, child.holder) || cx.now - child.heardMs > cx.config.leaseMs - cx.config.claimRepeatMs
}

function refuse (cx: Context, job: Job, to: PeerId, path: Path, next: Path | null, ask: Contact | null): void {
  send(cx, to, { type: 'refused', job: job.id, path, next, ask })
}

/** C5: whoever lost a child last was only late: it is its again, unless somebody else has the place. */
export const mayReturn = (cx: Context, job: Job, child: Child, peer: PeerId, term: number): boolean =>
  child.state === 'free' && child.last === peer && child.term === term && !isBarred(cx, job, peer) && !isFull(cx, job, peer, isKept(cx, child))

/** C5: one of its members may take its place yet. */
const isKept = (cx: Context, child: Child): boolean => child.state === 'free' && child.reservedFor === 'members' && child.reservedUntilMs > cx.now

/** J3: a peer has at most F others to coordinate, over all its positions in a job; more find work below those. */
function isFull (cx: Context, job: Job, peer: PeerId, isPlaceKept = false): boolean {
  const members = helpersOf(cx, job)
  // Places kept for the members of children that were lost count, but not against these.
  let kept = 0
  for (const position of isPlaceKept ? [] : job.positions.values()) {
    for (const child of position.children) if (isKept(cx, child)) kept++
  }
  return members.length + kept >= job.spec.fanout && !members.includes(peer)
}

/** Helpers are given children from the end, so that the coordinator's own bites stay together. */
export function nextFree (cx: Context, job: Job, position: Position, peer: PeerId): Path | null {
  if (position.work !== 'split') return null
  const free = position.children.findLast(child => isAvailable(cx, job, child, peer))
  return free === undefined || isFull(cx, job, peer) ? null : free.path
}

export function grant (cx: Context, job: Job, position: Position, child: Child, to: PeerId, term: number): void {
  const isFirst = membersOf(cx, position).length === 0
  child.state = 'leased'
  child.holder = to
  child.term = term
  child.heardMs = child.grantedMs = child.progressMs = cx.now
  child.load = null
  child.reservedFor = null
  meet(job, to)
  if (isFirst) subscribe(cx, job, position.path)
  touch(cx, job, position)
  const values = valuesWithin(job, child.path)
  const batch = cx.config.holdBatch
  send(cx, to, {
    type: 'grant',
    job: job.id,
    path: child.path,
    fence: childFence(position.fence, term),
    peer: to,
    leaseMs: cx.config.leaseMs,
    values: values.slice(0, batch),
    state: stateOf(cx, job, position)
  })
  for (let i = batch; i < values.length; i += batch) {
    send(cx, to, { type: 'hold', job: job.id, values: values.slice(i, i + batch) })
  }
}

/** The values kept at or below a path, without those another one covers. */
export function valuesWithin (job: Job, path: Path): Value[] {
  const values: Value[] = []
  for (const kept of job.ledger.keys()) {
    if (!isWithin(kept, path)) continue
    const { state, value } = job.ledger.get(kept) as Entry
    if (state === 'fetching') continue
    const parent = parentOf(kept)
    if (parent !== null && job.ledger.has(parent)) continue
    values.push(value)
  }
  return values
}

export function onGrant (cx: Context, job: Job, from: PeerId, message: GrantMessage): void {
  const isAsked = job.seek.claim?.path === message.path || job.seek.unanswered === message.path || job.positions.has(message.path)
  if (message.peer !== cx.id || message.state.coordinator.peer !== from || !isAsked) return drop(cx, from, 'grant nobody asked for')
  if (message.state.path !== parentOf(message.path)) return drop(cx, from, 'grant without its parent\'s state')
  if (job.seek.claim?.path === message.path) becomeIdle(cx, job)
  else becomeAnswered(cx, job)
  if ((message.fence[0] as number) < job.rootTerm) return send(cx, from, { type: 'stale', job: job.id, path: ROOT, fence: [job.rootTerm] })
  for (const { path, fence } of [message.state, message]) {
    const seen = highestSeen(job, path, fence)
    if (compareFences(fence, seen) < 0) return send(cx, from, { type: 'stale', job: job.id, path, fence: seen })
  }
  const isNew = job.state !== 'member'
  job.state = 'member'
  becomeMemberOf(cx, job, message.state)
  if (isNew) tellNeighbours(cx, job)
  bringAbove(cx, job, from, message.state.path)
  takeOver(cx, job, from, message.values)
  const position = job.positions.get(message.path)
  if (position === undefined) becomeHolder(cx, job, message.path, message.fence, message.state.level + 1, 'granted')
  else {
    position.state = 'granted'
    position.level = message.state.level + 1
    refence(cx, job, position, message.fence)
    renew(cx, job, position)
  }
}

/** R4: what comes with a grant is looked after here from now on, and the coordinator above need not keep it. */
function takeOver (cx: Context, job: Job, from: PeerId, values: Value[]): void {
  for (const value of values) {
    deposit(cx, job, value, from)
    noteWorked(job, value.path)
  }
  tellHeld(cx, job, from, values)
}

/** A member may speak for the whole job later. */
export function meet (job: Job, peer: PeerId): void {
  job.met.add(peer)
  forgetOldest(job)
}

/** All members that a state names. */
export function meetAll (job: Job, { coordinator, heirs, children, up }: StateMessage): void {
  job.met.add(coordinator.peer)
  for (const { peer } of heirs) job.met.add(peer)
  // Who takes the path over has only these to tell it who speaks for the root.
  for (const { peer } of up) job.met.add(peer)
  for (const { holder } of children) if (holder !== null) job.met.add(holder)
  forgetOldest(job)
}

function forgetOldest (job: Job): void {
  if (job.met.size <= MET_MAX) return
  for (const oldest of job.met) {
    if (job.met.size <= MET_MAX) return
    job.met.delete(oldest)
  }
}

/** Members remembered a job. A guess: 64 roots' worth of children. */
const MET_MAX = 4096

/** No claim is under way any more. */
export function becomeIdle (cx: Context, job: Job): void {
  job.seek = { state: 'idle', sinceMs: cx.now, attempts: 0, asked: null, claim: null, unanswered: null }
  job.naming = 'due'
}

/** There is work after all: whatever was asked without an answer is not held against the mesh (J2). */
export function becomeAnswered (cx: Context, job: Job): void {
  job.seek.sinceMs = cx.now
  job.seek.attempts = 0
}

export function onRefused (cx: Context, job: Job, from: PeerId, message: RefusedMessage): void {
  const position = job.positions.get(message.path)
  if (position !== undefined) return onRefusedPosition(cx, job, from, message, position)
  if (job.seek.claim?.path !== message.path) return
  const coordinator = job.seek.claim.coordinator
  becomeIdle(cx, job)
  if (message.next !== null) return claimNext(cx, job, message.next, coordinator)
  const view = job.views.get(parentOf(message.path) ?? ROOT)
  if (view !== undefined) view.isRefused = true
  seekSoon(cx, job, message.ask)
}

function claimNext (cx: Context, job: Job, path: Path, coordinator: Contact): void {
  const above = job.views.get(parentOf(path) ?? ROOT)
  const fence = above === undefined ? new Array<number>(depthOf(path) + 1).fill(1) : childFence(above.state.fence, 1)
  claim(cx, job, path, fence, coordinator)
}

/** A claim for a position this peer holds without (or with lost) grant: ask closer, or claim what lies above. */
function onRefusedPosition (cx: Context, job: Job, from: PeerId, message: RefusedMessage, position: Position): void {
  const isAbove = message.next !== null && message.next !== position.path && isWithin(position.path, message.next)
  if (isAbove) return claimNext(cx, job, message.next as Path, { peer: from, addrs: addrsOf(cx, from) })
  if (message.ask !== null && message.ask.peer !== cx.id) {
    // Peers with old views may send a claim round in circles: once a turn is enough (C1).
    if (cx.now - position.chasedMs < cx.config.claimRepeatMs) return
    position.chasedMs = cx.now
    learn(cx, message.ask)
    return send(cx, message.ask.peer, { type: 'claim', job: job.id, path: position.path, fence: position.fence, peer: self(cx) })
  }
  if (position.state === 'provisional' && message.ask === null) loseTo(cx, job, position, from)
}
