/**
 * E1: a path that fails is tried at two other peers before the job fails with its reason. The reports go
 * up to a coordinator that has other members; those compute the path without authority, as in the tail.
 */
import type { Context, Job } from './state.ts'
import type { FailedMessage } from './message.ts'
import type { Failure } from './job.ts'
import type { PeerId } from './ids.ts'
import { ROOT, isWithin } from './geometry.ts'
import { audienceOf, becomeOver, spread } from './root.ts'
import { drop, notify, self, send } from './context.ts'
import { homeView } from './viewed.ts'
import { membersOf } from './position.ts'
import { sizeOfPath } from './load.ts'

/** The sandbox could not compute or collect a path. */
export function onComputeFailed (cx: Context, job: Job, why: Failure): void {
  if (job.outcome !== null) return
  const bite = job.bites.get(why.path)
  job.bites.delete(why.path)
  notify(cx, { type: 'failed', job: job.id, path: why.path, why })
  if (bite !== undefined && bite.rerunFor !== null) {
    return send(cx, bite.rerunFor.peer, { type: 'failed', job: job.id, why, tried: [cx.id], final: false })
  }
  const position = job.positions.get(why.path)
  if (position?.work === 'whole') position.work = 'split'
  weigh(cx, job, why, [cx.id], false)
}

export function onFailed (cx: Context, job: Job, from: PeerId, message: FailedMessage): void {
  if (job.outcome !== null) return
  if (sizeOfPath(job, message.why.path) === 0) return drop(cx, from, 'failure of a path that does not exist')
  weigh(cx, job, message.why, message.tried, message.final)
}

/** Try elsewhere, pass the report up, or give the job up. */
function weigh (cx: Context, job: Job, why: Failure, triedNow: PeerId[], final: boolean): void {
  if (isKnownValue(job, why)) return
  const record = job.failures.get(why.path) ?? { why, tried: new Set<PeerId>() }
  job.failures.set(why.path, record)
  for (const peer of triedNow) record.tried.add(peer)
  const isFinal = final || record.tried.size >= cx.config.triesMax
  if (!isFinal) {
    const other = otherTaker(cx, job, record.tried)
    if (other === cx.id) return retryHere(cx, job, why)
    if (other !== undefined) {
      return send(cx, other, { type: 'rerun', job: job.id, to: other, via: [], path: why.path, coordinator: self(cx) })
    }
  }
  const up = homeView(job)
  if (job.positions.has(ROOT) || up === undefined) return giveUp(cx, job, record.why)
  send(cx, up.state.coordinator.peer, { type: 'failed', job: job.id, why: record.why, tried: [...record.tried], final: isFinal })
}

/** Another peer's run may have succeeded meanwhile. */
const isKnownValue = (job: Job, why: Failure): boolean =>
  [...job.ledger.keys()].some(path => isWithin(why.path, path))

function otherTaker (cx: Context, job: Job, tried: Set<PeerId>): PeerId | undefined {
  const members = [...job.positions.values()].flatMap(position => membersOf(cx, position))
  const other = members.find(peer => !tried.has(peer) && peer !== cx.id)
  if (other !== undefined) return other
  return cx.cores > 0 && !tried.has(cx.id) ? cx.id : undefined
}

function retryHere (cx: Context, job: Job, why: Failure): void {
  if (job.bites.has(why.path)) return
  job.bites.set(why.path, { path: why.path, size: 0, startedMs: cx.now, rerunFor: self(cx) })
  cx.effects.push({ type: 'compute', job: job.id, path: why.path })
}

/** At the root: the job fails, and everybody hears of it. */
function giveUp (cx: Context, job: Job, why: Failure): void {
  const audience = audienceOf(cx, job)
  becomeOver(cx, job, { type: 'failed', why })
  spread(cx, job, audience)
}
