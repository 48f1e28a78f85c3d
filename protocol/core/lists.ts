/**
 * The lists of a commitment (V2): a leaf's partitions, or up to 256 of a longer one. They can be counted and found by index without going
 * through all of them, because nothing but a range's size says how it is cut (G2).
 */
import { assert } from './unreachable.ts'
import { childDigits, childRange, isLeaf, sizeOf } from './geometry.ts'
import type { Geometry, Range } from './geometry.ts'

/** Partitions in one list: 16 KiB of items at most, like a value that travels inline. */
export const LIST_MAX = 256

export class Lists {
  readonly #geometry: Geometry
  /** By a range's size; each level has two of them at most. */
  readonly #counts = new Map<number, number>()

  constructor (geometry: Geometry) {
    this.#geometry = geometry
  }

  /** How many there are in a range that is a path's. */
  count (range: Range): number {
    const size = sizeOf(range)
    if (isLeaf(this.#geometry, range)) return Math.ceil(size / LIST_MAX)
    const known = this.#counts.get(size)
    if (known !== undefined) return known
    let count = 0
    for (const digit of childDigits(this.#geometry, range)) count += this.count(childRange(range, this.#geometry.fanout, digit))
    this.#counts.set(size, count)
    return count
  }

  /** One of them. @param index - from 0 up to the count */
  at (range: Range, index: number): Range {
    if (isLeaf(this.#geometry, range)) {
      const from = range.from + index * LIST_MAX
      assert(from < range.to, 'an index is below the count')
      return { from, to: Math.min(range.to, from + LIST_MAX) }
    }
    let left = index
    for (const digit of childDigits(this.#geometry, range)) {
      const child = childRange(range, this.#geometry.fanout, digit)
      const count = this.count(child)
      if (left < count) return this.at(child, left)
      left -= count
    }
    assert(false, 'an index is below the count')
  }
}
