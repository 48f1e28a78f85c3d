/**
 * Content ids of blocks: CID v1, sha2-256, base32. Structures are dag-cbor, bytes are raw. Hashing is
 * synchronous so that job code's outputs need no await per block.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { Cid } from '../core/ids.ts'

const DAG_CBOR = 0x71
const RAW = 0x55
const SHA2_256 = 0x12

const cidOf = (codec: number, bytes: Uint8Array): CID => CID.createV1(codec, create(SHA2_256, sha256(bytes)))

/** The id of a dag-cbor block. */
export const cidOfDag = (bytes: Uint8Array): Cid => cidOf(DAG_CBOR, bytes).toString() as Cid

/** The id of a raw block. */
export const cidOfRaw = (bytes: Uint8Array): Cid => cidOf(RAW, bytes).toString() as Cid

/** A link as dag-cbor wants it inside a structure. */
export const linkTo = (cid: Cid): CID => CID.parse(cid)

/** The text form of a link found in a structure, or null when it is none of ours (v1, sha2-256, dag-cbor or raw). */
export function cidFrom (link: unknown): Cid | null {
  const cid = CID.asCID(link)
  if (cid === null || cid.version !== 1 || cid.multihash.code !== SHA2_256 || cid.multihash.size !== 32) return null
  return cid.code === DAG_CBOR || cid.code === RAW ? cid.toString() as Cid : null
}

/** The hash in a content id. */
export const digestOf = (cid: Cid): Uint8Array => CID.parse(cid).multihash.digest
