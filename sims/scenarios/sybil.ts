/** S9, sybil: one attacker with many identities, ground to outrank honest peers where coordinators are elected, who do nothing. */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STEADY, STUCK, jobOf } from './base.ts'

/** 200 identities among 2,000 peers. */
const SHARE = 0.1

export const sybil: Scenario = {
  name: 'sybil',
  title: 'one identity in eleven ground next to coordinators\' keys',
  peers: 2_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'sybil',
    seed,
    peers,
    populations: [STEADY, { share: SHARE, kind: 'node', session: { type: 'never' }, gap: { type: 'never' }, polite: 0, silent: 0, adversary: 'sybil' }],
    job: jobOf({ peers, limitMs, partitionMs: 10_000, grain: 2 }),
    untilMs: STUCK * limitMs,
    bounds: { subtreeStallMs: 60_000 }
  })
}
