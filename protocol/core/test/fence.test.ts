/** Fences order all authority (C4); claim ranks decide between equal ones (C3). */
import { expect } from 'chai'
import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { childFence, claimRank, compareFences, keyOf, lastTerm, nextFence } from '../fence.ts'
import { ANNA, BERT, JOB, aHolder, path } from './given.ts'
import { ROOT } from '../geometry.ts'
import { becomeHolder } from '../position.ts'
import type { Job } from '../state.ts'

const anyFence = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })

describe('fences', () => {
  it('[C4] compare term by term from the root', () => {
    const ordered = [[1], [1, 1], [1, 1, 9], [1, 2], [1, 2, 1], [2], [2, 1]]
    const shuffled = [4, 0, 6, 2, 5, 1, 3].map(i => ordered[i] as number[])
    expect(shuffled.sort(compareFences)).to.deep.equal(ordered)
  })

  it('[C4] property: a total order', () => {
    fc.assert(fc.property(anyFence, anyFence, anyFence, (a, b, c) => {
      const [ab, ba, bc, ac] = [compareFences(a, b), compareFences(b, a), compareFences(b, c), compareFences(a, c)]
      expect(Math.sign(ab)).to.equal(0 - Math.sign(ba))
      expect(ab === 0).to.equal(a.join() === b.join())
      if (ab <= 0 && bc <= 0) expect(ac).to.be.at.most(0)
    }), { numRuns: 1_000 })
  })

  it('[C4] property: an election is above all that was granted below the fence before it', () => {
    fc.assert(fc.property(anyFence, fc.array(fc.integer({ min: 1, max: 1_000 })), (fence, terms) => {
      const below = terms.reduce(childFence, fence)
      expect(compareFences(nextFence(fence), below)).to.be.greaterThan(0)
      expect(nextFence(fence)).to.have.length(fence.length)
      expect(lastTerm(nextFence(fence))).to.equal(lastTerm(fence) + 1)
    }))
  })

  it('[G4] a key is sha256(jobId, path)', () => {
    expect(keyOf(JOB, path('0.15.3'))).to.equal(createHash('sha256').update('job0.15.3').digest('hex'))
  })

  it('[C3] property: two claims of one fence have one winner, whoever asks first', () => {
    fc.assert(fc.property(anyFence, fence => {
      const ranks = [ANNA, BERT].map(peer => claimRank(JOB, path('3'), fence, peer))
      expect(ranks[0]).to.not.equal(ranks[1])
      expect(ranks[0]).to.match(/^[0-9a-f]{64}$/)
    }))
    expect(claimRank(JOB, path('3'), [1, 12], ANNA)).to.not.equal(claimRank(JOB, path('3'), [11, 2], ANNA))
  })

  it('[C4] who takes a path does not give terms again that it has seen below it, of positions that others hold, too', () => {
    const { peer } = aHolder('3.0', { fence: [1, 2] })
    const root = becomeHolder(peer, peer.jobs.get(JOB) as Job, ROOT, [1], 0, 'granted')
    expect(root.children.map(({ term }) => term)).to.deep.equal([0, 0, 0, 2])
  })
})
