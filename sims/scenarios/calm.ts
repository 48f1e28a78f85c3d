/** S0, calm: nobody comes, nobody goes. */
import type { Plan } from './plan.ts'
import { WORLD_NETWORK } from '../world/network.ts'

export const DEFAULT_PLAN: Plan = {
  scenario: 'calm',
  seed: 1,
  peers: 1_000,
  job: { partitions: 200_000, fanout: 16, grain: 4, partitionMs: 1_000 },
  populations: [{ share: 1, kind: 'node', session: { type: 'never' }, gap: { type: 'never' }, polite: 0, silent: 0 }],
  network: WORLD_NETWORK,
  latency: 'world',
  compute: { speedSigma: 0.7, slow: 0, slowSpeed: 0.05, hang: 0 },
  faults: [],
  meshDegree: 3,
  warmUpMs: 5_000,
  submitterLeavesMs: null,
  untilMs: 3_600_000,
  config: {},
  bounds: { xLimit: 1.05 },
  diurnal: null,
  flash: null
}
