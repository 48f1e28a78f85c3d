/**
 * What a simulated job comes to: for every range its first and last index and a sum of pseudo-random integers, exact in any order
 * of work but not of folding, since a fold checks that its parts follow one another without gap or overlap. The content id
 * of a value is this text, so that equal values are equal and anything else is told.
 */
import type { Cid, Path } from '../../protocol/core/ids.ts'
import type { Computed, Value } from '../../protocol/core/job.ts'
import type { Range } from '../../protocol/core/geometry.ts'

const NOTHING = new Uint8Array(0)

/** A 32-bit finaliser (Murmur3's), so that neighbouring partitions differ. */
function ofPartition (i: number): number {
  let h = i | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) & 0xfffff
}

/** Prefix sums over all partitions: 20 bits each, so exact below 2^33 of them. */
export class Oracle {
  readonly #before: Float64Array

  constructor (partitions: number) {
    this.#before = new Float64Array(partitions + 1)
    for (let i = 0; i < partitions; i++) this.#before[i + 1] = (this.#before[i] as number) + ofPartition(i)
  }

  /** The value of a path over a range. */
  value (path: Path, { from, to }: Range): Computed {
    const sum = (this.#before[to] as number) - (this.#before[from] as number)
    return encode(path, from, to, sum)
  }
}

export const encode = (path: Path, from: number, to: number, sum: number): Computed =>
  ({ path, count: to - from, cid: `${from} ${to} ${sum}` as Cid, bytes: NOTHING, links: false, credit: null })

/**
 * What `collect` does: fold the values of a path's children.
 *
 * @returns null when they do not tile a range
 */
export function collect (path: Path, values: Value[]): Computed | null {
  let first = -1
  let last = -1
  let sum = 0
  for (const { cid } of values) {
    const [from, to, part] = cid.split(' ').map(Number) as [number, number, number]
    if (first < 0) first = from
    else if (from !== last) return null
    last = to
    sum += part
  }
  return encode(path, first, last, sum)
}
