/** S1, trace: peers come and go as a measured file says (`--trace`). */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STEADY, STUCK, jobOf } from './base.ts'

export const trace: Scenario = {
  name: 'trace',
  title: 'sessions from a file',
  peers: 1_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'trace',
    seed,
    peers,
    populations: [STEADY],
    job: jobOf({ peers, limitMs, partitionMs: 10_000, grain: 2 }),
    untilMs: STUCK * limitMs,
    bounds: { xLimit: 1.1 }
  })
}
