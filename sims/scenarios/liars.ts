/** S8, liars: a tenth, a fifth or three tenths of all peers tell the same wrong values, and some turn, squat or lie about what they fold. */
import type { Population } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STEADY, STUCK, jobOf } from './base.ts'
import { oneOf, stream } from './draw.ts'

const SHARES = [0.1, 0.2, 0.3] as const
/** Of each other kind. */
const FEW = 0.02

export const liars: Scenario = {
  name: 'liars',
  title: '10, 20 or 30 % collude; turncoats, squatters, lying coordinators',
  peers: 4_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'liars',
    seed,
    peers,
    populations: populationsOf(oneOf(stream(seed, 'adversaries'), SHARES)),
    job: jobOf({ peers, limitMs, partitionMs: 10_000, grain: 2 }),
    untilMs: STUCK * limitMs,
    // The job's trust policy is `none`: no overhead, and nothing stops a lie.
    bounds: { xLimit: 1.25, wrongResults: 0 }
  })
}

const populationsOf = (share: number): Population[] => [
  { ...STEADY, share: 1 - share - 3 * FEW },
  { ...STEADY, share, adversary: 'liar' },
  { ...STEADY, share: FEW, adversary: 'turncoat' },
  { ...STEADY, share: FEW, adversary: 'squatter' },
  { ...STEADY, share: FEW, adversary: 'lying-coordinator' }
]
