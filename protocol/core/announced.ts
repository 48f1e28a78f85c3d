/**
 * Row `announced`: `jobs` by gossip and on connecting -> the job is known (J1). Invariant: handled once;
 * the first to announce a job is its submitter; outcomes stay until they expire.
 */
import type { Announcement, Outcome, Value } from './job.ts'
import type { Context, Job } from './state.ts'
import type { JobsMessage, Topic } from './message.ts'
import type { PeerId } from './ids.ts'
import { ROOT } from './geometry.ts'
import { membersOf } from './heirs.ts'
import { JOBS_TOPIC, announcementOf, becomeOver } from './root.ts'
import { deposit } from './rolled-up.ts'
import { isLiar } from './blamed.ts'
import { checkResult } from './verified.ts'
import { createJob } from './state.ts'
import { hearOfRevived } from './restored.ts'
import { clearTimer, drop, notify, publish, send, setTimer } from './context.ts'
import { connectedPeers, isConnected } from './links.ts'

/** Remember a job. */
export function become (cx: Context, announcement: Announcement): Job {
  const job = createJob(announcement, cx.now, cx.keeps)
  job.patience += cx.random.next()
  cx.jobs.set(job.id, job)
  notify(cx, { type: 'known', announcement })
  return job
}

/** Tell the mesh of a job, and every connected peer, because gossip may not have formed yet. */
export function announce (cx: Context, job: Job): void {
  const message: JobsMessage = { type: 'jobs', jobs: [announcementOf(cx, job)] }
  publish(cx, JOBS_TOPIC, message)
  for (const peer of connectedPeers(cx)) send(cx, peer, message)
}

/** J1: peers exchange the jobs they know on connecting, newest first. */
export function greet (cx: Context, peer: PeerId): void {
  const jobs = [...cx.jobs.values()].filter(job => job.state !== 'watching' || job.outcome !== null).slice(-16)
  if (jobs.length > 0) send(cx, peer, { type: 'jobs', jobs: jobs.map(job => announcementOf(cx, job)) })
}

export function onJobs (cx: Context, from: PeerId, message: JobsMessage, topic: Topic | null): void {
  for (const announcement of message.jobs) hear(cx, from, announcement, topic)
}

function hear (cx: Context, from: PeerId, announcement: Announcement, topic: Topic | null): void {
  let job = cx.jobs.get(announcement.job)
  let isPassedOn = false
  if (job === undefined) {
    if (!hasRoom(cx)) return drop(cx, from, 'too many jobs')
    job = become(cx, announcement)
    if (topic !== null) waitForNeighbours(cx, job)
    else if (cx.cores === 0 && announcement.outcome === null) isPassedOn = true
  }
  const told = announcement.members.filter(contact => contact.peer !== cx.id)
  const known = job.hints.filter(hint => !told.some(member => member.peer === hint.peer))
  job.hints = [...told, ...known].slice(0, 8)
  if (announcement.members[0]?.peer === from) job.hasMember = true
  if (job.revival !== null) hearOfRevived(cx, job, from, told)
  if (told.some(({ peer }) => peer === from) && isConnected(cx, from)) askNow(cx, job)
  else if (topic === null && told.length > 0 && isConnected(cx, from)) askSoon(cx, job)
  const { outcome } = announcement
  if (job.outcome !== null) {
    if (outcome === null) remind(cx, job, job.outcome, from, topic)
    return
  }
  // J2: who does not work, a relay above all, is not a member that others could ask: they hear of the members from it.
  if (isPassedOn && told.length > 0) tellNeighbours(cx, job, from)
  if (outcome === null) return
  if (outcome.type === 'done' && isAnswered(job, outcome.value, from)) return believe(cx, job, outcome, topic === null)
  // V7: who answers for the root looks at a rival's result as at any other value.
  if (job.court !== null && outcome.type === 'done' && job.positions.has(ROOT)) return deposit(cx, job, outcome.value, from)
  // V1: and whoever computes at any result.
  if (job.court !== null && outcome.type === 'done' && cx.cores > 0 && isWhole(job, outcome.value)) return checkResult(cx, job, outcome, from)
  if (!isCredible(job, announcement, outcome, from)) {
    askIfOver(cx, job)
    return drop(cx, from, 'outcome from a peer that cannot know it')
  }
  believe(cx, job, outcome, topic === null)
}

/** The job has ended elsewhere; `isNear` when the root itself may have told it, and leave. */
export function believe (cx: Context, job: Job, outcome: Outcome, isNear: boolean): void {
  const members = [...job.positions.values()].flatMap(position => membersOf(cx, position))
  becomeOver(cx, job, outcome)
  // Those below may not know who told it.
  for (const peer of new Set(members)) send(cx, peer, { type: 'jobs', jobs: [announcementOf(cx, job)] })
  // The root may leave right after telling its members: whoever keeps the value tells the mesh as well.
  if (isNear && isHolder(cx, outcome)) publish(cx, JOBS_TOPIC, { type: 'jobs', jobs: [announcementOf(cx, job)] })
}

/** X5: anybody may announce jobs without end, and most end unseen: the oldest that this peer only knows of gives way. */
function hasRoom (cx: Context): boolean {
  if (cx.jobs.size < cx.config.jobsMax) return true
  for (const job of cx.jobs.values()) {
    if (job.state !== 'known' || job.outcome !== null || job.bites.size > 0 || job.seek.claim !== null) continue
    clearTimer(cx, 'join', job.id, ROOT)
    if (job.neighbours.length > 0) cx.effects.push({ type: 'neighbours', job: job.id, contacts: [] })
    cx.jobs.delete(job.id)
    cx.effects.push({ type: 'forget', job: job.id })
    return true
  }
  return false
}

/** J2: a job heard of by gossip comes nearer peer by peer: whoever is near a member asks first, the others only if nobody near becomes one. */
function waitForNeighbours (cx: Context, job: Job): void {
  job.seek.state = 'waiting'
  setTimer(cx, 'join', job.id, ROOT, cx.random.below(cx.config.joinSpreadMs))
}

/** A peer this one is connected to is a member. */
function askNow (cx: Context, job: Job): void {
  if (job.seek.state !== 'waiting' || job.met.size > 0) return
  clearTimer(cx, 'join', job.id, ROOT)
  job.seek.state = 'idle'
}

/** One that does not work itself names members (J2): few hear of them that way, so the turns are shorter. */
function askSoon (cx: Context, job: Job): void {
  if (job.seek.state !== 'waiting' || job.met.size > 0) return
  setTimer(cx, 'join', job.id, ROOT, cx.random.below(cx.config.joinSpreadMs / 10))
}

/** J1: those this peer is connected to may ask it for work, or those that it names. */
export function tellNeighbours (cx: Context, job: Job, except?: PeerId): void {
  const message: JobsMessage = { type: 'jobs', jobs: [announcementOf(cx, job)] }
  for (const peer of connectedPeers(cx)) if (!job.met.has(peer) && peer !== except) send(cx, peer, message)
}

/**
 * Whoever works on a job believes its end from peers seen or named as members only; a cancellation is signed, and the
 * host has checked that. Peers without a part in it, or whose part is done and has no taker, have nothing to lose.
 */
function isCredible (job: Job, announcement: Announcement, outcome: Outcome, from: PeerId): boolean {
  if (outcome.type === 'cancelled') return announcement.submitter === job.submitter
  if (outcome.type === 'done' && !isWhole(job, outcome.value)) return false
  const above = peersAbove(job)
  // Where peers may lie a worker believes those it works for alone, if it knows any: they are asked, or it would ask without end.
  if (job.court !== null && job.positions.size > 0 && above.length > 0) return above.includes(from)
  return job.met.has(from) || above.includes(from) || (job.views.size === 0 && [...job.positions.values()].every(({ work }) => work === 'valued'))
}

/**
 * V1: made or told by whose job it is, as the host has seen by signature or connection: it may end its job as it likes, and holds this result for
 * good. A lie that its policy let pass does not make it another's to compute again: whoever refused it would end with a second result.
 */
const isAnswered = (job: Job, value: Value, from: PeerId): boolean =>
  job.court !== null && (value.by === job.submitter || from === job.submitter) && isWhole(job, value) && !isLiar(job, value.by)

const isWhole = ({ spec }: Job, { path, count }: Value): boolean => path === ROOT && count === spec.partitions

/** Coordinators and heirs above, also those that only a state below them has named. */
const peersAbove = (job: Job): PeerId[] =>
  [...job.views.values()].flatMap(({ state }) => [state.coordinator.peer, ...state.heirs.map(({ peer }) => peer)])

/**
 * A stranger says that the job is over: those above would know, or, of a root, those it has met; they remind this peer if it is.
 * They are believed, or it would ask without end.
 */
function askIfOver (cx: Context, job: Job): void {
  const above = peersAbove(job)
  const near = above.length > 0 ? above : metFirstConnected(cx, job).slice(0, ASKED_MAX)
  for (const peer of near) send(cx, peer, { type: 'jobs', jobs: [announcementOf(cx, job)] })
}

const metFirstConnected = (cx: Context, job: Job): PeerId[] =>
  [...job.met].sort((a, b) => Number(isConnected(cx, b)) - Number(isConnected(cx, a)))

/** Peers that a root asks whether it is over. A guess. */
const ASKED_MAX = 4

const isHolder = (cx: Context, outcome: Outcome): boolean =>
  outcome.type === 'done' && outcome.holders.some(holder => holder.peer === cx.id)

/** Somebody does not know how the job ended. A gossiped question is answered by the value's holders only. */
function remind (cx: Context, job: Job, outcome: Outcome, from: PeerId, topic: Topic | null): void {
  if (topic === null || isHolder(cx, outcome)) send(cx, from, { type: 'jobs', jobs: [announcementOf(cx, job)] })
}
