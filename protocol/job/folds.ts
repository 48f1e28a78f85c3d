/**
 * Folds that are asked for together (V4): they go into a sandbox as one dag-cbor block, since hundreds of small folds cost more to carry than to do.
 * Values are spliced in as they are, and not looked at.
 */
import { concatBytes } from '@noble/hashes/utils.js'
import { encode } from '@ipld/dag-cbor'
import type { Range } from '../core/geometry.ts'

/** One `collect` to do again: over values in index order, dag-cbor of their list. */
export interface RangeFold { range: Range, values: Uint8Array }

/** The head of a CBOR list is that of a whole number, but for its kind. */
const LIST_KIND = 0x80

/** The block: `[[from, to, values]]`. */
export const joinFolds = (folds: RangeFold[]): Uint8Array => concatBytes(
  listHead(folds.length),
  ...folds.flatMap(({ range: { from, to }, values }) => [listHead(3), encode(from), encode(to), values])
)

/** Dag-cbor of the list of values that are dag-cbor each. */
export const joinValues = (values: Uint8Array[]): Uint8Array => concatBytes(listHead(values.length), ...values)

function listHead (length: number): Uint8Array {
  const head = Uint8Array.from(encode(length))
  head[0]! |= LIST_KIND
  return head
}
