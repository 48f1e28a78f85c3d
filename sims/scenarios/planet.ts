/** S13, planet: a hundred thousand peers, or a million. */
import type { JobPlan } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, STEADY, STUCK, jobOf } from './base.ts'

/** Ten minutes instead of thirty: it is the number of peers that is looked at. */
const LIMIT_MS = 10 * 60_000
const PARTITIONS_MAX = 1_000_000
const PARTITION_MS = 60_000
/** 1.5 times what a peer of `steady` sends a second with 10,000 peers and a job as long, seed 1: 2.24. */
const MESSAGES_MAX = 3.36

export const planet: Scenario = {
  name: 'planet',
  title: 'S2 with 100,000 peers, or a million by --peers 1000000',
  peers: 100_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'planet',
    seed,
    peers,
    populations: [STEADY],
    job: planetJob(peers, limitMs),
    meshDegree: 3,
    warmUpMs: 30_000,
    untilMs: STUCK * limitMs,
    bounds: { messages: MESSAGES_MAX }
  })
}

/** A million peers have a million partitions: one or two each, and the job takes as long as two of them. */
function planetJob (peers: number, limitMs: number): JobPlan {
  const job = jobOf({ peers, limitMs, partitionMs: PARTITION_MS })
  return { ...job, partitions: Math.min(PARTITIONS_MAX, job.partitions) }
}
