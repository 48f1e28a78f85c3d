/**
 * Row `elected`: silence -> heirs claim (C3, C6). A disconnect is a hint: redial, ask somebody else, and
 * only if nobody hears the coordinator do the heirs take turns. Invariant: fences never decrease, and a
 * lower fence has no authority.
 */
import type { AskMessage, ClaimMessage, HeardMessage, StateMessage } from './message.ts'
import type { Contact, Path, PeerId } from './ids.ts'
import type { Child, Context, Job, Position, View } from './state.ts'
import { ROOT, childOf, isWithin, parentOf } from './geometry.ts'
import { becomeHolder, childAt, highestSeen, publishState, stateOf, subscribe, touch } from './position.ts'
import { clearTimer, contactOf, drop, isConnected, learn, notify, publish, self, send, setTimer } from './context.ts'
import { announce } from './announced.ts'
import { compareFences, nextFence } from './fence.ts'
import { NEVER_MS, emptyLoad } from './state.ts'
import { dropView, worksBelow } from './viewed.ts'
import { onClaim } from './claimed.ts'

/** The connection to a coordinator closed, or its turn to speak passed. */
export function suspect (cx: Context, job: Job, view: View, isLost: boolean): void {
  if (view.doubt !== 'none') return
  if (!hasStake(job, view)) return forgetView(cx, job, view)
  if (isLost) {
    // A dial to nobody takes seconds to fail; whoever else lost the connection knows at once.
    redial(cx, job, view)
  } else askOthers(cx, job, view)
}

export function onSilenceTimer (cx: Context, job: Job, path: Path): void {
  const view = job.views.get(path)
  if (view !== undefined) suspect(cx, job, view, false)
}

/** Does this peer lose anything with the position above: work below it, or values that it keeps for it? */
function hasStake (job: Job, view: View): boolean {
  if (worksBelow(job, view)) return true
  for (const kept of job.ledger.keys()) if (isWithin(kept, view.path)) return true
  return false
}

/** A position that ended, or whose members look after it: those above it know where there is work. */
function forgetView (cx: Context, job: Job, view: View): void {
  const { coordinator, up, heirs } = view.state
  const near = [...up, ...heirs].filter(({ peer }) => peer !== coordinator.peer && peer !== cx.id)
  const others = job.hints.filter(hint => !near.some(({ peer }) => peer === hint.peer))
  job.hints = [...near, ...others, coordinator].slice(0, 8)
  dropView(cx, job, view)
}

/** Try to reach it, and ask somebody meanwhile. */
function redial (cx: Context, job: Job, view: View): void {
  view.doubt = 'redialling'
  cx.effects.push({ type: 'dial', contact: contactOf(cx, view.state.coordinator.peer) })
  ask(cx, job, view, chooseWitness(cx, job, view))
}

/** Could not be redialled, or was silent: does anybody else hear it? */
export function askOthers (cx: Context, job: Job, view: View): void {
  if (!hasStake(job, view)) return forgetView(cx, job, view)
  const witness = chooseWitness(cx, job, view)
  if (witness === undefined) return elect(cx, job, view)
  view.doubt = 'asking'
  ask(cx, job, view, witness)
}

function ask (cx: Context, job: Job, view: View, witness: PeerId | undefined): void {
  if (witness !== undefined) send(cx, witness, { type: 'ask', job: job.id, path: view.path, peer: view.state.coordinator.peer })
  // A dial takes three round trips before the question's own.
  const isNear = witness === undefined || isConnected(cx, witness)
  setTimer(cx, 'ask', job.id, view.path, (isNear ? 1 : 3) * cx.config.askMs)
}

/**
 * `up` below the root, another member at it; one that is connected if possible. Who only keeps values asks above, where it is known
 * whether the position has ended.
 */
function chooseWitness (cx: Context, job: Job, view: View): PeerId | undefined {
  const { state } = view
  const members = state.children.flatMap(child => child.holder === null ? [] : [child.holder])
  const [above, ...others] = state.up.map(contact => contact.peer)
  const all = [...(above === undefined ? [] : [above]), ...members, ...state.heirs.map(contact => contact.peer), ...others]
  const candidates = all.filter(peer => peer !== cx.id && peer !== state.coordinator.peer)
  const near = worksBelow(job, view) ? candidates.find(peer => isConnected(cx, peer)) : undefined
  return near ?? candidates[0]
}

export function onAsk (cx: Context, job: Job, from: PeerId, message: AskMessage): void {
  if (isDoneHere(job, message.path)) return send(cx, from, { type: 'ended', job: job.id, path: message.path })
  const { path, peer } = message
  const holder = holderOf(cx, job, path)
  const heard = { type: 'heard', job: job.id, path, peer } as const
  if (holder === 'nobody') return send(cx, from, { ...heard, ms: -1, now: null })
  if (holder !== 'unknown' && holder !== peer && holder !== from) return send(cx, from, { ...heard, ms: -1, now: contactOf(cx, holder) })
  const link = cx.links.get(peer)
  // Who never knew it cannot tell.
  if (link === undefined || link.heardMs === NEVER_MS) return
  // A member tells when it last heard it as the coordinator; it may live on as something else.
  const heardMs = job.views.get(path)?.heardMs ?? link.heardMs
  send(cx, from, { ...heard, ms: link.connected ? Math.max(0, Math.round(cx.now - heardMs)) : -1, now: null })
}

/** Who holds a path, as this peer believes. */
function holderOf (cx: Context, job: Job, path: Path): PeerId | 'nobody' | 'unknown' {
  if (job.positions.has(path)) return cx.id
  const child = childAtPath(job, path)
  if (child !== undefined) return child.holder ?? 'nobody'
  return job.views.get(path)?.state.coordinator.peer ?? 'unknown'
}

function childAtPath (job: Job, path: Path): Child | undefined {
  const parent = parentOf(path)
  const above = parent === null ? undefined : job.positions.get(parent)
  return above === undefined ? undefined : childAt(above, path)
}

/** Is the path's value, or that of one above it, known here? */
function isDoneHere (job: Job, path: Path): boolean {
  for (let at: Path | null = path; at !== null; at = parentOf(at)) {
    const entry = job.ledger.get(at)
    if (entry !== undefined && entry.state !== 'fetching') return true
  }
  return false
}

/** C4, the answer to a question above: the position has ended, and the values kept for it are part of another. */
export function onPositionEnded (cx: Context, job: Job, from: PeerId, path: Path): boolean {
  const view = job.views.get(path)
  if (view === undefined || !isDoubted(view) || !view.state.up.some(({ peer }) => peer === from)) return false
  for (const kept of [...job.ledger.keys()]) if (kept !== path && isWithin(kept, path)) job.ledger.delete(kept)
  forgetView(cx, job, view)
  return true
}

export function onHeard (cx: Context, job: Job, message: HeardMessage): void {
  const view = job.views.get(message.path)
  if (view === undefined || !isDoubted(view) || view.state.coordinator.peer !== message.peer) return
  if (message.now !== null && message.now.peer !== cx.id) return turnTo(cx, job, view, message.now)
  const isHeard = message.ms >= 0 && message.ms < cx.config.leaseMs
  if (!isHeard) return elect(cx, job, view)
  // Somebody still hears it: it may have died this very moment, so try again soon.
  view.doubt = 'redialling'
  setTimer(cx, 'ask', job.id, view.path, cx.config.askMs)
}

/** Somebody else holds the position above: this peer's work and values go there, and its state comes back. */
function turnTo (cx: Context, job: Job, view: View, coordinator: Contact): void {
  learn(cx, coordinator)
  for (const position of job.positions.values()) {
    if (parentOf(position.path) !== view.path) continue
    send(cx, coordinator.peer, { type: 'claim', job: job.id, path: position.path, fence: position.fence, peer: self(cx) })
  }
  for (const [path, owed] of job.owed) {
    if (parentOf(path) === view.path) send(cx, coordinator.peer, { type: 'value', job: job.id, value: owed.value })
  }
  view.doubt = 'none'
  clearTimer(cx, 'ask', job.id, view.path)
  setTimer(cx, 'silence', job.id, view.path, cx.config.leaseMs)
}

const isDoubted = ({ doubt }: View): boolean => doubt === 'asking' || doubt === 'redialling'

export function onAskTimer (cx: Context, job: Job, path: Path): void {
  const view = job.views.get(path)
  if (view === undefined) return
  if (view.doubt === 'asking') return elect(cx, job, view)
  if (view.doubt === 'redialling') redial(cx, job, view)
}

/** It answers after all. */
export function trust (cx: Context, job: Job, view: View): void {
  if (view.doubt === 'none') return
  view.doubt = 'none'
  clearTimer(cx, 'ask', job.id, view.path)
  clearTimer(cx, 'elect', job.id, view.path)
  setTimer(cx, 'silence', job.id, view.path, cx.config.leaseMs)
}

/** Nobody hears it: heir k waits k turns, then the children's holders by rank (C6). */
export function elect (cx: Context, job: Job, view: View): void {
  view.doubt = 'electing'
  clearTimer(cx, 'ask', job.id, view.path)
  const dead = view.state.coordinator.peer
  const heirs = view.state.heirs.map(heir => heir.peer).filter(peer => peer !== dead && isMember(view, peer))
  const holders = view.state.children.flatMap(child => child.holder === null || child.holder === dead ? [] : [child.holder])
  const turn = [...new Set([...heirs, ...holders])].indexOf(cx.id)
  // Who is no member lets all that may be have their turns first.
  const turns = turn < 0 ? view.state.heirs.length + holders.length : turn
  if (turns === 0) becomeElected(cx, job, view)
  else setTimer(cx, 'elect', job.id, view.path, turns * cx.config.heirStepMs)
}

const isMember = (view: View, peer: PeerId): boolean => view.state.children.some(child => child.holder === peer)

export function onElectTimer (cx: Context, job: Job, path: Path): void {
  const view = job.views.get(path)
  if (view !== undefined && view.doubt === 'electing') becomeElected(cx, job, view)
}

function becomeElected (cx: Context, job: Job, view: View): void {
  const { state, path } = view
  const dead = state.coordinator.peer
  for (const name of ['silence', 'ask', 'elect'] as const) clearTimer(cx, name, job.id, path)
  job.extra.failovers++
  const fence = nextFence(highestSeen(job, path, state.fence))
  notify(cx, { type: 'failover', job: job.id, path, fence, ms: cx.now - view.heardMs })
  const position = becomeHolder(cx, job, path, fence, state.level, path === ROOT ? 'granted' : 'provisional')
  inheritChildren(cx, position, state, dead)
  learnUp(cx, job, path, state, dead)
  touch(cx, job, position)
  announceClaim(cx, job, position)
  publishState(cx, job, position)
  if (path !== ROOT) return
  cx.effects.push({ type: 'provide', job: job.id })
  announce(cx, job)
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
      child.heardMs = child.grantedMs = child.progressMs = cx.now
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
