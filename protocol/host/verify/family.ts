/**
 * The block that a folded value is bound to (V2): its children with what each is, who made it and what that one signed. So the
 * value of a job's root leads down to every partition, through blocks that are kept with the value: own values that are
 * blocks, children's longer than a kilobyte and their families are linked; what bites were folded from only their makers know.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { childDigits, childOf, childRange, rangeOf, sizeOf } from '../../core/geometry.ts'
import { cidFrom, cidOfDag, linkTo } from '../../job/cid.ts'
import type { Cid, JobId, Path, PeerId } from '../../core/ids.ts'
import type { Geometry } from '../../core/geometry.ts'
import type { Statement } from './statement.ts'
import type { Value } from '../../core/job.ts'

/** Longer values are blocks of their own. With 128 children a family stays below 256 KiB. */
export const INLINE_BYTES_MAX = 1024

/** One child as its coordinator took it. */
export interface FamilyChild {
  digit: number
  count: number
  cid: Cid
  /** The value's bytes where they are short; else a block. */
  bytes: Uint8Array | null
  root: Cid
  /** Was it computed at once, so that its root is no block? */
  bite: boolean
  by: PeerId
  signature: Uint8Array
}

export interface Family {
  /** The folded value, where it is a block. */
  value: Cid | null
  children: FamilyChild[]
}

/**
 * @param own - the folded value's block; null where it travels in messages
 * @param values - the children's, in order, each with its commitment
 */
export function encodeFamily (own: Cid | null, values: Value[]): Uint8Array {
  return encode({
    v: own === null ? null : linkTo(own),
    c: values.map(({ path, count, cid, bytes, bite, by, commitment }) => {
      if (commitment === null) throw new Error(`the value of ${path} is bound to nothing`)
      const { root, signature } = commitment
      return [Number(path.slice(path.lastIndexOf('.') + 1)), count, isInline(bytes) ? bytes : linkTo(cid), bite ? root : linkTo(root), by, signature]
    })
  })
}

export const isInline = (bytes: Uint8Array | null): bytes is Uint8Array => bytes !== null && bytes.length <= INLINE_BYTES_MAX

/** Read a family, which may come from anyone; null when the block is none. */
export function familyFrom (bytes: Uint8Array): Family | null {
  let it: unknown
  try {
    it = decode(bytes)
  } catch {
    return null
  }
  if (typeof it !== 'object' || it === null) return null
  const { v, c } = it as { v?: unknown, c?: unknown }
  const value = v === null ? null : cidFrom(v)
  if (!Array.isArray(c) || (value === null && v !== null)) return null
  const children = (c as unknown[]).map(childFrom)
  return children.every(child => child !== null) ? { value, children } : null
}

function childFrom (it: unknown): FamilyChild | null {
  if (!Array.isArray(it) || it.length !== 6) return null
  const [digit, count, value, root, by, signature] = it as unknown[]
  const bytes = value instanceof Uint8Array ? value : null
  const cid = bytes === null ? cidFrom(value) : cidOfDag(bytes)
  const bite = typeof root === 'string'
  const rootCid = bite ? root as Cid : cidFrom(root)
  if (typeof digit !== 'number' || typeof count !== 'number' || cid === null || rootCid === null) return null
  if (typeof by !== 'string' || !(signature instanceof Uint8Array)) return null
  return { digit, count, cid, bytes, root: rootCid, bite, by: by as PeerId, signature }
}

/** Are these the children that the path has (G2), and is it the family of this value? */
export function isFamilyOf (family: Family, geometry: Geometry, path: Path, cid: Cid): boolean {
  const range = rangeOf(geometry, path)
  if (range === null || (family.value !== null && family.value !== cid)) return false
  const digits = childDigits(geometry, range)
  return digits.length === family.children.length && digits.every((digit, i) => {
    const child = family.children[i]!
    return child.digit === digit && child.count === sizeOf(childRange(range, geometry.fanout, digit))
  })
}

/** What a child's maker signed. */
export const childStatement = (job: JobId, path: Path, { digit, cid, root, by, signature }: FamilyChild): Statement =>
  ({ job, path: childOf(path, digit), cid, root, by, signature })
