/**
 * Whole jobs whose values are not simply believed, in the test world, with peers that lie: exact as far as the policy promises, liars found
 * and told with evidence, nobody honest blamed.
 */
import { expect } from 'chai'
import { isExact } from './checks.ts'
import { noticesOf, play } from './scenario.ts'
import { killHalf, killSubmitter, leaveHalf } from './faults.ts'
import type { Plan, Run } from './scenario.ts'
import type { Trust } from '../job.ts'

const VOTES: Trust = { type: 'votes', quorum: 2, voters: 4, deadlineMs: 0 }
const ADAPTIVE: Trust = { type: 'adaptive', after: 3, deadlineMs: 0 }
const AUDIT: Trust = { type: 'audit', rate: 0.2 }

interface Wish { trust: Trust, peers: number, seed: number, liars?: number, folds?: boolean, faults?: Plan['faults'] }

/** The first volunteers lie about every bite, or about every fold. */
function playTrusted ({ trust, peers, seed, liars = 0, folds = false, faults }: Wish): Run {
  const names = Array.from({ length: liars }, (_, i) => `peer${i + 1}`)
  return play({
    seed, peers, spec: { trust }, untilMs: 200_000,
    lying: (peer, _path, isBite) => names.includes(peer) && isBite !== folds,
    ...(faults === undefined ? {} : { faults })
  })
}

const blamedIn = (run: Run): string[] => [...new Set(noticesOf(run, 'blamed').map(({ notice }) => notice.peer))].sort()

/** Liars may believe themselves: what honest peers learnt counts. */
const honestly = (run: Run, liars: number): string[] => isExact(run).filter(what => !Array.from({ length: liars }, (_, i) => `peer${i + 1} `).some(name => what.startsWith(name)))

describe('a job that is trusted', () => {
  for (const trust of [VOTES, ADAPTIVE, AUDIT]) {
    it(`[V1] ${trust.type}: where all are honest it is exact and nobody is blamed`, () => {
      for (const seed of [1, 2]) {
        const run = playTrusted({ trust, peers: 7, seed })
        expect(isExact(run)).to.deep.equal([])
        expect(blamedIn(run)).to.deep.equal([])
      }
    })

    it(`[V1, C6] ${trust.type}: under churn too`, () => {
      for (const faults of [killSubmitter, killHalf, leaveHalf]) {
        const run = playTrusted({ trust, peers: 12, seed: 3, faults })
        expect(isExact(run), faults.name).to.deep.equal([])
        expect(blamedIn(run)).to.deep.equal([])
      }
    })
  }

  for (const trust of [VOTES, AUDIT]) {
    it(`[V3, V7, V5] ${trust.type}: two of nine lie, are found out, and change nothing`, () => {
      for (const seed of [1, 2, 3]) {
        const run = playTrusted({ trust, peers: 9, seed, liars: 2 })
        const blamed = blamedIn(run)
        expect(blamed).to.include('peer1')
        expect(blamed.filter(peer => peer !== 'peer1' && peer !== 'peer2')).to.deep.equal([])
        expect(trust.type === 'votes' ? honestly(run, 2) : []).to.deep.equal([])
      }
    })

    it(`[V7] ${trust.type}: a coordinator that folds wrongly is found by folding again`, () => {
      const run = playTrusted({ trust, peers: 9, seed: 4, liars: 2, folds: true })
      expect(blamedIn(run).every(peer => peer === 'peer1' || peer === 'peer2')).to.equal(true)
      expect(honestly(run, 2)).to.deep.equal([])
    })
  }

  it('[V3] votes: nobody computes a path twice, and nearly all of it is computed by two', () => {
    const run = playTrusted({ trust: VOTES, peers: 7, seed: 5 })
    const runs = run.world.computed.map(({ peer, path }) => `${peer} ${path}`)
    expect(new Set(runs).size).to.equal(runs.length)
    const by = new Map<string, number>()
    for (const { path } of run.world.computed) by.set(path, (by.get(path) ?? 0) + 1)
    expect([...by.values()].filter(count => count < 2)).to.deep.equal([])
  })

  it('[K1] votes: each that agreed is certified, but the coordinator, which may be one of them', () => {
    const run = playTrusted({ trust: VOTES, peers: 7, seed: 5 })
    const to = new Map<string, Set<string>>()
    for (const { to: peer, values } of run.world.certified) {
      for (const { path, bite } of values) if (bite) to.set(path, (to.get(path) ?? new Set()).add(peer))
    }
    expect(new Set([...to.values()].map(peers => peers.size))).to.deep.equal(new Set([1, 2]))
  })

  for (const trust of [VOTES, ADAPTIVE]) {
    it(`[V3, E1] ${trust.type}: what fails at one peer is voted on by others`, () => {
      for (const seed of [1, 2, 3]) {
        const run = play({ seed, peers: 7, spec: { trust }, failing: (partition, peer) => peer === 'peer3' && partition % 50 === 0 })
        expect(isExact(run)).to.deep.equal([])
      }
    })

    it(`[V3, E1] ${trust.type}: what fails everywhere fails the job`, () => {
      for (const seed of [1, 2, 3]) {
        const run = play({ seed, peers: 7, spec: { trust }, failing: partition => partition === 777 })
        expect(run.isOver).to.equal(true)
        expect(noticesOf(run, 'job-failed')[0]?.notice.why).to.deep.include({ kind: 'threw', partition: 777 })
      }
    })

    it(`[V3, E1] ${trust.type}: outputs that differ from machine to machine fail the job`, () => {
      for (const seed of [1, 2, 3, 4]) {
        const run = play({ seed, peers: 7, spec: { trust }, lying: (peer, _path, isBite) => isBite && Number(peer.at(-1)) % 2 === 1, isVarying: true })
        expect(run.isOver).to.equal(true)
        expect(noticesOf(run, 'job-failed')[0]?.notice.why).to.include({ kind: 'trust' })
        expect(blamedIn(run)).to.deep.equal([])
      }
    })

    it(`[V3] ${trust.type}: of one leaf, which the root's coordinator computes itself`, () => {
      const faults = (run: Run): void => { run.world.feed(run.submitter, { type: 'capacity', cores: 1 }) }
      expect(isExact(play({ seed: 1, peers: 3, spec: { trust, partitions: 3 }, faults }))).to.deep.equal([])
    })
  }

  it('[V3] votes of one peer: it waits and says so; the next that comes votes', () => {
    const run = playTrusted({
      trust: VOTES, peers: 1, seed: 1,
      faults: ({ world, submitter }) => world.later(40_000, () => { world.connect(world.add(1), submitter) })
    })
    const short = noticesOf(run, 'short').map(({ notice }) => notice.have)
    expect(short[0]).to.equal(1)
    expect(short).to.include(2)
    expect(isExact(run)).to.deep.equal([])
  })

  it('[V3] votes of one peer: the job fails at its deadline, with what is missing', () => {
    const run = playTrusted({ trust: { ...VOTES, deadlineMs: 20_000 }, peers: 1, seed: 1 })
    expect(noticesOf(run, 'job-failed')[0]?.notice.why).to.deep.include({
      kind: 'trust', message: 'the job wants 2 distinct peers to agree on each value, and after 20 s there were 1: start more peers, or ask for fewer votes'
    })
  })
})
