/** S3, tabs: nine of ten peers are browser tabs, many of them behind another window, some frozen; the others are Ethereum's nodes. */
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STUCK, jobOf } from './base.ts'
import { SESSIONS } from '../models/distribution.ts'

/** A closed tab says goodbye (pagehide) more often than a process; one in twenty vanishes with its machine. Guesses. */
const POLITE = 0.8
const SILENT = 0.05

export const tabs: Scenario = {
  name: 'tabs',
  title: '90 % browser tabs: hidden, throttled, frozen, discarded',
  peers: 10_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'tabs',
    seed,
    peers,
    populations: [
      { share: 0.9, kind: 'tab', session: SESSIONS.flatout, gap: SESSIONS.kadGap, polite: POLITE, silent: SILENT, tabs: { hidden: 0.3, frozen: 0.1 } },
      { share: 0.1, kind: 'node', session: SESSIONS.ethereum, gap: SESSIONS.kadGap, polite: 0.3, silent: 0.1 }
    ],
    job: jobOf({ peers, limitMs, partitionMs: 10_000, grain: 2 }),
    untilMs: STUCK * limitMs,
    bounds: { xLimit: 1.25 }
  })
}
