/**
 * What a private mesh is called on the wire (A4): a hash of its founder's key goes into every protocol's and topic's name, so
 * that its DHT, gossip and local discovery never mix with those of another mesh. It is a name, not a secret.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { base32 } from 'multiformats/bases/base32'

const NAME_BYTES = 16

/** What stands before the names of an open mesh's protocols. */
export const OPEN_PREFIX = '/millionfold/1'

/** 26 characters that stand for a founder's raw public key. */
export const meshNameOf = (founder: Uint8Array): string => base32.baseEncode(sha256(founder).subarray(0, NAME_BYTES))

/** @param mesh - null for an open mesh */
export const prefixOf = (mesh: string | null): string => mesh === null ? OPEN_PREFIX : `${OPEN_PREFIX}/${mesh}`
