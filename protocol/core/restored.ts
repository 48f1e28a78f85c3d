/**
 * Row `restored`: what the store kept -> the job as it was, without authority -> its acquaintances, or the root (D2, D3). A restored
 * member looks for those it knew before it asks anybody for work; when none of them can be reached it claims the root at once, which
 * is safe because fences order authority (C4): who finds another root later, merges (C7). Invariant: what was kept is not computed again.
 */
import type { Contact, Path, PeerId } from './ids.ts'
import type { Context, Job } from './state.ts'
import type { Outcome, Value } from './job.ts'
import type { JobRecord, Restored } from './record.ts'
import { ROOT, depthOf } from './geometry.ts'
import { announce, become } from './announced.ts'
import { becomeIdle, meet, valuesWithin } from './claimed.ts'
import { becomeOver } from './root.ts'
import { becomeValued, deposit } from './rolled-up.ts'
import { claimRoot } from './joined.ts'
import { clearTimer, notify, send, setTimer } from './context.ts'
import { homeView } from './viewed.ts'
import { isConnected, learn } from './links.ts'
import { noteWorked } from './worked.ts'
import { rememberFence } from './position.ts'

/** A restored job whose members have not been found yet. */
export interface Revival {
  sinceMs: number
  /** Acquaintances that have neither answered nor turned out to be gone. */
  waiting: PeerId[]
  goods: Restored['goods']
}

export function onRestore (cx: Context, { record, values, goods, ageMs }: Restored): void {
  const { announcement } = record
  const known = cx.jobs.get(announcement.job)
  if (known === undefined && cx.jobs.size >= cx.config.jobsMax) return
  if (known !== undefined && known.outcome !== null) return
  const job = known ?? become(cx, announcement)
  if (announcement.outcome !== null) return restoreOutcome(cx, job, announcement.outcome, ageMs)
  restoreFences(job, record)
  for (const contact of announcement.members) learn(cx, contact)
  for (const peer of record.met) meet(job, peer)
  restoreValues(cx, job, values)
  if (goods === 'all') job.stocking = 'yes'
  const done = valuesWithin(job, ROOT).reduce((sum, { count }) => sum + count, 0)
  notify(cx, { type: 'restored', job: job.id, name: job.spec.name, done, partitions: job.spec.partitions, goods })
  if (known !== undefined && (job.hasMember || job.views.size + job.positions.size > 0)) return bringHome(cx, job)
  job.hints = [...job.hints, ...announcement.members.filter(({ peer }) => !job.hints.some(hint => hint.peer === peer))].slice(0, 8)
  // Who had no part in it asks as anybody new (J2), but could not go on alone without the goods.
  if (record.part === 'member' || goods === 'some') revive(cx, job, goods)
}

/** R5: a finished job does not rise again; what is left of its time is left. */
function restoreOutcome (cx: Context, job: Job, outcome: Outcome, ageMs: number): void {
  if (outcome.type === 'done') job.ledger.set(ROOT, { value: outcome.value, state: 'accepted', from: cx.id, heldBy: [], sent: [] })
  becomeOver(cx, job, outcome)
  setTimer(cx, 'expire', job.id, ROOT, Math.max(0, job.spec.expiryMs - ageMs))
}

function restoreFences (job: Job, { fences }: JobRecord): void {
  for (const { path, fence } of fences) {
    if (path === ROOT) job.rootTerm = Math.max(job.rootTerm, fence[0] ?? 0)
    else rememberFence(job, path, fence)
  }
}

/** Larger values first, since they cover others. What comes from the store need not go there again. */
function restoreValues (cx: Context, job: Job, values: Value[]): void {
  for (const value of values.toSorted((a, b) => depthOf(a.path) - depthOf(b.path))) deposit(cx, job, value, cx.id)
  for (const { path } of values) {
    if (job.ledger.has(path)) {
      noteWorked(job, path)
      job.unstored?.paths.delete(path)
    } else job.unstored?.paths.add(path)
  }
}

function revive (cx: Context, job: Job, goods: Restored['goods']): void {
  job.revival = { sinceMs: cx.now, waiting: job.hints.map(({ peer }) => peer), goods }
  for (const contact of job.hints) cx.effects.push({ type: 'dial', contact })
  job.seek.state = 'waiting'
  lookAgain(cx, job)
}

/** Some are asked yet: their answers take a round trip. Nobody is left: soon, but not all restarted peers at the same time. */
function lookAgain (cx: Context, job: Job): void {
  const { reviveMs } = cx.config
  const isLeft = (job.revival?.waiting.length ?? 0) > 0
  setTimer(cx, 'join', job.id, ROOT, isLeft ? reviveMs : cx.random.below(reviveMs / 2))
}

/** An acquaintance cannot be reached, or has no part in the job any more than this peer. */
export function stopWaitingFor (cx: Context, job: Job, peer: PeerId): void {
  const { revival } = job
  if (revival === null || !revival.waiting.includes(peer)) return
  revival.waiting = revival.waiting.filter(other => other !== peer)
  if (revival.waiting.length === 0) lookAgain(cx, job)
}

/** Somebody says what it knows of the job: a member is whom this peer looked for. */
export function hearOfRevived (cx: Context, job: Job, from: PeerId, members: Contact[]): void {
  if (members[0]?.peer !== from) return stopWaitingFor(cx, job, from)
  job.revival = null
  clearTimer(cx, 'join', job.id, ROOT)
  becomeIdle(cx, job)
  bring(cx, job, from)
}

/** Time to look at who has answered. @returns whether the timer was the revival's alone */
export function onReviveTimer (cx: Context, job: Job): boolean {
  const { revival } = job
  if (revival === null) return false
  const isDialling = revival.waiting.some(peer => !isConnected(cx, peer))
  // A dial that is not refused may take long, and a root that lives should not be challenged (J2).
  if (isDialling && cx.now - revival.sinceMs < cx.config.dhtAskMs) {
    setTimer(cx, 'join', job.id, ROOT, cx.config.reviveMs)
    return true
  }
  if (revival.goods === 'some') return false
  reclaim(cx, job)
  return true
}

/** D3: nobody else is there: go on from what is kept. */
export function reclaim (cx: Context, job: Job): void {
  clearTimer(cx, 'join', job.id, ROOT)
  const root = claimRoot(cx, job)
  announce(cx, job)
  const whole = job.ledger.get(ROOT)
  if (whole !== undefined && whole.state !== 'fetching') becomeValued(cx, job, root, whole)
}

/** R4: a member found is given what this peer kept; gaps are filled. */
function bring (cx: Context, job: Job, to: PeerId): void {
  job.broughtTo = to
  hold(cx, job, to, valuesWithin(job, ROOT))
}

/** The same for a job that it has become a member of meanwhile, or is about to. */
function bringHome (cx: Context, job: Job): void {
  const to = homeView(job)?.state.coordinator ?? job.hints[0]
  if (to !== undefined && !job.positions.has(ROOT)) bring(cx, job, to.peer)
}

/** D2: the first coordinator above fills its gaps too, if it is another than the one already told. */
export function bringAbove (cx: Context, job: Job, to: PeerId, path: Path): void {
  if (job.broughtTo === null || job.broughtTo === to) return
  job.broughtTo = to
  hold(cx, job, to, valuesWithin(job, path))
}

function hold (cx: Context, job: Job, to: PeerId, values: Value[]): void {
  for (let i = 0; i < values.length; i += cx.config.holdBatch) {
    send(cx, to, { type: 'hold', job: job.id, values: values.slice(i, i + cx.config.holdBatch) })
  }
}
