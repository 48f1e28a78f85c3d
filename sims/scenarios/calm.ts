/** S0, calm: nobody comes, nobody goes. */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STUCK, jobOf } from './base.ts'

export const calm: Scenario = {
  name: 'calm',
  title: 'nobody comes, nobody goes',
  peers: 1_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'calm',
    seed,
    peers,
    job: jobOf({ peers, limitMs, partitionMs: 5_000, grain: 4 }),
    untilMs: STUCK * limitMs,
    bounds: { xLimit: 1.05 }
  })
}
