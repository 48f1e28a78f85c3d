/**
 * How a producer tells what it owes (R1): the value itself or, where bites are voted on, first what it is bound to and the value when it is asked
 * to reveal it (V3). A new coordinator is told anew: it has not heard the others' values either.
 */
import type { Context, Job, Owed } from './state.ts'
import type { PeerId, Path } from './ids.ts'
import type { Value } from './job.ts'
import { NO_SALT, digestOf } from './salt.ts'
import { drop, send, viewAbove } from './context.ts'

export const createOwed = (value: Value, to: PeerId | null, now: number): Owed => ({ value, to, sentMs: now, saidMs: now, revealedTo: null })

export function tellOwed (cx: Context, job: Job, owed: Owed, to: PeerId): void {
  const { value } = owed
  const salt = job.court?.salts.get(value.path)
  owed.saidMs = cx.now
  if (salt === undefined || owed.revealedTo === to) send(cx, to, { type: 'value', job: job.id, value, salt: salt ?? NO_SALT })
  else send(cx, to, { type: 'commit', job: job.id, path: value.path, digest: digestOf(job.id, value, salt) })
}

/** Enough others are bound, too. */
export function onReveal (cx: Context, job: Job, from: PeerId, path: Path): void {
  const owed = job.owed.get(path)
  if (owed === undefined) return
  if (from !== (owed.to ?? viewAbove(job, path)?.state.coordinator.peer)) return drop(cx, from, 'question by a peer that nothing was committed to')
  owed.revealedTo = from
  tellOwed(cx, job, owed, from)
}

/** Is it too early to tell it again? Who is bound is heard, and has time. */
export const isPatient = (cx: Context, job: Job, { value, saidMs, revealedTo }: Owed): boolean =>
  revealedTo === null && job.court !== null && job.court.salts.has(value.path) && cx.now - saidMs < cx.config.leaseMs
