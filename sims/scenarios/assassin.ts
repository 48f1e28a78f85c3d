/** S7, assassin: every twenty seconds the root's coordinator and some other one are killed. */
import type { Fault } from './fault.ts'
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STUCK, jobOf } from './base.ts'

const EVERY_MS = 20_000

export const assassin: Scenario = {
  name: 'assassin',
  title: 'the root and a random coordinator killed every 20 s',
  peers: 4_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'assassin',
    seed,
    peers,
    job: jobOf({ peers, limitMs, partitionMs: 10_000, grain: 2 }),
    faults: kills(2 * limitMs, peers),
    untilMs: STUCK * limitMs,
    bounds: { xLimit: 1.3 }
  })
}

/** Up to a time, and no more than a fifth of all peers. */
function kills (untilMs: number, peers: number): Fault[] {
  const times = Array.from({ length: Math.min(Math.floor(untilMs / EVERY_MS), Math.floor(peers / 10)) }, (_, i) => (i + 1) * EVERY_MS)
  return times.flatMap((atMs): Fault[] => [{ type: 'kill', atMs, whom: 'root' }, { type: 'kill', atMs, whom: 'coordinator' }])
}
