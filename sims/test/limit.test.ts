/** The physical limit against closed forms and against a list of all partitions that could be finished. */
import { expect } from 'chai'
import fc from 'fast-check'
import { limitCurve, physicalLimit } from '../models/limit.ts'
import type { PhysicalLimit, Workload } from '../models/limit.ts'
import type { Session } from '../models/session.ts'

const stay = (peer: number, onMs: number, offMs = Infinity): Session => ({ peer, onMs, offMs })
const crowd = (peers: number): Session[] => Array.from({ length: peers }, (_, peer) => stay(peer, -1))

const work = (given: Partial<Workload>): Workload =>
  ({ sessions: crowd(1), speedOf: () => 1, partitions: 1, partitionMs: 1_000, replication: 1, ...given })

const limit = (given: Partial<Workload>, depth = 0, delayMsMin = 0): PhysicalLimit => physicalLimit({ ...work(given), depth, delayMsMin })

/** When each partition could be finished, sorted: what the limit must be the M r-th of. */
function finishes ({ sessions, speedOf, partitionMs }: Workload): number[] {
  const times: number[] = []
  for (const { peer, onMs, offMs } of sessions) {
    const eachMs = partitionMs / speedOf(peer)
    for (let ms = Math.max(0, onMs) + eachMs; ms <= Math.min(offMs, 100_000); ms += eachMs) times.push(ms)
  }
  return times.sort((a, b) => a - b)
}

/** Times and speeds that doubles hold exactly, so that the list above is exact too. */
const workloads: fc.Arbitrary<Workload> = fc.record({
  sessions: fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -20, max: 300 }), fc.integer({ min: 1, max: 200 })), { maxLength: 12 })
    .map(drawn => drawn.map(([peer, onMs, length]) => stay(peer, onMs, onMs + length))),
  speeds: fc.array(fc.constantFrom(0, 0.25, 0.5, 1, 2, 4), { minLength: 5, maxLength: 5 }),
  partitions: fc.integer({ min: 1, max: 60 }),
  partitionMs: fc.integer({ min: 1, max: 64 }),
  replication: fc.integer({ min: 1, max: 3 })
}).map(({ speeds, ...rest }) => ({ ...rest, speedOf: peer => speeds[peer] as number }))

describe('the physical limit', () => {
  it('of peers that all stay is the rounds it takes', () => {
    expect(limit({ sessions: crowd(10), partitions: 100 }).ms).to.equal(10_000)
    expect(limit({ sessions: crowd(10), partitions: 101 }).ms).to.equal(11_000)
    expect(limit({ sessions: crowd(10), partitions: 100, replication: 3 }).ms).to.equal(30_000)
    expect(limit({ sessions: crowd(10), partitions: 1 }).ms).to.equal(1_000)
  })

  it('is shorter on fast peers; those without speed do nothing', () => {
    expect(limit({ sessions: crowd(2), partitions: 5, speedOf: peer => peer === 0 ? 4 : 1 }).ms).to.equal(1_000)
    expect(limit({ sessions: crowd(2), partitions: 5, speedOf: peer => peer === 0 ? 4 : 0 }).ms).to.equal(1_250)
  })

  it('waits for those who come later, and counts nothing before the submission', () => {
    expect(limit({ sessions: [stay(0, 700)], partitions: 2 }).ms).to.equal(2_700)
    expect(limit({ sessions: [stay(0, -50_000)], partitions: 2 }).ms).to.equal(2_000)
    expect(limit({ sessions: [stay(0, 900), stay(1, 100)], partitions: 2 }).ms).to.equal(1_900)
  })

  it('loses what leaving peers have begun', () => {
    const result = limit({ sessions: [stay(0, -1, 1_999), stay(1, 3_000)], partitions: 2 })
    expect(result.ms).to.equal(4_000)
    expect(result.unavoidableWaste).to.be.closeTo(0.999 / 2.999, 1e-12)
    expect(limit({ sessions: crowd(3), partitions: 7 }).unavoidableWaste).to.equal(0)
    // Peer 1 has lost nothing yet when peer 0 is done.
    expect(limit({ sessions: [stay(0, -1), stay(1, 0, 1_500)], partitions: 2 }).unavoidableWaste).to.equal(0)
  })

  it('is Infinity when too little can ever be done', () => {
    const never = { ms: Infinity, computeMs: Infinity }
    expect(limit({ sessions: [] })).to.include({ ...never, unavoidableWaste: 0 })
    expect(limit({ sessions: [stay(0, -1, 999)] })).to.include({ ...never, unavoidableWaste: 1 })
    expect(limit({ sessions: [stay(0, -10, -1)] })).to.include(never)
    expect(limit({ speedOf: () => 0 })).to.include(never)
    expect(limit({ sessions: [stay(0, 0, 2_000), stay(1, 0, 1_000)], partitions: 4 })).to.include(never)
    expect(limit({ sessions: [stay(0, 0, 2_000), stay(1, 0, 1_000)], partitions: 3 }).ms).to.equal(2_000)
  })

  it('has the longest partition and the way up the tree in it', () => {
    expect(limit({ sessions: crowd(10), partitions: 10 }, 4, 5).ms).to.equal(1_020)
    expect(limit({ sessions: crowd(10), partitions: 10 }, 4, 5).computeMs).to.equal(1_000)
    expect(limit({ sessions: crowd(10), partitions: 10, partitionMsMax: 8_000, speedOf: peer => peer === 3 ? 2 : 1 }, 1, 5).ms).to.equal(4_005)
  })

  it('is the time of the last partition needed, of all that could be finished', () => {
    fc.assert(fc.property(workloads, (drawn) => {
      const { partitions, replication } = drawn
      expect(limit(drawn).computeMs).to.equal(finishes(drawn)[partitions * replication - 1] ?? Infinity)
    }), { seed: 11, numRuns: 500 })
  })

  it('has a curve that counts what could be finished, and reaches the whole at the limit', () => {
    fc.assert(fc.property(workloads, fc.integer({ min: 1, max: 40 }), (drawn, stepMs) => {
      const times = finishes(drawn)
      const curve = limitCurve(drawn, stepMs, 30)
      expect(curve).to.deep.equal(Array.from({ length: 30 }, (_, step) =>
        Math.min(drawn.partitions, Math.floor(times.filter(ms => ms <= step * stepMs).length / drawn.replication))))
      const { computeMs } = limit(drawn)
      curve.forEach((done, step) => expect(done === drawn.partitions).to.equal(step * stepMs >= computeMs))
    }), { seed: 12, numRuns: 300 })
  })

  it('a workload of nothing is a programmer\'s error', () => {
    for (const given of [{ partitions: 0 }, { partitionMs: 0 }, { replication: 0 }]) expect(() => limit(given)).to.throw('workload')
  })
})
