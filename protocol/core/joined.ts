/**
 * Row `joined`: `join` -> routed -> `offer` (J2). A joiner asks any member; the question travels along tree
 * connections, up to where there is free work and down to where there is most work per helper, and the
 * answer comes back the same way. Invariant: bounded hops; ancestors are not kept connected.
 */
import type { Child, Context, Job, Position, View } from './state.ts'
import type { Contact, Path, PeerId } from './ids.ts'
import type { JoinMessage, LaterMessage, OfferMessage, RerunMessage } from './message.ts'
import { ROOT, childDigits, childOf, depthMax, rangeOf } from './geometry.ts'
import { announceClaim } from './elected.ts'
import { becomeIdle, claim, nextFree } from './claimed.ts'
import { childAt, becomeHolder } from './position.ts'
import { childFence, nextFence } from './fence.ts'
import { clearTimer, drop, isConnected, learn, self, send, setTimer } from './context.ts'
import { loadOf, ownRate, remainingBelow, topPositions } from './load.ts'
import { homeView } from './viewed.ts'
import { startBite } from './leased.ts'

/** Look for work: claim what the last coordinator has free, else ask it, else any member (J2, J3). */
export function seek (cx: Context, job: Job): void {
  if (job.seek.state !== 'idle') return
  if (job.seek.attempts === 0) job.seek.sinceMs = cx.now
  job.seek.attempts++
  const view = homeView(job)
  const free = view === undefined || view.doubt !== 'none' || view.isRefused === true || job.seek.attempts > 1 ? null : freeIn(job, view)
  if (view !== undefined && free !== null) return claimIn(cx, job, view, free)
  const targets: Contact[] = view === undefined ? job.hints : [view.state.coordinator, ...view.state.heirs, ...job.hints]
  const others = targets.filter(contact => contact.peer !== cx.id)
  const target = others[(job.seek.attempts - 1) % Math.max(1, others.length)]
  setTimer(cx, 'join', job.id, ROOT, cx.config.joinRetryMs)
  if (job.seek.attempts > 2) cx.effects.push({ type: 'find-members', job: job.id })
  job.seek.state = 'asked'
  if (target === undefined) {
    if (job.seek.attempts === 1) cx.effects.push({ type: 'find-members', job: job.id })
    return
  }
  learn(cx, target)
  const rate = Math.round(ownRate(cx, job))
  send(cx, target.peer, { type: 'join', job: job.id, joiner: self(cx), rate, hops: 0, down: false, via: [] })
}

/** The last child that a state does not name as leased or done; refusals name another (C1). */
function freeIn (job: Job, view: View): number | null {
  const range = rangeOf(job.spec, view.path)
  const taken = new Set(view.state.children.filter(child => child.state !== 'free').map(child => child.digit))
  const free = range === null ? [] : childDigits(job.spec, range).filter(digit => !taken.has(digit))
  return free[free.length - 1] ?? null
}

function claimIn (cx: Context, job: Job, view: View, digit: number): void {
  const term = view.state.children.find(child => child.digit === digit)?.term ?? 0
  claim(cx, job, childOf(view.path, digit), childFence(view.state.fence, term + 1), view.state.coordinator)
}

/** Ask again soon, a certain peer first. */
export function seekSoon (cx: Context, job: Job, ask: Contact | null): void {
  if (ask !== null && ask.peer !== cx.id) {
    learn(cx, ask)
    job.hints = [ask, ...job.hints.filter(contact => contact.peer !== ask.peer)].slice(0, 8)
  }
  job.seek.state = 'waiting'
  setTimer(cx, 'join', job.id, ROOT, 20 + cx.random.below(80))
}

/** Nobody answered in time, or the time to wait is over. */
export function onJoinTimer (cx: Context, job: Job): void {
  if (job.outcome !== null || job.seek.state === 'idle') return
  const { seek: before } = job
  if (shouldClaimRoot(cx, job)) return claimRoot(cx, job)
  job.seek = { ...before, state: 'idle', claim: null }
}

/** J2: a root is claimed by one without any position only if the job, the DHT and L of asking show no member. */
const shouldClaimRoot = (cx: Context, job: Job): boolean =>
  job.positions.size === 0 && job.seek.attempts >= 4 && cx.now - job.seek.sinceMs > patienceMs(cx, job)

/** A member that is connected may only be slow to answer: on a starved machine that takes longer than L. */
const patienceMs = (cx: Context, job: Job): number =>
  cx.config.dhtAskMs * (job.hints.some(hint => isConnected(cx, hint.peer)) ? 5 : 1)

function claimRoot (cx: Context, job: Job): void {
  becomeIdle(cx, job)
  job.state = 'member'
  const known = job.views.get(ROOT)?.state.fence ?? [1]
  announceClaim(cx, job, becomeHolder(cx, job, ROOT, nextFence(known), 0, 'granted'))
  cx.effects.push({ type: 'provide', job: job.id })
}

/** A joiner's question passes here. */
export function onJoin (cx: Context, job: Job, from: PeerId, message: JoinMessage): void {
  if (message.hops === 0 && message.joiner.peer !== from) return drop(cx, from, 'join for another peer')
  const via = message.joiner.peer === from ? message.via : [...message.via, from]
  const later = (ms: number): void => answer(cx, { type: 'later', job: job.id, to: message.joiner.peer, via, ms: Math.round(ms) })
  if (message.joiner.peer === cx.id) return
  learn(cx, message.joiner)
  // Too far, or in a circle of peers with old views.
  if (message.hops > 2 * depthMax(job.spec) + 4 || via.includes(cx.id)) return later(cx.config.laterMsMax)
  const up = homeView(job)
  const isUpBetter = !message.down && up !== undefined && up.doubt === 'none' && hasFree(up.state.children.length, job)
  if (isUpBetter) return forward(cx, message, via, up.state.coordinator.peer, false)
  if (offerHere(cx, job, message, via)) return
  const below = childForJoiner(cx, job, message)
  if (below !== undefined) {
    below.sent++
    return forward(cx, message, via, below.holder as PeerId, true)
  }
  if (!message.down && up !== undefined && up.doubt === 'none' && up.state.coordinator.peer !== from) {
    return forward(cx, message, via, up.state.coordinator.peer, false)
  }
  if (offerRerun(cx, job, message, via)) return
  // Without a position or a way up this peer knows no better than the joiner.
  if (job.positions.size > 0) later(waitMs(cx, job))
}

/** Does a state with so many named children leave any unnamed, that is free? */
const hasFree = (named: number, job: Job): boolean => named < Math.min(job.spec.fanout, job.spec.partitions)

function forward (cx: Context, message: JoinMessage, via: PeerId[], to: PeerId, down: boolean): void {
  send(cx, to, { ...message, hops: message.hops + 1, down: message.down || down, via })
}

/** Answers go back the way the question came. */
function answer (cx: Context, message: OfferMessage | RerunMessage | LaterMessage): void {
  const hop = message.via[message.via.length - 1]
  if (hop === undefined) send(cx, message.to, message)
  else send(cx, hop, { ...message, via: message.via.slice(0, -1) })
}

/** A free child of a position here, if there is enough work left that a helper pays (J4). */
function offerHere (cx: Context, job: Job, message: JoinMessage, via: PeerId[]): boolean {
  const joiner = message.joiner.peer
  for (const position of topDown(job)) {
    const path = nextFree(cx, job, position, joiner)
    if (path === null || position.state !== 'granted' || !isWorthHelp(cx, job, position)) continue
    const child = childAt(position, path) as Child
    child.reservedFor = joiner
    child.reservedUntilMs = cx.now + cx.config.reserveMs
    const fence = childFence(position.fence, child.term + 1)
    answer(cx, { type: 'offer', job: job.id, to: joiner, via, path, fence, coordinator: self(cx) })
    return true
  }
  return false
}

const topDown = (job: Job): Position[] => [...job.positions.values()].sort((a, b) => a.fence.length - b.fence.length)

function isWorthHelp (cx: Context, job: Job, position: Position): boolean {
  if (cx.cores === 0) return true
  const load = loadOf(cx, job, position)
  return load.rate === 0 || load.remaining / load.rate * 1000 > cx.config.stealMsMin
}

/** J2: the child with most work per helper, weighted at random, joiners just sent counted as helpers. */
function childForJoiner (cx: Context, job: Job, message: JoinMessage): Child | undefined {
  const weights: Array<{ child: Child, weight: number }> = []
  let sum = 0
  for (const position of job.positions.values()) {
    for (const child of position.children) {
      if (child.state !== 'leased' || child.holder === null || child.holder === cx.id || child.holder === message.joiner.peer) continue
      const { load } = child
      if (load !== null && load.rate > 0 && load.remaining / load.rate * 1000 < cx.config.stealMsMin) continue
      if (child.size <= job.spec.grain || message.via.includes(child.holder)) continue
      const weight = (load?.remaining ?? child.size) / Math.max(1, (load?.helpers ?? 1) + child.sent)
      weights.push({ child, weight })
      sum += weight
    }
  }
  let draw = cx.random.next() * sum
  for (const { child, weight } of weights) {
    draw -= weight
    if (draw <= 0 && weight > 0) return child
  }
  return undefined
}

/** J5: one outstanding bite that the joiner would finish sooner than its holder. */
function offerRerun (cx: Context, job: Job, message: JoinMessage, via: PeerId[]): boolean {
  let best: { path: Path, leftMs: number, child: Child } | undefined
  for (const position of job.positions.values()) {
    for (const child of position.children) {
      if (child.state !== 'leased' || child.holder === message.joiner.peer || job.positions.has(child.path)) continue
      if (child.reruns.size >= 2 || child.reruns.has(message.joiner.peer)) continue
      const leftMs = leftOf(cx, job, child)
      const joinerMs = message.rate > 0 ? child.size / message.rate * 1000 : Infinity
      if (leftMs > 2 * cx.config.stealMsMin && joinerMs < leftMs && (best === undefined || leftMs > best.leftMs)) best = { path: child.path, leftMs, child }
    }
  }
  if (best === undefined) return false
  best.child.reruns.add(message.joiner.peer)
  answer(cx, { type: 'rerun', job: job.id, to: message.joiner.peer, via, path: best.path, coordinator: self(cx) })
  return true
}

/** Milliseconds an outstanding child is expected to take yet; what is late is expected to stay late as long again. */
function leftOf (cx: Context, job: Job, child: Child): number {
  const isOwn = child.holder === cx.id
  const rate = isOwn ? ownRate(cx, job) / Math.max(1, cx.cores) : child.load?.rate ?? 0
  const ageMs = cx.now - (isOwn ? job.bites.get(child.path)?.startedMs ?? cx.now : child.grantedMs)
  if (!isOwn && child.load !== null && child.load.helpers > 1) return 0
  if (rate === 0) return ageMs > cx.config.leaseMs ? ageMs : 0
  return Math.abs(child.size / rate * 1000 - ageMs)
}

/** How long a joiner should wait: about as long as half the work left takes. */
function waitMs (cx: Context, job: Job): number {
  const [top] = topPositions(job)
  if (top === undefined) return cx.config.laterMsMax / 2
  const rate = loadOf(cx, job, top).rate
  const leftMs = rate === 0 ? cx.config.laterMsMax : remainingBelow(cx, job, top) / rate * 500
  return Math.min(cx.config.laterMsMax, Math.max(100, leftMs))
}

function isForMe (cx: Context, message: OfferMessage | RerunMessage | LaterMessage): boolean {
  if (message.to === cx.id) return true
  answer(cx, message)
  return false
}

export function onOffer (cx: Context, job: Job, message: OfferMessage): void {
  if (!isForMe(cx, message) || job.outcome !== null) return
  job.seek.sinceMs = cx.now
  if (job.seek.state !== 'asked' && job.seek.state !== 'waiting') return
  claim(cx, job, message.path, message.fence, message.coordinator)
}

export function onRerun (cx: Context, job: Job, message: RerunMessage): void {
  if (!isForMe(cx, message) || job.outcome !== null || cx.cores === 0) return
  if (job.bites.has(message.path)) return
  learn(cx, message.coordinator)
  clearTimer(cx, 'join', job.id, ROOT)
  becomeIdle(cx, job)
  startBite(cx, job, message.path, message.coordinator)
}

export function onLater (cx: Context, job: Job, message: LaterMessage): void {
  if (!isForMe(cx, message) || job.seek.state === 'claiming') return
  job.seek = { state: 'waiting', sinceMs: cx.now, attempts: 0, claim: null }
  setTimer(cx, 'join', job.id, ROOT, Math.min(message.ms, cx.config.laterMsMax))
}

/** The DHT's answer. */
export function onMembers (cx: Context, job: Job, contacts: Contact[]): void {
  const others = contacts.filter(contact => contact.peer !== cx.id).slice(0, 8)
  for (const contact of others) learn(cx, contact)
  const known = job.hints.filter(hint => !others.some(other => other.peer === hint.peer))
  job.hints = [...others, ...known].slice(0, 8)
}
