/**
 * Whole jobs of dozens of peers in a world with virtual time, without accidents: values exact and the same at any
 * number of peers, each partition once, bounds kept, failures told, and all of it the same again from the seed.
 */
import { acceptedAt, effort, fencesRise, hasNoConflicts, isExact, recomputed } from './checks.ts'
import { live, noticesOf, play } from './scenario.ts'
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { ROOT } from '../geometry.ts'
import type { Plan, Run } from './scenario.ts'
import { rootOracle } from './oracle.ts'

const broken = (run: Run): string[] => [...isExact(run), ...fencesRise(run), ...hasNoConflicts(run)]

describe('a whole job', () => {
  for (const peers of [1, 2, 7, 30]) {
    it(`[G3, R4] of ${peers} peers is exact, told once to each, and nothing accepted is computed again`, () => {
      const run = play({ seed: peers, peers })
      expect(broken(run)).to.deep.equal([])
      expect(noticesOf(run, 'done')).to.have.length(run.world.nodes.length)
      expect(recomputed(run)).to.equal(0)
      expect(effort(run), 'only the tail may run twice (J5)').to.be.within(1, 1.2)
      // Whoever is still at work hears of the end from those it works with, too.
      expect(run.world.drops.filter(reason => reason !== 'outcome from a peer that cannot know it')).to.deep.equal([])
    })
  }

  it('[G3] depends on the spec alone: the same content at any number of peers and any fan-out of chance', () => {
    const cids = [1, 2, 7, 30].map(peers => noticesOf(play({ seed: 9, peers }), 'done')[0]?.notice.value.cid)
    expect(new Set(cids)).to.deep.equal(new Set([rootOracle(play({ seed: 1, peers: 3 }).spec)]))
  })

  it('[R2] all of the root\'s value was accepted, piece by piece', () => {
    const run = play({ seed: 4, peers: 7 })
    expect(acceptedAt(run, ROOT)).to.equal(1)
  })

  it('[J2] all peers get work, and with more of them the tree is deeper', () => {
    const levels = [1, 7, 30].map(peers => {
      const run = play({ seed: 2, peers, spec: { partitions: 60_000 } })
      expect(new Set(run.world.computed.map(({ peer }) => peer)).size).to.equal(peers)
      return noticesOf(run, 'done')[0]?.notice.value.stats.levels ?? 0
    })
    expect(levels[0]).to.be.lessThan(levels[1] as number)
    expect(levels[1]).to.be.at.most(levels[2] as number)
  })

  it('[J4] seven peers are five times faster than one', () => {
    const [one, seven] = [1, 7].map(peers => {
      const run = play({ seed: 5, peers, spec: { partitions: 40_000 } })
      return run.world.computed.reduce((last, { at }) => Math.max(last, at), 0) - run.startMs
    }) as [number, number]
    expect(one / seven).to.be.greaterThan(5)
  })

  it('[J3] at 30 peers nobody has many helpers or neighbours', () => {
    for (const fanout of [2, 4, 16]) {
      const run = play({ seed: fanout, peers: 30, spec: { fanout, partitions: 16_000 } })
      expect(broken(run)).to.deep.equal([])
      // A coordinator may hold positions on several levels of one branch; their helpers together are no more than F.
      expect(run.most.members, `helpers at F = ${fanout}`).to.be.at.most(fanout)
      expect(run.most.neighbours, `neighbours at F = ${fanout}`).to.be.at.most(Math.max(8, fanout) + 8)
    }
  })

  // Heirs that fill gaps from above reach two levels down, so three hands lie between.
  it('[J3] a worker deep in the tree keeps no tree connection to the root', () => {
    let seen = 0
    const look = (run: Run): void => {
      const root = run.submitter.id
      for (const node of live(run)) {
        const job = node.peer.jobs.get(run.job)
        const levels = [...job?.positions.values() ?? []].map(position => position.level)
        if (job === undefined || levels.length === 0 || Math.min(...levels) < 4) continue
        seen++
        expect(job.neighbours, `${node.id} at levels ${levels.join()}`).to.not.include(root)
      }
    }
    play({
      seed: 3, peers: 30, spec: { fanout: 2, partitions: 40_000 },
      faults: run => { for (let part = 0.2; part < 0.8; part += 0.05) run.world.later(run.workMs * part, () => look(run)) }
    })
    expect(seen).to.be.greaterThan(10)
  })

  it('[J1] the same job submitted twice is one computation; two jobs at once are both exact', () => {
    const run = play({
      seed: 6, peers: 5,
      faults: run => run.world.later(500, () => { run.world.submit(live(run)[3] as typeof run.submitter, run.spec) })
    })
    expect(broken(run)).to.deep.equal([])
    expect(effort(run)).to.be.at.most(1.2)
    const spec = { ...run.spec, nonce: 'second' }
    let second: Run['job'] | null = null
    const two = play({ seed: 6, peers: 5, faults: run => { second = run.world.submit(run.submitter, spec) } })
    two.world.run(two.world.now + 60_000)
    const cids = noticesOf(two, 'done').filter(({ notice }) => notice.job === second).map(({ notice }) => notice.value.cid)
    expect(cids).to.deep.equal(two.world.nodes.map(() => rootOracle(spec)))
  })

  it('the same seed gives the same effects, another one others', () => {
    const hash = (seed: number): string => {
      const sum = createHash('sha256')
      const plan: Plan = { seed, peers: 8, loss: 0.05, duplication: 0.2, tap: (node, effects) => sum.update(node.id + JSON.stringify(effects)) }
      play(plan)
      return sum.digest('hex')
    }
    expect(hash(11)).to.equal(hash(11))
    expect(hash(11)).to.not.equal(hash(12))
  })
})

describe('a partition that fails', () => {
  it('[E1] everywhere: tried at three peers, then the job fails with it, for everybody', () => {
    for (const seed of [1, 2, 3]) {
      const run = play({ seed, peers: 7, spec: { fanout: 16 }, failing: partition => partition === 777 })
      const told = noticesOf(run, 'job-failed')
      expect(told.map(({ notice }) => notice.why.partition)).to.deep.equal(run.world.nodes.map(() => 777))
      const tried = new Set(noticesOf(run, 'failed').filter(({ notice }) => notice.why.partition === 777).map(({ peer }) => peer))
      expect(tried.size).to.equal(3)
      expect(noticesOf(run, 'done')).to.deep.equal([])
    }
  })

  it('[E1] with one volunteer: after that one', () => {
    const run = play({ seed: 1, peers: 1, failing: partition => partition === 777 })
    expect(noticesOf(run, 'job-failed').map(({ notice }) => notice.why.partition)).to.deep.equal([777, 777])
  })

  it('[E1] at one peer only: another does it, and the job is exact', () => {
    for (const seed of [1, 2, 7, 10, 26, 44]) {
      const run = play({ seed, peers: 7, failing: (partition, peer) => peer === 'peer3' && partition % 50 === 0 })
      expect(noticesOf(run, 'failed').length).to.be.greaterThan(0)
      expect(broken(run)).to.deep.equal([])
    }
  })
})
