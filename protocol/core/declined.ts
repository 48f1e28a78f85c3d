/**
 * Row `declined`: `decline` -> no work for this job (A7). The job stays known, so that it is passed on and asked about; only this
 * peer's cores never work for it, and it never holds a part of it. One it works for already is left as on the way out (C8). Invariant: who
 * declines asks for no work.
 */
import type { Context } from './state.ts'
import type { JobId } from './ids.ts'
import { clearTimer } from './context.ts'
import { becomeIdle } from './claimed.ts'
import { leaveJob } from './left.ts'
import { ROOT } from './geometry.ts'

export const isDeclined = (cx: Context, job: JobId): boolean => cx.declined?.has(job) === true

export function onDecline (cx: Context, id: JobId, declined: boolean): void {
  if (!declined) {
    cx.declined?.delete(id)
    return
  }
  const job = cx.jobs.get(id)
  if (job === undefined && cx.jobs.size >= cx.config.jobsMax) return
  cx.declined ??= new Set()
  cx.declined.add(id)
  if (job === undefined || job.outcome !== null || job.submitter === cx.id) return
  clearTimer(cx, 'join', id, ROOT)
  becomeIdle(cx, job)
  if (job.state === 'member' || job.bites.size > 0) leaveJob(cx, job)
}
