/**
 * Authority that was lost (C4, C7): a holder that hears of a higher fence lifts itself above, if those above stand by it, or yields what it
 * knows to the winner. Invariant: values outlive the authority they were made under.
 */
import type { Contact, Path, PeerId } from './ids.ts'
import type { Context, Job, Position } from './state.ts'
import type { StaleMessage } from './message.ts'
import { ROOT, isWithin, parentOf } from './geometry.ts'
import { becomeHolder, childAt, dropWithin, refence } from './position.ts'
import { childFence, compareFences, isBelow, lastTerm, nextFence } from './fence.ts'
import { homeView } from './viewed.ts'
import { self, send, setTimer, viewAbove } from './context.ts'
import { addrsOf } from './links.ts'
import { grant, valuesWithin } from './claimed.ts'

/** C4: a higher fence was seen for a path; whoever holds less has no authority. */
export function onStale (cx: Context, job: Job, from: PeerId, message: StaleMessage): void {
  const position = job.positions.get(message.path)
  if (message.path === ROOT) return onStaleRoot(cx, job, message, position)
  if (position === undefined) return onStaleGrant(cx, job, from, message)
  if (compareFences(message.fence, position.fence) < 0) return
  const up = viewAbove(job, position.path)
  if (up === undefined || up.state.coordinator.peer === from || position.state !== 'granted' || !isBelow(message.fence, up.state.fence)) return loseTo(cx, job, position, from)
  // Whoever was granted the path lifts itself above those that were elected; the coordinator above decides.
  if (cx.now - position.chasedMs < cx.config.claimRepeatMs) return
  position.chasedMs = cx.now
  send(cx, up.state.coordinator.peer, { type: 'claim', job: job.id, path: position.path, fence: nextFence(message.fence), peer: self(cx) })
}

/** Whom this peer has granted a child has seen it under a higher term: the grant is lifted above (C4). */
function onStaleGrant (cx: Context, job: Job, from: PeerId, { path, fence }: StaleMessage): void {
  const above = job.positions.get(parentOf(path) ?? ROOT)
  const child = above === undefined ? undefined : childAt(above, path)
  if (above === undefined || child === undefined || !isBelow(fence, above.fence) || lastTerm(fence) < child.term) return
  child.term = lastTerm(fence)
  if (child.state === 'leased' && child.holder === from) grant(cx, job, above, child, from, child.term + 1)
}

/**
 * Somebody has seen a higher root than the one it is asked to work for: the root lifts itself above, if others
 * work for it, and whoever is below it passes the word up (C4).
 */
function onStaleRoot (cx: Context, job: Job, message: StaleMessage, root: Position | undefined): void {
  if (root === undefined) {
    const up = homeView(job)
    if (up !== undefined && compareFences(message.fence, up.state.fence.slice(0, 1)) > 0) send(cx, up.state.coordinator.peer, message)
  } else if (compareFences(message.fence, root.fence) > 0) {
    refence(cx, job, root, nextFence(message.fence))
  }
}

/** Give up a position: what is known below goes to whoever decided so; bites under way end as late values. */
export function loseTo (cx: Context, job: Job, position: Position, to: PeerId): void {
  const values = valuesWithin(job, position.path)
  for (let i = 0; i < values.length; i += cx.config.holdBatch) {
    send(cx, to, { type: 'hold', job: job.id, values: values.slice(i, i + cx.config.holdBatch) })
  }
  dropWithin(cx, job, position.path)
  freeOwn(cx, job, position.path)
  for (const bite of job.bites.values()) {
    if (isWithin(bite.path, position.path)) bite.rerunFor = { peer: to, addrs: addrsOf(cx, to) }
  }
}

/** A child that this peer had leased to itself, under a parent that it holds, is lost: it is free again. */
function freeOwn (cx: Context, job: Job, path: Path): void {
  const child = job.positions.get(parentOf(path) ?? ROOT)?.children.find(candidate => candidate.path === path)
  if (child?.state !== 'leased' || child.holder !== cx.id) return
  child.state = 'free'
  child.holder = null
}

/** Turn children that this peer works on itself into claims, when their parent now is somebody else's (C7). */
export function reclaimOwn (cx: Context, job: Job, lost: Position, winner: Contact): void {
  for (const child of lost.children) {
    if (child.state !== 'leased' || child.holder !== cx.id) continue
    const own = job.positions.get(child.path) ??
      becomeHolder(cx, job, child.path, childFence(lost.fence, child.term), lost.level + 1, 'provisional')
    if (job.bites.has(child.path)) own.work = 'whole'
    own.state = 'provisional'
    send(cx, winner.peer, { type: 'claim', job: job.id, path: child.path, fence: own.fence, peer: self(cx) })
    setTimer(cx, 'claim', job.id, child.path, cx.config.claimRepeatMs)
  }
}
