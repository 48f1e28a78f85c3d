/**
 * Gathered values: what a job without `collect` folds to (G3, amended). A list of outputs in index order
 * is one block `{ l: [outputs...] }` while that block is at most 64 KiB; a longer one is
 * `{ c: [[link, count], ...] }`, the blocks of its children in order. So it depends on the outputs and
 * the geometry alone. Inputs have the same form (inputs.ts). Never decodes what it only passes on.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { childDigits, childRange, isLeaf, sizeOf } from '../core/geometry.ts'
import { cidFrom, cidOfDag, linkTo } from './cid.ts'
import { headBytes, ValueError } from './value.ts'
import type { Geometry, Range } from '../core/geometry.ts'
import type { Cid } from '../core/ids.ts'

/** Largest block that holds outputs themselves; one output larger than this is a block of its own. */
export const LIST_BYTES_MAX = 65_536
/** Links a block holds at most: 46 bytes each, so 47 KiB. */
export const LINKS_MAX = 1024
/** Blocks of links above each other: 128^6 is above the most partitions, leaves add two. */
const DEPTH_MAX = 48
const L = 0x6c
const C = 0x63

export interface Block { cid: Cid, bytes: Uint8Array }

/** One gathered value and the blocks made for it. */
export interface Gathered {
  bytes: Uint8Array
  /** True when `bytes` holds links. */
  links: boolean
  /** Outputs in it. */
  count: number
  /** Blocks below it that were made on the way, `bytes` not among them. */
  blocks: Block[]
}

/** Outputs encoded one behind the other: output i is `bytes` from `ends[i - 1]` (0 for the first) to `ends[i]`. */
export interface Encoded { bytes: Uint8Array, ends: ArrayLike<number> }

/** A link to a block and the outputs below it. */
export type Link = [cid: Cid, count: number]

/** Block bytes of a list whose items take `bodyBytes`. */
const listBytes = (count: number, bodyBytes: number): number => 3 + headBytes(count) + bodyBytes

/** `{ l: [items] }` around items already encoded. */
function listOf (count: number, body: Uint8Array): Uint8Array {
  const head = encode(count)
  const block = new Uint8Array(3 + head.length + body.length)
  block.set([0xa1, 0x61, L])
  block.set(head, 3)
  // An array's head is an integer's head of major type 4.
  block[3] = block[3]! | 0x80
  block.set(body, 3 + head.length)
  return block
}

/** `{ c: [[link, count]] }`. */
export const linksOf = (links: Link[]): Uint8Array => encode({ c: links.map(([cid, count]) => [linkTo(cid), count]) })

/** Keep a gathered value's own block among `blocks` and give the link to it. */
function linkKept (child: Gathered, blocks: Block[]): Link {
  const cid = cidOfDag(child.bytes)
  for (const block of child.blocks) blocks.push(block)
  blocks.push({ cid, bytes: child.bytes })
  return [cid, child.count]
}

/** Links as one value; more than a block takes are grouped, in order. */
function join (links: Link[], blocks: Block[]): Gathered {
  let level = links
  while (level.length > LINKS_MAX) {
    const groups: Link[] = []
    for (let i = 0; i < level.length; i += LINKS_MAX) {
      const group = level.slice(i, i + LINKS_MAX)
      const bytes = linksOf(group)
      const cid = cidOfDag(bytes)
      blocks.push({ cid, bytes })
      groups.push([cid, countOf(group)])
    }
    level = groups
  }
  return { bytes: linksOf(level), links: true, count: countOf(level), blocks }
}

const countOf = (links: Link[]): number => links.reduce((sum, [, count]) => sum + count, 0)

const list = (count: number, body: Uint8Array): Gathered => ({ bytes: listOf(count, body), links: false, count, blocks: [] })

/** Outputs `from` up to `to` of `encoded` as one leaf's value. */
function gatherSlice (encoded: Encoded, from: number, to: number): Gathered {
  const at = (index: number): number => index === 0 ? 0 : encoded.ends[index - 1]!
  if (listBytes(to - from, at(to) - at(from)) <= LIST_BYTES_MAX) return list(to - from, encoded.bytes.subarray(at(from), at(to)))
  const blocks: Block[] = []
  const links: Link[] = []
  for (let start = from; start < to;) {
    let end = start + 1
    while (end < to && listBytes(end + 1 - start, at(end + 1) - at(start)) <= LIST_BYTES_MAX) end++
    links.push(linkKept(list(end - start, encoded.bytes.subarray(at(start), at(end))), blocks))
    start = end
  }
  return join(links, blocks)
}

/** One leaf's value from its outputs. */
export const gatherLeaf = (encoded: Encoded): Gathered => gatherSlice(encoded, 0, encoded.ends.length)

/**
 * The value of a whole subtree from all its outputs: the same as gathering leaf by leaf and level by
 * level, without making lists that end up in larger ones.
 *
 * @param range - the subtree; `encoded` holds one output a partition of it
 */
export function gatherRange (geometry: Geometry, range: Range, encoded: Encoded, first = range.from): Gathered {
  const from = range.from - first
  const to = range.to - first
  const start = from === 0 ? 0 : encoded.ends[from - 1]!
  const fits = listBytes(sizeOf(range), encoded.ends[to - 1]! - start) <= LIST_BYTES_MAX
  if (fits || isLeaf(geometry, range)) return gatherSlice(encoded, from, to)
  const blocks: Block[] = []
  const links = childDigits(geometry, range).map(digit =>
    linkKept(gatherRange(geometry, childRange(range, geometry.fanout, digit), encoded, first), blocks))
  return join(links, blocks)
}

/**
 * An inner node's value from its children's, in index order.
 *
 * @throws ValueError when a child is not a gathered value
 */
export function gatherInner (children: Uint8Array[]): Gathered {
  const parts = children.map(partOf)
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const bodyBytes = parts.reduce((sum, part) => sum + part.body.length, 0)
  if (parts.every(part => !part.links) && listBytes(count, bodyBytes) <= LIST_BYTES_MAX) {
    const body = new Uint8Array(bodyBytes)
    let at = 0
    for (const part of parts) {
      body.set(part.body, at)
      at += part.body.length
    }
    return list(count, body)
  }
  const blocks: Block[] = []
  return join(parts.map(part => linkKept(part, blocks)), blocks)
}

/** A child's block with its items' bytes found; decoded once to be sure of what it says. */
function partOf (bytes: Uint8Array): Gathered & { body: Uint8Array } {
  const node = nodeOf(bytes)
  const count = node.type === 'list' ? node.items.length : countOf(node.links)
  const head = headBytes(node.type === 'list' ? node.items.length : node.links.length)
  return { bytes, links: node.type === 'links', count, blocks: [], body: bytes.subarray(3 + head) }
}

/** What a gathered block says. */
export type Node = { type: 'list', items: unknown[] } | { type: 'links', links: Link[] }

/**
 * Read one gathered block, which may come from anyone.
 *
 * @throws ValueError when it is none
 */
export function nodeOf (bytes: Uint8Array): Node {
  let node: { l?: unknown, c?: unknown }
  try {
    if (bytes[0] !== 0xa1 || bytes[1] !== 0x61 || (bytes[2] !== L && bytes[2] !== C)) throw new Error('not a list')
    node = decode(bytes)
  } catch (error) {
    throw new ValueError(`it is not a gathered value: ${(error as Error).message}`)
  }
  if (Array.isArray(node.l)) return { type: 'list', items: node.l }
  if (Array.isArray(node.c)) return { type: 'links', links: node.c.map(linkFrom) }
  throw new ValueError('it is not a gathered value: no list in it')
}

function linkFrom (pair: unknown): Link {
  const [link, count] = Array.isArray(pair) ? pair as unknown[] : []
  const cid = cidFrom(link)
  if (cid === null || !Number.isSafeInteger(count) || (count as number) < 1) throw new ValueError('it is not a gathered value: a bad link')
  return [cid, count as number]
}

/** Gives a block by its id; rejects when it cannot be had. */
export type GetBlock = (cid: Cid) => Promise<Uint8Array>

/** A list block on the way through a range: its first item is item `from` of the whole. */
export interface Chunk { from: number, count: number, bytes: Uint8Array }

/**
 * The list blocks below a gathered value that hold items `from` up to `to`, in order; no other blocks
 * are asked for.
 *
 * @throws ValueError when a block does not hold what its link promises
 */
export async function * readChunks (get: GetBlock, cid: Cid, from: number, to: number): AsyncGenerator<Chunk> {
  const stack: Array<{ cid: Cid, from: number, count: number | null, depth: number }> = [{ cid, from: 0, count: null, depth: 0 }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.depth > DEPTH_MAX) throw new ValueError('it is not a gathered value: links nested too deep')
    const bytes = await get(next.cid)
    const node = nodeOf(bytes)
    const count = node.type === 'list' ? node.items.length : countOf(node.links)
    if (next.count !== null && count !== next.count) throw new ValueError('it is not a gathered value: a count does not fit')
    if (node.type === 'list') {
      yield { from: next.from, count, bytes }
      continue
    }
    let end = next.from + count
    for (const [child, size] of node.links.toReversed()) {
      end -= size
      if (end < to && end + size > from) stack.push({ cid: child, from: end, count: size, depth: next.depth + 1 })
    }
  }
}

/**
 * The outputs of a gathered value, in order, one block in memory at a time.
 *
 * @throws ValueError when it is damaged; what `get` rejects with
 */
export async function * readGathered (get: GetBlock, cid: Cid): AsyncGenerator<unknown> {
  for await (const { bytes } of readChunks(get, cid, 0, Infinity)) {
    const node = nodeOf(bytes)
    if (node.type === 'list') yield * node.items
  }
}
