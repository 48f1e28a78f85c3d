/** What a simulated world comes to: the figures that SCENARIOS asks of every report. Never computes them: metrics.ts does. */

export interface Quantiles { p50: number, p99: number, max: number }

/** A bound of the scenario against what was measured. */
export interface Bound {
  name: string
  value: number
  limit: number
  holds: boolean
}

/** A broken invariant: safety when something wrong happened, liveness when something never did. */
export interface Violation {
  kind: 'safety' | 'liveness'
  /** The invariant's file name. */
  invariant: string
  atMs: number
  what: string
}

/** How the job went on, sampled at equal steps. */
export interface Curve {
  stepMs: number
  /** Partitions in accepted values at each step. */
  done: number[]
  /** Partitions that a scheduler without delays could have finished by then: the physical limit. */
  limit: number[]
  /** Peers there. */
  live: number[]
}

/** The tree of coordinators at one moment. */
export interface TreeSample {
  atMs: number
  /** Peers that coordinate others, by level of the tree (0 is the root). */
  coordinators: number[]
  /** Peers that hold a position and coordinate nobody, by level. */
  workers: number[]
  /** Peers without any part in the job. */
  idle: number
}

export interface Traffic { messages: number, bytes: number }

/** The line that `sim --json` prints: the first fields are the contract of SCENARIOS, the others come beside. */
export interface Report {
  scenario: string
  seed: number
  peers: number
  partitions: number
  exact: boolean
  /** The physical limit T_LB, milliseconds. */
  limitMs: number
  /** From submission to done; -1 when it never was. */
  wallVirtualMs: number
  xLimit: number
  failoverMs: Quantiles
  falseFailoversPerHour: number
  /** Milliseconds in which two peers held one path at once, summed over paths. */
  overlapMs: number
  messagesPerPeerPerSecond: Quantiles
  /** Control bytes, values and blocks left out. */
  bytesPerPartition: number
  maxConnections: number
  maxFanout: number
  /** Partitions computed more than once, over all. */
  duplicateFraction: number
  /** Work that no scheduler could have kept: begun by peers that vanished, over all. */
  unavoidableWaste: number
  wrongResults: number
  violations: Violation[]
  events: number
  eventsPerSecond: number
  /** Of the whole event stream. */
  hash: string

  bounds: Bound[]
  /** Failovers split into their parts. */
  failoverParts: { detectMs: Quantiles, electMs: Quantiles, catchUpMs: Quantiles }
  /** Milliseconds of each failover, sorted. */
  failovers: number[]
  bytesPerPeerPerSecond: Quantiles
  /** Messages of a type per peer and second, and their bytes. */
  byType: Record<string, Traffic>
  /** Time to a share of all partitions, virtual milliseconds; -1 when never. */
  reachedMs: { p50: number, p90: number, p99: number, p100: number }
  /** From a peer's coming to its first bite, virtual milliseconds. */
  firstWorkMs: Quantiles
  curve: Curve
  tree: TreeSample[]
  /** Virtual time over wall time. */
  speedUp: number
  /** The command that plays the same world again, and the commit it ran at. */
  replay: string
  commit: string
}
