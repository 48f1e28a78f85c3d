/**
 * S8, liars: a tenth, a fifth or three tenths of all peers tell the same wrong values, and some turn, squat, copy, accuse or lie about what they
 * fold. What the job's trust policy promises (models/risk.ts) and costs is what the world is held against.
 */
import type { Population } from './plan.ts'
import type { Scenario } from './scenario.ts'
import type { Trust } from '../../protocol/core/job.ts'
import { DEFAULT_PLAN, LIMIT_MS, STEADY, STUCK, jobOf } from './base.ts'
import { oneOf, stream } from './draw.ts'
import { overheadOf, riskOf } from '../models/risk.ts'

const SHARES = [0.1, 0.2, 0.3] as const
/** Of each other kind. */
const FEW = 0.02
const KINDS = ['turncoat', 'squatter', 'lying-coordinator', 'copier', 'slanderer'] as const

export const POLICIES: readonly Trust[] = [
  { type: 'votes', quorum: 2, voters: 5, deadlineMs: 0 }, { type: 'adaptive', after: 10, deadlineMs: 0 }, { type: 'audit', rate: 0.1 }
]

const PARTITION_MS = 10_000
/** Partitions of a leaf at most. */
const GRAIN = 2
/** J4: bites take half a minute at most. */
const BITE_MS = 30_000
/** Coordinators that a peer works for while it stays: a guess, from `steady`. */
const COORDINATORS = 4

export const liars: Scenario = {
  name: 'liars',
  title: '10, 20 or 30 % collude; turncoats, squatters, copiers, slanderers, lying coordinators; votes, adaptive or audit',
  peers: 4_000,
  make: (seed, peers, limitMs = LIMIT_MS, asked) => {
    const random = stream(seed, 'adversaries')
    const share = oneOf(random, SHARES)
    const trust = asked ?? oneOf(random, POLICIES)
    const bites = Math.max(1, limitMs / BITE_MS / COORDINATORS)
    const threat = { liars: share + FEW, turncoats: FEW, lists: limitMs / PARTITION_MS / GRAIN, bites, samples: 1 }
    return {
      ...DEFAULT_PLAN,
      scenario: 'liars',
      seed,
      peers,
      populations: populationsOf(share),
      job: { ...jobOf({ peers, limitMs, partitionMs: PARTITION_MS, grain: GRAIN }), trust },
      untilMs: 2 * STUCK * limitMs,
      bounds: { xLimit: (1 + overheadOf(trust, bites)) * 1.25, wrongShare: riskOf(trust, threat) }
    }
  }
}

const populationsOf = (share: number): Population[] => [
  { ...STEADY, share: 1 - share - KINDS.length * FEW },
  { ...STEADY, share, adversary: 'liar' },
  ...KINDS.map(adversary => ({ ...STEADY, share: FEW, adversary }))
]
