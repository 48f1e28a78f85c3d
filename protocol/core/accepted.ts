/**
 * Row `accepted`: a value is accepted when the coordinator and its heirs keep it (R2). Copies travel in
 * batches every `holdMs`; what an accepted value covers is released (R3). Only what the job's trust policy let into the
 * ledger comes here (verified.ts). Invariant: what is accepted outlives this peer.
 */
import type { AcceptedMessage, HeldMessage, HoldMessage } from './message.ts'
import type { Acceptance, Context, Entry, Job, Position } from './state.ts'
import type { Cid, Path, PeerId } from './ids.ts'
import type { Value } from './job.ts'
import { ROOT, parentOf } from './geometry.ts'
import { becomeKept, deposit, resendOwed } from './rolled-up.ts'
import { dropWithin } from './position.ts'
import { dropPassedDown, isFoldedInto, isHolderAbove, releaseBelow } from './released.ts'
import { notify, send, setTimer, viewAbove } from './context.ts'
import { becomeDoneJob } from './root.ts'
import { isWorth } from './credit.ts'

/** Told to the sender at the end of this input, many paths in one message; with a receipt if a value of its own is what is accepted (K1). */
export function replyAccepted (cx: Context, job: Job, to: PeerId, path: Path, value: Value | null = null): void {
  const jobs = cx.accepted.get(to) ?? new Map<typeof job.id, Acceptance>()
  cx.accepted.set(to, jobs)
  const acceptance = jobs.get(job.id) ?? { paths: [], worth: [] }
  jobs.set(job.id, acceptance)
  acceptance.paths.push(path)
  if (value !== null && value.by === to && isWorth(value)) acceptance.worth.push(value)
}

/**
 * The sender's duty ends (R1), but for the coordinator above that passed a value down and is one of the heirs that keep it: it would take
 * the word for leave to drop it (R4).
 */
export function tellAccepted (cx: Context, job: Job, to: PeerId, value: Value): void {
  const { path } = value
  const keeper = keeperOf(job, path)
  const above = keeper === undefined ? undefined : viewAbove(job, keeper.path)
  if (keeper !== undefined && above?.state.coordinator.peer === to && keeper.heirs.includes(to)) return
  replyAccepted(cx, job, to, path, value)
}

/** The position whose coordinator answers for this entry: the parent's, or the root's own. */
export function keeperOf (job: Job, path: Path): Position | undefined {
  return job.positions.get(parentOf(path) ?? ROOT)
}

/** Who should keep a copy besides the coordinator (R2), and is not known to. */
function missingAt (cx: Context, { heirs }: Position, { heldBy }: Entry): PeerId[] {
  const missing: PeerId[] = []
  for (let i = 0; i < Math.min(heirs.length, cx.config.copies - 1); i++) {
    const heir = heirs[i] as PeerId
    if (!heldBy.includes(heir)) missing.push(heir)
  }
  return missing
}

export function onHoldTimer (cx: Context, job: Job): void {
  copyMissing(cx, job, true)
  if (job.owed.size > 0) setTimer(cx, 'hold', job.id, ROOT, cx.config.renewMs)
  resendLateOwed(cx, job)
}

/** At the regular turn of a position: copies that were not answered are made again. */
export function copyAgain (cx: Context, job: Job): void {
  if (job.uncopied === null || job.uncopied.length > 0) copyMissing(cx, job, false)
}

/** Send what the heirs lack, accept what they have. New values are not sent but in their batch. */
function copyMissing (cx: Context, job: Job, isBatch: boolean): void {
  const batches = new Map<PeerId, Value[]>()
  for (const entry of takeUncopied(job)) {
    const { path } = entry.value
    const keeper = keeperOf(job, path)
    if (keeper === undefined || entry.state === 'fetching' || job.ledger.get(path) !== entry) continue
    if (keeper.work === 'valued' && path !== ROOT) {
      job.uncopied?.push(entry)
      continue
    }
    const missing = missingAt(cx, keeper, entry)
    for (const peer of missing) {
      if (!isDue(cx, entry, peer, isBatch)) continue
      const batch = batches.get(peer) ?? []
      batches.set(peer, batch)
      batch.push(entry.value)
    }
    if (missing.length > 0) job.uncopied?.push(entry)
    else if (entry.state === 'kept') becomeAccepted(cx, job, entry)
  }
  for (const [peer, values] of batches) {
    for (let i = 0; i < values.length; i += cx.config.holdBatch) {
      send(cx, peer, { type: 'hold', job: job.id, values: values.slice(i, i + cx.config.holdBatch) })
    }
  }
}

/** Values that are not known to be copied, or all when nobody knows. */
function takeUncopied (job: Job): Entry[] {
  const entries = job.uncopied ?? [...job.ledger.values()]
  job.uncopied = []
  return entries
}

/** Is it time to send this heir the value, for the first time or again? */
function isDue (cx: Context, entry: Entry, to: PeerId, isBatch: boolean): boolean {
  const sent = entry.sent.find(each => each.to === to)
  if (sent === undefined && !isBatch) return false
  if (sent === undefined) entry.sent = entry.sent.concat({ to, ms: cx.now })
  else if (cx.now - sent.ms < 2 * cx.config.renewMs) return false
  else sent.ms = cx.now
  return true
}

function resendLateOwed (cx: Context, job: Job): void {
  for (const owed of job.owed.values()) {
    if (cx.now - owed.sentMs >= cx.config.renewMs) return resendOwed(cx, job)
  }
}

/** An heir is asked to keep values, or a table is handed over (C7): gaps are filled (R4). */
export function onHold (cx: Context, job: Job, from: PeerId, message: HoldMessage): void {
  for (const value of message.values) deposit(cx, job, value, from)
  tellHeld(cx, job, from, message.values)
}

/** Those of some values that are here, or need not be. */
export function tellHeld (cx: Context, job: Job, to: PeerId, values: Value[]): void {
  const kept = values.filter(({ path }) => job.ledger.get(path)?.state !== 'fetching' && job.court?.trials.has(path) !== true).map(value => value.path)
  if (kept.length > 0) send(cx, to, { type: 'held', job: job.id, paths: kept })
}

export function onHeld (cx: Context, job: Job, from: PeerId, message: HeldMessage): void {
  for (const path of message.paths) {
    const entry = job.ledger.get(path)
    if (entry === undefined) continue
    if (!entry.heldBy.includes(from)) entry.heldBy = entry.heldBy.concat(from)
    const keeper = keeperOf(job, path)
    if (keeper === undefined && isHolderAbove(job, from, path)) job.ledger.delete(path)
    if (keeper === undefined || entry.state !== 'kept') continue
    if (keeper.work === 'valued' && path !== ROOT) continue
    if (missingAt(cx, keeper, entry).length > 0) continue
    forgetUncopied(job, entry)
    becomeAccepted(cx, job, entry)
  }
}

function forgetUncopied ({ uncopied }: Job, entry: Entry): void {
  const at = uncopied?.indexOf(entry) ?? -1
  if (at >= 0) uncopied?.splice(at, 1)
}

/** R2 holds: tell the sender, and release what the value covers (R3). */
function becomeAccepted (cx: Context, job: Job, entry: Entry): void {
  const { value } = entry
  entry.state = 'accepted'
  notify(cx, { type: 'value', job: job.id, path: value.path, count: value.count, from: entry.from, by: value.by })
  if (entry.from !== cx.id) tellAccepted(cx, job, entry.from, value)
  else creditOwn(cx, job, value)
  if (value.path === ROOT) return becomeDoneRoot(cx, job, entry)
  dropWithin(cx, job, value.path)
  releaseBelow(cx, job, value)
}

/** The job ends with its root's value: what was folded into it a moment ago, and not copied yet, is accepted with it (K1). */
function becomeDoneRoot (cx: Context, job: Job, entry: Entry): void {
  let last: PeerId | null = null
  for (const below of job.ledger.values()) {
    const { value, from, state } = below
    if (below === entry || from === cx.id) continue
    last = from
    if (state === 'kept' && isFoldedInto(cx, entry.value)) tellAccepted(cx, job, from, value)
  }
  if (last !== null && needsWitness(cx, entry)) send(cx, last, { type: 'hold', job: job.id, values: [entry.value] })
  becomeDoneJob(cx, job, entry)
}

/** K2: no heir is left to certify this peer's own share, as where all children were done: whoever gave the last value is given the root's. */
const needsWitness = (cx: Context, { value, heldBy }: Entry): boolean =>
  heldBy.length === 0 && value.by === cx.id && value.bytes !== null && !value.links && isWorth(value)

/** What this peer computed itself now counts; what it collected was others' work. */
function creditOwn (cx: Context, job: Job, { path, count, bite, by, stats }: Value): void {
  if (bite && by === cx.id) notify(cx, { type: 'credited', job: job.id, path, count, ms: stats.computeMs })
}

/** The parent's coordinator and its heirs keep the value: the producer's duty ends (R1), and that of whoever passed it down (R4). */
export function onAccepted (cx: Context, job: Job, from: PeerId, message: AcceptedMessage): void {
  for (const path of message.paths) {
    const owed = job.owed.get(path)
    if (owed === undefined) {
      dropPassedDown(cx, job, from, path)
      continue
    }
    job.owed.delete(path)
    job.court?.salts.delete(path)
    creditOwn(cx, job, owed.value)
    dropWithin(cx, job, path)
    releaseBelow(cx, job, owed.value)
  }
}

/** Blocks asked for have arrived. */
export function onFetched (cx: Context, job: Job, path: Path, cid: Cid): void {
  const entry = job.ledger.get(path)
  if (entry === undefined || entry.state !== 'fetching') return
  if (entry.missing !== undefined) entry.missing = entry.missing.filter(missing => missing !== cid)
  if (entry.missing !== undefined && entry.missing.length > 0) return
  const { from } = entry
  becomeKept(cx, job, entry)
  if (from !== cx.id) send(cx, from, { type: 'held', job: job.id, paths: [path] })
}

/** They could not be had: the value is forgotten, and its path is free again when it was a child here (R2). */
export function onUnfetchable (job: Job, path: Path): void {
  const entry = job.ledger.get(path)
  if (entry?.state === 'fetching') job.ledger.delete(path)
}
