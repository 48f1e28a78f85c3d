/**
 * Sealed params and inputs (A8): encrypted with a key of the job's own, which travels in its spec, encrypted with the reading key that
 * every invitation to a private mesh holds. XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) from @noble/ciphers, with nonces of 24
 * random bytes, which do not repeat. Blocks stay what their content ids say, links between blocks stay readable, and a peer opens them
 * before it hands them to the sandbox. Results, code, names and sizes are not sealed; who was admitted once can read what it once could.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { randomBytes } from '@noble/ciphers/utils.js'
import { ValueError } from './value.ts'
import type { Cid } from '../core/ids.ts'
import type { GetBlock } from './gathered.ts'
import type { JobSpec } from '../core/job.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 24

/** What is encrypted for one purpose does not decrypt for another. */
const KEY_PURPOSE = new TextEncoder().encode('millionfold sealed key 1')
const BLOCK_PURPOSE = new TextEncoder().encode('millionfold sealed block 1')

function encrypted (key: Uint8Array, purpose: Uint8Array, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = xchacha20poly1305(key, nonce, purpose).encrypt(plain)
  const all = new Uint8Array(nonce.length + cipher.length)
  all.set(nonce)
  all.set(cipher, nonce.length)
  return all
}

const decrypted = (key: Uint8Array, purpose: Uint8Array, all: Uint8Array): Uint8Array =>
  xchacha20poly1305(key, all.subarray(0, NONCE_BYTES), purpose).decrypt(all.subarray(NONCE_BYTES))

/** What a submitter seals a job with. */
export interface Seal {
  /** For the spec. */
  sealed: Uint8Array
  /** A block that holds another, sealed. */
  block: (plain: Uint8Array) => Uint8Array
}

/** @param readingKey - of the private mesh */
export function newSeal (readingKey: Uint8Array): Seal {
  const key = randomBytes(KEY_BYTES)
  return { sealed: encrypted(readingKey, KEY_PURPOSE, key), block: plain => encode({ s: encrypted(key, BLOCK_PURPOSE, plain) }) }
}

/**
 * What reads a job's params and inputs: as they are, or what is sealed in them.
 *
 * @param readingKey - of the private mesh; null in an open one
 * @throws ValueError when the job is sealed and this peer has not the key
 */
export function opener ({ sealed }: Pick<JobSpec, 'sealed'>, readingKey: Uint8Array | null): (block: Uint8Array) => Uint8Array {
  if (sealed === null) return block => block
  if (readingKey === null) throw new ValueError('its params and inputs are sealed, and this peer is in no private mesh')
  const key = opened(() => decrypted(readingKey, KEY_PURPOSE, sealed))
  return block => {
    const inner = sealedIn(block)
    return inner === null ? block : opened(() => decrypted(key, BLOCK_PURPOSE, inner))
  }
}

/** Blocks as they come, opened. */
export function opening (spec: Pick<JobSpec, 'sealed'>, readingKey: Uint8Array | null, get: GetBlock): GetBlock {
  const open = opener(spec, readingKey)
  return async (cid: Cid) => open(await get(cid))
}

/** Links stand beside nothing that is sealed. */
function sealedIn (block: Uint8Array): Uint8Array | null {
  const value: unknown = decode(block)
  const inner = typeof value === 'object' && value !== null ? (value as { s?: unknown }).s : undefined
  return inner instanceof Uint8Array && Object.keys(value as object).length === 1 ? inner : null
}

function opened (open: () => Uint8Array): Uint8Array {
  try {
    return open()
  } catch {
    throw new ValueError('what is sealed in this job cannot be read with the key of this mesh')
  }
}
