/**
 * Commit, then reveal (V3): what a voter is bound to before anybody's value is known. The salt keeps others from finding the value of few
 * bits behind a digest; the voter's own id keeps them from sending its digest as theirs.
 */
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { JobId } from './ids.ts'
import type { Value } from './job.ts'

/** Of the host's cryptographic randomness. */
export const SALT_BYTES = 16
/** Where nobody votes. */
export const NO_SALT = new Uint8Array(0)

/** sha256(salt ‖ cid ‖ root ‖ peer ‖ job ‖ path), each text ended by a zero byte. */
export function digestOf (job: JobId, { cid, commitment, by, path }: Value, salt: Uint8Array): Uint8Array {
  return sha256(concatBytes(salt, utf8ToBytes([cid, commitment?.root ?? '', by, job, path].map(text => `${text}\0`).join(''))))
}

export const isSameDigest = (a: Uint8Array, b: Uint8Array): boolean => bytesToHex(a) === bytesToHex(b)
