/** Sets of partitions against the plainest set there is: what must not be counted twice is not (K3). */
import { expect } from 'chai'
import fc from 'fast-check'
import { Cover, describeRuns, isInRange, isRuns, sizeOfRuns, unite } from '../runs.ts'
import type { Runs } from '../../../core/credit.ts'

const SIZE = 60

const asSet = (runs: Runs): Set<number> => {
  const set = new Set<number>()
  for (let i = 0; i < runs.length; i += 2) for (let at = runs[i]!; at < runs[i + 1]!; at++) set.add(at)
  return set
}

function asRuns (set: Set<number>): Runs {
  const runs: number[] = []
  for (let at = 0; at <= SIZE; at++) {
    if (set.has(at) !== set.has(at - 1)) runs.push(at)
  }
  return runs
}

const sets = fc.uniqueArray(fc.nat(SIZE - 1), { maxLength: 40 }).map(list => new Set(list))
const given = <T>(property: (a: Runs, b: Runs) => T): void => {
  fc.assert(fc.property(sets, sets, (a, b) => { property(asRuns(a), asRuns(b)) }))
}

describe('runs', () => {
  it('a cover is the set of what was put in, in any order (K3)', () => {
    fc.assert(fc.property(fc.array(sets, { maxLength: 8 }), parts => {
      const all = new Set(parts.flatMap(part => [...part]))
      const united = unite(parts.map(asRuns))
      expect(united).to.deep.equal(asRuns(all))
      expect(isRuns(united)).to.equal(true)
      expect(sizeOfRuns(united)).to.equal(all.size)
    }))
  })

  it('what two sets have in common, and what one lacks (K3)', () => {
    given((a, b) => {
      const cover = new Cover(a)
      expect(asSet(cover.common(b))).to.deep.equal(new Set([...asSet(b)].filter(at => asSet(a).has(at))))
      expect(asSet(cover.missing(b))).to.deep.equal(new Set([...asSet(b)].filter(at => !asSet(a).has(at))))
      expect(sizeOfRuns(cover.common(b)) + sizeOfRuns(cover.missing(b))).to.equal(sizeOfRuns(b))
    })
  })

  it('what is no set is told (K5)', () => {
    for (const runs of [[1], [2, 1], [0, 2, 2, 4], [0, 2, 1, 4], [-1, 3], [0, 0.5], [0, 2 ** 53]]) expect(isRuns(runs), `${runs}`).to.equal(false)
    expect(isInRange([4, 8], { from: 4, to: 8 })).to.equal(true)
    expect(isInRange([4, 9], { from: 4, to: 8 })).to.equal(false)
    expect(isInRange([3, 5], { from: 4, to: 8 })).to.equal(false)
  })

  it('people read first and last partitions', () => {
    expect(describeRuns([0, 16, 32, 33])).to.equal('0–15, 32')
    expect(describeRuns([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).to.equal('0, 2, 4, 6 and 2 more runs')
  })
})
