/**
 * How the partition space is cut into a tree (G1-G3). Pure arithmetic on ranges: the same spec gives the
 * same tree everywhere, and no node of it is ever stored.
 */
import type { JobSpec } from './job.ts'
import type { Path } from './ids.ts'

export type Geometry = Pick<JobSpec, 'partitions' | 'fanout' | 'grain'>

/** Half-open range of partition indices. */
export interface Range { from: number, to: number }

export const ROOT = '/' as Path

/** N to 2^40, so that N·F stays an exact integer (G1). */
export const PARTITIONS_MAX = 2 ** 40
export const FANOUT_MIN = 2
export const FANOUT_MAX = 128
/** The default grain keeps the tree at about this many leaves (G4). */
export const LEAVES_TARGET = 2 ** 16

/** The default grain for N partitions: at least one, and about 2^16 leaves. */
export const defaultGrain = (partitions: number): number => Math.max(1, Math.ceil(partitions / LEAVES_TARGET))

/** Forty levels of a fan-out of 128 have no longer path. */
const PATH_LENGTH_MAX = 160
const ZERO = '0'.charCodeAt(0)
const DOT = '.'.charCodeAt(0)

/** Digits of a path, or null when it is not one (a message's path may be anything). */
export function digitsOf (path: string): number[] | null {
  if (path === ROOT) return []
  if (path.length > PATH_LENGTH_MAX) return null
  const digits: number[] = []
  let digit = -1
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code === DOT) {
      if (digit < 0) return null
      digits.push(digit)
      digit = -1
      continue
    }
    const figure = code - ZERO
    // Up to three figures without a leading zero: one subtree has one path.
    if (figure < 0 || figure > 9 || digit === 0 || digit > 99) return null
    digit = digit < 0 ? figure : 10 * digit + figure
  }
  if (digit < 0) return null
  digits.push(digit)
  return digits
}

export const depthOf = (path: Path): number => path === ROOT ? 0 : path.split('.').length

export const childOf = (path: Path, digit: number): Path => (path === ROOT ? `${digit}` : `${path}.${digit}`) as Path

/** The path one level up, or null at the root. */
export function parentOf (path: Path): Path | null {
  if (path === ROOT) return null
  const dot = path.lastIndexOf('.')
  return dot < 0 ? ROOT : path.slice(0, dot) as Path
}

/** A path's last digit; -1 at the root. */
export const digitOf = (path: Path): number => path === ROOT ? -1 : Number(path.slice(path.lastIndexOf('.') + 1))

/** Is `path` below `ancestor`, or the same? */
export const isWithin = (path: Path, ancestor: Path): boolean =>
  ancestor === ROOT || path === ancestor || isBelow(path, ancestor)

/** Is `path` strictly below `ancestor`? */
export function isBelow (path: Path, ancestor: Path): boolean {
  if (ancestor === ROOT) return path !== ROOT
  return path.length > ancestor.length && path.charCodeAt(ancestor.length) === DOT && path.startsWith(ancestor)
}

/** The child of `ancestor` on the way down to `path`, which must lie strictly below it. */
export function stepTowards (ancestor: Path, path: Path): Path {
  const start = ancestor === ROOT ? 0 : ancestor.length + 1
  const dot = path.indexOf('.', start)
  return (dot < 0 ? path : path.slice(0, dot)) as Path
}

/** Child i of [a,b), n = b−a: [a+⌊i·n/F⌋, a+⌊(i+1)·n/F⌋) (G2). */
export function childRange (range: Range, fanout: number, digit: number): Range {
  const size = range.to - range.from
  return {
    from: range.from + Math.floor(digit * size / fanout),
    to: range.from + Math.floor((digit + 1) * size / fanout)
  }
}

/**
 * The range of a path, or null when the tree has no such path: not a path, an empty child, or below a leaf.
 */
export function rangeOf (geometry: Geometry, path: string): Range | null {
  if (path === ROOT) return { from: 0, to: geometry.partitions }
  if (path.length > PATH_LENGTH_MAX) return null
  const { fanout, grain } = geometry
  let from = 0
  let size = geometry.partitions
  let digit = -1
  // As digitsOf, but goes down as it reads: every message's path is looked up.
  for (let i = 0; i <= path.length; i++) {
    const code = i < path.length ? path.charCodeAt(i) : DOT
    if (code !== DOT) {
      const figure = code - ZERO
      if (figure < 0 || figure > 9 || digit === 0 || digit > 99) return null
      digit = digit < 0 ? figure : 10 * digit + figure
      continue
    }
    if (digit < 0 || digit >= fanout || size <= grain) return null
    const start = Math.floor(digit * size / fanout)
    const end = Math.floor((digit + 1) * size / fanout)
    if (start === end) return null
    from += start
    size = end - start
    digit = -1
  }
  return { from, to: from + size }
}

export const sizeOf = (range: Range): number => range.to - range.from

/** A path of at most g partitions is a leaf (G3). */
export const isLeaf = (geometry: Geometry, range: Range): boolean => sizeOf(range) <= geometry.grain

/** The digits of the children that exist, in order; none at a leaf. */
export function childDigits (geometry: Geometry, range: Range): number[] {
  if (isLeaf(geometry, range)) return []
  const digits: number[] = []
  for (let digit = 0; digit < geometry.fanout; digit++) {
    if (sizeOf(childRange(range, geometry.fanout, digit)) > 0) digits.push(digit)
  }
  return digits
}

/** Levels below the root down to the deepest leaf. */
export function depthMax (geometry: Geometry): number {
  let size = geometry.partitions
  let depth = 0
  for (; size > geometry.grain; depth++) size = Math.ceil(size / geometry.fanout)
  return depth
}
