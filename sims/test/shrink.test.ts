/** Shrinking: what is left fails in the same way, and nothing more of it can go. Most of it without a single world: what fails is made up. */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Fault } from '../scenarios/fault.ts'
import type { Invariant } from '../invariants/checker.ts'
import type { Plan } from '../scenarios/plan.ts'
import type { Trial } from '../shrink.ts'
import { DEFAULT_PLAN } from '../scenarios/base.ts'
import { check } from '../invariants/check.ts'
import { ddmin } from '../shrink/ddmin.ts'
import { prepare, run } from '../play.ts'
import { shrink } from '../shrink.ts'
import { switchesOf } from '../shrink/switches.ts'

const killAt = (atMs: number): Fault => ({ type: 'kill', atMs, whom: 'anyone' })

const LARGE: Plan = {
  ...DEFAULT_PLAN,
  peers: 800,
  job: { ...DEFAULT_PLAN.job, partitions: 64_000 },
  faults: Array.from({ length: 40 }, (_, i): Fault => i % 2 === 0 ? killAt(1_000 * i) : { type: 'noise', atMs: 1_000 * i, forMs: 500, network: { vanish: 0.5, loss: 0.1 } }),
  network: { ...DEFAULT_PLAN.network, vanish: 0.1, duplicate: 0.2 },
  skewMs: 5_000,
  config: { renewMs: 500, leaseMs: 4_000 }
}

describe('ddmin', () => {
  it('finds those that it takes, wherever they are', async () => {
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 6 }), async (needed) => {
      const found = await ddmin(Array.from({ length: 100 }, (_, i) => i), async some => needed.every(one => some.includes(one)))
      expect(found).to.deep.equal(needed.toSorted((a, b) => a - b))
    }))
  })

  it('leaves as many as it takes when any will do', async () => {
    expect(await ddmin([1, 2, 3, 4, 5, 6, 7], async some => some.length >= 3)).to.have.length(3)
  })

  it('leaves nothing where nothing is needed', async () => {
    expect(await ddmin([1, 2, 3], async () => true)).to.deep.equal([])
  })
})

describe('shrink', () => {
  it('cuts time, size and faults, and switches off the rest', async () => {
    const trials: Trial[] = []
    const breaksAtMs = async ({ faults, peers, untilMs, network }: Plan): Promise<number | null> =>
      faults.filter(({ type }) => type === 'kill').length >= 3 && peers >= 50 && untilMs >= 9_000 && network.duplicate > 0 ? 7_000.5 : null
    const { plan, trials: count } = await shrink({ plan: LARGE, kind: 'safety', brokeAtMs: 20_000, breaksAtMs, onTrial: trial => { trials.push(trial) } })
    expect(plan.untilMs).to.equal(9_001)
    expect(plan.peers).to.be.within(50, 56)
    expect(plan.job.partitions).to.equal(1)
    expect(plan.faults.map(({ type }) => type)).to.deep.equal(['kill', 'kill', 'kill'])
    expect(plan.network).to.include({ duplicate: 0.2, vanish: 0, loss: 0, jitterSigma: 0 })
    expect(plan).to.deep.include({ latency: 'loopback', skewMs: 0, config: {}, compute: { ...LARGE.compute, speedSigma: 0 } })
    expect(await breaksAtMs(plan)).to.not.equal(null)
    expect(trials.map(({ number }) => number)).to.deep.equal(Array.from({ length: count }, (_, i) => i + 1))
    expect(trials.findLast(({ isSmaller }) => isSmaller)?.plan).to.equal(plan)
  })

  it('leaves a world that stands still its time, and its work for each peer', async () => {
    const { plan } = await shrink({ plan: LARGE, kind: 'liveness', brokeAtMs: LARGE.untilMs, breaksAtMs: async ({ untilMs }) => untilMs })
    expect(plan.untilMs).to.equal(LARGE.untilMs)
    expect(plan).to.deep.include({ peers: 2, faults: [] })
  })

  it('goes back from what holds', async () => {
    const { plan, trials } = await shrink({ plan: LARGE, kind: 'safety', brokeAtMs: 1_000, breaksAtMs: async () => null })
    expect(plan).to.equal(LARGE)
    expect(trials).to.be.greaterThan(10)
  })

  it('ends after so many trials', async () => {
    let played = 0
    const breaksAtMs = async (): Promise<number> => ++played
    const { trials } = await shrink({ plan: LARGE, kind: 'safety', brokeAtMs: 1_000, breaksAtMs, trialsMax: 7 })
    expect([trials, played]).to.deep.equal([7, 7])
  })

  it('switches each thing off once', () => {
    const off = switchesOf(LARGE).reduce((plan, { off }) => off(plan), LARGE)
    for (const { name, off: again } of switchesOf(LARGE)) expect(again(off), name).to.deep.equal(off)
    expect(off.faults.find(({ type }) => type === 'noise')).to.deep.include({ network: {} })
  })

  it('finds the two kills of a played world that an invariant does not bear', async function () {
    this.timeout(60_000)
    const atMostOneKill: Invariant = (play, report) => {
      let gone = 0
      return { name: 'at-most-one-gone', kind: 'safety', watcher: { onGone: () => { if (++gone === 2) report(`the second is gone at ${play.atMs} ms`) } } }
    }
    const plan: Plan = {
      ...DEFAULT_PLAN,
      latency: 'loopback',
      peers: 12,
      untilMs: 60_000,
      job: { ...DEFAULT_PLAN.job, partitions: 240 },
      faults: [...Array.from({ length: 6 }, (_, i): Fault => ({ type: 'pause', atMs: 1_000 + i, forMs: 200, whom: i })), killAt(2_000), killAt(3_000), killAt(4_000)]
    }
    const breaksAtMs = async (plan: Plan): Promise<number | null> => {
      const play = prepare({ plan })
      const checks = check(play, [atMostOneKill])
      run(play, checks.sample)
      return checks.end()[0]?.atMs ?? null
    }
    const brokeAtMs = await breaksAtMs(plan)
    expect(brokeAtMs).to.equal(3_000)
    const shrunk = await shrink({ plan, kind: 'safety', brokeAtMs: brokeAtMs as number, breaksAtMs })
    expect(shrunk.plan.faults.map(({ type }) => type)).to.deep.equal(['kill', 'kill'])
    expect(shrunk.plan.peers).to.be.within(2, 3)
    expect(await breaksAtMs(shrunk.plan)).to.not.equal(null)
  })
})
