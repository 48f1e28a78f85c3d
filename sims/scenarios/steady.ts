/** S2, steady: peers come and go as in BitTorrent and KAD, in equilibrium from the first moment. */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STEADY, STUCK, jobOf } from './base.ts'

export const steady: Scenario = {
  name: 'steady',
  title: 'BitTorrent sessions, KAD absences, 1 % loss',
  peers: 10_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'steady',
    seed,
    peers,
    populations: [STEADY],
    job: jobOf({ peers, limitMs, partitionMs: 10_000, grain: 2 }),
    untilMs: STUCK * limitMs,
    bounds: { xLimit: 1.15 }
  })
}
