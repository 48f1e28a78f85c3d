/**
 * Row `announced`: `jobs` by gossip and on connecting -> the job is known (J1). Invariant: handled once;
 * the first to announce a job is its submitter; outcomes stay until they expire.
 */
import type { Announcement, Outcome } from './job.ts'
import type { Context, Job } from './state.ts'
import type { JobsMessage, Topic } from './message.ts'
import type { PeerId } from './ids.ts'
import { JOBS_TOPIC, announcementOf, becomeOver } from './root.ts'
import { createJob } from './state.ts'
import { drop, learn, notify, publish, send } from './context.ts'

/** Remember a job. */
export function become (cx: Context, announcement: Announcement): Job {
  const job = createJob(announcement, cx.now)
  cx.jobs.set(job.id, job)
  notify(cx, { type: 'known', announcement })
  return job
}

/** Tell the mesh of a job, and every connected peer, because gossip may not have formed yet. */
export function announce (cx: Context, job: Job): void {
  const message: JobsMessage = { type: 'jobs', jobs: [announcementOf(cx, job)] }
  publish(cx, JOBS_TOPIC, message)
  for (const [peer, link] of cx.links) {
    if (link.connected) send(cx, peer, message)
  }
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
  if (job === undefined) {
    if (cx.jobs.size >= cx.config.jobsMax) return drop(cx, from, 'too many jobs')
    job = become(cx, announcement)
  }
  for (const contact of announcement.members) learn(cx, contact)
  const members = announcement.members.filter(contact => contact.peer !== cx.id)
  const known = job.hints.filter(hint => !members.some(member => member.peer === hint.peer))
  job.hints = [...members, ...known].slice(0, 8)
  const { outcome } = announcement
  if (job.outcome !== null) {
    if (outcome === null) remind(cx, job, job.outcome, from, topic)
    return
  }
  if (outcome === null) return
  if (outcome.type === 'cancelled' && announcement.submitter !== job.submitter) return drop(cx, from, 'cancelled by another peer')
  becomeOver(cx, job, outcome)
  // The root may leave right after telling its members: whoever keeps the value tells the mesh as well.
  if (topic === null && isHolder(cx, outcome)) publish(cx, JOBS_TOPIC, { type: 'jobs', jobs: [announcementOf(cx, job)] })
}

const isHolder = (cx: Context, outcome: Outcome): boolean =>
  outcome.type === 'done' && outcome.holders.some(holder => holder.peer === cx.id)

/** Somebody does not know how the job ended. A gossiped question is answered by the value's holders only. */
function remind (cx: Context, job: Job, outcome: Outcome, from: PeerId, topic: Topic | null): void {
  if (topic === null || isHolder(cx, outcome)) send(cx, from, { type: 'jobs', jobs: [announcementOf(cx, job)] })
}
