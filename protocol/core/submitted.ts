/**
 * Row `submitted`: `submit` -> publish `job`. The submitter is the root's first coordinator (R5); it
 * computes only if it has cores. Invariant: same spec => same job id, same partitions.
 */
import type { Context, Job } from './state.ts'
import type { JobId } from './ids.ts'
import { ROOT } from './geometry.ts'
import type { JobSpec } from './job.ts'
import { announce, become } from './announced.ts'
import { audienceOf, becomeOver, spread } from './root.ts'
import { becomeHolder, subscribe } from './position.ts'
import { notify } from './context.ts'
import { reclaim } from './restored.ts'

export function onSubmit (cx: Context, id: JobId, spec: JobSpec, proof: Uint8Array | null): void {
  const known = cx.jobs.get(id)
  if (known !== undefined) return isAbandoned(known) ? resubmit(cx, known) : watch(cx, known)
  const job = become(cx, { job: id, spec, submitter: cx.id, members: [], outcome: null, proof })
  job.state = 'member'
  job.stocking = 'yes'
  subscribe(cx, job, ROOT)
  becomeHolder(cx, job, ROOT, [1], 0, 'granted')
  tellSubmitted(cx, job)
  announce(cx, job)
  cx.effects.push({ type: 'provide', job: id })
}

/** D3: those who told of it are no members themselves, or it came from the store and none has been found. */
const isAbandoned = ({ outcome, revival, hasMember, positions, views }: Job): boolean =>
  outcome === null && positions.size + views.size === 0 && (revival !== null || !hasMember)

/** D3: after a restart: its blocks are there, and nobody who knows it has been heard. */
function resubmit (cx: Context, job: Job): void {
  tellSubmitted(cx, job)
  job.stocking = 'yes'
  reclaim(cx, job)
}

function tellSubmitted (cx: Context, { id, spec: { name, partitions, fanout, grain } }: Job): void {
  notify(cx, { type: 'submitted', job: id, name, partitions, fanout, grain })
}

/** Follow a job without working for it: the same job again is one computation. */
export function watch (cx: Context, job: Job): void {
  const { outcome } = job
  if (outcome !== null) {
    job.outcome = null
    becomeOver(cx, job, outcome)
  } else if (job.state === 'known') {
    job.state = 'watching'
    subscribe(cx, job, ROOT)
  }
}

/** Only the submitter's key cancels (DESIGN 7); the host has made the signature. */
export function onCancel (cx: Context, job: Job, signature: Uint8Array): void {
  if (job.submitter !== cx.id || job.outcome !== null) return
  const audience = audienceOf(cx, job)
  for (const { peer } of job.hints) audience.add(peer)
  becomeOver(cx, job, { type: 'cancelled', signature })
  spread(cx, job, audience)
}
