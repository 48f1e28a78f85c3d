/**
 * The ids that name things on the wire. All are printable strings; the brand keeps one kind from
 * being passed for another. Nothing here parses or checks: geometry.ts and message checks do.
 */

declare const brand: unique symbol

/** A libp2p peer id in its text form (base58btc of the multihash). */
export type PeerId = string & { readonly [brand]: 'PeerId' }

/** A job: the CID (v1, dag-cbor, sha2-256, base32) of its encoded JobSpec. */
export type JobId = string & { readonly [brand]: 'JobId' }

/** A subtree of the partition space (G2): digits joined by dots, the root is `/`. */
export type Path = string & { readonly [brand]: 'Path' }

/** A content id (v1, sha2-256, base32): dag-cbor for structures, raw for bytes. */
export type Cid = string & { readonly [brand]: 'Cid' }

/** Where a peer can be dialled: its id and its multiaddrs, possibly none known. */
export interface Contact {
  peer: PeerId
  addrs: string[]
}
