/**
 * Row `computed`: the sandbox's answers -> values (G3). Invariant: a value depends on the spec alone; what
 * this peer adds is its name and its statistics.
 */
import type { Bite, Context, Job } from './state.ts'
import type { Commitment, Computed, Value } from './job.ts'
import { deposit, foldStats } from './rolled-up.ts'
import { NEVER_MS } from './state.ts'
import { ROOT, parentOf } from './geometry.ts'
import { isVoted } from './court.ts'
import { createOwed, tellOwed } from './owed.ts'
import { recruitNext } from './recruited.ts'
import { setTimer } from './context.ts'
import { learnSpeed } from './speed.ts'
import { sketchOf } from './sketch.ts'

export function onComputed (cx: Context, job: Job, made: Computed, ms: number, commitment: Commitment | null, salt: Uint8Array): void {
  if (job.outcome !== null) return
  const bite = job.bites.get(made.path)
  const position = job.positions.get(made.path)
  if (bite !== undefined) return onBiteDone(cx, job, bite, made, ms, commitment, salt)
  if (position?.work !== 'collecting') return
  const values = position.children.flatMap(child => job.ledger.get(child.path)?.value ?? [])
  const stats = foldStats(cx, job, values, { computeMs: ms, producers: [], levels: position.level + 1 })
  deposit(cx, job, { ...made, bite: false, by: cx.id, commitment, stats }, cx.id)
}

function onBiteDone (cx: Context, job: Job, bite: Bite, made: Computed, ms: number, commitment: Commitment | null, salt: Uint8Array): void {
  job.bites.delete(bite.path)
  cx.busyUntilMs = NEVER_MS
  learnSpeed(job.speed, made.count, ms)
  const level = job.positions.get(bite.path)?.level ?? job.positions.get(parentOf(bite.path) ?? ROOT)?.level ?? 0
  const stats = foldStats(cx, job, [], { computeMs: ms, producers: cx.sketch ??= sketchOf(cx.id), levels: level + 1 })
  const value: Value = { ...made, bite: true, by: cx.id, commitment, stats }
  if (isVoted(job.spec.trust)) job.court?.salts.set(value.path, salt)
  const isOwn = job.positions.has(bite.path) || job.positions.has(parentOf(bite.path) ?? ROOT)
  if (bite.rerunFor?.peer === cx.id) {
    deposit(cx, job, value, cx.id, salt)
    return recruitNext(cx, job)
  }
  if (isOwn) return deposit(cx, job, value, cx.id, salt)
  if (bite.rerunFor === null) return
  // Without authority: whoever asked, or won, decides (J5, C4).
  const owed = createOwed(value, bite.rerunFor.peer, cx.now)
  job.owed.set(value.path, owed)
  tellOwed(cx, job, owed, bite.rerunFor.peer)
  setTimer(cx, 'hold', job.id, ROOT, cx.config.renewMs)
}
