/**
 * C8: leaving on purpose is one synchronous `leave`. What only this peer knows goes to its heirs and to the
 * coordinators above; heir 0 claims at once.
 */
import type { Context, Job } from './state.ts'
import type { PeerId } from './ids.ts'
import { NEVER_MS } from './state.ts'
import { ROOT, parentOf } from './geometry.ts'
import { elect } from './elected.ts'
import { onTakerGone } from './failed.ts'
import { freeChild } from './leased.ts'
import { send, unsettle } from './context.ts'
import { touch } from './position.ts'
import { legacyOf } from './released.ts'
import { createCourt } from './court.ts'
import { onVoterGone } from './recruited.ts'
import { audienceOf } from './root.ts'

/** Values go to this many neighbours, because several may leave at once: half of all do in one test. A guess. */
const TAKERS = 5

export function leave (cx: Context): void {
  cx.cores = 0
  cx.busyUntilMs = NEVER_MS
  for (const job of cx.jobs.values()) {
    if (job.outcome === null) leaveJob(cx, job)
  }
}

export function leaveJob (cx: Context, job: Job): void {
  const audience = audienceOf(cx, job)
  const coordinators = [...job.views.values()].map(view => view.state.coordinator.peer)
  const takers = [...new Set([...coordinators, ...audience])].slice(0, TAKERS)
  const values = legacyOf(job)
  for (const taker of takers) {
    for (let i = 0; i < values.length; i += cx.config.holdBatch) {
      send(cx, taker, { type: 'hold', job: job.id, values: values.slice(i, i + cx.config.holdBatch) })
    }
  }
  for (const bite of job.bites.values()) cx.effects.push({ type: 'cancel-compute', job: job.id, path: bite.path })
  job.bites.clear()
  cx.busyUntilMs = NEVER_MS
  for (const peer of audience) send(cx, peer, { type: 'leave', job: job.id })
  job.positions.clear()
  job.views.clear()
  job.owed.clear()
  job.court = createCourt(job.spec)
  job.state = 'known'
  unsettle(job)
}

/** A neighbour leaves: its children are free at once, its positions go to the heirs. */
export function onLeave (cx: Context, job: Job, from: PeerId): void {
  onTakerGone(cx, job, from)
  for (const position of job.positions.values()) {
    for (const child of position.children) {
      if (child.state === 'leased' && child.holder === from) freeChild(cx, job, position, child)
    }
    if (position.heirs.includes(from)) touch(cx, job, position)
  }
  // It is no member any more that could be asked again.
  onVoterGone(cx, job, from)
  for (const view of [...job.views.values()]) {
    if (view.state.coordinator.peer !== from) continue
    const isMember = [...job.positions.keys()].some(path => parentOf(path) === view.path)
    if (isMember) elect(cx, job, view)
    else if (view.path !== ROOT || job.positions.size === 0) job.hints = [...view.state.heirs, ...job.hints].slice(0, 8)
  }
}
