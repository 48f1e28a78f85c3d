/** What scenarios have in common: the default world of SCENARIOS, and jobs that are as long as their mesh is large. */
import type { JobPlan, Plan, Population } from './plan.ts'
import { SESSIONS } from '../models/distribution.ts'
import { WORLD_NETWORK } from '../world/network.ts'

/** How long jobs take at the physical limit: starting up must be small against it. A guess. */
export const LIMIT_MS = 30 * 60_000

/** Sigma of the lognormal speeds, whose median is 1 (SCENARIOS, "Default world"). */
const SPEED_SIGMA = 0.7
export const SPEED_MEAN = Math.exp(SPEED_SIGMA ** 2 / 2)

/** The next world that nobody comes to and nobody leaves: peers that are there from the start, on a network with loss. */
export const DEFAULT_PLAN: Plan = {
  scenario: 'calm',
  seed: 1,
  peers: 1_000,
  job: { partitions: 200_000, fanout: 16, grain: 4, partitionMs: 1_000 },
  populations: [{ share: 1, kind: 'node', session: { type: 'never' }, gap: { type: 'never' }, polite: 0, silent: 0 }],
  network: WORLD_NETWORK,
  latency: 'world',
  compute: { speedSigma: SPEED_SIGMA, slow: 0, slowSpeed: 0.05, hang: 0 },
  faults: [],
  meshDegree: 3,
  skewMs: 0,
  warmUpMs: 5_000,
  submitterLeavesMs: null,
  untilMs: 3_600_000,
  config: {},
  bounds: {},
  diurnal: null,
  flash: null
}

/**
 * S2's peers: BitTorrent's sessions, KAD's absences. A third of the departures say goodbye and a tenth vanish without the transport's
 * noticing; both are guesses.
 */
export const STEADY: Population = { share: 1, kind: 'node', session: SESSIONS.redhat, gap: SESSIONS.kadGap, polite: 0.3, silent: 0.1 }

export interface Size {
  peers: number
  limitMs: number
  /** Milliseconds of a partition at speed 1. */
  partitionMs: number
  /** Partitions of a leaf; default 1. */
  grain?: number
}

/** A job that so many peers of mean speed are busy with for about so long. */
export function jobOf ({ peers, limitMs, partitionMs, grain = 1 }: Size): JobPlan {
  return { partitions: Math.max(1, Math.round(peers * SPEED_MEAN * limitMs / partitionMs)), fanout: 16, grain, partitionMs }
}

/** A job that takes so many times its limit is stuck. */
export const STUCK = 4
