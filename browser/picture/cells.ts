/**
 * The cells of a map: who holds, or has computed, each of up to 2^20 equal shares of a job's partitions. One number a
 * cell; every change is a run of neighbours that were alike, so that it can be recorded and undone. It keeps the counts
 * that go with it and tells which blocks have changed since a version; it knows no job, no tree and no pixel.
 */

/** `again`: done, and computed by more than one peer. `failed`: its last try failed. */
export const STATES = ['free', 'leased', 'done', 'again', 'failed'] as const
export type CellState = typeof STATES[number]

export const FREE = 0
export const LEASED = 1
export const DONE = 2
export const AGAIN = 3
export const FAILED = 4

const STATE_BITS = 3
const STATE_MASK = 7

/** A cell: its state's number and the peer's index, 0 for nobody. */
export const cellOf = (state: number, peer: number): number => (peer << STATE_BITS | state) >>> 0
export const stateOf = (cell: number): number => cell & STATE_MASK
export const peerOf = (cell: number): number => cell >>> STATE_BITS
export const isDone = (cell: number): boolean => (cell & STATE_MASK) === DONE || (cell & STATE_MASK) === AGAIN

/** Cells whose changes are told together: on the curve 2^10 neighbours are a patch of about 32 × 32. */
export const BLOCK_BITS = 10
/** Cells that are counted together. */
const COUNT_BITS = 6

/** Told of every run that changes, `to` exclusive. */
export type OnRun = (from: number, to: number, before: number, after: number) => void

/** A copy of all cells and their counts. */
export interface SavedCells { values: Uint32Array, tallies: Float64Array, doneBy: number[], doneIn: Uint16Array, doneInMany: Uint32Array }

export class Cells {
  readonly count: number
  readonly values: Uint32Array
  /** Cells by state. */
  readonly tallies = new Float64Array(STATE_MASK + 1)
  /** Done cells by peer. */
  readonly doneBy: number[] = []
  /** For each block the version of its last change. */
  readonly blocks: Uint32Array
  version = 1
  onRun: OnRun | null = null
  readonly #doneIn: Uint16Array
  readonly #doneInMany: Uint32Array

  constructor (count: number) {
    this.count = count
    this.values = new Uint32Array(count)
    this.blocks = new Uint32Array((count >>> BLOCK_BITS) + 1).fill(1)
    this.#doneIn = new Uint16Array((count >>> COUNT_BITS) + 1)
    this.#doneInMany = new Uint32Array((count >>> 2 * COUNT_BITS) + 1)
    this.tallies[FREE] = count
  }

  /** Give each run of like cells of [from, to) the value that `next` has for it. */
  change (from: number, to: number, next: (cell: number) => number): void {
    const { values } = this
    for (let start = from; start < to;) {
      const before = values[start] as number
      let end = start + 1
      while (end < to && values[end] === before) end++
      const after = next(before)
      if (after !== before) {
        this.write(start, end, before, after)
        this.onRun?.(start, end, before, after)
      }
      start = end
    }
  }

  /** Overwrite a run that is known to be alike. */
  write (from: number, to: number, before: number, after: number): void {
    this.values.fill(after, from, to)
    const size = to - from
    this.tallies[before & STATE_MASK] = (this.tallies[before & STATE_MASK] as number) - size
    this.tallies[after & STATE_MASK] = (this.tallies[after & STATE_MASK] as number) + size
    const was = isDone(before)
    const is = isDone(after)
    if (was) this.doneBy[peerOf(before)] = (this.doneBy[peerOf(before)] ?? 0) - size
    if (is) this.doneBy[peerOf(after)] = (this.doneBy[peerOf(after)] ?? 0) + size
    if (was !== is) this.#count(from, to, is ? 1 : -1)
    this.version++
    for (let block = from >>> BLOCK_BITS; block <= (to - 1) >>> BLOCK_BITS; block++) this.blocks[block] = this.version
  }

  #count (from: number, to: number, sign: number): void {
    for (let block = from >>> COUNT_BITS; block <= (to - 1) >>> COUNT_BITS; block++) {
      const first = Math.max(from, block << COUNT_BITS)
      const size = sign * (Math.min(to, (block + 1) << COUNT_BITS) - first)
      this.#doneIn[block] = (this.#doneIn[block] as number) + size
      this.#doneInMany[block >>> COUNT_BITS] = (this.#doneInMany[block >>> COUNT_BITS] as number) + size
    }
  }

  get done (): number {
    return (this.tallies[DONE] as number) + (this.tallies[AGAIN] as number)
  }

  /** Done cells in [from, to): some hundred steps at most, whatever the range. */
  doneIn (from: number, to: number): number {
    const { values } = this
    let sum = 0
    let at = from
    while (at < to) {
      if (at % (1 << 2 * COUNT_BITS) === 0 && at + (1 << 2 * COUNT_BITS) <= to) {
        sum += this.#doneInMany[at >>> 2 * COUNT_BITS] as number
        at += 1 << 2 * COUNT_BITS
      } else if (at % (1 << COUNT_BITS) === 0 && at + (1 << COUNT_BITS) <= to) {
        sum += this.#doneIn[at >>> COUNT_BITS] as number
        at += 1 << COUNT_BITS
      } else {
        if (isDone(values[at] as number)) sum++
        at++
      }
    }
    return sum
  }

  save (): SavedCells {
    return { values: this.values.slice(), tallies: this.tallies.slice(), doneBy: [...this.doneBy], doneIn: this.#doneIn.slice(), doneInMany: this.#doneInMany.slice() }
  }

  /** Be as when saved; all blocks count as changed. */
  load ({ values, tallies, doneBy, doneIn, doneInMany }: SavedCells): void {
    this.values.set(values)
    this.tallies.set(tallies)
    this.doneBy.length = 0
    this.doneBy.push(...doneBy)
    this.#doneIn.set(doneIn)
    this.#doneInMany.set(doneInMany)
    this.version++
    this.blocks.fill(this.version)
  }
}
