/**
 * The picture of one job: its cells along the curve, its tree of coordinators, its peers. Two sources paint it, the
 * lines of a log (log-events.ts) and what a live mesh tells (snapshot.ts); a journal listens and can turn back every
 * change. Pure: it has no clock, draws nothing, and what strangers call themselves is only ever text.
 */
import { AGAIN, Cells, DONE, FAILED, FREE, LEASED, cellOf, isDone, peerOf, stateOf } from './cells.ts'
import { ROOT, childDigits, childOf, childRange, digitsOf, isLeaf, parentOf, rangeOf } from '../../protocol/core/geometry.ts'
import type { Geometry, Range } from '../../protocol/core/geometry.ts'
import type { Path } from '../../protocol/core/ids.ts'
import type { Failover, Peer, PeerState, Phase, TreeNode } from './tree.ts'

/** What has to be known of a job before it can be drawn (G1). */
export interface JobShape extends Geometry {
  /** Its id. */
  job: string
  /** What its author calls it: a stranger's text. */
  name: string
}

/** A map has at most so many cells; of a larger job each stands for several partitions and shows the first of them. */
export const CELLS_MAX = 2 ** 20

/** Told of every change, in order; what it needs to take it back. */
export interface Recorder {
  onCells: (from: number, to: number, before: number, after: number) => void
  onNode: (index: number, before: TreeNode | null, after: TreeNode | null) => void
  onPeer: (index: number, before: PeerState, after: PeerState) => void
  onPhase: (before: Phase, after: Phase) => void
}

export type NodePatch = Partial<Omit<TreeNode, 'path' | 'depth' | 'from' | 'to'>>

const BLANK = { coordinator: 0, fence: [], heirs: [], state: 'live', failovers: [], conflicts: 0, told: 0 } as const

/** Is what lies below it claimed by its coordinator? Nobody has claimed the root. */
const isHolding = (node: TreeNode): boolean => node.state === 'live' && node.coordinator !== 0 && node.depth > 0

export class Picture {
  readonly shape: JobShape
  readonly cells: Cells
  /** Records by index; null while the path has no coordinator yet. */
  readonly nodes: Array<TreeNode | null> = []
  /** By index; the first is nobody. */
  readonly peers: Peer[] = [{ id: '', state: 'unseen' }]
  /** Peers by what they do. */
  readonly tallies: Record<PeerState, number> = { unseen: 0, here: 0, works: 0, gone: 0 }
  phase: Phase = 'waiting'
  /** The moment shown, in Unix ms (virtual ones in a simulation). */
  now = 0
  /** Takeovers up to now. */
  failovers = 0
  /** Levels below the root on which anybody has ever coordinated. */
  depth = 0
  recorder: Recorder | null = null
  readonly #nodeOf = new Map<Path, number>()
  /** For each record the indices of those right below. */
  readonly #below: number[][] = []
  readonly #peerOf = new Map<string, number>([['', 0]])
  #version = 0

  constructor (shape: JobShape) {
    this.shape = shape
    this.cells = new Cells(Math.min(shape.partitions, CELLS_MAX))
    this.cells.onRun = (from, to, before, after) => this.recorder?.onCells(from, to, before, after)
  }

  /** Rises with every change of anything. */
  get version (): number {
    return this.#version + this.cells.version
  }

  /** Partitions that are done; exact up to 2^20 of them. */
  get done (): number {
    const { partitions } = this.shape
    if (this.phase === 'done') return partitions
    const counted = this.cells.done * (partitions / this.cells.count)
    return Math.min(partitions, Math.max(Math.floor(counted), this.node(ROOT)?.told ?? 0))
  }

  /** The cells of a range of partitions: those whose first partition lies in it, so that tiles stay tiles. */
  cellsOf ({ from, to }: Range): Range {
    const { partitions } = this.shape
    const { count } = this.cells
    if (partitions === count) return { from, to }
    const first = (partition: number): number => Math.min(count, Math.ceil(partition / partitions * count))
    return { from: first(from), to: first(to) }
  }

  /** The partitions that a cell stands for. */
  partitionsOf (cell: number): Range {
    const { partitions } = this.shape
    const { count } = this.cells
    return { from: Math.floor(cell / count * partitions), to: Math.floor((cell + 1) / count * partitions) }
  }

  node (path: Path): TreeNode | null {
    return this.nodes[this.#nodeOf.get(path) ?? -1] ?? null
  }

  /** Those who have a partition in their range, from the root down. */
  nodesAt (partition: number): TreeNode[] {
    const nodes: TreeNode[] = []
    let path = ROOT
    let range: Range = { from: 0, to: this.shape.partitions }
    while (this.#nodeOf.has(path)) {
      const node = this.node(path)
      if (node !== null) nodes.push(node)
      if (isLeaf(this.shape, range)) break
      const above = range
      const digit = childDigits(this.shape, above).find(each => childRange(above, this.shape.fanout, each).to > partition) ?? 0
      path = childOf(path, digit)
      range = childRange(above, this.shape.fanout, digit)
    }
    return nodes
  }

  /** Share of a node that is done, 0 to 1. */
  shareOf (node: TreeNode): number {
    if (node.state === 'done' || this.phase === 'done') return 1
    const { from, to } = this.cellsOf(node)
    const counted = to > from ? this.cells.doneIn(from, to) / (to - from) : 0
    return Math.min(1, Math.max(counted, node.told / (node.to - node.from)))
  }

  /** The index of a peer, met now if it was not before. */
  meet (id: string): number {
    const known = this.#peerOf.get(id)
    if (known !== undefined) return known
    const index = this.peers.length
    this.#peerOf.set(id, index)
    this.peers.push({ id, state: 'unseen' })
    this.tallies.unseen++
    return index
  }

  becomePeer (index: number, state: PeerState): void {
    const before = (this.peers[index] as Peer).state
    if (index === 0 || before === state) return
    this.putPeer(index, state)
    this.recorder?.onPeer(index, before, state)
  }

  becomePhase (phase: Phase): void {
    const before = this.phase
    if (before === phase) return
    this.putPhase(phase)
    this.recorder?.onPhase(before, phase)
  }

  /**
   * Change what is known of a path, which is entered if it is new.
   *
   * @returns false when the job's tree has no such path
   */
  setNode (path: Path, patch: NodePatch): boolean {
    let index = this.#nodeOf.get(path)
    const before = index === undefined ? null : this.nodes[index] as TreeNode | null
    const place = before ?? this.#placeOf(path)
    if (place === null) return false
    index ??= this.#enter(path)
    this.depth = Math.max(this.depth, place.depth)
    const after: TreeNode = { ...BLANK, ...place, ...before, ...patch }
    this.putNode(index, after)
    this.recorder?.onNode(index, before, after)
    return true
  }

  /** A new path's index; the paths above it get theirs too. */
  #enter (path: Path): number {
    const index = this.nodes.push(null) - 1
    this.#below.push([])
    this.#nodeOf.set(path, index)
    const parent = parentOf(path)
    if (parent !== null) this.#below[this.#nodeOf.get(parent) ?? this.#enter(parent)]?.push(index)
    return index
  }

  #placeOf (path: Path): Pick<TreeNode, 'path' | 'depth' | 'from' | 'to'> | null {
    const range = rangeOf(this.shape, path)
    return range === null ? null : { path, depth: digitsOf(path)?.length ?? 0, ...range }
  }

  /** A takeover, told once by its path and time. */
  addFailover (failover: Failover): void {
    const node = this.node(failover.path)
    this.setNode(failover.path, { failovers: [...node?.failovers ?? [], failover] })
  }

  /** Paint a range of partitions; what is done stays done and its first computer's. */
  setRange (range: Range, state: 'free' | 'leased' | 'failed', peer: number): void {
    const after = cellOf({ free: FREE, leased: LEASED, failed: FAILED }[state], peer)
    const { from, to } = this.cellsOf(range)
    this.cells.change(from, to, cell => isDone(cell) ? cell : after)
  }

  /** A value for a range has been accepted. Without a peer, whoever held a cell is shown as its computer. */
  setDone (range: Range, peer: number): void {
    const { from, to } = this.cellsOf(range)
    this.cells.change(from, to, cell => isDone(cell) ? cell : cellOf(DONE, peer === 0 ? peerOf(cell) : peer))
  }

  /** The range has been computed by another peer too. */
  setAgain (range: Range): void {
    const { from, to } = this.cellsOf(range)
    this.cells.change(from, to, cell => stateOf(cell) === DONE ? cellOf(AGAIN, peerOf(cell)) : cell)
  }

  /**
   * Give what is not done below a path to those who hold it: the deepest live coordinator, and below the root alone
   * nobody, since nobody has claimed it.
   */
  hold (node: TreeNode): void {
    let holder: TreeNode | null = node
    for (let at: Path | null = node.path; at !== null; at = parentOf(at)) {
      holder = this.node(at)
      if (holder !== null && isHolding(holder)) break
    }
    const isHeld = holder !== null && isHolding(holder)
    this.setRange(node, isHeld ? 'leased' : 'free', isHeld ? holder?.coordinator ?? 0 : 0)
    this.#holdBelow(this.#nodeOf.get(node.path) ?? -1)
  }

  #holdBelow (above: number): void {
    for (const index of this.#below[above] ?? []) {
      const node = this.nodes[index] ?? null
      if (node !== null && isHolding(node)) this.setRange(node, 'leased', node.coordinator)
      this.#holdBelow(index)
    }
  }

  /** Replace a record, without telling the recorder; for what turns time. */
  putNode (index: number, node: TreeNode | null): void {
    const before = this.nodes[index]
    this.failovers += (node?.failovers.length ?? 0) - (before?.failovers.length ?? 0)
    this.nodes[index] = node
    this.#version++
  }

  putPeer (index: number, state: PeerState): void {
    const peer = this.peers[index] as Peer
    this.tallies[peer.state]--
    this.tallies[state]++
    this.peers[index] = { id: peer.id, state }
    this.#version++
  }

  putPhase (phase: Phase): void {
    this.phase = phase
    this.#version++
  }
}
