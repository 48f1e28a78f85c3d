/**
 * Chains of signed capabilities (A1, A2). The first link is signed with the founder's key, each other one with the key that the
 * link before it names, and the last one names who holds it: a bearer's key, or a peer's own. Every link signs the id of the
 * link before it, so that none can be moved to another chain.
 *
 * Taken from others: links that name the next key, so that whoever holds the last secret narrows offline, from Biscuit
 * (biscuitsec.org); audience, expiry, attenuation and revocation by a link's id from UCAN (ucan.xyz); narrowing by mere holders
 * from macaroons (Birgisson et al., NDSS 2014). Left out: policies in a language of their own. Ed25519 is libp2p's.
 */
import { encode } from '@ipld/dag-cbor'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { sha256 } from '@noble/hashes/sha2.js'
import { base32 } from 'multiformats/bases/base32'
import { InvitationError } from './fault.ts'
import { ALL_RIGHTS, hasRight, isWithin } from './rights.ts'
import type { PrivateKey } from '@libp2p/interface'

/** Raw Ed25519 public keys and signatures, bytes. */
export const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Half a SHA-256: nobody finds a second link with the same id. */
const ID_BYTES = 16
/** From the founder to a peer: more hands than an invitation goes through. A guess. */
export const LINKS_MAX = 8
/** The year 9999, seconds. */
const EXPIRES_MAX = 253_402_300_799

const DOMAIN = 'millionfold capability 1'

export interface Capability {
  /** Raw public key of whoever may use it. */
  audience: Uint8Array
  /** Bits of rights.ts. */
  rights: number
  /** Unix seconds, UTC; not valid from then on. */
  expiresS: number
  signature: Uint8Array
}

/** A chain whose signatures hold: what it is worth is for whoever asks. */
export interface Chain {
  founder: Uint8Array
  links: Capability[]
  /** Of each link: what is revoked. */
  ids: string[]
  /** Of the last link. */
  rights: number
  /** Of the last link, which is the earliest. */
  expiresS: number
}

/** As it travels: small, and in one encoding. */
export type Tuple = [audience: Uint8Array, rights: number, expiresS: number, signature: Uint8Array]

export const tupleOf = ({ audience, rights, expiresS, signature }: Capability): Tuple => [audience, rights, expiresS, signature]

const isBytes = (value: unknown, length: number): value is Uint8Array => value instanceof Uint8Array && value.length === length
const isWhole = (value: unknown, max: number): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max

/** @throws InvitationError `damaged` */
export function readLinks (value: unknown): Capability[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > LINKS_MAX) throw new InvitationError('damaged')
  return value.map((tuple: unknown) => {
    if (!Array.isArray(tuple) || tuple.length !== 4) throw new InvitationError('damaged')
    const [audience, rights, expiresS, signature] = tuple as unknown[]
    if (!isBytes(audience, KEY_BYTES) || !isWhole(rights, ALL_RIGHTS) || !isWhole(expiresS, EXPIRES_MAX) || !isBytes(signature, SIGNATURE_BYTES)) {
      throw new InvitationError('damaged')
    }
    return { audience, rights, expiresS, signature }
  })
}

/** What is signed. */
const signed = (before: Uint8Array, { audience, rights, expiresS }: Omit<Capability, 'signature'>): Uint8Array =>
  encode([DOMAIN, before, audience, rights, expiresS])

const digestOf = (link: Capability, before: Uint8Array): Uint8Array =>
  sha256(encode([signed(before, link), link.signature])).subarray(0, ID_BYTES)

/** Of each link, what the next one signs. */
function digestsOf (founder: Uint8Array, links: readonly Capability[]): Uint8Array[] {
  const digests: Uint8Array[] = []
  for (const link of links) digests.push(digestOf(link, digests.at(-1) ?? founder))
  return digests
}

const idsOf = (founder: Uint8Array, links: readonly Capability[]): string[] => digestsOf(founder, links).map(digest => base32.baseEncode(digest))

/**
 * Add a link.
 *
 * @param key - the founder's for the first, else that of the last link's audience
 */
export async function extended (founder: Uint8Array, links: readonly Capability[], key: PrivateKey, link: Omit<Capability, 'signature'>): Promise<Capability[]> {
  const before = digestsOf(founder, links).at(-1) ?? founder
  return [...links, { ...link, signature: await key.sign(signed(before, link)) }]
}

/**
 * Check everything about a chain but time and revocation: every signature, and that no link gives more than the one before it.
 *
 * @throws InvitationError `forged` or `narrowed`
 */
export async function verifiedChain (founder: Uint8Array, links: Capability[]): Promise<Chain> {
  let issuer = founder
  const digests = digestsOf(founder, links)
  for (const [index, link] of links.entries()) {
    const before = links[index - 1]
    if (!await isSignedBy(issuer, signed(digests[index - 1] ?? founder, link), link.signature)) throw new InvitationError('forged')
    if (before !== undefined && !isNarrower(link, before, index === links.length - 1)) throw new InvitationError('narrowed')
    issuer = link.audience
  }
  const { rights, expiresS } = links.at(-1) as Capability
  return { founder, links, ids: idsOf(founder, links), rights, expiresS }
}

/** Without `invite` nothing can be passed on: only the last link, by which a peer binds what it was given to its own key, may follow. */
const isNarrower = (link: Capability, before: Capability, isLast: boolean): boolean =>
  isWithin(link.rights, before.rights) && link.expiresS <= before.expiresS && (isLast || hasRight(before.rights, 'invite'))

/** Is it by the key with these raw bytes? Never throws. */
export async function isSignedBy (key: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    return await publicKeyFromRaw(key).verify(bytes, signature)
  } catch {
    return false // The bytes are no key.
  }
}

/** Who signed link `index` of a chain. */
export const issuerOf = ({ founder, links }: Pick<Chain, 'founder' | 'links'>, index: number): Uint8Array => links[index - 1]?.audience ?? founder

/** Is it over? */
export const isExpired = ({ expiresS }: { expiresS: number }, nowMs: number): boolean => nowMs >= expiresS * 1000
