/**
 * Nodes of a commitment as somebody else shows them (V4), and the walk down to one partition. Every node is named by its
 * hash from the one above, so whoever signed the root is bound to each; what is not here was not shown, and what has not the
 * shape that the geometry asks for is a lie of whoever signed it. Looks at shapes only: whether a step is folded right is
 * examined elsewhere, with a sandbox.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { digestOf } from '../cid.ts'
import { nodeFrom } from './nodes.ts'
import { holds, partOf, partsBelow } from './shape.ts'
import { sizeOf } from '../../core/geometry.ts'
import type { Cid } from '../../core/ids.ts'
import type { Geometry, Range } from '../../core/geometry.ts'
import type { Node } from './nodes.ts'
import type { Part } from './shape.ts'

/** One node on the way down, and the part it stands for. `item` is its value as the node above has it; undefined within a leaf, and at the root. */
export interface Step { bytes: Uint8Array, node: Node, part: Part, item: unknown }

/** Down to the node that has the partition's output; or where a node is missing, or has the wrong shape. */
export type Way = { steps: Step[], end: 'reached' | 'missing' } | { steps: Step[], end: 'misshapen', bytes: Uint8Array }

export class Opening {
  readonly #nodes = new Map<string, Uint8Array>()
  /** As read; ways share those near the root. */
  readonly #read = new WeakMap<Uint8Array, Node>()

  /** @param nodes - in any order, from anyone */
  constructor (nodes: Iterable<Uint8Array> = []) {
    this.add(nodes)
  }

  add (nodes: Iterable<Uint8Array>): void {
    for (const bytes of nodes) this.#nodes.set(bytesToHex(sha256(bytes)), bytes)
  }

  node (digest: Uint8Array): Uint8Array | null {
    return this.#nodes.get(bytesToHex(digest)) ?? null
  }

  /**
   * Walk from a root to a partition.
   *
   * @param range - of the path that was committed to
   */
  way (geometry: Geometry, root: Cid, range: Range, partition: number): Way {
    const steps: Step[] = []
    let digest: Uint8Array | null = digestOf(root)
    let part = partOf(geometry, range, false)
    let item: unknown
    while (digest !== null) {
      const bytes = this.node(digest)
      if (bytes === null) return { steps, end: 'missing' }
      const node = this.#read.get(bytes) ?? nodeFrom(bytes)
      if (node === null || !fits(geometry, part, node)) return { steps, end: 'misshapen', bytes }
      this.#read.set(bytes, node)
      steps.push({ bytes, node, part, item })
      const below = partsBelow(geometry, part, node.type === 'whole').findIndex(({ range: each }) => holds(each, partition))
      if (below < 0 || node.type === 'list' || node.type === 'whole') break
      part = partsBelow(geometry, part, false)[below]!
      item = node.type === 'inner' ? node.children[below]!.item : undefined
      digest = node.type === 'inner' ? node.children[below]!.digest : node.digests[below]!
    }
    return { steps, end: 'reached' }
  }
}

/** Has a node what its part needs? A whole leaf may stand where a leaf's lists would. */
function fits (geometry: Geometry, part: Part, node: Node): boolean {
  switch (node.type) {
    case 'inner': return part.kind === 'inner' && node.children.length === partsBelow(geometry, part, false).length
    case 'lists': return part.kind === 'lists' && node.digests.length === partsBelow(geometry, part, false).length
    case 'list': return part.kind === 'list' && node.items.length === sizeOf(part.range)
    case 'whole': return part.kind !== 'inner'
    default: return node satisfies never
  }
}
