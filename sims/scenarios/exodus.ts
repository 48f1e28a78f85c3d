/** S5, exodus: in the middle of the job half of all peers, four in five or nine in ten are gone in the same moment, as the seed has it. */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STEADY, STUCK, jobOf } from './base.ts'
import { isHeads, oneOf, stream } from './draw.ts'

const SHARES = [0.5, 0.8, 0.9] as const

export const exodus: Scenario = {
  name: 'exodus',
  title: '50, 80 or 90 % vanish at half-time',
  peers: 10_000,
  make: (seed, peers, limitMs = LIMIT_MS) => {
    const random = stream(seed, 'faults')
    const share = oneOf(random, SHARES)
    return {
      ...DEFAULT_PLAN,
      scenario: 'exodus',
      seed,
      peers,
      populations: [STEADY],
      job: jobOf({ peers, limitMs, partitionMs: 10_000, grain: 2 }),
      faults: [{ type: 'exodus', atMs: Math.round(limitMs / 2), share, silent: isHeads(random) }],
      // Those that are left take so much longer for the second half.
      untilMs: STUCK * limitMs * (1 + 1 / (1 - share)) / 2,
      bounds: { recomputedX: 1.3, stallMs: 30_000 }
    }
  }
}
