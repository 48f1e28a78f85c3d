/**
 * Row `elected`: nobody hears a coordinator (doubted.ts) -> heirs claim (C3, C6). Invariant: fences never decrease, and a
 * lower fence has no authority.
 */
import type { ClaimMessage, Fence, StateMessage } from './message.ts'
import type { Contact, Path, PeerId } from './ids.ts'
import type { Context, Job, Position, View } from './state.ts'
import { ROOT, childOf, parentOf } from './geometry.ts'
import { announce } from './announced.ts'
import { isAccused } from './blamed.ts'
import { becomeHolder, childAt, highestSeen, leaseToSelf, publishState, stateOf, subscribe, touch } from './position.ts'
import { clearTimer, drop, notify, publish, self, send, setTimer } from './context.ts'
import { helpersOf } from './heirs.ts'
import { learn } from './links.ts'
import { childFence, compareFences, lastTerm, nextFence } from './fence.ts'
import { emptyLoad } from './state.ts'
import { onClaim } from './claimed.ts'

/** Nobody hears it: heir k waits k turns, then the children's holders by rank (C6). */
export function elect (cx: Context, job: Job, view: View): void {
  view.doubt = 'electing'
  clearTimer(cx, 'ask', job.id, view.path)
  const dead = view.state.coordinator.peer
  const heirs = view.state.heirs.map(heir => heir.peer).filter(peer => peer !== dead && isMember(view, peer))
  const holders = view.state.children.flatMap(child => child.holder === null || child.holder === dead ? [] : [child.holder])
  const turn = [...new Set([...heirs, ...holders])].indexOf(cx.id)
  // Who is no member lets all that may be have their turns first.
  // So does who has as many helpers as it may have: it would inherit as many again (J3).
  const turns = turn < 0 ? view.state.heirs.length + holders.length : turn + (isFullHand(cx, job) ? cx.config.heirs : 0)
  if (turns === 0 && !isAccused(cx, job)) becomeElected(cx, job, view)
  else setTimer(cx, 'elect', job.id, view.path, turns * cx.config.heirStepMs)
}

/** Does this peer coordinate as many others as the fan-out? */
const isFullHand = (cx: Context, job: Job): boolean => helpersOf(cx, job).length >= job.spec.fanout

const isMember = (view: View, peer: PeerId): boolean => view.state.children.some(child => child.holder === peer)

export function onElectTimer (cx: Context, job: Job, path: Path): void {
  const view = job.views.get(path)
  if (view === undefined || view.doubt !== 'electing') return
  if (isAccused(cx, job)) setTimer(cx, 'elect', job.id, path, cx.config.leaseMs)
  else becomeElected(cx, job, view)
}

function becomeElected (cx: Context, job: Job, view: View): void {
  const { state, path } = view
  const dead = state.coordinator.peer
  for (const name of ['silence', 'ask', 'elect'] as const) clearTimer(cx, name, job.id, path)
  job.extra.failovers++
  const fence = fenceFor(cx, job, path, state.fence)
  notify(cx, { type: 'failover', job: job.id, path, fence, ms: cx.now - view.heardMs })
  const position = becomeHolder(cx, job, path, fence, state.level, path === ROOT || isOwnAbove(cx, job, path) ? 'granted' : 'provisional')
  inheritChildren(cx, position, state, dead)
  learnUp(cx, job, path, state, dead)
  touch(cx, job, position)
  announceClaim(cx, job, position)
  publishState(cx, job, position)
  if (path !== ROOT) return
  cx.effects.push({ type: 'provide', job: job.id })
  announce(cx, job)
}

/** One above all that were seen of the path; where this peer holds the position above, it decides itself, under that one's fence (C4). */
function fenceFor (cx: Context, job: Job, path: Path, known: Fence): Fence {
  const seen = nextFence(highestSeen(job, path, known))
  const above = job.positions.get(parentOf(path) ?? ROOT)
  const child = path === ROOT || above === undefined ? undefined : childAt(above, path)
  if (above === undefined || child === undefined || child.state === 'done') return seen
  leaseToSelf(cx, child, Math.max(child.term + 1, lastTerm(seen)))
  touch(cx, job, above)
  return childFence(above.fence, child.term)
}

/** Has this peer leased the path to itself, as the holder of the position above? */
function isOwnAbove (cx: Context, job: Job, path: Path): boolean {
  const above = job.positions.get(parentOf(path) ?? ROOT)
  const child = above === undefined ? undefined : childAt(above, path)
  return child?.state === 'leased' && child.holder === cx.id
}

/** What the last state said of the children holds on; their holders have a lease's time to be heard (C6). */
function inheritChildren (cx: Context, position: Position, state: StateMessage, dead: PeerId): void {
  for (const report of state.children) {
    const child = childAt(position, childOf(position.path, report.digit))
    if (child === undefined || child.holder === cx.id) continue
    child.term = Math.max(child.term, report.term)
    if (child.state === 'done') continue
    if (report.state === 'leased' && report.holder !== null && report.holder !== dead && report.holder !== cx.id) {
      child.state = 'leased'
      child.holder = report.holder
      child.heardMs = child.progressMs = cx.now
      // It was granted earlier, so it is not on trial (C5).
      child.grantedMs = cx.now - 1
    } else {
      // Accepted once, or just being worked on: heirs bring what they keep within a claim's time.
      child.reservedFor = 'values'
      child.reservedUntilMs = cx.now + cx.config.claimRepeatMs
    }
  }
}

/** Who grants this position: the coordinator above, as far as the last state named it. */
function learnUp (cx: Context, job: Job, path: Path, state: StateMessage, dead: PeerId): void {
  const parent = parentOf(path)
  if (parent === null || job.positions.has(parent) || job.views.has(parent)) return
  const up = state.up.filter(contact => contact.peer !== dead && contact.peer !== cx.id)
  for (const contact of up) learn(cx, contact)
  const coordinator = up[0]
  if (coordinator === undefined) return
  job.views.set(parent, {
    path: parent,
    heardMs: cx.now,
    doubt: 'none',
    version: -1,
    load: emptyLoad(),
    state: {
      type: 'state', job: job.id, path: parent, fence: state.fence.slice(0, -1), version: -1, coordinator, children: [],
      heirs: up.slice(1), load: emptyLoad(), up: [], level: Math.max(0, state.level - 1), nextMs: cx.config.renewMs
    }
  })
  subscribe(cx, job, parent)
  setTimer(cx, 'silence', job.id, parent, cx.config.leaseMs)
}

/** C3: gossiped on the path's topic and its parent's, and told directly to whoever may grant it. */
export function announceClaim (cx: Context, job: Job, position: Position): void {
  const message: ClaimMessage = { type: 'claim', job: job.id, path: position.path, fence: position.fence, peer: self(cx) }
  notify(cx, { type: 'claim', job: job.id, path: position.path, fence: position.fence })
  subscribe(cx, job, position.path)
  publish(cx, { job: job.id, path: position.path }, message)
  const parent = position.parent
  if (parent === null || position.state === 'granted') return
  publish(cx, { job: job.id, path: parent }, message)
  const view = job.views.get(parent)
  if (view !== undefined) send(cx, view.state.coordinator.peer, message)
  setTimer(cx, 'claim', job.id, position.path, cx.config.claimRepeatMs)
}

/** C1: unanswered claims repeat, in turn to everybody who may know; at last the parent is claimed itself (C6). */
export function onClaimTimer (cx: Context, job: Job, path: Path): void {
  const position = job.positions.get(path)
  const parent = parentOf(path)
  if (position === undefined || position.state !== 'provisional' || parent === null || job.positions.has(parent)) return
  if (isAccused(cx, job)) return setTimer(cx, 'claim', job.id, path, cx.config.claimRepeatMs)
  const waitedMs = cx.now - position.since
  if (waitedMs > 2 * cx.config.leaseMs) return climb(cx, job, position, parent)
  const view = job.views.get(parent)
  const contacts: Contact[] = view === undefined ? job.hints : [view.state.coordinator, ...view.state.heirs, ...job.hints]
  const turn = Math.floor(waitedMs / cx.config.claimRepeatMs)
  const to = contacts[turn % Math.max(1, contacts.length)]
  const message: ClaimMessage = { type: 'claim', job: job.id, path, fence: position.fence, peer: self(cx) }
  if (to !== undefined) send(cx, to.peer, message)
  publish(cx, { job: job.id, path: parent }, message)
  if (turn === 2) cx.effects.push({ type: 'find-members', job: job.id })
  setTimer(cx, 'claim', job.id, path, cx.config.claimRepeatMs)
}

/** Nobody above answers: hold the parent too, up to the root. Fences settle it when somebody did (C7). */
function climb (cx: Context, job: Job, position: Position, parent: Path): void {
  const below = job.views.get(parent)?.state.fence ?? position.fence.slice(0, -1)
  job.extra.failovers++
  position.state = 'granted'
  const above = becomeHolder(cx, job, parent, nextFence(highestSeen(job, parent, below)), Math.max(0, position.level - 1), parent === ROOT ? 'granted' : 'provisional')
  notify(cx, { type: 'failover', job: job.id, path: parent, fence: above.fence, ms: cx.now - position.since })
  announceClaim(cx, job, above)
}

/** A gossiped claim: for a path this peer may grant, holds, or is a member of. */
export function onElectionClaim (cx: Context, job: Job, from: PeerId, message: ClaimMessage): void {
  if (message.peer.peer !== from) return drop(cx, from, 'claim for another peer')
  learn(cx, message.peer)
  const held = job.positions.get(message.path)
  if (held !== undefined) {
    if (compareFences(message.fence, held.fence) <= 0) send(cx, from, stateOf(cx, job, held))
    return
  }
  const parent = parentOf(message.path)
  if (parent !== null && job.positions.has(parent)) return onClaim(cx, job, from, message)
  const view = job.views.get(message.path)
  if (view === undefined || view.doubt !== 'electing' || compareFences(message.fence, view.state.fence) <= 0) return
  // Somebody's turn came before this peer's: wait for its state instead.
  view.doubt = 'none'
  clearTimer(cx, 'elect', job.id, view.path)
  setTimer(cx, 'silence', job.id, view.path, cx.config.renewMs)
}
