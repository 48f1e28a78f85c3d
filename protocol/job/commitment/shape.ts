/**
 * How a commitment's nodes are arranged (V2): like the path tree (G2) down to its leaves, and below a leaf of many
 * partitions like a tree of lists. It depends on the geometry alone, so a node's place among all of them, in the
 * order in which a fold makes them (children first), is arithmetic and needs no index.
 */
import { childDigits, childOf, childRange, isLeaf, rangeOf, sizeOf } from '../../core/geometry.ts'
import { LIST_MAX } from '../../core/lists.ts'
import type { Geometry, Range } from '../../core/geometry.ts'
import type { Path } from '../../core/ids.ts'

/** What a node stands for: a path's range, or a part of a leaf's. */
export interface Part {
  range: Range
  kind: 'inner' | 'lists' | 'list' | 'whole'
}

/** Where the walk down to a partition is: a part, and the index of the first node made below it. */
interface Place { part: Part, first: number }

/** Items that each list below a list of `size` has, the last perhaps fewer. */
export function spanOf (size: number): number {
  let span = LIST_MAX
  while (span * LIST_MAX < size) span *= LIST_MAX
  return span
}

/** @param isWhole - does the job fold leaves at once (`computeRange`)? */
export function partOf (geometry: Geometry, range: Range, isWhole: boolean): Part {
  if (!isLeaf(geometry, range)) return { range, kind: 'inner' }
  if (isWhole) return { range, kind: 'whole' }
  return listPart(range)
}

const listPart = (range: Range): Part => ({ range, kind: sizeOf(range) > LIST_MAX ? 'lists' : 'list' })

/** The parts one level below, in order. */
export function partsBelow (geometry: Geometry, { range, kind }: Part, isWhole: boolean): Part[] {
  switch (kind) {
    case 'inner': return childDigits(geometry, range).map(digit => partOf(geometry, childRange(range, geometry.fanout, digit), isWhole))
    case 'lists': {
      const span = spanOf(sizeOf(range))
      return Array.from({ length: Math.ceil(sizeOf(range) / span) }, (_, i) =>
        listPart({ from: range.from + i * span, to: Math.min(range.to, range.from + (i + 1) * span) }))
    }
    default: return []
  }
}

export const holds = ({ from, to }: Range, partition: number): boolean => partition >= from && partition < to

/** The leaf's path that holds a partition, from a path down. */
export function leafPathOf (geometry: Geometry, path: Path, partition: number): Path {
  let at = path
  for (let range = rangeOf(geometry, path); range !== null && !isLeaf(geometry, range);) {
    const parent = range
    const digit = childDigits(geometry, parent).find(each => holds(childRange(parent, geometry.fanout, each), partition))
    if (digit === undefined) break
    at = childOf(at, digit)
    range = childRange(parent, geometry.fanout, digit)
  }
  return at
}

/** The range of that leaf. */
export const leafRangeOf = (geometry: Geometry, path: Path, partition: number): Range =>
  rangeOf(geometry, leafPathOf(geometry, path, partition))!

export class Shape {
  readonly #geometry: Geometry
  readonly #isWhole: boolean
  /** Nodes of a part and below, by its kind and size: nothing else matters (G2). */
  readonly #counts = new Map<string, number>()

  constructor (geometry: Geometry, isWhole: boolean) {
    this.#geometry = geometry
    this.#isWhole = isWhole
  }

  /** Nodes of a path's commitment. */
  count (range: Range): number {
    return this.#count(partOf(this.#geometry, range, this.#isWhole))
  }

  /** Indices of the nodes from a path's root down to a partition. */
  way (range: Range, partition: number): number[] {
    const way: number[] = []
    let at: Place | null = { part: partOf(this.#geometry, range, this.#isWhole), first: 0 }
    while (at !== null) {
      way.push(at.first + this.#count(at.part) - 1)
      at = this.#below(at, partition)
    }
    return way
  }

  #below ({ part, first }: Place, partition: number): Place | null {
    let start = first
    for (const below of partsBelow(this.#geometry, part, this.#isWhole)) {
      if (holds(below.range, partition)) return { part: below, first: start }
      start += this.#count(below)
    }
    return null
  }

  #count (part: Part): number {
    const key = `${part.kind} ${sizeOf(part.range)}`
    const known = this.#counts.get(key)
    if (known !== undefined) return known
    const count = 1 + partsBelow(this.#geometry, part, this.#isWhole).reduce((sum, below) => sum + this.#count(below), 0)
    this.#counts.set(key, count)
    return count
  }
}
