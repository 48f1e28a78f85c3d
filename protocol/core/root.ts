/**
 * Row `root`: the last value -> `done` (R5). The root's value is accepted by its heirs, published, and kept
 * with every other outcome until the job expires, so that a finished job does not rise again.
 * Invariant: equals the oracle.
 */
import type { Announcement, Outcome } from './job.ts'
import type { Context, Entry, Job } from './state.ts'
import { ROOT } from './geometry.ts'
import type { Contact, PeerId } from './ids.ts'
import { recordOf } from './court.ts'
import { clearTimer, contactOf, notify, publish, self, send, setTimer, unsettle } from './context.ts'
import { endWork } from './leased.ts'
import { changeRecord } from './kept.ts'
import { membersOf } from './heirs.ts'
import { dropPosition } from './position.ts'
import { isWorth } from './credit.ts'
import { unreachable } from './unreachable.ts'

export const JOBS_TOPIC = { job: null, path: ROOT }

/** What this peer tells others of a job (J1). */
export function announcementOf (cx: Context, job: Job): Announcement {
  const root = job.positions.get(ROOT)
  const members: Contact[] = root !== undefined
    ? [self(cx), ...root.heirs.map(peer => contactOf(cx, peer))]
    : job.state === 'member' ? [self(cx), ...job.hints] : job.hints
  const distinct = members.filter((contact, i) => members.findIndex(other => other.peer === contact.peer) === i)
  return { job: job.id, spec: job.spec, submitter: job.submitter, members: distinct.slice(0, 4), outcome: job.outcome, proof: job.proof }
}

/** The root's value is kept by its heirs too. */
export function becomeDoneJob (cx: Context, job: Job, entry: Entry): void {
  const holders = [self(cx), ...entry.heldBy.map(peer => contactOf(cx, peer))]
  const audience = audienceOf(cx, job)
  becomeOver(cx, job, { type: 'done', value: entry.value, holders: holders.slice(0, 4) })
  spread(cx, job, audience)
}

/** Tell the mesh by gossip, and those worked with directly, because this peer may leave right after. */
export function spread (cx: Context, job: Job, audience: Set<PeerId>): void {
  const message = { type: 'jobs' as const, jobs: [announcementOf(cx, job)] }
  for (const peer of audience) send(cx, peer, message)
  publish(cx, JOBS_TOPIC, message)
}

export function audienceOf (cx: Context, job: Job): Set<PeerId> {
  const audience = new Set<PeerId>()
  for (const position of job.positions.values()) {
    for (const peer of [...membersOf(cx, position), ...position.heirs]) audience.add(peer)
  }
  for (const view of job.views.values()) audience.add(view.state.coordinator.peer)
  return audience
}

/** The job has ended, here or elsewhere: all work stops, the outcome stays. */
export function becomeOver (cx: Context, job: Job, outcome: Outcome): void {
  if (job.outcome !== null) return
  job.court?.trials.clear()
  endWork(cx, job, ROOT)
  for (const position of [...job.positions.values()]) dropPosition(cx, job, position)
  for (const view of job.views.values()) {
    for (const name of ['silence', 'ask', 'elect'] as const) clearTimer(cx, name, job.id, view.path)
    cx.effects.push({ type: 'unsubscribe', topic: { job: job.id, path: view.path } })
  }
  for (const name of ['hold', 'join'] as const) clearTimer(cx, name, job.id, ROOT)
  job.views.clear()
  job.owed.clear()
  job.record = recordOf(job.court)
  job.court = null
  job.failures.clear()
  job.uncopied = null
  job.outcome = outcome
  job.revival = null
  job.state = 'over'
  changeRecord(job)
  unsettle(job)
  const root = job.ledger.get(ROOT)
  job.ledger.clear()
  if (root !== undefined) {
    job.ledger.set(ROOT, root)
    witness(cx, job, outcome, root)
  }
  setTimer(cx, 'expire', job.id, ROOT, job.spec.expiryMs)
  tell(cx, job, outcome)
}

/** K2: nobody is above the root, so the first other peer that keeps its value certifies what its coordinator did itself. */
function witness (cx: Context, job: Job, outcome: Outcome, { value, state }: Entry): void {
  if (outcome.type !== 'done' || state === 'fetching' || (outcome.holders[1]?.peer ?? cx.id) !== cx.id) return
  const { by, cid } = value
  if (cid !== outcome.value.cid || by !== outcome.holders[0]?.peer || !isWorth(value)) return
  cx.effects.push({ type: 'certify', to: by, message: { type: 'accepted', job: job.id, paths: [ROOT], receipt: null }, values: [value] })
}

function tell (cx: Context, job: Job, outcome: Outcome): void {
  switch (outcome.type) {
    case 'done':
      if (outcome.holders.some(holder => holder.peer === cx.id)) cx.effects.push({ type: 'provide', job: job.id })
      return notify(cx, { type: 'done', job: job.id, value: outcome.value, holders: outcome.holders })
    case 'failed': return notify(cx, { type: 'job-failed', job: job.id, why: outcome.why })
    case 'cancelled': return notify(cx, { type: 'cancelled', job: job.id })
    default: return unreachable(outcome)
  }
}

/** R5: outcomes and jobs are forgotten in the end. */
export function onExpireTimer (cx: Context, job: Job): void {
  cx.jobs.delete(job.id)
  cx.declined?.delete(job.id)
  cx.effects.push({ type: 'forget', job: job.id })
}
