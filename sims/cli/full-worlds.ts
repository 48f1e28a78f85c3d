/** The large worlds of `npm run sim:full`: SCENARIOS' table, a row or more for each scenario. */
import type { Request } from './request.ts'

/** Worlds of one scenario and size. */
export interface Row extends Pick<Request, 'peers'> {
  scenario: string
  /** Those that together show what the scenario leaves to chance. */
  seeds: number[]
}

const SWARM_WORLDS = 200

export const FULL: Row[] = [
  { scenario: 'calm', seeds: [1], peers: 1_000 },
  { scenario: 'trace', seeds: [1] },
  { scenario: 'steady', seeds: [1], peers: 10_000 },
  { scenario: 'tabs', seeds: [1], peers: 10_000 },
  { scenario: 'hasty', seeds: [1], peers: 1_000 },
  { scenario: 'hasty', seeds: [1], peers: 10_000 },
  // 50 % and 90 % that vanish without the transport's noticing, 80 % that are noticed.
  { scenario: 'exodus', seeds: [6, 3, 10], peers: 10_000 },
  { scenario: 'split', seeds: [1], peers: 4_000 },
  { scenario: 'assassin', seeds: [1], peers: 4_000 },
  // A tenth, a fifth and three tenths that collude.
  { scenario: 'liars', seeds: [10, 2, 1], peers: 4_000 },
  { scenario: 'sybil', seeds: [1], peers: 2_000 },
  { scenario: 'swarm', seeds: Array.from({ length: SWARM_WORLDS }, (_, i) => i + 1), peers: 200 },
  { scenario: 'stragglers', seeds: [1], peers: 4_000 },
  { scenario: 'rush', seeds: [1], peers: 1_000 },
  { scenario: 'planet', seeds: [1], peers: 100_000 },
  { scenario: 'planet', seeds: [1], peers: 1_000_000 }
]

/** A planet's messages per peer and second may be so many times the steady world's (SCENARIOS, S13). */
export const PLANET_MESSAGES_X = 1.5
