/**
 * The links inside a block. Inputs, gathered outputs and large values are trees of dag-cbor blocks; whoever
 * fetches one follows its links, and a value that says it has none must not hide any (R2).
 */
import { decode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { cidFrom } from '../../job/cid.ts'
import type { Cid } from '../../core/ids.ts'

/** `bafkrei…`: a raw block is a leaf. */
const RAW_PREFIX = 'bafkr'

/** In dag-cbor every link starts with tag 42, encoded as these two bytes. */
function mayHoldLinks (bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xd8); at >= 0; at = bytes.indexOf(0xd8, at + 1)) {
    if (bytes[at + 1] === 0x2a) return true
  }
  return false
}

/**
 * The content ids a block links to, each once, in order.
 *
 * @throws Error when the block is not dag-cbor, or links to something that is no block of ours
 */
export function linksOf (cid: Cid, bytes: Uint8Array): Cid[] {
  if (cid.startsWith(RAW_PREFIX) || !mayHoldLinks(bytes)) return []
  const found = new Set<Cid>()
  const rest: unknown[] = [decode(bytes)]
  while (rest.length > 0) {
    const item = rest.pop()
    if (typeof item !== 'object' || item === null || item instanceof Uint8Array) continue
    if (CID.asCID(item) === null) {
      rest.push(...Object.values(item).reverse())
      continue
    }
    const link = cidFrom(item)
    if (link === null) throw new Error('a block links to something that is no block of this protocol')
    found.add(link)
  }
  return [...found]
}

/** Does a dag-cbor value hold links? Anything that cannot be read as dag-cbor is taken to. */
export function hasLinks (bytes: Uint8Array): boolean {
  if (!mayHoldLinks(bytes)) return false
  try {
    let found = false
    const rest: unknown[] = [decode(bytes)]
    while (rest.length > 0 && !found) {
      const item = rest.pop()
      if (typeof item !== 'object' || item === null || item instanceof Uint8Array) continue
      found = CID.asCID(item) !== null
      if (!found) for (const inner of Object.values(item)) rest.push(inner)
    }
    return found
  } catch {
    return true
  }
}
