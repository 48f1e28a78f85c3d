/** S12, rush: within a minute twenty times as many peers come, over a day that swings by 60 %. */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STEADY, STUCK, jobOf } from './base.ts'

const CROWD = 20
const OVER_MS = 60_000
/** When the crowd comes, as a share of the job's time. */
const AT = 0.25

export const rush: Scenario = {
  name: 'rush',
  title: 'twenty times the peers within a minute, a day\'s sine',
  peers: 1_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'rush',
    seed,
    peers,
    populations: [STEADY],
    job: jobOf({ peers: peers * (AT + (1 - AT) * CROWD), limitMs, partitionMs: 10_000, grain: 2 }),
    // The whole day passes while the job runs: a faster swing is the harder one.
    diurnal: { periodMs: limitMs, amplitude: 0.6 },
    flash: { atMs: AT * limitMs, overMs: OVER_MS, peers: (CROWD - 1) * peers },
    untilMs: STUCK * limitMs,
    bounds: { firstWorkP99Ms: 10_000 }
  })
}
