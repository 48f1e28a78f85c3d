/**
 * All nodes of one commitment as its producer keeps them: encoded one behind the other in the order in which they were
 * made, the root last. Cutting the way to a partition out of it reads no other node.
 */
import { Shape } from './shape.ts'
import { isWholeNode } from './nodes.ts'
import type { Encoded } from '../gathered.ts'
import type { Geometry, Range } from '../../core/geometry.ts'

export type Pack = Encoded

/** One node of it. */
export function nodeAt ({ bytes, ends }: Pack, index: number): Uint8Array {
  return bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index])
}

/** The root's node. @throws Error when the pack is empty */
export function rootOf (pack: Pack): Uint8Array {
  if (pack.ends.length === 0) throw new Error('a commitment has at least one node')
  return nodeAt(pack, pack.ends.length - 1)
}

/**
 * The nodes from a path's root down to some of its partitions, each once.
 *
 * @param range - of the path
 * @throws Error when the pack is not of this range
 */
export function openingOf (pack: Pack, geometry: Geometry, range: Range, partitions: number[]): Uint8Array[] {
  const shape = new Shape(geometry, isWholeNode(nodeAt(pack, 0)))
  if (shape.count(range) !== pack.ends.length) throw new Error('these nodes are not of this path')
  const indices = new Set(partitions.flatMap(partition => shape.way(range, partition)))
  return [...indices].map(index => nodeAt(pack, index))
}
