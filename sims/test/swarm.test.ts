/** Two hundred worlds of the swarm: whatever happens to them, nothing wrong comes of it, and the job is done after they have healed. */
import { expect } from 'chai'
import { exitCodeOf, simulate } from '../simulate.ts'
import { swarm } from '../scenarios/swarm.ts'

const SEEDS = 200
const A_TEST = 10
const PEERS = 40
const LIMIT_MS = 90_000

describe('the swarm', () => {
  for (let from = 1; from <= SEEDS; from += A_TEST) {
    it(`holds with seeds ${from} to ${from + A_TEST - 1}`, () => {
      const failed: string[] = []
      for (let seed = from; seed < from + A_TEST; seed++) {
        const report = simulate({ plan: swarm.make(seed, PEERS, LIMIT_MS), now: () => 0 })
        if (exitCodeOf(report) !== 0 || !report.exact) failed.push(`seed ${seed}: ${report.violations.map(({ invariant, what }) => `${invariant}: ${what}`).join('; ') || 'never done'}`)
      }
      expect(failed).to.deep.equal([])
    }).timeout(120_000)
  }
})
