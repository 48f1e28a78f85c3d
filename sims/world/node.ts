/**
 * One simulated machine: the core of a peer, unchanged, and what a host would keep around it. A record; world.ts and its
 * parts change it.
 */
import type { Effect } from '../../protocol/core/effect.ts'
import type { Computed } from '../../protocol/core/job.ts'
import type { Input } from '../../protocol/core/input.ts'
import type { JobId, PeerId } from '../../protocol/core/ids.ts'
import type { Link } from './links.ts'
import type { Peer } from '../../protocol/core/peer.ts'
import type { Run } from './sandbox.ts'
import type { Slot } from './timers.ts'

export type NodeState = 'off' | 'live' | 'paused'

/** Can it be dialled? `restricted` needs a relay and hole punching. */
export type Nat = 'open' | 'restricted'

export interface Node {
  index: number
  id: PeerId
  /** How often it has come; what was meant for an earlier life is lost. */
  life: number
  state: NodeState
  core: Peer
  /** Once it is off: does its machine still answer a dial, with a refusal? */
  refuses: boolean
  kind: 'node' | 'tab'
  city: number
  nat: Nat
  /** Partitions computed at once. */
  cores: number
  /** Partitions a core computes in `partitionMs`; 0 hangs for ever. */
  speed: number
  addrs: string[]
  links: Map<Node, Link>
  slots: Slot[]
  running: Run[]
  queue: Run[]
  /** Members of the gossip topics it listens on. */
  topics: Set<Map<Node, number>>
  /** Tree neighbours by job, as the core named them last. */
  neighbours: Map<JobId, Node[]>
  /** Inputs that wait while it is paused or busy. */
  inbox: Input[]
  /** Where it is in the world's list of those that are there; -1 when it is not. */
  liveAt: number
  /** Until when its one thread is busy with messages, and its line with sending, milliseconds. */
  busyUntilMs: number
  lineFreeMs: number
  /** Added to the clock that the core sees. */
  skewMs: number
  /** Timers are rounded up to this: 1,000 in a hidden tab. */
  timerStepMs: number
  cameMs: number
  /** Until when it recomputes what others made, beside its bites, and what that takes from the next bite, milliseconds. */
  verifyingUntilMs: number
  debtMs: number
  /** When it started its first bite; -1 before. */
  worksSinceMs: number
  /** Is the job's sandbox warm? The first bite waits for it. */
  hasBundle: boolean
  sentMessages: number
  sentBytes: number
  /** Bends what the core says or hears; null in honest peers. */
  adversary: Adversary | null
}

/** What a dishonest peer does instead of what its core decided. */
export interface Adversary {
  readonly name: string
  /** Effects that the core made, changed. */
  bend: (node: Node, effects: Effect[], nowMs: number) => Effect[]
  /** What its sandbox says instead of what it computed or folded. */
  make?: (value: Computed, isBite: boolean) => Computed
  /** It finds nothing wrong with its own kind, and nothing right with others. */
  isBlind?: boolean
}
