/**
 * What a peer need not keep any more: what an accepted value covers (R3), what was passed down and is accepted there (R4), and what it need
 * not hand on when it leaves (C8). Invariant: of an accepted value the coordinator and its heirs keep theirs.
 */
import type { Context, Entry, Job } from './state.ts'
import type { Path, PeerId } from './ids.ts'
import type { ReleasedMessage, StateMessage } from './message.ts'
import type { Value } from './job.ts'
import { ROOT, childOf, isBelow, isWithin, parentOf } from './geometry.ts'
import { entriesBelow } from './rolled-up.ts'
import { keeperOf, replyAccepted } from './accepted.ts'
import { send } from './context.ts'
import { valuesWithin } from './claimed.ts'

/** A value is accepted: what lies below it goes, here and at whoever keeps it for this peer (R3). */
export function releaseBelow (cx: Context, job: Job, above: Value): void {
  const { path } = above
  const keepers = new Set<PeerId>()
  const isFolded = isFoldedInto(cx, above)
  for (const entry of entriesBelow(job, path)) {
    for (const peer of entry.heldBy) keepers.add(peer)
    if (entry.from !== cx.id) keepers.add(entry.from)
    if (entry.state !== 'accepted' && entry.from !== cx.id) replyAccepted(cx, job, entry.from, entry.value.path, isFolded ? entry.value : null)
    job.ledger.delete(entry.value.path)
  }
  for (const peer of keepers) send(cx, peer, { type: 'released', job: job.id, path })
}

/** Was it folded here, from the values in this ledger? Those below somebody else's value may have counted for nothing. */
export const isFoldedInto = (cx: Context, above: Value): boolean => above.by === cx.id && !above.bite

/** R3: what lies below an accepted value may go. */
export function onReleased (_cx: Context, job: Job, message: ReleasedMessage): void {
  for (const entry of entriesBelow(job, message.path)) {
    if (!job.positions.has(parentOf(entry.value.path) as Path)) job.ledger.delete(entry.value.path)
  }
}

/** Does this peer hold a position above the path, and has granted the child on the way to it to `peer`? */
export function isHolderAbove (job: Job, peer: PeerId, path: Path): boolean {
  for (let at = parentOf(path); at !== null; at = parentOf(at)) {
    const position = job.positions.get(at)
    if (position !== undefined) return position.children.some(child => child.holder === peer && isWithin(path, child.path))
  }
  return false
}

/** R4: a value that was passed down is accepted there, so it goes here, and whoever passed it down to this peer hears of it. */
export function dropPassedDown (cx: Context, job: Job, from: PeerId, path: Path): void {
  const entry = job.ledger.get(path)
  if (entry === undefined || keeperOf(job, path) !== undefined || !isHolderAbove(job, from, path)) return
  job.ledger.delete(path)
  if (entry.from !== cx.id && entry.from !== from && !isHeir(job, entry.from)) replyAccepted(cx, job, entry.from, path)
}

/** An heir here may be one below too, where gaps are filled from above (C6): then it is one of those that keep the value. */
function isHeir (job: Job, peer: PeerId): boolean {
  for (const { heirs } of job.positions.values()) if (heirs.includes(peer)) return true
  return false
}

/** R3: a child that is done stands for all below it: who keeps values for the position above need not any more. */
export function forgetBelowDone (cx: Context, job: Job, before: StateMessage | undefined, { path, children }: StateMessage): void {
  if (job.ledger.size === 0) return
  const done: Path[] = []
  for (const { digit, state } of children) {
    if (state === 'done' && !wasDone(before, digit)) done.push(childOf(path, digit))
  }
  if (done.length === 0) return
  for (const kept of job.ledger.keys()) {
    if (done.some(child => isBelow(kept, child)) && isCopy(job, job.ledger.get(kept) as Entry, cx.id)) job.ledger.delete(kept)
  }
}

const wasDone = (before: StateMessage | undefined, digit: number): boolean =>
  before?.children.some(child => child.digit === digit && child.state === 'done') ?? false

/** Kept for others alone: neither made here, nor owed, nor a child's value of an own position. */
const isCopy = (job: Job, { from, state, value }: Entry, self: PeerId): boolean =>
  state !== 'fetching' && from !== self && !job.owed.has(value.path) && keeperOf(job, value.path) === undefined

/** C8: what a leaving peer hands on: not copies for positions that it has left behind, whose coordinators know it as an heir no more. */
export const legacyOf = (job: Job): Value[] => valuesWithin(job, ROOT).filter(({ path }) => job.owed.has(path) || isCovered(job, path))

function isCovered (job: Job, path: Path): boolean {
  for (const view of job.views.keys()) if (isWithin(path, view)) return true
  for (const position of job.positions.keys()) if (isWithin(path, position)) return true
  return false
}
