/**
 * Row `joined`: an idle core -> `join` -> routed (routed.ts) -> `offer`, `rerun` or `later` (J2). A joiner asks any
 * member. Invariant: a root is claimed by one without any position only if nobody answers.
 */
import type { Context, Job, Position, View } from './state.ts'
import type { Contact, PeerId } from './ids.ts'
import type { LaterMessage, OfferMessage, RerunMessage } from './message.ts'
import { ROOT, childDigits, childOf, rangeOf } from './geometry.ts'
import { announceClaim } from './elected.ts'
import { answer, noteIdleAbove } from './routed.ts'
import { becomeHolder, highestSeen } from './position.ts'
import { becomeIdle, claim } from './claimed.ts'
import { childFence, nextFence } from './fence.ts'
import { clearTimer, drop, self, send, setTimer } from './context.ts'
import { isDeclined } from './declined.ts'
import { isVoted } from './court.ts'
import { learn } from './links.ts'
import { homeView } from './viewed.ts'
import { onReviveTimer } from './restored.ts'
import { ownRate } from './load.ts'
import { startBite } from './leased.ts'
import { tellOwed } from './owed.ts'

/** Look for work: claim what the last coordinator has free, else ask it, else any member (J2, J3). */
export function seek (cx: Context, job: Job): void {
  if (job.seek.state !== 'idle' || job.court?.own === 'expelled') return
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
  job.seek.asked = target?.peer ?? null
  if (target === undefined) {
    if (job.seek.attempts === 1) cx.effects.push({ type: 'find-members', job: job.id })
    return
  }
  learn(cx, target)
  const rate = ownRate(cx, job)
  send(cx, target.peer, { type: 'join', job: job.id, joiner: self(cx), rate, hops: 0, phase: 'up', via: [] })
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
  if (job.outcome !== null || job.seek.state === 'idle' || onReviveTimer(cx, job)) return
  const { seek: before } = job
  if (shouldClaimRoot(cx, job)) {
    claimRoot(cx, job)
    return
  }
  job.seek = { ...before, state: 'idle', claim: null, unanswered: before.claim?.path ?? before.unanswered }
  job.naming = 'due'
}

/** J2: a root is claimed by one without any position only if the job, the DHT and L of asking show no member. */
const shouldClaimRoot = (cx: Context, job: Job): boolean =>
  job.positions.size === 0 && job.revival === null && job.seek.attempts >= 4 && cx.now - job.seek.sinceMs > patienceMs(cx, job) && !hearsCoordinator(cx, job)

/** Whoever is heard leads to the root's coordinator, or seeks it itself. */
function hearsCoordinator (cx: Context, job: Job): boolean {
  for (const { heardMs } of job.views.values()) if (cx.now - heardMs <= cx.config.leaseMs) return true
  return false
}

/**
 * Where there are others, the members may only be slow, far or full: in a large mesh a thousand joiners would claim a thousand roots. They
 * wait longer, and not all as long, so that the first to claim finds the others.
 */
const patienceMs = (cx: Context, job: Job): number =>
  isAlone(cx) ? cx.config.dhtAskMs : 5 * cx.config.dhtAskMs * job.patience

function isAlone (cx: Context): boolean {
  for (const link of cx.links.values()) if (link.connected) return false
  return true
}

export function claimRoot (cx: Context, job: Job): Position {
  becomeIdle(cx, job)
  job.revival = null
  job.state = 'member'
  const known = highestSeen(job, ROOT, job.views.get(ROOT)?.state.fence ?? [1])
  const root = becomeHolder(cx, job, ROOT, nextFence(known), 0, 'granted')
  announceClaim(cx, job, root)
  cx.effects.push({ type: 'provide', job: job.id })
  return root
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
  if (!isForMe(cx, message) || job.outcome !== null || cx.cores === 0 || isDeclined(cx, job.id)) return
  if (job.bites.has(message.path)) return
  const owed = job.owed.get(message.path)
  if (owed?.to === message.coordinator.peer) return tellOwed(cx, job, owed, owed.to)
  // V3: where bites are voted on, a coordinator of many asks the same few for all of them at once.
  const atOnce = cx.config.rerunsMax * (isVoted(job.spec.trust) ? job.spec.fanout : 1)
  if (rerunsOf(job) >= atOnce) return drop(cx, message.coordinator.peer, 'too many reruns')
  learn(cx, message.coordinator)
  // Voters are asked unasked (V3): a claim under way goes on.
  if (job.court === null || job.seek.state !== 'claiming') {
    clearTimer(cx, 'join', job.id, ROOT)
    becomeIdle(cx, job)
  }
  startBite(cx, job, message.path, message.coordinator)
}

/** Bites that run for others, whom nobody has to believe (X5). */
function rerunsOf (job: Job): number {
  let count = 0
  for (const { rerunFor } of job.bites.values()) if (rerunFor !== null) count++
  return count
}

export function onLater (cx: Context, job: Job, from: PeerId, message: LaterMessage): void {
  if (message.to !== cx.id) noteIdleAbove(cx, job, from, message.ms)
  if (!isForMe(cx, message) || job.seek.state === 'claiming') return
  job.seek = { ...job.seek, state: 'waiting', sinceMs: cx.now, attempts: 0, claim: null }
  job.naming = 'due'
  setTimer(cx, 'join', job.id, ROOT, Math.min(message.ms, cx.config.turnMsMax))
}

/** The DHT's answer. */
export function onMembers (cx: Context, job: Job, contacts: Contact[]): void {
  const others = contacts.filter(contact => contact.peer !== cx.id).slice(0, 8)
  const known = job.hints.filter(hint => !others.some(other => other.peer === hint.peer))
  job.hints = [...others, ...known].slice(0, 8)
}
