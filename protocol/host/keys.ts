/** Signing and verifying with peers' Ed25519 keys, for what must be proven outside a connection (a cancelled job). */
import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerId } from '../core/ids.ts'
import type { PrivateKey } from '@libp2p/interface'

/** Signs with a peer's key; see MeshPeerInit. */
export const signWith = (key: PrivateKey) => async (bytes: Uint8Array): Promise<Uint8Array> => await key.sign(bytes)

/** Is the signature by the key behind a peer id? Keys that are not inside their ids cannot be checked. */
export async function verifyBy (peer: PeerId, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { publicKey } = peerIdFromString(peer)
  return publicKey === undefined ? false : await publicKey.verify(bytes, signature)
}
