/**
 * How much is left below a position and who works on it: for routing joiners (J2), fitting bites (J4) and
 * progress. Computed on demand from what the children last told; nothing is stored.
 */
import type { Child, Context, Job, Position } from './state.ts'
import type { Load } from './message.ts'
import type { Path, PeerId } from './ids.ts'
import { ROOT, parentOf, rangeOf, sizeOf } from './geometry.ts'
import { emptyLoad } from './state.ts'
import { msPerPartition } from './speed.ts'

/** The size of a path that is known to exist. */
export function sizeOfPath (job: Job, path: Path): number {
  const range = rangeOf(job.spec, path)
  return range === null ? 0 : sizeOf(range)
}

/** Does the tree have this path? Those that this peer has to do with exist, and most messages are about them. */
export const isPathOf = (job: Job, path: Path): boolean => job.views.has(path) || job.positions.has(path) || rangeOf(job.spec, path) !== null

/** This peer's partitions a second, 0 while unknown. */
export const ownRate = (cx: Context, job: Job): number =>
  job.speed.x > 0 ? cx.cores * 1000 / msPerPartition(job.speed) : 0

/** Positions this peer holds whose parent it does not hold: the tops of its chains. */
export function topPositions (job: Job): Position[] {
  return [...job.positions.values()].filter(position => isTop(job, position))
}

export function isTop (job: Job, position: Position): boolean {
  const parent = position.parent
  return parent === null || !job.positions.has(parent)
}

/** The top of the chain that a position held by this peer belongs to. */
export function topOf (job: Job, position: Position): Position {
  let top = position
  for (let path = top.parent; path !== null; path = parentOf(path)) {
    const above = job.positions.get(path)
    if (above === undefined) break
    top = above
  }
  return top
}

/** The position that this peer holds on a child of one of its positions. Most hold one position: then there is none to look up. */
const ownAt = (job: Job, child: Child): Position | undefined =>
  job.positions.size === 1 ? undefined : job.positions.get(child.path)

function remainingOf (cx: Context, job: Job, child: Child): number {
  if (child.state === 'done') return 0
  // V1: looking at it is work too, and who is at it gets on (C5).
  if (isOnTrial(job, child)) return child.size
  const own = child.holder === cx.id ? ownAt(job, child) : undefined
  if (own !== undefined) return remainingBelow(cx, job, own)
  return child.state === 'leased' && child.load !== null ? Math.min(child.load.remaining, child.size) : child.size
}

export function remainingBelow (cx: Context, job: Job, position: Position): number {
  if (position.work === 'valued' || position.work === 'collecting') return 0
  if (position.work === 'whole' || position.children.length === 0) return position.size
  let remaining = 0
  for (const child of position.children) remaining += remainingOf(cx, job, child)
  return remaining
}

/**
 * Partitions left below, and of them those that nobody has begun, as far as this peer knows; a child just granted may still be all free. One way
 * through the children: every turn of a position asks for both.
 */
function addWork (cx: Context, job: Job, position: Position, sum: Load): void {
  if (position.work !== 'split' || position.children.length === 0) {
    sum.remaining += remainingBelow(cx, job, position)
    return
  }
  for (const child of position.children) {
    const { state, holder, size } = child
    if (state === 'free') {
      sum.remaining += size
      sum.free += isOnTrial(job, child) ? 0 : size
      continue
    }
    const own = ownAt(job, child)
    if (own !== undefined && holder === cx.id && state === 'leased' && job.court === null) {
      addWork(cx, job, own, sum)
      continue
    }
    sum.remaining += remainingOf(cx, job, child)
    if (own !== undefined) sum.free += freeBelow(cx, job, own)
    else if (state === 'leased' && holder !== cx.id) sum.free += freeAt(job, child)
  }
}

function freeBelow (cx: Context, job: Job, position: Position): number {
  const sum = emptyLoad()
  addWork(cx, job, position, sum)
  return sum.free
}

/** Partitions in somebody else's child that nobody has begun. */
export function freeAt (job: Job, child: Child): number {
  if (isOnTrial(job, child)) return 0
  return child.load?.free ?? (child.size > job.spec.grain ? child.size : 0)
}

/** V1: it has a value, which is looked at or voted on: it is given to nobody. */
const isOnTrial = (job: Job, { path }: Child): boolean => job.court !== null && job.court.trials.has(path)

function addHelpers (cx: Context, job: Job, position: Position, sum: Load): void {
  for (const child of position.children) {
    if (child.state === 'free') continue
    const own = ownAt(job, child)
    if (own !== undefined) {
      addHelpers(cx, job, own, sum)
      continue
    }
    const { holder, load } = child
    if (child.state !== 'leased' || holder === cx.id || load?.remaining === 0) continue
    sum.helpers += load === null ? 1 : load.helpers
    sum.rate += load === null ? 0 : load.rate
    sum.levels = Math.max(sum.levels, load === null ? position.level + 1 : load.levels)
  }
}

/** A peer with several leases counts as a helper in the first that has work left. */
function isAtWork (cx: Context, job: Job, position: Position): boolean {
  if (job.positions.size === 1) return true
  const busy = topPositions(job).find(top => remainingBelow(cx, job, top) > 0)
  return busy === undefined || busy === topOf(job, position)
}

/** The load of a position this peer holds; whoever has nothing left to do below is no helper. */
export function loadOf (cx: Context, job: Job, position: Position): Load {
  const load = emptyLoad()
  load.levels = position.level
  addWork(cx, job, position, load)
  if (cx.cores > 0 && load.remaining > 0 && isAtWork(cx, job, position)) {
    load.helpers = 1
    load.rate = ownRate(cx, job)
  }
  addHelpers(cx, job, position, load)
  return load
}

/** Others that hold a child below: whether they told a load that counts them, and how many children they told none of. */
function holdersBelow (cx: Context, job: Job, position: Position, holders: Map<PeerId, { isTold: boolean, untold: number }>): void {
  for (const child of position.children) {
    const own = child.state === 'free' ? undefined : ownAt(job, child)
    if (own !== undefined) holdersBelow(cx, job, own, holders)
    const { holder, load } = child
    if (own !== undefined || child.state !== 'leased' || holder === null || holder === cx.id) continue
    const known = holders.get(holder) ?? { isTold: false, untold: 0 }
    if (load === null) known.untold++
    else if (load.remaining > 0 && load.helpers > 0) known.isTold = true
    holders.set(holder, known)
  }
}

/**
 * The load as people are told it: whoever holds several children counts once before it told its loads, too. Bites are cut by
 * `loadOf` (J4), where each child counts until its holder tells who works there.
 */
export function shownLoad (cx: Context, job: Job, position: Position): Load {
  const load = loadOf(cx, job, position)
  const holders = new Map<PeerId, { isTold: boolean, untold: number }>()
  holdersBelow(cx, job, position, holders)
  for (const { isTold, untold } of holders.values()) load.helpers -= Math.max(0, isTold ? untold : untold - 1)
  return load
}

/** Partitions that are part of a value at this position. */
export const doneBelow = (cx: Context, job: Job, position: Position): number =>
  position.size - remainingBelow(cx, job, position)

/** The load as far up as this peer can see: its own root, or the nearest view. */
export function widestLoad (cx: Context, job: Job, position: Position): Load {
  const top = topOf(job, position)
  if (top.path === ROOT) return loadOf(cx, job, top)
  const view = job.views.get(top.parent as Path)
  // A view made up in an election knows no load yet.
  return view === undefined || view.load.helpers === 0 ? loadOf(cx, job, top) : view.load
}
