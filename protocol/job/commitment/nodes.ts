/**
 * The nodes of a Merkle commitment (V2): what a producer binds itself to before it learns what is asked. A node is
 * a dag-cbor block and its digest the block's hash, so the root is a content id like any other. Beside a node's
 * digest stands its value, one level up; so each step of a fold can be looked at alone:
 *
 *   `[0, items]`             outputs of a leaf's partitions, in order
 *   `[1, digests]`           a leaf of more than 256 partitions: the digests of its lists, one behind the other
 *   `[2, item]`              a leaf folded at once by `computeRange`: its value
 *   `[3, [[item, digest]]]`  an inner node: each child's value and digest, in order (G2)
 *
 * An *item* is an output or a value as it is, or a link to it where it is long. Runs inside sandboxes too; knows
 * nothing of peers and signatures.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { cidOfDag, linkTo } from '../cid.ts'
import { normalise, OUTPUT_BYTES_MAX } from '../value.ts'

/** Longer items stand as links, so that an opening is small whatever a job's outputs are. A hash takes half of it. A guess. */
export const ITEM_BYTES_MAX = 64
export const DIGEST_BYTES = 32

const LIST = 0
const LISTS = 1
const WHOLE = 2
const INNER = 3

export interface Child { item: unknown, digest: Uint8Array }

export type Node =
  | { type: 'list', items: unknown[] }
  | { type: 'lists', digests: Uint8Array[] }
  | { type: 'whole', item: unknown }
  | { type: 'inner', children: Child[] }

/**
 * The longest item that stands as it is, bytes. Where values may differ in their last bits only a look at both tells
 * whether they do, so they all stand as they are.
 */
export const itemBytesMaxOf = ({ equal }: { equal: boolean }): number => equal ? OUTPUT_BYTES_MAX : ITEM_BYTES_MAX

/**
 * @param value - in its normal form
 * @param bytes - the length of its dag-cbor
 */
export function itemOf (value: unknown, bytes: number, bytesMax: number): unknown {
  return bytes <= bytesMax ? value : linkTo(cidOfDag(encode(value)))
}

/** The item of a value in its normal form. */
export function itemOfValue (value: unknown, bytesMax: number): unknown {
  return typeof value === 'number' ? value : itemOf(value, normalise(value, Infinity).bytes, bytesMax)
}

/** The encoded item of an encoded value: what two items are compared by. */
export const itemBytes = (encoded: Uint8Array, bytesMax: number): Uint8Array =>
  encoded.length <= bytesMax ? encoded : encode(linkTo(cidOfDag(encoded)))

export const isLink = (item: unknown): boolean => CID.asCID(item) !== null

export const listNode = (items: unknown[]): Uint8Array => encode([LIST, items])
export const listsNode = (digests: Uint8Array[]): Uint8Array => encode([LISTS, joined(digests)])
export const wholeNode = (item: unknown): Uint8Array => encode([WHOLE, item])
export const innerNode = (children: Child[]): Uint8Array => encode([INNER, children.map(({ item, digest }) => [item, digest])])

/** Is this the node of a leaf folded by `computeRange`? */
export const isWholeNode = (bytes: Uint8Array): boolean => bytes[1] === WHOLE

/** Read a node, which may come from anyone; null when it is none. */
export function nodeFrom (bytes: Uint8Array): Node | null {
  let it: unknown
  try {
    it = decode(bytes)
  } catch {
    return null
  }
  if (!Array.isArray(it) || it.length !== 2) return null
  const [type, content] = it as unknown[]
  switch (type) {
    case LIST: return Array.isArray(content) ? { type: 'list', items: content } : null
    case LISTS: return content instanceof Uint8Array && content.length % DIGEST_BYTES === 0 ? { type: 'lists', digests: split(content) } : null
    case WHOLE: return { type: 'whole', item: content }
    case INNER: return innerFrom(content)
    default: return null
  }
}

function innerFrom (content: unknown): Node | null {
  if (!Array.isArray(content)) return null
  const children: Child[] = []
  for (const pair of content as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return null
    const [item, digest] = pair as unknown[]
    if (!(digest instanceof Uint8Array) || digest.length !== DIGEST_BYTES) return null
    children.push({ item, digest })
  }
  return { type: 'inner', children }
}

function joined (digests: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(digests.length * DIGEST_BYTES)
  digests.forEach((digest, i) => { bytes.set(digest, i * DIGEST_BYTES) })
  return bytes
}

function split (bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / DIGEST_BYTES }, (_, i) => bytes.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES))
}
