/**
 * What a member believes of the position above it (C6): the last state its coordinator told. States carry
 * grants again (C2), so a member adopts its new fence from them; two holders of one path meet here (C7).
 */
import type { Context, Job, Position, View } from './state.ts'
import type { PeerId } from './ids.ts'
import type { BeatMessage, Fence, Load, StateMessage } from './message.ts'
import { ROOT, digitOf, isWithin, parentOf } from './geometry.ts'
import { isSameCast } from './cast.ts'
import { childFence, claimRank, compareFences, nextFence } from './fence.ts'
import { clearTimer, drop, notify, send, self, setTimer } from './context.ts'
import { learn } from './links.ts'
import { membersOf } from './heirs.ts'
import { dropPosition, publishState, refence, rememberFence, stateOf, subscribe, tellSoon } from './position.ts'
import { endWork, renew, renewAt } from './leased.ts'
import { trust } from './doubted.ts'
import { bringValues } from './brought.ts'
import { meetAll } from './claimed.ts'
import { onStale, reclaimOwn } from './yielded.ts'
import { resendOwed } from './rolled-up.ts'
import { forgetBelowDone } from './released.ts'
import { changeRecord } from './kept.ts'
import { stock } from './stocked.ts'

export function onState (cx: Context, job: Job, from: PeerId, message: StateMessage): void {
  if (message.coordinator.peer !== from) return drop(cx, from, 'state of another peer')
  const held = job.positions.get(message.path)
  if (held !== undefined) return meetRival(cx, job, held, message)
  const view = job.views.get(message.path)
  if (view === undefined) {
    if (message.path === ROOT && job.state === 'watching') watchState(cx, job, message)
    return
  }
  if ((message.fence[0] as number) < job.rootTerm) return send(cx, from, { type: 'stale', job: job.id, path: ROOT, fence: [job.rootTerm] })
  if (compareFences(message.fence, view.state.fence) < 0) {
    return send(cx, from, { type: 'stale', job: job.id, path: message.path, fence: view.state.fence })
  }
  if (!mayCoordinate(job, message, view.state.fence)) return drop(cx, from, 'state of a peer that cannot be its coordinator')
  if (isTied(view, message) && isBehind(job, view, message)) return
  becomeMemberOf(cx, job, message)
  heedBelow(cx, job, from, message)
}

/** A state below a position of this peer's, under a higher fence than that: its own authority is the older (C4). */
function heedBelow (cx: Context, job: Job, from: PeerId, { path, fence }: StateMessage): void {
  for (let at = parentOf(path); at !== null; at = parentOf(at)) {
    const above = job.positions.get(at)
    if (above === undefined) continue
    const prefix = fence.slice(0, above.fence.length)
    if (compareFences(prefix, above.fence) > 0) onStale(cx, job, from, { type: 'stale', job: job.id, path: at, fence: prefix })
    return
  }
}

/** The coordinator above has nothing new to say, or this peer has missed what was new. */
export function onBeat (cx: Context, job: Job, from: PeerId, message: BeatMessage): void {
  const held = job.positions.get(message.path)
  if (held !== undefined) return answerRival(cx, job, held, from)
  const view = job.views.get(message.path)
  if (view === undefined) {
    if (message.path === ROOT && job.state === 'watching') tellProgress(cx, job, message.load)
    return
  }
  const order = compareFences(message.fence, view.state.fence)
  if (order < 0) return send(cx, from, { type: 'stale', job: job.id, path: message.path, fence: view.state.fence })
  if (order > 0 || view.state.coordinator.peer !== from) return askForState(cx, job, view, from)
  if (view.version >= message.since) view.version = message.version
  view.load = message.load
  view.heardMs = cx.now
  trust(cx, job, view)
  setTimer(cx, 'silence', job.id, view.path, message.nextMs + cx.config.leaseMs)
  if (message.path === ROOT) tellProgress(cx, job, message.load)
}

/** A renewal with an old version is answered by the state (C6). */
function askForState (cx: Context, job: Job, view: View, from: PeerId): void {
  for (const position of job.positions.values()) if (position.parent === view.path) renewAt(cx, job, position, view, from)
}

/** Two roots of one fence, as when two peers submit a job at once; elsewhere a grant decides. */
const isTied = (view: View, message: StateMessage): boolean =>
  message.path === ROOT && view.state.coordinator.peer !== message.coordinator.peer && compareFences(message.fence, view.state.fence) === 0

const isBehind = (job: Job, view: View, message: StateMessage): boolean =>
  claimRank(job.id, ROOT, message.fence, view.state.coordinator.peer) < claimRank(job.id, ROOT, message.fence, message.coordinator.peer)

const FIRST_TERM = 1

/**
 * At the root nobody grants, so only a peer seen as a member may become its coordinator (C6). Elsewhere the
 * coordinator above may have granted it to anybody, but raises a term by one at a time (C4).
 */
function mayCoordinate (job: Job, message: StateMessage, known: Fence): boolean {
  if (job.met.has(message.coordinator.peer)) return true
  // A second submitter starts with the first fence too: the tie is settled by rank.
  if (message.path === ROOT) return message.fence[0] === FIRST_TERM
  return isOneStep(message.fence, known)
}

/** Does a fence raise the first term in which it differs by one at most? */
function isOneStep (fence: Fence, known: Fence): boolean {
  const at = fence.findIndex((term, i) => term !== known[i])
  return at < 0 || (fence[at] as number) <= (known[at] ?? 0) + 1
}

function watchState (cx: Context, job: Job, message: StateMessage): void {
  job.hints = [message.coordinator, ...message.heirs].slice(0, 4)
  tellProgress(cx, job, message.load)
}

function tellProgress (cx: Context, job: Job, load: Load): void {
  const { partitions } = job.spec
  notify(cx, { type: 'progress', job: job.id, done: partitions - load.remaining, partitions, load })
}

/** Take a state as the truth about a position above: its coordinator, fence and heirs. */
export function becomeMemberOf (cx: Context, job: Job, state: StateMessage): void {
  const before = job.views.get(state.path)
  const isSame = before !== undefined && before.state.coordinator.peer === state.coordinator.peer &&
    compareFences(before.state.fence, state.fence) === 0
  if (isSame && state.version < before.version) return
  // A view that was made up knows nobody by an own state.
  if (before === undefined || before.version < 0 || !isSameCast(before.state, state)) meetCast(cx, job, state)
  if (before === undefined) subscribe(cx, job, state.path)
  job.rootTerm = Math.max(job.rootTerm, state.fence[0] ?? 0)
  const view: View = { path: state.path, state, version: state.version, load: state.load, heardMs: cx.now, doubt: 'none' }
  job.views.set(state.path, view)
  if (before !== undefined && before.doubt !== 'none') {
    clearTimer(cx, 'ask', job.id, state.path)
    clearTimer(cx, 'elect', job.id, state.path)
  }
  setTimer(cx, 'silence', job.id, state.path, state.nextMs + cx.config.leaseMs)
  if (!isSame) changeRecord(job)
  const hasMoved = before !== undefined && before.state.coordinator.peer !== state.coordinator.peer
  for (const position of [...job.positions.values()]) {
    if (position.parent === state.path) followState(cx, job, position, state, hasMoved)
  }
  if (before !== undefined) bringValues(cx, job, before.state, state, hasMoved)
  if (hasMoved) resendOwed(cx, job)
  forgetBelowDone(cx, job, before?.state, state)
  if (state.path === ROOT) {
    if (state.heirs.some(heir => heir.peer === cx.id)) stock(cx, job, state.coordinator.peer)
    watchState(cx, job, state)
  }
}

/** Those whom a state names may speak for the job later, and some become neighbours. */
function meetCast (cx: Context, job: Job, state: StateMessage): void {
  learn(cx, state.coordinator)
  for (const contact of state.heirs) learn(cx, contact)
  for (const contact of state.up) learn(cx, contact)
  meetAll(job, state)
  job.naming = 'due'
}

/** A child's holder takes its fence from the state, or claims again when it is not named there. */
function followState (cx: Context, job: Job, position: Position, state: StateMessage, hasMoved: boolean): void {
  const digit = digitOf(position.path)
  const report = state.children.find(child => child.digit === digit)
  if (report?.state === 'done') {
    if (position.work !== 'valued') endWork(cx, job, position.path)
    return
  }
  if (report?.holder === cx.id) {
    const fence = childFence(state.fence, report.term)
    if (compareFences(fence, position.fence) < 0) return send(cx, state.coordinator.peer, { type: 'stale', job: job.id, path: state.path, fence: position.fence.slice(0, -1) })
    position.state = 'granted'
    position.level = state.level + 1
    if (compareFences(fence, position.fence) !== 0) refence(cx, job, position, fence)
    if (hasMoved) renew(cx, job, position)
  } else {
    position.state = 'provisional'
    send(cx, state.coordinator.peer, { type: 'claim', job: job.id, path: position.path, fence: position.fence, peer: self(cx) })
    setTimer(cx, 'claim', job.id, position.path, cx.config.claimRepeatMs)
  }
  touchHeirs(cx, job, position)
}

/** Heirs below are filled from above: choose again when the view changed. */
function touchHeirs (cx: Context, job: Job, position: Position): void {
  const { length } = position.heirs
  if (length === 0 || length < cx.config.heirs || membersOf(cx, position).length < cx.config.heirs) tellSoon(cx, job, position)
}

/** Two peers hold one path: the higher fence stays; among equal ones a grant, then the smallest claim rank (C3, C7). */
export function meetRival (cx: Context, job: Job, held: Position, state: StateMessage): void {
  const order = compareFences(state.fence, held.fence)
  // This peer has worked under a higher root since, elsewhere: neither is the last word.
  if (order > 0 && (state.fence[0] as number) < job.rootTerm) return send(cx, state.coordinator.peer, { type: 'stale', job: job.id, path: ROOT, fence: [job.rootTerm] })
  // Peers that found nobody may have climbed to a path this peer holds, unseen, but only by one term.
  if (!job.met.has(state.coordinator.peer) && !isOneStep(state.fence, held.fence)) return drop(cx, state.coordinator.peer, 'state of a peer that cannot be its coordinator')
  if (order > 0 && held.path === ROOT && !job.met.has(state.coordinator.peer) && helpersIn(stateOf(cx, job, held)) > helpersIn(state)) {
    return rise(cx, job, held, state)
  }
  if (order > 0 || (order === 0 && isOutranked(cx, job, held, state))) return cede(cx, job, held, state)
  answerRival(cx, job, held, state.coordinator.peer)
}

/** Two that both stay would answer each other's answers without end: once a turn is enough. */
function answerRival (cx: Context, job: Job, held: Position, rival: PeerId): void {
  if (rival === cx.id || cx.now - held.publishedMs < cx.config.stateMs) return
  send(cx, rival, stateOf(cx, job, held))
  publishState(cx, job, held)
  held.publishedMs = cx.now
}

/** Members a root has won for itself. */
const helpersIn = ({ children, coordinator }: StateMessage): number =>
  children.filter(child => child.holder !== null && child.holder !== coordinator.peer).length

/** C4: a root that others work for lifts itself above a stranger that found nobody and claimed the root alone. */
function rise (cx: Context, job: Job, held: Position, state: StateMessage): void {
  refence(cx, job, held, nextFence(state.fence))
  publishState(cx, job, held)
  send(cx, state.coordinator.peer, stateOf(cx, job, held))
}

function isOutranked (cx: Context, job: Job, held: Position, state: StateMessage): boolean {
  if (state.path !== ROOT && held.state === 'granted') return false
  return claimRank(job.id, held.path, held.fence, state.coordinator.peer) < claimRank(job.id, held.path, held.fence, cx.id)
}

/** C7: the lower fence hands its table over and becomes a member. */
function cede (cx: Context, job: Job, held: Position, state: StateMessage): void {
  dropPosition(cx, job, held)
  giveTo(job, held, state.coordinator.peer, cx.now)
  const isWhole = job.bites.has(held.path)
  job.views.set(held.path, { path: held.path, state: { ...state, version: -1 }, version: -1, load: state.load, heardMs: cx.now, doubt: 'none' })
  subscribe(cx, job, held.path)
  bringValues(cx, job, held, state, true)
  if (isWhole) {
    const bite = job.bites.get(held.path)
    if (bite !== undefined) bite.rerunFor = state.coordinator
  }
  reclaimOwn(cx, job, held, state.coordinator)
  becomeMemberOf(cx, job, state)
}

/** Where this peer holds the parent too, the winner is the child's holder now. */
function giveTo (job: Job, lost: Position, winner: PeerId, now: number): void {
  const child = job.positions.get(parentOf(lost.path) ?? ROOT)?.children.find(candidate => candidate.path === lost.path)
  if (child?.state !== 'leased') return
  child.holder = winner
  child.heardMs = child.progressMs = now
}

/** Views nobody needs any more: no position below them, and not the place to look for work. */
export function pruneViews (cx: Context, job: Job): void {
  if (job.positions.size === 0) return
  for (const view of job.views.values()) {
    if (job.positions.has(view.path) || !worksBelow(job, view)) dropView(cx, job, view)
  }
}

/** Does this peer hold a child of a position of somebody else's? */
export function worksBelow (job: Job, { path }: View): boolean {
  for (const position of job.positions.values()) if (position.parent === path) return true
  return false
}

/** Listen no more to a position above, unless this peer holds it now. */
export function dropView (cx: Context, job: Job, { path, state }: View): void {
  job.views.delete(path)
  rememberFence(job, path, state.fence)
  job.naming = 'due'
  for (const name of ['silence', 'ask', 'elect'] as const) clearTimer(cx, name, job.id, path)
  if (!job.positions.has(path)) cx.effects.push({ type: 'unsubscribe', topic: { job: job.id, path } })
}

/** The highest view: whom to ask for work, and about the job. */
export function homeView (job: Job): View | undefined {
  let home: View | undefined
  for (const view of job.views.values()) {
    if (home === undefined || isWithin(home.path, view.path)) home = view
  }
  return home
}
