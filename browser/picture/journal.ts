/**
 * Everything that a log's lines changed in a picture, so that it can be played in either direction: each change holds
 * what was before and what is after. Far jumps start from the nearest of a few saved pictures. It changes the picture
 * through its `put` doors alone and never works out anything anew, so forwards and backwards cannot disagree.
 */
import type { Picture, Recorder } from './picture.ts'
import type { SavedCells } from './cells.ts'
import type { PeerState, Phase, TreeNode } from './tree.ts'

/** Numbers that grow. */
class Numbers {
  values = new Uint32Array(4096)
  length = 0

  push (value: number): void {
    if (this.length === this.values.length) {
      const more = new Uint32Array(2 * this.length)
      more.set(this.values)
      this.values = more
    }
    this.values[this.length++] = value
  }
}

interface Change<T> { index: number, before: T, after: T }

interface Saved { step: number, cells: SavedCells, nodes: Array<TreeNode | null>, peers: PeerState[], phase: Phase }

/** Numbers of a run of cells: from, to, before, after. */
const RUN = 4
/** Saved pictures besides the first: of a million cells 5 MB each. */
const SAVES_MAX = 12
/** Runs that are played in about 5 ms: nearer than this no saved picture is worth its copying. */
const RUNS_NEAR = 50_000

export class Journal implements Recorder {
  /** Lines that have been written. */
  steps = 0
  /** Lines that the picture shows now. */
  at = 0
  readonly #picture: Picture
  readonly #runs = new Numbers()
  readonly #nodes: Array<Change<TreeNode | null>> = []
  readonly #peers: Array<Change<PeerState>> = []
  readonly #phases: Array<Change<Phase>> = []
  /** For each line the lengths of the lists after it. */
  readonly #ends = { runs: new Numbers(), nodes: new Numbers(), peers: new Numbers(), phases: new Numbers() }
  readonly #saves: Saved[] = []

  /**
   * Start to write what happens to the picture; `next` after each line, `finish` after the last.
   */
  constructor (picture: Picture) {
    this.#picture = picture
    picture.recorder = this
    this.#end()
    this.#save()
  }

  onCells (from: number, to: number, before: number, after: number): void {
    for (const value of [from, to, before, after]) this.#runs.push(value)
  }

  onNode (index: number, before: TreeNode | null, after: TreeNode | null): void {
    this.#nodes.push({ index, before, after })
  }

  onPeer (index: number, before: PeerState, after: PeerState): void {
    this.#peers.push({ index, before, after })
  }

  onPhase (before: Phase, after: Phase): void {
    this.#phases.push({ index: 0, before, after })
  }

  /** A line has been painted. */
  next (): void {
    this.#end()
    this.at = ++this.steps
    const last = this.#saves.at(-1)
    if (last === undefined || this.#runsBetween(last.step, this.steps) < RUNS_NEAR * 2 ** Math.floor(this.#thinned)) return
    this.#save()
    if (this.#saves.length <= SAVES_MAX + 1) return
    // Too many: every other one goes, and the next ones come at twice the distance.
    this.#thinned++
    for (let i = this.#saves.length - 2; i > 0; i -= 2) this.#saves.splice(i, 1)
  }

  #thinned = 0

  /** Nothing more is written. */
  finish (): void {
    this.#picture.recorder = null
  }

  #end (): void {
    this.#ends.runs.push(this.#runs.length)
    this.#ends.nodes.push(this.#nodes.length)
    this.#ends.peers.push(this.#peers.length)
    this.#ends.phases.push(this.#phases.length)
  }

  #save (): void {
    const { cells, nodes, peers, phase } = this.#picture
    this.#saves.push({ step: this.steps, cells: cells.save(), nodes: [...nodes], peers: peers.map(({ state }) => state), phase })
  }

  #runsBetween (a: number, b: number): number {
    return Math.abs((this.#ends.runs.values[a] as number) - (this.#ends.runs.values[b] as number)) / RUN
  }

  /** Show the picture as it was after so many lines. */
  seek (step: number): void {
    const target = Math.max(0, Math.min(this.steps, Math.floor(step)))
    const near = this.#runsBetween(this.at, target)
    if (near > RUNS_NEAR) {
      const best = this.#saves.reduce((a, b) => this.#runsBetween(b.step, target) < this.#runsBetween(a.step, target) ? b : a)
      if (this.#runsBetween(best.step, target) < near / 2) this.#restore(best)
    }
    if (this.at < target) this.#forward(target)
    else if (this.at > target) this.#backward(target)
  }

  #restore ({ step, cells, nodes, peers, phase }: Saved): void {
    const picture = this.#picture
    picture.cells.load(cells)
    for (let i = 0; i < picture.nodes.length; i++) {
      if (picture.nodes[i] !== (nodes[i] ?? null)) picture.putNode(i, nodes[i] ?? null)
    }
    for (let i = 1; i < picture.peers.length; i++) picture.putPeer(i, peers[i] ?? 'unseen')
    picture.putPhase(phase)
    this.at = step
  }

  #forward (target: number): void {
    const picture = this.#picture
    const { values } = this.#runs
    const [a, b] = [this.at, target]
    for (let i = this.#ends.runs.values[a] as number; i < (this.#ends.runs.values[b] as number); i += RUN) {
      picture.cells.write(values[i] as number, values[i + 1] as number, values[i + 2] as number, values[i + 3] as number)
    }
    forEach(this.#nodes, this.#ends.nodes, a, b, ({ index, after }) => picture.putNode(index, after))
    forEach(this.#peers, this.#ends.peers, a, b, ({ index, after }) => picture.putPeer(index, after))
    forEach(this.#phases, this.#ends.phases, a, b, ({ after }) => picture.putPhase(after))
    this.at = target
  }

  #backward (target: number): void {
    const picture = this.#picture
    const { values } = this.#runs
    const [a, b] = [this.at, target]
    for (let i = (this.#ends.runs.values[a] as number) - RUN; i >= (this.#ends.runs.values[b] as number); i -= RUN) {
      picture.cells.write(values[i] as number, values[i + 1] as number, values[i + 3] as number, values[i + 2] as number)
    }
    forEach(this.#nodes, this.#ends.nodes, a, b, ({ index, before }) => picture.putNode(index, before))
    forEach(this.#peers, this.#ends.peers, a, b, ({ index, before }) => picture.putPeer(index, before))
    forEach(this.#phases, this.#ends.phases, a, b, ({ before }) => picture.putPhase(before))
    this.at = target
  }
}

/** The changes between two lines, the last first when going backwards. */
function forEach<T> (changes: Array<Change<T>>, ends: Numbers, a: number, b: number, visit: (change: Change<T>) => void): void {
  const [from, to] = [ends.values[a] as number, ends.values[b] as number]
  for (let i = from; i < to; i++) visit(changes[i] as Change<T>)
  for (let i = from - 1; i >= to; i--) visit(changes[i] as Change<T>)
}
