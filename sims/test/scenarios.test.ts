/** Small versions of all scenarios: each is exact and breaks no invariant. Their bounds are those of the large ones (npm run sim:full). */
import { expect } from 'chai'
import type { Report } from '../report/report.ts'
import type { Plan } from '../scenarios/plan.ts'
import { liars } from '../scenarios/liars.ts'
import { SCENARIOS, scenarioOf } from '../scenarios/index.ts'
import { endMs } from '../scenarios/fault.ts'
import { parseTrace } from '../models/trace.ts'
import { simulate } from '../simulate.ts'

const MINUTE_MS = 60_000
/** A world takes some two seconds of a quiet core; others may be at work on this one. */
const A_WORLD_MS = 120_000

/** Peers, and minutes of the job at the limit: 100 and 3 where not said otherwise. */
const SIZES: Record<string, [number, number]> = { rush: [8, 3], split: [100, 6], swarm: [60, 2] }
/** Peers lie here, and nothing stops them: the job's trust policy is `none`. */
const LIED_TO = ['liars']

const planOf = (name: string, seed = 1): Plan => {
  const [peers, minutes] = SIZES[name] ?? [100, 3]
  return scenarioOf(name)!.make(seed, peers, minutes * MINUTE_MS)
}

const played = (plan: Plan, trace?: Parameters<typeof simulate>[0]['trace']): Report => simulate({ plan, now: () => 0, ...(trace === undefined ? {} : { trace }) })

describe('the scenarios', () => {
  it('are S0 to S13, and make plans of their names', () => {
    expect(SCENARIOS.map(({ name }) => name)).to.deep.equal(['calm', 'trace', 'steady', 'tabs', 'hasty', 'exodus', 'split', 'assassin', 'liars', 'sybil', 'swarm', 'stragglers', 'rush', 'planet'])
    for (const { name, make } of SCENARIOS) expect(make(7, 50)).to.include({ scenario: name, seed: 7, peers: 50 })
    expect(scenarioOf('nothing')).to.equal(undefined)
  })

  it('make jobs as large as the mesh, with at least 20 leaves a peer', () => {
    for (const { name, peers, make } of SCENARIOS) {
      if (name === 'planet') continue
      const { job } = make(1, peers)
      expect(job.partitions / job.grain / peers, name).to.be.at.least(20)
      expect(make(1, 2 * peers).job.partitions / job.partitions, name).to.be.closeTo(2, 0.01)
    }
    expect(scenarioOf('planet')!.make(1, 1_000_000).job.partitions).to.equal(1_000_000)
  })

  it('have faults that end long before the job is given up', () => {
    for (const { name, peers, make } of SCENARIOS) {
      for (let seed = 1; seed <= 20; seed++) {
        const { faults, untilMs } = make(seed, peers)
        for (const fault of faults) {
          expect(fault.atMs, name).to.be.at.least(0)
          expect(endMs(fault), name).to.be.below(0.6 * untilMs)
        }
      }
    }
  })

  for (const { name } of SCENARIOS) {
    it(`play in small: ${name}`, () => {
      const report = played(planOf(name))
      expect(report.violations).to.deep.equal([])
      expect(report.wallVirtualMs).to.be.above(0)
      // What the policies let pass is bounded, not nothing.
      if (!LIED_TO.includes(name)) expect(report.exact).to.equal(true)
      expect(report.xLimit).to.be.at.least(1)
    }).timeout(A_WORLD_MS)
  }

  it('play the sessions of a trace', () => {
    // Thirty are there at first, ten of them go after half a minute, one more comes.
    const rows = Array.from({ length: 30 }, (_, peer) => `${peer},0,${peer < 20 ? 100_000 : peer}`)
    const trace = parseTrace(['peer,on_s,off_s', ...rows, '30,60,100000'].join('\n'), 'test.csv')
    const report = played(scenarioOf('trace')!.make(1, 20, 2 * MINUTE_MS), trace)
    expect([report.exact, report.violations]).to.deep.equal([true, []])
    expect(report.curve.live[0]).to.equal(31)
    expect(report.curve.live.at(-1)).to.equal(22)
  }).timeout(A_WORLD_MS)

  it('let both halves of a split go on', () => {
    const { bounds } = played(planOf('split'))
    expect(bounds.find(({ name }) => name.includes('half'))?.value).to.be.above(10)
  }).timeout(A_WORLD_MS)

  it('tell of lies as wrong results, not as broken invariants, where everything is believed', () => {
    const report = played(liars.make(2, 100, 3 * MINUTE_MS, { type: 'none' }))
    expect(report.wrongResults).to.be.above(0)
    expect(report.exact).to.equal(false)
    expect(report.violations.filter(({ kind }) => kind === 'safety')).to.deep.equal([])
  }).timeout(A_WORLD_MS)
})
