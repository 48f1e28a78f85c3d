/**
 * What the page needs of other folders and of what lies beside it. The peer's folder is loaded when it is needed: libp2p
 * is most of the page's weight.
 */
import type { TabPeer, TabPeerInit } from '../peer/tab-peer.ts'
import type { Right } from '../../protocol/host/admission/rights.ts'
import type { JobId } from '../../protocol/core/ids.ts'
import type { PositionSnapshot } from '../picture/index.ts'
import type { BundlerAssets } from './bundler.ts'

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

/** Addresses beside the page. */
export interface Assets extends BundlerAssets {
  /** Of the document that `buildSubmitterPage` makes. */
  submitterUrl: string
  /** The volunteer page. */
  volunteerUrl: string
}

/** What coordinators told, and how many partitions are done as far as the one closest to the root knows. */
export type OnSnapshots = (snapshots: PositionSnapshot[], done: number) => void

export interface Doors {
  assets: Assets
  /** The examples' sources by file name. */
  texts: () => Promise<Record<string, string>>
  /** @throws an EntryError for a link that cannot be used */
  readLink: (hash: string) => Promise<Link>
  writeLink: (page: string, link: Link) => Promise<string>
  /** An invitation to pass on, narrowed to these rights where the own one can be. */
  lend: (invitation: string, rights: readonly Right[]) => Promise<{ text: string, isNarrowed: boolean }>
  /** @throws an EntryError for a mesh that cannot be entered */
  startTabPeer: (init: TabPeerInit) => Promise<TabPeer>
  /**
   * Ask a job's coordinators again and again.
   *
   * @returns what ends it
   */
  observe: (tab: TabPeer, job: JobId, onSnapshots: OnSnapshots) => Promise<() => void>
}
