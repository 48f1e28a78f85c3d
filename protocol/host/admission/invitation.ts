/**
 * Invitations to a private mesh (A1, A2): a chain of capabilities, the key that its last link names, and the mesh's reading key
 * (sealed.ts). Whoever holds one can join, and with the right `invite` make others of it that allow less. As text it starts with
 * `mfi1` and fits into a link or a QR code. Verified offline; never asks anybody.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromString } from '@libp2p/peer-id'
import { base64url } from 'multiformats/bases/base64'
import { equals } from 'multiformats/bytes'
import { KEY_BYTES, LINKS_MAX, extended, isExpired, readLinks, tupleOf, verifiedChain } from './capability.ts'
import { InvitationError } from './fault.ts'
import { ALL_RIGHTS, hasRight, isWithin } from './rights.ts'
import { meshNameOf } from './mesh-name.ts'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { Capability, Chain } from './capability.ts'
import type { PeerId } from '../../core/ids.ts'

const PREFIX = 'mfi'
const VERSION = 1
/** A chain of the greatest length is shorter, characters. */
const TEXT_MAX = 2048
const SECRET_BYTES = 32

export interface Invitation {
  /** The mesh's name on the wire. */
  mesh: string
  chain: Chain
  /** Seed of the key that the last link names; null when it names a peer, which has its own. */
  secret: Uint8Array | null
  /** What sealed jobs are read with: the same for all of a mesh. */
  readingKey: Uint8Array
  /** As text, for links, codes and files. */
  text: string
}

/** What one that is made allows. */
export interface Terms {
  /** Bits of rights.ts. */
  rights: number
  /** Unix seconds, UTC. */
  expiresS: number
  /** Make it out to this peer, whom alone it then admits; null for whoever holds it. */
  peer: PeerId | null
}

const keyOf = async (seed: Uint8Array): Promise<Ed25519PrivateKey> => await generateKeyPairFromSeed('Ed25519', seed)

/** A peer's raw public key, which its id holds. */
export function publicKeyOf (peer: PeerId): Uint8Array {
  const { publicKey } = peerIdFromString(peer)
  if (publicKey?.type !== 'Ed25519') throw new InvitationError('not-yours')
  return publicKey.raw
}

const random = (): Uint8Array => crypto.getRandomValues(new Uint8Array(SECRET_BYTES))

/** A mesh's founder: who has this can do anything in it. */
export interface Founder { seed: Uint8Array, readingKey: Uint8Array }

/** Found a mesh. */
export const found = (): Founder => ({ seed: random(), readingKey: random() })

/** The name of a founder's mesh. */
export const foundedBy = async ({ seed }: Founder): Promise<string> => meshNameOf((await keyOf(seed)).publicKey.raw)

/** An invitation of the founder's. */
export async function invite (founder: Founder, terms: Terms): Promise<Invitation> {
  const key = await keyOf(founder.seed)
  return await madeOf(key.publicKey.raw, [], key, founder.readingKey, terms)
}

/**
 * Make a narrower one.
 *
 * @throws InvitationError `narrowed` when it may not be passed on, or would allow more; `not-yours` when it is made out to a peer
 */
export async function narrow (from: Invitation, terms: Terms): Promise<Invitation> {
  const { chain, secret, readingKey } = from
  if (secret === null) throw new InvitationError('not-yours')
  if (!hasRight(chain.rights, 'invite') || !isWithin(terms.rights, chain.rights) || terms.expiresS > chain.expiresS) throw new InvitationError('narrowed')
  if (chain.links.length > LINKS_MAX - 2) throw new InvitationError('narrowed')
  return await madeOf(chain.founder, chain.links, await keyOf(secret), readingKey, terms)
}

async function madeOf (founder: Uint8Array, links: Capability[], key: Ed25519PrivateKey, readingKey: Uint8Array, terms: Terms): Promise<Invitation> {
  const { rights, expiresS, peer } = terms
  const secret = peer === null ? random() : null
  const audience = secret === null ? publicKeyOf(peer as PeerId) : (await keyOf(secret)).publicKey.raw
  const chain = await verifiedChain(founder, await extended(founder, links, key, { audience, rights, expiresS }))
  return { mesh: meshNameOf(founder), chain, secret, readingKey, text: textOf(chain, secret, readingKey) }
}

function textOf (chain: Chain, secret: Uint8Array | null, readingKey: Uint8Array): string {
  return `${PREFIX}${VERSION}${base64url.baseEncode(encode([chain.founder, readingKey, chain.links.map(tupleOf), secret]))}`
}

/**
 * Read and verify one.
 *
 * @param nowMs - Unix milliseconds
 * @throws InvitationError when it is damaged, newer, forged, narrowed-out or expired
 */
export async function readInvitation (text: string, nowMs: number): Promise<Invitation> {
  const [, version, body] = /^mfi(\d+)([A-Za-z0-9_-]+)$/.exec(text.trim().slice(0, TEXT_MAX)) ?? []
  if (version === undefined || body === undefined) throw new InvitationError('damaged')
  // The digits of a version end where the body begins: every body of this version begins with `h` (a list of four).
  if (Number(version) > VERSION) throw new InvitationError('newer')
  const { founder, readingKey, links, secret } = bodyOf(body)
  const chain = await verifiedChain(founder, links)
  const holder = links.at(-1)?.audience as Uint8Array
  if (secret !== null && !equals((await keyOf(secret)).publicKey.raw, holder)) throw new InvitationError('forged')
  if (isExpired(chain, nowMs)) throw new InvitationError('expired')
  return { mesh: meshNameOf(founder), chain, secret, readingKey, text: textOf(chain, secret, readingKey) }
}

function bodyOf (body: string): { founder: Uint8Array, readingKey: Uint8Array, links: Capability[], secret: Uint8Array | null } {
  let value: unknown
  try {
    value = decode(base64url.baseDecode(body))
  } catch {
    throw new InvitationError('damaged')
  }
  if (!Array.isArray(value) || value.length !== 4) throw new InvitationError('damaged')
  const [founder, readingKey, links, secret] = value as unknown[]
  const is32 = (it: unknown): it is Uint8Array => it instanceof Uint8Array && it.length === KEY_BYTES
  if (!is32(founder) || !is32(readingKey) || !(secret === null || is32(secret))) throw new InvitationError('damaged')
  return { founder, readingKey, links: readLinks(links), secret }
}

/**
 * Bind an invitation to a peer's key: what that peer shows to others (A3).
 *
 * @throws InvitationError `not-yours` when it is made out to another peer
 */
export async function boundTo (invitation: Invitation, peer: PeerId): Promise<Capability[]> {
  const { chain, secret } = invitation
  const audience = publicKeyOf(peer)
  if (secret === null) {
    if (!equals(chain.links.at(-1)?.audience as Uint8Array, audience)) throw new InvitationError('not-yours')
    return chain.links
  }
  const { rights, expiresS } = chain
  return await extended(chain.founder, chain.links, await keyOf(secret), { audience, rights, expiresS })
}

/** Terms that keep all an invitation allows, or all there is. */
export const termsOf = (chain: Chain | null, expiresS: number): Terms =>
  ({ rights: chain?.rights ?? ALL_RIGHTS, expiresS: Math.min(expiresS, chain?.expiresS ?? expiresS), peer: null })
