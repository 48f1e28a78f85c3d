/**
 * S6, split: the mesh falls into halves for two minutes; later some peers hear nothing of half the others, and connections are held up one by
 * one and freed in random order.
 */
import type { Fault } from './fault.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, LIMIT_MS, STEADY, STUCK, jobOf } from './base.ts'
import { between, drawWhom, stream } from './draw.ts'

const SPLIT_MS = 120_000
const CUTS = 5
const CUT_MS = 60_000
const CLOGS = 20
const CLOG_MS = 60_000

export const split: Scenario = {
  name: 'split',
  title: 'two halves for 120 s, one-way cuts, clogs',
  peers: 4_000,
  make: (seed, peers, limitMs = LIMIT_MS) => ({
    ...DEFAULT_PLAN,
    scenario: 'split',
    seed,
    peers,
    populations: [STEADY],
    job: jobOf({ peers, limitMs, partitionMs: 10_000, grain: 2 }),
    faults: [
      { type: 'split', atMs: Math.round(limitMs / 4), forMs: SPLIT_MS, share: 0.5 },
      ...drawCuts(stream(seed, 'cuts'), limitMs),
      ...drawClogs(stream(seed, 'clogs'), limitMs)
    ],
    untilMs: STUCK * limitMs + 2 * SPLIT_MS,
    bounds: { convergedMs: 30_000, halfAccepted: 1 }
  })
}

/** After the halves have found together. */
const drawCuts = (random: Random, limitMs: number): Fault[] => Array.from({ length: CUTS }, () =>
  ({ type: 'one-way', atMs: Math.round(limitMs / 4 + SPLIT_MS + between(random, 0.1, 0.3) * limitMs), forMs: CUT_MS, whom: drawWhom(random), share: 0.5 }))

const drawClogs = (random: Random, limitMs: number): Fault[] => Array.from({ length: CLOGS }, () =>
  ({ type: 'clog', atMs: Math.round(limitMs / 4 + SPLIT_MS + between(random, 0.1, 0.5) * limitMs), forMs: CLOG_MS, whom: drawWhom(random), delayMs: Math.round(between(random, 200, 3_000)) }))
