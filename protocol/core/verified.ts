/**
 * Row `verified`: a value that arrives where it would count -> tried by the job's policy -> the ledger (V1, V7). Until then it is neither
 * copied nor folded nor acknowledged. Invariant: nothing below the job's policy is accepted, whoever hands it over and whoever takes over.
 */
import type { Check, Court } from './court.ts'
import type { Cid, Path, PeerId } from './ids.ts'
import type { Context, Entry, Job, Position } from './state.ts'
import type { Input } from './input.ts'
import type { Lie, Outcome, Value } from './job.ts'
import { ROOT, parentOf } from './geometry.ts'
import { admit } from './rolled-up.ts'
import { believe } from './announced.ts'
import { convict, isLiar, tellOfLie } from './blamed.ts'
import { closePoll, onVote } from './voted.ts'
import { freeChild } from './leased.ts'
import { isVoted } from './court.ts'
import { becomeStalled } from './stalled.ts'
import { childAt, touch } from './position.ts'
import { NO_SALT } from './salt.ts'
import { createOwed } from './owed.ts'
import { membersOf } from './heirs.ts'
import { drop } from './context.ts'
import { resultSamplesOf, samplesOf } from './audited.ts'

/** Must this value be tried before it counts? Copies that heirs keep are tried when they answer for them; what was folded here was tried below. */
export function isOnTrial (cx: Context, job: Job, { path, bite, by }: Value, from: PeerId): boolean {
  const { trust } = job.spec
  if (trust.type === 'none' || !job.positions.has(parentOf(path) ?? ROOT)) return false
  if (by !== cx.id) return true
  return bite && from === cx.id && isVoted(trust)
}

/** Vote on it, or look at it. */
export function tryValue (cx: Context, job: Job, value: Value, from: PeerId, salt: Uint8Array): void {
  if (isVoted(job.spec.trust) && value.bite) return onVote(cx, job, value, from, salt)
  check(cx, job, value, from)
}

/** V7: what was folded is folded again, and some partitions of it are recomputed; of a bite, some or none. */
function check (cx: Context, job: Job, value: Value, from: PeerId): void {
  const { court } = job
  if (court === null) return
  const known = court.trials.get(value.path)
  if (known?.type === 'check') {
    if (known.value.cid === value.cid && known.value.by === value.by) known.from = from
    return
  }
  if (isRefused(cx, court, value)) return refuseAgain(cx, job, value, from)
  const samples = samplesOf(cx, job, value)
  // Whoever folded a path stands for it more surely than those that voted on parts.
  if (known !== undefined) closePoll(cx, job, known)
  if (value.bite && samples.length === 0) return admit(cx, job, value, from)
  court.trials.set(value.path, { type: 'check', path: value.path, value, from, outcome: null })
  cx.effects.push({ type: 'check', job: job.id, value, samples })
}

export function onChecked (cx: Context, job: Job, { path, cid, by, verdict }: Extract<Input, { type: 'checked' }>): void {
  const trial = job.court?.trials.get(path)
  if (trial?.type !== 'check' || trial.value.cid !== cid || trial.value.by !== by) return
  job.court?.trials.delete(path)
  if (verdict.type === 'valid') return trial.outcome === null ? admit(cx, job, trial.value, trial.from) : believe(cx, job, trial.outcome, false)
  const waitMs = verdict.type === 'unanswered' ? UNTOLD_LEASES * cx.config.leaseMs : Infinity
  job.court?.refused.set(path, { cid, by, root: rootOf(trial.value), lie: verdict.type === 'lie' ? verdict.lie : null, untilMs: cx.now + waitMs })
  if (verdict.type === 'unanswered') return trial.outcome === null ? becomeUntold(cx, job, trial) : undefined
  convict(cx, job, verdict.lie)
  if (verdict.lie.peer === by && trial.from === by) return
  // The coordinator was deceived itself: it is told, and does that part again.
  const child = childOfTrial(job, path)
  if (child !== undefined) child.progressMs = cx.now
  tellGiver(cx, job, trial.value, trial.from, verdict.lie)
  job.rolling = 'due'
}

/** Somebody else brings what was found to hold a lie. */
function refuseAgain (cx: Context, job: Job, value: Value, from: PeerId): void {
  const lie = job.court?.refused.get(value.path)?.lie ?? null
  if (lie !== null && from !== value.by) tellGiver(cx, job, value, from, lie)
}

function tellGiver (cx: Context, job: Job, { path, by }: Value, from: PeerId, lie: Lie): void {
  if (from === cx.id) return
  tellOfLie(cx, job, from, lie, path)
  if (from !== by) freeOf(cx, job, path, from)
}

/** So long others have the chance to do it. A guess. */
const UNTOLD_LEASES = 5

/** V1: the job is said to have come to this: it is looked at before it is believed. */
export function checkResult (cx: Context, job: Job, outcome: Extract<Outcome, { type: 'done' }>, from: PeerId): void {
  const { court } = job
  const { value } = outcome
  if (court === null || court.trials.has(ROOT) || isRefused(cx, court, value)) return
  if (isLiar(job, value.by)) return drop(cx, from, 'value of a peer that lied')
  court.trials.set(ROOT, { type: 'check', path: ROOT, value, from, outcome })
  cx.effects.push({ type: 'check', job: job.id, value, samples: resultSamplesOf(cx, job, value) })
}

const rootOf = ({ commitment }: Value): Cid | null => commitment?.root ?? null

/** It was looked at, and is not again for a while; the same made of other parts is another. */
function isRefused (cx: Context, court: Court, value: Value): boolean {
  const { path, cid, by } = value
  const refused = court.refused.get(path)
  if (refused?.cid === cid && refused.by === by && refused.root === rootOf(value) && refused.untilMs > cx.now) return true
  court.refused.delete(path)
  return false
}

/** V7: whoever does not show what it is asked for is not blamed, but somebody else does it again. */
function becomeUntold (cx: Context, job: Job, { path, value }: Check): void {
  const position = job.positions.get(parentOf(path) ?? ROOT)
  const child = childOfTrial(job, path)
  if (position === undefined || child === undefined || path === ROOT) return
  const hasOthers = cx.cores > 0 || membersOf(cx, position).length > 1
  if (child.state !== 'leased' || child.holder !== value.by) return touch(cx, job, position)
  if (hasOthers) becomeStalled(cx, job, child)
  freeChild(cx, job, position, child)
}

/** Whoever handed over a value in place of working on its path has ended its work there. */
export function freeOf (cx: Context, job: Job, path: Path, peer: PeerId): void {
  const position = job.positions.get(parentOf(path) ?? ROOT)
  const child = childOfTrial(job, path)
  if (position !== undefined && child?.state === 'leased' && child.holder === peer && peer !== cx.id) freeChild(cx, job, position, child)
}

function childOfTrial (job: Job, path: Path): Position['children'][number] | undefined {
  const parent = parentOf(path)
  const position = parent === null ? undefined : job.positions.get(parent)
  return position === undefined ? undefined : childAt(position, path)
}

/** A new coordinator answers for what it only kept: it is tried as if it came now. */
export function tryCopies (cx: Context, job: Job, position: Position): void {
  if (job.court === null) return
  const untried: Entry[] = []
  // Nobody is above the root: its own value counts here, too.
  for (const path of [...position.children.map(child => child.path), ...position.path === ROOT ? [ROOT] : []]) {
    const entry = job.ledger.get(path)
    if (entry !== undefined && isUntried(cx, job, entry)) untried.push(entry)
  }
  for (const { value, from } of untried) {
    const salt = job.court.salts.get(value.path)
    job.ledger.delete(value.path)
    job.owed.delete(value.path)
    const giver = from === cx.id ? value.by : from
    if (isVoted(job.spec.trust) && value.bite) onVote(cx, job, value, giver, salt ?? NO_SALT, true)
    else check(cx, job, value, giver)
  }
}

/** Kept for somebody else so far: made by another, or a bite of this peer's own that nobody has voted on here. */
export const isUntried = (cx: Context, { spec: { trust } }: Job, { value }: Entry): boolean =>
  trust.type !== 'none' && (value.by !== cx.id || (value.bite && isVoted(trust)))

/** Nobody here answers for these paths any more: their producers still owe them, and tell the next coordinator. */
export function endTrials (cx: Context, job: Job, path: Path): void {
  if (job.court === null) return
  for (const trial of [...job.court.trials.values()]) {
    if ((parentOf(trial.path) ?? ROOT) !== path) continue
    const own = trial.type === 'poll' ? trial.votes.get(cx.id)?.value : undefined
    if (trial.type === 'poll') closePoll(cx, job, trial)
    else job.court.trials.delete(trial.path)
    if (own !== undefined && own !== null) job.owed.set(trial.path, createOwed(own, null, cx.now))
  }
}
