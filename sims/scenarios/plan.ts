/**
 * A world as data: everything that a run depends on besides the code. The same plan is the same run; shrinking edits it, and a
 * failing one is printed so that it can be played again.
 */
import type { AdversaryName } from '../adversaries/index.ts'
import type { Config } from '../../protocol/core/config.ts'
import type { Distribution } from '../models/distribution.ts'
import type { Fault } from './fault.ts'
import type { Trust } from '../../protocol/core/job.ts'
import type { NetworkPlan } from '../world/network.ts'

/** One kind of peers. */
export interface Population {
  /** Share of all peers that are of this kind. */
  share: number
  kind: 'node' | 'tab'
  session: Distribution
  gap: Distribution
  /** Shares of departures that say goodbye (C8), and that vanish without the transport's noticing; the others' connections close. */
  polite: number
  silent: number
  /** What a browser does to tabs that nobody looks at (world/tabs.ts); none of it when left out. */
  tabs?: TabPlan
  /** How these peers cheat (adversaries/); honest when left out. */
  adversary?: AdversaryName
}

export interface TabPlan {
  /** Shares of stays in which the tab is hidden at some time, and in which it is frozen after that. */
  hidden: number
  frozen: number
}

export interface JobPlan {
  partitions: number
  fanout: number
  grain: number
  /** Milliseconds that a partition takes at speed 1. */
  partitionMs: number
  /** Whose values count (V1); `none` when left out. */
  trust?: Trust
}

export interface ComputePlan {
  /** Sigma of the lognormal speeds, whose median is 1. */
  speedSigma: number
  /** Shares of peers that are slow, how slow, and that hang without a word. */
  slow: number
  slowSpeed: number
  hang: number
}

export interface Plan {
  scenario: string
  seed: number
  /** Volunteers there at once, on average; the submitter is one more and does not compute. */
  peers: number
  job: JobPlan
  populations: Population[]
  network: NetworkPlan
  latency: 'world' | 'loopback'
  compute: ComputePlan
  faults: Fault[]
  /** Other peers that one connects to when it comes: its bootstrap and the DHT's neighbours. */
  meshDegree: number
  /** Clocks are wrong by up to so much, either way, milliseconds. */
  skewMs: number
  /** Initial peers come over this time before the submission, milliseconds. */
  warmUpMs: number
  /** When the submitter leaves for good, milliseconds after submission; null when it stays. */
  submitterLeavesMs: number | null
  /** A job that is not done by then is stuck, milliseconds after submission. */
  untilMs: number
  /** Limits of the protocol that differ from the defaults. */
  config: Partial<Config>
  /** What its figures may be (SCENARIOS, "bound"). */
  bounds: BoundPlan
  /** Arrivals that swing over the day, and crowds that come at once. */
  diurnal: { periodMs: number, amplitude: number } | null
  flash: { atMs: number, overMs: number, peers: number } | null
}

export interface BoundPlan {
  xLimit?: number
  /** Over the limit that holds when what an exodus left no copy of is done again. */
  recomputedX?: number
  firstWorkP99Ms?: number
  /** The longest time without any progress. */
  stallMs?: number
  /** The longest time in which one of the root's subtrees is held, makes no progress, and nobody honest computes in it. */
  subtreeStallMs?: number
  /** From healing to one root. */
  convergedMs?: number
  /** Values accepted by the half that accepts fewer, in each split: at least. */
  halfAccepted?: number
  /** From the end of the last fault to done, over the limit of the whole job. */
  healedX?: number
  wrongResults?: number
  /** Wrong partitions in the result that honest peers learnt, over all: the policy's epsilon (models/risk.ts). */
  wrongShare?: number
  /** Messages that a peer sends a second, on average. */
  messages?: number
  /** From 99 to 100 %, in times of one partition. */
  tailPartitions?: number
}
