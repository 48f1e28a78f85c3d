/**
 * A position is authority over one subtree (C1). This file makes, fences, describes and drops positions;
 * who may hold one is decided in claimed.ts and elected.ts.
 */
import type { Child, Context, Job, Position } from './state.ts'
import type { Path, PeerId } from './ids.ts'
import type { ChildState as ChildReport, Fence, Load, StateMessage } from './message.ts'
import { NONE } from './state.ts'
import { ROOT, childDigits, childOf, childRange, digitOf, isBelow, isWithin, parentOf, rangeOf, sizeOf } from './geometry.ts'
import { NEVER_MS } from './state.ts'
import { childFence, compareFences, lastTerm } from './fence.ts'
import { chooseHeirs, hasMembers, peersAbove, upOf } from './heirs.ts'
import { clearTimer, contactOf, notify, publish, self, setTimer, unsettle } from './context.ts'
import { changeRecord } from './kept.ts'
import { assert } from './unreachable.ts'
import { endTrials, isUntried, tryCopies } from './verified.ts'
import { loadOf } from './load.ts'

/** Is its value here? What was only kept for others is tried first, where values are (V1). */
function isKnown (cx: Context, job: Job, path: Path): boolean {
  const entry = job.ledger.get(path)
  return entry !== undefined && entry.state !== 'fetching' && (job.court === null || !isUntried(cx, job, entry))
}

function createChild (cx: Context, job: Job, path: Path, digit: number, size: number): Child {
  return {
    path,
    digit,
    size,
    state: isKnown(cx, job, path) ? 'done' : 'free',
    term: 0,
    holder: null,
    last: null,
    heardMs: 0,
    grantedMs: 0,
    progressMs: 0,
    done: 0,
    load: null,
    reservedFor: null,
    reservedUntilMs: 0,
    stalls: 0,
    sent: 0,
    reruns: NONE,
    rerunUntilMs: 0
  }
}

/** Take a position: children whose values are known are done, those held already are leased to oneself. */
export function becomeHolder (cx: Context, job: Job, path: Path, fence: Fence, level: number, state: Position['state']): Position {
  const range = rangeOf(job.spec, path)
  assert(range !== null, `a position must exist in the tree: ${path}`)
  const children = childDigits(job.spec, range).map(digit =>
    createChild(cx, job, childOf(path, digit), digit, sizeOf(childRange(range, job.spec.fanout, digit))))
  const position: Position = {
    path, parent: parentOf(path), size: sizeOf(range), fence, state, level, children,
    work: 'split', heirs: [], version: 1, changed: 1, turn: null, told: null, publishedMs: NEVER_MS, since: cx.now, chasedMs: NEVER_MS,
    lent: NONE, lentMs: NEVER_MS
  }
  job.positions.set(path, position)
  if (children.some(child => child.state === 'done')) job.uncopied = null
  job.views.delete(path)
  const isPast = hasSeenBelow(job, path)
  for (const child of children) {
    const own = job.positions.get(child.path)
    if (isPast) child.term = pastTerm(job, child.path, fence)
    if (child.state === 'done') job.owed.delete(child.path)
    else if (own?.work === 'valued' && job.court !== null) {
      // Its value is tried first (V1).
      child.term = Math.max(child.term, lastTerm(own.fence))
      dropPosition(cx, job, own)
    } else if (own !== undefined) leaseToSelf(cx, child, lastTerm(own.fence))
  }
  refence(cx, job, position, fence)
  setTimer(cx, 'renew', job.id, path, cx.config.renewMs)
  tryCopies(cx, job, position)
  return position
}

function hasSeenBelow (job: Job, path: Path): boolean {
  for (const seen of [job.past, job.positions, job.views]) {
    for (const at of seen.keys()) if (isBelow(at, path)) return true
  }
  return false
}

/** Fences seen of a path and of those below it: of positions here, of others', and of those forgotten (C4). */
function fencesWithin (job: Job, path: Path): Fence[] {
  const fences: Fence[] = []
  for (const held of job.positions.values()) if (isWithin(held.path, path)) fences.push(held.fence)
  for (const view of job.views.values()) if (isWithin(view.path, path)) fences.push(view.state.fence)
  for (const [at, past] of job.past) if (isWithin(at, path)) fences.push(past)
  return fences
}

/** The highest term seen of a child under this very fence, given provisionally or by somebody who held it before (C4). */
function pastTerm (job: Job, path: Path, fence: Fence): number {
  let term = 0
  for (const seen of fencesWithin(job, path)) {
    if (compareFences(seen.slice(0, fence.length), fence) === 0) term = Math.max(term, seen[fence.length] ?? 0)
  }
  return term
}

/** The highest fence seen of a path, also as the beginning of those of paths below it (C4). */
export function highestSeen (job: Job, path: Path, known: Fence): Fence {
  const root = Math.max(job.rootTerm, known[0] ?? 0)
  const seen = fencesWithin(job, path).map(fence => fence.slice(0, known.length))
  return seen.reduce((a, b) => compareFences(a, b) < 0 ? b : a, [root, ...known.slice(1)])
}

/** Forgotten paths whose fences are remembered. A guess: a peer has a few an hour, a volunteer in a storm a few a minute. */
const PAST_MAX = 64

/** C4: a fence once worked under stays the least that is believed of its path. */
export function rememberFence (job: Job, path: Path, fence: Fence): void {
  const known = job.past.get(path)
  if (known !== undefined && compareFences(fence, known) <= 0) return
  job.past.delete(path)
  job.past.set(path, fence)
  changeRecord(job)
  for (const oldest of job.past.keys()) {
    if (job.past.size <= PAST_MAX) return
    job.past.delete(oldest)
  }
}

/** A child worked on by its coordinator: no message is needed. */
export function leaseToSelf (cx: Context, child: Child, term: number): void {
  child.state = 'leased'
  child.holder = cx.id
  child.term = Math.max(child.term, term)
  child.heardMs = child.grantedMs = child.progressMs = cx.now
  child.load = null
  child.reservedFor = null
}

/** Raise a position's fence, and those of the positions this peer holds below it (C4). */
export function refence (cx: Context, job: Job, position: Position, fence: Fence): void {
  position.fence = fence
  changeRecord(job)
  job.rootTerm = Math.max(job.rootTerm, fence[0] ?? 0)
  touch(cx, job, position)
  for (const child of position.children) {
    const own = job.positions.get(child.path)
    if (own === undefined || child.holder !== cx.id) continue
    own.state = 'granted'
    own.level = position.level
    refence(cx, job, own, childFence(fence, child.term))
  }
}

/** Something of the position changed: it is told as a new version. */
export function touch (cx: Context, job: Job, position: Position): void {
  position.changed = ++position.version
  unsettle(job)
  tellSoon(cx, job, position)
}

/** Choose heirs anew and tell the members soon, at most every `stateMs`. */
export function tellSoon (cx: Context, job: Job, position: Position): void {
  const heirs = chooseHeirs(cx, job, position)
  if (!isSameList(heirs, position.heirs)) {
    // A list that grew has room for more, a copy has not.
    position.heirs = heirs.slice()
    job.naming = 'due'
    if (position.path === ROOT || position.children.some(child => child.state === 'done')) job.uncopied = null
    notify(cx, { type: 'coordinator', job: job.id, path: position.path, fence: position.fence, heirs })
    setTimer(cx, 'hold', job.id, ROOT, cx.config.holdMs)
    touchOwnBelow(cx, job, position)
  }
  if (hasAudience(cx, position)) setTimer(cx, 'state', job.id, position.path, Math.max(0, position.publishedMs + cx.config.stateMs - cx.now))
}

function isSameList (a: PeerId[], b: PeerId[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Heirs below are filled from the heirs here. */
function touchOwnBelow (cx: Context, job: Job, position: Position): void {
  for (const child of position.children) {
    const own = job.positions.get(child.path)
    if (own !== undefined) touch(cx, job, own)
  }
}

/** What the coordinator tells about its position (C6); free children are left out. */
export function stateOf (cx: Context, job: Job, position: Position): StateMessage {
  const children: ChildReport[] = position.children
    .filter(child => child.state !== 'free' || child.term > 0)
    .map(({ digit, state, term, holder }) => ({ digit, state, term, holder: state === 'leased' ? holder : null }))
  return {
    type: 'state',
    job: job.id,
    path: position.path,
    fence: position.fence,
    version: position.version,
    coordinator: self(cx),
    children,
    heirs: position.heirs.map(peer => contactOf(cx, peer)),
    load: loadOf(cx, job, position),
    up: upOf(cx, job, position),
    level: position.level,
    nextMs: cx.config.renewMs
  }
}

/** Publish to the members, if there are any; the root's state is for watchers too. */
export function publishState (cx: Context, job: Job, position: Position): void {
  if (!hasAudience(cx, position)) return
  position.publishedMs = cx.now
  const state = stateOf(cx, job, position)
  position.told = { version: state.version, up: peersAbove(cx, job, position) }
  publish(cx, { job: job.id, path: position.path }, state)
}

const hasAudience = (cx: Context, position: Position): boolean =>
  position.path === ROOT || position.state !== 'granted' || hasMembers(cx, position)

/** The regular turn: all of the state when something changed since it was last told, else a beat. The next one comes after `nextMs`. */
export function publishTurn (cx: Context, job: Job, position: Position, load: Load, nextMs: number): void {
  const { told, path, fence, changed } = position
  position.version++
  if (told === null || told.version < changed || !isSameList(told.up, peersAbove(cx, job, position))) return publishState(cx, job, position)
  if (!hasAudience(cx, position)) return
  position.publishedMs = cx.now
  publish(cx, { job: job.id, path }, {
    type: 'beat', job: job.id, path, fence, version: position.version, since: changed, load, nextMs
  })
}

export function onStateTimer (cx: Context, job: Job, path: Path): void {
  const position = job.positions.get(path)
  if (position !== undefined) publishState(cx, job, position)
}

/** Give up a position without telling anyone; values stay in the ledger. */
export function dropPosition (cx: Context, job: Job, position: Position): void {
  job.positions.delete(position.path)
  endTrials(cx, job, position.path)
  rememberFence(job, position.path, position.fence)
  job.naming = 'due'
  for (const name of ['renew', 'state', 'claim'] as const) clearTimer(cx, name, job.id, position.path)
  cx.effects.push({ type: 'unsubscribe', topic: { job: job.id, path: position.path } })
}

/** Give up every position at or below a path. */
export function dropWithin (cx: Context, job: Job, path: Path): void {
  for (const position of [...job.positions.values()]) {
    if (isWithin(position.path, path)) dropPosition(cx, job, position)
  }
}

export const childAt = (position: Position, path: Path): Child | undefined => {
  const digit = digitOf(path)
  const usual = position.children[digit]
  // Empty children do not exist, so the others may stand further in front.
  return usual?.digit === digit ? usual : position.children.find(child => child.digit === digit)
}

/** Everybody listening on a path's topic hears its claims and states (G4). Idempotent at the host. */
export function subscribe (cx: Context, job: Job, path: Path): void {
  cx.effects.push({ type: 'subscribe', topic: { job: job.id, path } })
}
