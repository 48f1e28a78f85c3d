/**
 * Taking an invitation back (A5): a link of a chain, revoked by whoever issued it or a link above it. It carries the chain down to
 * that link, so that any peer can check offline that the revoker was in it. It counts until the link expires, when nobody can use
 * it any more, and is forgotten then. It does not take back what was read.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { base32 } from 'multiformats/bases/base32'
import { InvitationError } from './fault.ts'
import { isSignedBy, issuerOf, readLinks, tupleOf, verifiedChain } from './capability.ts'
import type { Capability, Chain } from './capability.ts'
import type { PrivateKey } from '@libp2p/interface'

const DOMAIN = 'millionfold revocation 1'

export interface Revocation {
  /** Of the link that is revoked, and with it every link below. */
  id: string
  /** Unix seconds: forgotten then. */
  expiresS: number
  bytes: Uint8Array
}

/** What is signed. */
const signed = (id: string): Uint8Array => encode([DOMAIN, base32.baseDecode(id)])

/**
 * Revoke the last link of a chain.
 *
 * @param issuer - which link's issuer signs: its index
 * @param key - of that issuer
 */
export async function revoke (chain: Chain, issuer: number, key: PrivateKey): Promise<Revocation> {
  const { links, ids, expiresS } = chain
  const id = ids.at(-1) as string
  return { id, expiresS, bytes: encode([links.map(tupleOf), issuer, await key.sign(signed(id))]) }
}

/**
 * Read and verify one.
 *
 * @param founder - of the mesh it must be of
 * @throws InvitationError when it is none, or not by an issuer in the chain
 */
export async function readRevocation (bytes: Uint8Array, founder: Uint8Array): Promise<Revocation> {
  const { links, issuer, signature } = partsOf(bytes)
  const chain = await verifiedChain(founder, links)
  const id = chain.ids.at(-1) as string
  if (!await isSignedBy(issuerOf(chain, issuer), signed(id), signature)) throw new InvitationError('forged')
  return { id, expiresS: chain.expiresS, bytes }
}

function partsOf (bytes: Uint8Array): { links: Capability[], issuer: number, signature: Uint8Array } {
  let value: unknown
  try {
    value = decode(bytes)
  } catch {
    throw new InvitationError('damaged')
  }
  const [tuples, issuer, signature] = Array.isArray(value) ? value as unknown[] : []
  const links = readLinks(tuples)
  if (typeof issuer !== 'number' || !Number.isInteger(issuer) || issuer < 0 || issuer >= links.length) throw new InvitationError('damaged')
  if (!(signature instanceof Uint8Array)) throw new InvitationError('damaged')
  return { links, issuer, signature }
}
