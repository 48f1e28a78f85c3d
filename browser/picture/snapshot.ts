/**
 * What a live mesh tells about its coordinators, merged into the picture. A page collects snapshots from the peers it
 * can ask, as often as it likes; any part of the tree may be missing or old. Fences decide who is believed (C4). It
 * polls nobody and knows no wire.
 */
import { ROOT, childOf, rangeOf } from '../../protocol/core/geometry.ts'
import { childFence, compareFences } from '../../protocol/core/fence.ts'
import type { Path } from '../../protocol/core/ids.ts'
import type { Picture } from './picture.ts'
import type { PeerState, TreeNode } from './tree.ts'

export interface ChildSnapshot {
  digit: number
  state: 'free' | 'leased' | 'done'
  /** The last term given for it; the child's fence is its parent's and this. */
  term: number
  /** Id of the peer that has it, or null. */
  holder: string | null
  /** Its partitions that are done, as its holder told. */
  done: number
}

/** A coordinator's own view of the subtree that it holds. */
export interface PositionSnapshot {
  /** `/` or digits joined by dots (G2). */
  path: string
  fence: number[]
  /** Levels of helpers above. */
  level: number
  /** Peer ids. */
  coordinator: string
  heirs: string[]
  children: ChildSnapshot[]
  /** Values accepted here, runs of partitions with `to` exclusive, and who computed each. */
  ranges: Array<{ from: number, to: number, by: string }>
}

/** Peers that nobody has named for so long are gone; about three leases. A guess. */
const GONE_MS = 20_000

/** When each peer was last named, by picture. */
const namedAt = new WeakMap<Picture, Map<number, number>>()

/**
 * Merge snapshots into the picture. What is done stays done; a lower fence than one seen is not believed.
 *
 * @param now - Unix ms
 * @param done - partitions done as the mesh tells, where that is known better than from the snapshots
 */
export function mergeSnapshots (picture: Picture, snapshots: readonly PositionSnapshot[], now: number, done?: number): void {
  picture.now = now
  const named = namedAt.get(picture) ?? new Map<number, number>()
  namedAt.set(picture, named)
  const ordered = snapshots.filter(snapshot => rangeOf(picture.shape, snapshot.path) !== null)
    .sort((a, b) => a.path.length - b.path.length || compareFences(a.fence, b.fence))
  const believed = ordered.filter(snapshot => mergePosition(picture, snapshot, named))
  // From below: a coordinator close to the work knows best who did it. A value stays one, whoever has it now.
  for (const snapshot of ordered.toReversed()) mergeRanges(picture, snapshot)
  for (const snapshot of believed) mergeDone(picture, snapshot)
  if (picture.phase === 'waiting' && ordered.length > 0) picture.becomePhase('running')
  if (done !== undefined) tell(picture, ROOT, done)
  for (const [peer, time] of named) if (now - time > GONE_MS) picture.becomePeer(peer, 'gone')
}

/** Tell the picture that the job has ended. */
export function endPicture (picture: Picture, phase: 'done' | 'failed' | 'cancelled'): void {
  if (phase === 'done') picture.setDone({ from: 0, to: picture.shape.partitions }, 0)
  picture.becomePhase(phase)
}

/** Who holds the position, and those below it. False when a higher fence has been seen there. */
function mergePosition (picture: Picture, snapshot: PositionSnapshot, named: Map<number, number>): boolean {
  const path = snapshot.path as Path
  const name = (id: string, state: PeerState): number => {
    const peer = picture.meet(id)
    named.set(peer, picture.now)
    if (state === 'works' || picture.peers[peer]?.state !== 'works') picture.becomePeer(peer, state)
    return peer
  }
  const coordinator = name(snapshot.coordinator, path === ROOT ? 'here' : 'works')
  const heirs = snapshot.heirs.map(id => name(id, 'here'))
  if (!seat(picture, path, coordinator, snapshot.fence)) return false
  if (picture.node(path)?.heirs.join() !== heirs.join()) picture.setNode(path, { heirs })
  for (const child of childrenOf(picture, snapshot)) {
    const below = childOf(path, child.digit)
    if (child.state === 'leased' && child.holder !== null) {
      seat(picture, below, name(child.holder, 'works'), childFence(snapshot.fence, child.term))
      tell(picture, below, child.done)
    } else if (child.state === 'free') {
      leave(picture, below)
    }
  }
  return true
}

/** The children that the job's tree has too. */
function childrenOf (picture: Picture, { path, children }: PositionSnapshot): ChildSnapshot[] {
  return children.filter(({ digit }) => rangeOf(picture.shape, childOf(path as Path, digit)) !== null)
}

function mergeRanges (picture: Picture, { path, ranges }: PositionSnapshot): void {
  const within = rangeOf(picture.shape, path)
  for (const { from, to, by } of ranges) {
    // Who computed it may have left long ago, so that is no sign of life.
    if (within !== null && from >= within.from && from < to && to <= within.to) picture.setDone({ from, to }, picture.meet(by))
  }
}

function mergeDone (picture: Picture, snapshot: PositionSnapshot): void {
  for (const { digit, state } of childrenOf(picture, snapshot)) {
    if (state !== 'done') continue
    const path = childOf(snapshot.path as Path, digit)
    const range = rangeOf(picture.shape, path)
    if (range !== null) picture.setDone(range, 0)
    const node = picture.node(path)
    if (node !== null && node.state !== 'done') picture.setNode(path, { state: 'done' })
  }
}

function tell (picture: Picture, path: Path, done: number): void {
  const node = picture.node(path)
  if (node !== null && node.told !== done) picture.setNode(path, { told: done })
}

/** A child is free again: whoever had it is gone, or has given it back. */
function leave (picture: Picture, path: Path): void {
  const node = picture.node(path)
  if (node === null || node.state !== 'live') return
  picture.setNode(path, { state: 'lost' })
  picture.hold(node)
}

/** Put a coordinator at a path, unless a higher fence has been seen there. A new one after another is a takeover. */
function seat (picture: Picture, path: Path, coordinator: number, fence: number[]): boolean {
  const before = picture.node(path)
  const order = before === null ? 1 : compareFences(fence, before.fence as number[])
  if (order < 0) return false
  if (before === null) {
    picture.setNode(path, { coordinator, fence })
  } else if (order > 0 || before.state === 'lost') {
    const isTakeover = before.coordinator !== coordinator && isSameAbove(before, fence)
    picture.setNode(path, { coordinator, fence, state: before.state === 'done' ? 'done' : 'live' })
    if (isTakeover) picture.addFailover({ time: picture.now, ms: null, path, to: coordinator })
  }
  const node = picture.node(path)
  if (node !== null && (before === null || before.coordinator !== coordinator || before.state !== node.state)) picture.hold(node)
  return node !== null && node.coordinator === coordinator
}

/** The path's own term rose, and not that of somebody above whose takeover it would repeat. */
const isSameAbove = (before: TreeNode, fence: number[]): boolean =>
  fence.length === before.fence.length && fence.slice(0, -1).every((term, i) => term === before.fence[i])
