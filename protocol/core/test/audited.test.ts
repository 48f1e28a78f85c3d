/** Which partitions of a value are recomputed: drawn after the commitment, and known to nobody before (V7). */
import { expect } from 'chai'
import { AUDIT, VOTES, aSigned, gives, trusting } from './court.ts'
import { CARL, DORA, JOB, ME, aCoordinator, addressed, path } from './given.ts'
import { Peer } from '../peer.ts'
import { configure } from '../config.ts'
import type { Cid } from '../ids.ts'
import type { Effect } from '../effect.ts'
import type { JobSpec, Value } from '../job.ts'
import { NO_SALT } from '../salt.ts'

const bite = aSigned('1', DORA)
const fold = aSigned('1', DORA, { bite: false })
const samples = (effects: Effect[]): number[] => effects.flatMap(effect => effect.type === 'check' ? effect.samples : [])
const drawn = (value: Value, spec: JobSpec = AUDIT): number[] => samples(gives(aCoordinator({ 1: DORA, 2: CARL }, spec), value))

/** A root with another secret, or another seed of its generator. */
function drawnBy (value: Value, seed: number, secret: Uint8Array): number[] {
  const peer = new Peer({ id: ME, config: configure({}), seed, secret })
  peer.handle({ type: 'submit', job: JOB, spec: AUDIT, proof: null }, 0)
  peer.handle({ type: 'connected', peer: DORA, addrs: [] }, 0)
  peer.handle({ type: 'message', topic: null, from: DORA, message: { type: 'claim', job: JOB, path: path('1'), fence: [1, 1], peer: addressed(DORA) } }, 0)
  return samples(peer.handle({ type: 'message', topic: null, from: DORA, message: { type: 'value', job: JOB, value, salt: NO_SALT } }, 1))
}

/** As if made anew: another commitment each time. */
const anew = (value: Value, i: number): Value => ({ ...value, commitment: { root: `root ${i}` as Cid, signature: new Uint8Array([9]) } })

describe('audited', () => {
  it('[V7] the share of a bite\'s lists that the policy says, one of each equal part, each as a whole', () => {
    const lists = new Set<number>()
    for (let i = 0; i < 50; i++) {
      const parts = drawn(anew(bite, i), trusting({ type: 'audit', rate: 0.5 }))
      const [first, second] = [parts[0]!, parts[4]!]
      expect(parts).to.deep.equal([first, first + 1, first + 2, first + 3, second, second + 1, second + 2, second + 3])
      expect([16, 20]).to.include(first)
      expect([24, 28]).to.include(second)
      lists.add(first).add(second)
    }
    expect(lists.size).to.equal(4)
  })

  it('[V7] all of it, if the rate is 1; none, and nothing is asked, if chance says so', () => {
    expect(drawn(bite, trusting({ type: 'audit', rate: 1 }))).to.deep.equal(Array.from({ length: 16 }, (_, i) => 16 + i))
    const effects = gives(aCoordinator({ 1: DORA, 2: CARL }, trusting({ type: 'audit', rate: 1e-9 })), bite)
    expect(effects.map(({ type }) => type)).to.include('notice').and.not.include('check')
  })

  it('[V7] on average, also where it is less than a list', () => {
    let sum = 0
    for (let i = 0; i < 4_000; i++) sum += drawn(anew(bite, i), trusting({ type: 'audit', rate: 0.03 })).length
    expect(sum / 4_000).to.be.within(0.43, 0.53)
  })

  it('[V7] every partition may be drawn', () => {
    const all = new Set<number>()
    for (let i = 0; i < 100; i++) for (const partition of drawn(anew(bite, i))) all.add(partition)
    expect(all.size).to.equal(16)
  })

  it('[V7] the same commitment draws the same, so sending it again wins nothing; another draws anew', () => {
    expect(drawn(bite)).to.deep.equal(drawn(bite))
    expect(new Set(Array.from({ length: 20 }, (_, i) => drawn(anew(bite, i)).join())).size).to.equal(4)
  })

  it('[V7] it hangs on the host\'s secret, and not on what else chance decides', () => {
    const secret = new Uint8Array(32).fill(1)
    expect(drawnBy(bite, 1, secret)).to.have.length(4).and.deep.equal(drawnBy(bite, 2, secret))
    expect(new Set(Array.from({ length: 20 }, (_, i) => drawnBy(bite, 1, new Uint8Array(32).fill(i)).join())).size).to.equal(4)
  })

  it('[V7] of a fold a fan-out less for each level, but one list where the share is one or more', () => {
    for (let i = 0; i < 20; i++) expect(drawn(anew(fold, i))).to.have.length(4)
    for (let i = 0; i < 20; i++) expect(drawn(anew(fold, i), trusting({ type: 'audit', rate: 1 }))).to.have.length(4)
  })

  it('[V7] a fold is folded again also where chance draws none of its lists', () => {
    const effects = gives(aCoordinator({ 1: DORA, 2: CARL }, trusting({ type: 'audit', rate: 1e-9 })), fold)
    expect(effects).to.deep.equal([{ type: 'check', job: JOB, value: fold, samples: [] }])
  })

  it('[V3, V7] where bites are voted on, folds are audited at 5 %', () => {
    let sum = 0
    for (let i = 0; i < 2_000; i++) sum += drawn(anew(fold, i), VOTES).length
    expect(sum / 2_000).to.be.within(0.7, 0.9)
  })

  it('[V7] at most 256 lists at once', () => {
    const spec = { ...trusting({ type: 'audit', rate: 1 }), partitions: 16_384 }
    expect(drawn({ ...bite, count: 4_096 }, spec)).to.have.length(4 * 256)
  })
})
