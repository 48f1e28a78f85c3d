/** A peer of the test world with all that a host would hold for it, and what a world is made from. */
import type { Config } from '../config.ts'
import type { Input } from '../input.ts'
import type { JobId, Path, PeerId } from '../ids.ts'
import type { Peer } from '../peer.ts'
import type { WorldStore } from './world-store.ts'

export interface WorldInit {
  seed: number
  /** One-way delay, milliseconds, drawn uniformly from this range for every message. */
  delayMs?: [number, number]
  /** Probability that a gossip or direct message is lost, or arrives twice. */
  loss?: number
  duplication?: number
  /** Virtual milliseconds one partition takes on a peer of speed 1. */
  partitionMs?: number
  config?: Partial<Config>
  /** Peers have stores, which outlive them (D1). */
  keeps?: boolean
  /** Partitions that throw, and at which peers (all, when absent). */
  failing?: (partition: number, peer: PeerId) => boolean
  /** Bites and folds whose value this peer makes wrong. */
  lying?: (peer: PeerId, path: Path, isBite: boolean) => boolean
  /** Those are nobody's lies: computed anew by anybody, they come out as they are. */
  isVarying?: boolean
}

export interface Node {
  id: PeerId
  peer: Peer
  state: 'live' | 'paused' | 'dead'
  speed: number
  links: Set<PeerId>
  topics: Set<string>
  timers: Map<string, number>
  computing: Map<string, number>
  busyUntilMs: number
  group: number
  /** What happened while it was paused. */
  backlog: Input[]
  neighbours: Map<JobId, number>
  cores: number
  store: WorldStore
}
