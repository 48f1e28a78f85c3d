/**
 * What the page needs of the peer's folder, loaded when it is needed: libp2p is most of the page's weight, and nobody
 * waits for it before they can read what the page is about.
 */
import type { TabPeer, TabPeerInit } from '../peer/tab-peer.ts'

/** Where a link leads. */
export interface Link {
  addrs: string[]
  /** What the mesh is called: a stranger's text. */
  name?: string
  /** STUN servers, for tabs behind NATs. */
  stun?: string[]
  /** To a private mesh: its text. */
  invitation?: string
}

export interface Doors {
  /**
   * @param hash - the page's address from the `#` on
   * @throws an EntryError for a link that cannot be used
   */
  readLink (hash: string): Promise<Link>
  /** @throws an EntryError for a mesh that cannot be entered */
  startTabPeer (init: TabPeerInit): Promise<TabPeer>
}
