/** S11, stragglers: some peers are twenty times slower than others, and some take work and never finish it. */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STUCK, jobOf } from './base.ts'

export const stragglers: Scenario = {
  name: 'stragglers',
  title: '5 % at a twentieth of the speed, 1 % hang silently',
  peers: 4_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'stragglers',
    seed,
    peers,
    compute: { ...DEFAULT_PLAN.compute, slow: 0.05, slowSpeed: 0.05, hang: 0.01 },
    job: jobOf({ peers, limitMs, partitionMs: 10_000 }),
    untilMs: STUCK * limitMs,
    bounds: { tailPartitions: 3 }
  })
}
