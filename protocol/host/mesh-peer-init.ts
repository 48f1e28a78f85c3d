/** What a mesh peer is made from: everything that differs between Node, tabs and tests comes in here. */
import type { Blockstore } from 'interface-blockstore'
import type { Acceptance } from './acceptance.ts'
import type { Config } from '../core/config.ts'
import type { Duties } from './admission/duties.ts'
import type { Network } from './network.ts'
import type { ReceiptLog } from './credit/wallet.ts'
import type { PeerStore } from './store/peer-store.ts'
import type { Sandbox } from '../job/sandbox.ts'
import type { Verify } from './cancelled.ts'

export interface MeshPeerInit {
  network: Network
  /** A PeerStore that keeps makes this a peer that survives its process (D1). */
  blocks: Blockstore | PeerStore
  /** Which of the jobs it kept come back: all at the start, or each when it is heard of or submitted again; all by default. */
  restores?: 'all' | 'asked'
  /** Null for a peer that only asks, or never collects nor computes. */
  sandbox: Sandbox | null
  /** Partitions it computes at once; 0 for one that only coordinates and collects. */
  cores: number
  /** Where the core's random numbers come from: any 32-bit number. */
  seed: number
  config?: Partial<Config>
  /** Sign with the key behind the network's peer id. */
  sign: (bytes: Uint8Array) => Promise<Uint8Array>
  verify: Verify
  /** Name of the mesh, which receipts hold; empty for an open one. */
  mesh?: string
  /** Of a private mesh's peers; null or nothing in an open one. */
  duties?: Duties | null
  /** Of a private mesh: what sealed jobs are read with (A8). */
  readingKey?: Uint8Array | null
  /** Which jobs it works for; any by default. */
  acceptance?: Acceptance | undefined
  /** Where own receipts are kept (K5); they end with the process by default. */
  receipts?: ReceiptLog
}
