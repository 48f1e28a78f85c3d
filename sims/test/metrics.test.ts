/** What is measured: the parts on their own, and tiny worlds whose figures can be told beforehand. */
import { expect } from 'chai'
import type { Fault } from '../scenarios/fault.ts'
import type { Plan } from '../scenarios/plan.ts'
import type { Report } from '../report/report.ts'
import { Series } from '../metrics/series.ts'
import { Stall } from '../metrics/stall.ts'
import { boundsOf, type Measured } from '../metrics/bounds.ts'
import { exitCodeOf, simulate } from '../simulate.ts'
import { measure, reportOf } from '../metrics.ts'
import { quantilesOf } from '../metrics/quantiles.ts'
import { playUntil, tinyPlan } from './kit.ts'
import { prepare, run } from '../play.ts'

const simulated = (changes: Partial<Plan> = {}): Report => simulate({ plan: tinyPlan(changes), now: () => 0 })

/** Peers of one speed. */
const EQUAL = { speedSigma: 0, slow: 0, slowSpeed: 1, hang: 0 }

describe('quantiles', () => {
  it('are figures that occur', () => {
    expect(quantilesOf([])).to.deep.equal({ p50: 0, p99: 0, max: 0 })
    expect(quantilesOf([7])).to.deep.equal({ p50: 7, p99: 7, max: 7 })
    expect(quantilesOf(Array.from({ length: 100 }, (_, i) => 100 - i))).to.deep.equal({ p50: 50, p99: 99, max: 100 })
  })
})

describe('a series', () => {
  it('takes one sample a step and doubles the step when there are too many', () => {
    const series = new Series<number>(4)
    for (let s = 0; s <= 20; s++) series.offer(1_000 * s, () => s)
    expect(series.stepMs).to.equal(8_000)
    expect(series.samples).to.deep.equal([0, 8, 16])
  })
})

describe('a stall', () => {
  it('is the longest time without progress between beginning and end', () => {
    const stall = new Stall(10, -1)
    expect(stall.longestMs(5_000)).to.equal(0)
    stall.progress(4, 5_000)
    stall.progress(1, 7_000)
    expect(stall.longestMs(7_500)).to.equal(2_000)
    expect(stall.longestMs(10_000)).to.equal(3_000)
    stall.progress(5, 10_000)
    expect(stall.longestMs(99_000)).to.equal(3_000)
  })

  it('does not count while somebody is at work', () => {
    const stall = new Stall(10, -1)
    stall.progress(0, 1_000)
    expect(stall.longestMs(5_000)).to.equal(4_000)
    stall.progress(0, 6_000)
    stall.progress(0, 7_000)
    expect(stall.longestMs(9_000)).to.equal(5_000)
  })
})

describe('bounds', () => {
  it('hold up to their limit, or from it on', () => {
    const plan = tinyPlan({ bounds: { xLimit: 1.1, halfAccepted: 1, stallMs: 30 } })
    const bounds = boundsOf(plan, { xLimit: 1.2, halfAccepted: 1, stallMs: 30 } as Measured)
    expect(bounds.map(({ value, limit, holds }) => [value, limit, holds])).to.deep.equal([[1.2, 1.1, false], [30, 30, true], [1, 1, true]])
  })
})

describe('a report', () => {
  const calm = simulated({ compute: EQUAL })

  it('of a calm world is exact and not below the physical limit', () => {
    expect([calm.exact, calm.wrongResults, calm.violations]).to.deep.equal([true, 0, []])
    expect(exitCodeOf(calm)).to.equal(0)
    // 400 partitions of 0.5 s on ten peers of speed 1, and half of 0.1 ms a level.
    expect(calm.limitMs).to.be.closeTo(20_000 + 4 * 0.05, 0.1)
    expect(calm.xLimit).to.be.within(1, 1.3)
    expect(calm.xLimit).to.equal(calm.wallVirtualMs / calm.limitMs)
    expect([calm.failovers.length, calm.overlapMs, calm.unavoidableWaste]).to.deep.equal([0, 0, 0])
  })

  it('follows the job from nothing to all', () => {
    const { curve, reachedMs, partitions } = calm
    expect([curve.done[0], curve.done.at(-1)]).to.deep.equal([0, partitions])
    expect([curve.limit[0], curve.limit.at(-1)]).to.deep.equal([0, partitions])
    for (const [i, done] of curve.done.slice(0, -1).entries()) expect(done).to.be.at.most(curve.limit[i] as number)
    expect(curve.live.every(live => live === 11)).to.equal(true)
    const { p50, p90, p99, p100 } = reachedMs
    expect([p50, p90, p99, p100]).to.deep.equal([p50, p90, p99, p100].toSorted((a, b) => a - b))
    expect(p50).to.be.above(0)
    expect(p100).to.be.at.most(calm.wallVirtualMs)
  })

  it('knows what was sent, by whom and of which type', () => {
    const { messagesPerPeerPerSecond: each, byType, bytesPerPartition } = calm
    const sum = Object.values(byType).reduce((total, { messages }) => total + messages, 0)
    expect(sum).to.be.within(each.p50 / 2, each.max)
    expect(byType).to.include.keys('join', 'grant', 'value', 'renew')
    expect(bytesPerPartition).to.be.above(0)
  })

  it('shows the tree: one root, and everybody else at work below', () => {
    const sample = calm.tree[10]!
    const { coordinators, workers, idle } = sample
    expect(sample.atMs).to.equal(10_000)
    expect(coordinators[0]).to.equal(1)
    expect([...coordinators, ...workers].reduce((a, b) => a + b) + idle).to.equal(11)
    expect(calm.maxFanout).to.be.within(1, 4)
    expect(calm.maxConnections).to.be.within(3, 11)
  })

  it('of another clock is the same but for the clock\'s part', () => {
    let ms = 0
    const slow = simulate({ plan: tinyPlan({ compute: EQUAL }), now: () => ms += 5_000 })
    expect(slow.eventsPerSecond).to.equal(slow.events / 5)
    expect(slow.speedUp).to.be.within(4, 20)
    expect({ ...slow, eventsPerSecond: 0, speedUp: 0 }).to.deep.equal({ ...calm, eventsPerSecond: 0, speedUp: 0 })
  })

  it('counts the work of two peers on one partition', () => {
    const play = prepare({ plan: tinyPlan() })
    const { work } = measure(play)
    const run = { job: play.job, path: '0' as never, size: 100, startedMs: 0, event: null }
    for (let i = 0; i < 3; i++) work.watcher.onComputed?.(play.submitter, run, {} as never)
    expect(work.duplicateFraction).to.equal(200 / 400)
  })

  it('measures failovers in parts when a coordinator is killed', () => {
    const kill: Fault = { type: 'kill', atMs: 8_000, whom: 'root' }
    const report = simulated({ peers: 20, compute: EQUAL, faults: [kill] })
    expect(report.exact).to.equal(true)
    expect(report.failovers.length).to.be.at.least(1)
    expect(report.failoverMs.max).to.be.within(0.1, 10_000)
    expect(report.falseFailoversPerHour).to.equal(0)
    const { detectMs, electMs, catchUpMs } = report.failoverParts
    expect(detectMs.max + electMs.max + catchUpMs.max).to.be.at.least(report.failoverMs.max)
  })

  it('takes the limit of who was really there', () => {
    const exodus: Fault = { type: 'exodus', atMs: 5_000, share: 0.5, silent: false }
    const report = simulated({ compute: EQUAL, faults: [exodus] })
    expect(report.exact).to.equal(true)
    expect(report.limitMs).to.be.above(1.2 * calm.limitMs)
    expect(report.xLimit).to.be.at.least(1)
  })

  it('knows what an exodus leaves no copy of, and what limit that leaves', () => {
    const share = (gone: number): { lost: number, report: Report } => {
      const plan = tinyPlan({ peers: 40, compute: EQUAL, faults: [{ type: 'exodus', atMs: 5_000, share: gone, silent: false }], bounds: { xLimit: 9, recomputedX: 9 } })
      const play = prepare({ plan })
      const metrics = measure(play)
      run(play, metrics.sample)
      return { lost: metrics.lost.partitions, report: reportOf(play, metrics, { violations: [], wallMs: 1, replay: '', commit: '' }) }
    }
    const all = share(0.9)
    expect(all.report.exact).to.equal(true)
    expect(all.lost).to.be.within(1, 399)
    const [physical, recomputed] = all.report.bounds.map(({ value }) => value)
    expect(recomputed).to.be.within(1, physical! - 0.01)
    // Of everything there are three copies.
    expect(share(0.05).lost).to.equal(0)
  })

  it('counts a pause as being away', () => {
    const pause: Fault = { type: 'pause', atMs: 2_000, forMs: 10_000, whom: 3 }
    const report = simulated({ compute: EQUAL, faults: [pause] })
    // One of ten is away for ten seconds.
    expect(report.limitMs).to.be.closeTo(21_000, 600)
  })

  it('of a job that cannot end says so', () => {
    const hung = simulated({ compute: { ...EQUAL, hang: 1 }, untilMs: 30_000 })
    expect([hung.wallVirtualMs, hung.xLimit, hung.exact]).to.deep.equal([-1, Infinity, false])
    expect(exitCodeOf(hung)).to.equal(4)
  })

  it('tells how long peers waited for their first bite', () => {
    expect(calm.firstWorkMs.p50).to.be.within(1, 5_000)
    const play = prepare({ plan: tinyPlan() })
    const metrics = measure(play)
    playUntil(play.plan, 3_000, play)
    expect(metrics.work.firstWorkMs()).to.have.length(10)
  })
})
