/**
 * How the core's ids and contacts look on the wire: printable strings inside, their bytes outside. What does
 * not parse is refused here, so that no later code meets a path or a content id that is none.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import { WireError, blob, converted, list, struct } from './schema.ts'
import { ROOT } from '../../core/geometry.ts'
import type { Type } from './schema.ts'
import type { Cid, Contact, JobId, Path, PeerId } from '../../core/ids.ts'

/** 2^40 partitions cut in two at each level have a depth of 40. */
export const DEPTH_MAX = 64
/** A tab has two, a Node peer with three transports on three interfaces nine; eight are enough to reach anyone. */
export const ADDRS_MAX = 8
/** A WebRTC address with its certificate hash behind a relay has about 140 bytes. */
const ADDR_BYTES_MAX = 256

const DAG_CBOR = 0x71
const RAW = 0x55

/** Version 1, sha2-256 with 32 bytes; the codec is what the caller takes. */
function isCid (bytes: Uint8Array, codecs: number[]): boolean {
  return bytes.length === 36 && bytes[0] === 1 && codecs.includes(bytes[1] as number) && bytes[2] === 0x12 && bytes[3] === 0x20
}

function contentId<T extends string> (codecs: number[]): Type<T> {
  return converted<T>(36, value => base32.decode(value), bytes => {
    if (!isCid(bytes, codecs)) throw new WireError('a content id is none')
    return base32.encode(bytes) as T
  })
}

export const cid: Type<Cid> = contentId<Cid>([DAG_CBOR, RAW])
export const dagCid: Type<Cid> = contentId<Cid>([DAG_CBOR])
export const rawCid: Type<Cid> = contentId<Cid>([RAW])
export const jobId: Type<JobId> = contentId<JobId>([DAG_CBOR])

/** Ed25519 and secp256k1 keys are inside their ids, RSA keys only as a digest. */
const PEER_PREFIXES = [[0x00, 0x24, 0x08, 0x01, 0x12, 0x20], [0x00, 0x25, 0x08, 0x02, 0x12, 0x21], [0x12, 0x20]]
const PEER_LENGTHS = [38, 39, 34]

function isPeer (bytes: Uint8Array): boolean {
  return PEER_PREFIXES.some((prefix, i) => bytes.length === PEER_LENGTHS[i] && prefix.every((byte, at) => bytes[at] === byte))
}

/** Base58 is quadratic and the same few peers come again and again. */
const peerBytes = new Map<PeerId, Uint8Array>()
const PEERS_KEPT = 4096

function bytesOfPeer (id: PeerId): Uint8Array {
  const known = peerBytes.get(id)
  if (known !== undefined) return known
  if (peerBytes.size >= PEERS_KEPT) peerBytes.clear()
  const bytes = base58btc.baseDecode(id)
  peerBytes.set(id, bytes)
  return bytes
}

export const peer: Type<PeerId> = converted<PeerId>(64, bytesOfPeer, bytes => {
  if (!isPeer(bytes)) throw new WireError('a peer id is none')
  return base58btc.baseEncode(bytes) as PeerId
})

/** One byte a digit, none at the root; so the root is also what an absent field means. */
export const path: Type<Path> = {
  ...converted<Path>(DEPTH_MAX, value => Uint8Array.from(value === ROOT ? [] : value.split('.').map(Number)), bytes => {
    for (const digit of bytes) if (digit > 127) throw new WireError('a path is none')
    return (bytes.length === 0 ? ROOT : bytes.join('.')) as Path
  }),
  absent: () => ROOT,
  isAbsent: value => value === ROOT
}

/** An address without the peer's own id at its end, which stands beside it. */
function bytesOfAddr (addr: string, id: PeerId): Uint8Array | null {
  const end = `/p2p/${id}`
  try {
    const bytes = multiaddr(addr.endsWith(end) ? addr.slice(0, -end.length) : addr).bytes
    return bytes.length > ADDR_BYTES_MAX ? null : bytes
  } catch {
    return null
  }
}

function addrOfBytes (bytes: Uint8Array, id: PeerId): string {
  try {
    return `${multiaddr(bytes).toString()}/p2p/${id}`
  } catch {
    throw new WireError('an address is none')
  }
}

const contactBytes = struct<{ peer: PeerId, addrs: Uint8Array[] }>({ peer: [1, peer], addrs: [2, list(blob(ADDR_BYTES_MAX), ADDRS_MAX)] })

/** Addresses beyond the first eight are left out. They end in the peer's own id, on both sides. */
export const contact: Type<Contact> = {
  ...contactBytes as unknown as Type<Contact>,
  body: undefined,
  write: (out, { peer, addrs }) => {
    const bytes = addrs.slice(0, ADDRS_MAX).map(addr => bytesOfAddr(addr, peer)).filter(addr => addr !== null)
    contactBytes.write(out, { peer, addrs: bytes })
  },
  read: input => {
    const { peer, addrs } = contactBytes.read(input)
    return { peer, addrs: addrs.map(addr => addrOfBytes(addr, peer)) }
  }
}
