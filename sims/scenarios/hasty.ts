/** S4, hasty: everybody stays for minutes only, and a partition takes half of one. */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STUCK, jobOf } from './base.ts'
import { SESSIONS } from '../models/distribution.ts'

export const hasty: Scenario = {
  name: 'hasty',
  title: 'stays of 2.4 min in the median, partitions of 30 s',
  peers: 1_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'hasty',
    seed,
    peers,
    populations: [{ share: 1, kind: 'node', session: SESSIONS.kazaa, gap: { type: 'never' }, polite: 0.3, silent: 0.1 }],
    job: jobOf({ peers, limitMs, partitionMs: 30_000 }),
    untilMs: STUCK * limitMs,
    bounds: { xLimit: 1.4 }
  })
}
