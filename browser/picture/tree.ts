/**
 * What the picture knows of a job's tree and its peers: records that are replaced, never changed, so that time can be
 * turned back by putting the old one in again. It decides nothing about authority; fences do (C4).
 */
import type { Path } from '../../protocol/core/ids.ts'

/** `lost`: its coordinator is gone and no successor is known. */
export type NodeState = 'live' | 'lost' | 'done'

/** A takeover of a path. */
export interface Failover {
  /** When, in Unix ms. */
  time: number
  /** How long the old coordinator had been silent, in ms; null where the source does not tell. */
  ms: number | null
  path: Path
  /** Index of the successor. */
  to: number
}

/** One coordinator's place in the tree. */
export interface TreeNode {
  readonly path: Path
  /** Levels below the root. */
  readonly depth: number
  /** Its partitions, `to` exclusive. */
  readonly from: number
  readonly to: number
  /** Index of its coordinator; 0 for nobody known. */
  readonly coordinator: number
  readonly fence: readonly number[]
  /** Indices of its heirs, in their order. */
  readonly heirs: readonly number[]
  readonly state: NodeState
  readonly failovers: readonly Failover[]
  /** Times that two different values came for this path. */
  readonly conflicts: number
  /** Partitions done as its parent tells; what is drawn is the larger of this and the cells' own count. */
  readonly told: number
}

/** `here`: seen, without work yet. `works`: has claimed, computed or coordinated. */
export type PeerState = 'unseen' | 'here' | 'works' | 'gone'

export interface Peer {
  /** Its full id: a stranger's text. */
  readonly id: string
  readonly state: PeerState
}

/** How the job as a whole is. */
export type Phase = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
