/** Lists of partitions, counted and found without going through them. */
import { expect } from 'chai'
import fc from 'fast-check'
import { LIST_MAX, Lists } from '../lists.ts'
import { childDigits, childRange, isLeaf, sizeOf } from '../geometry.ts'
import type { Geometry, Range } from '../geometry.ts'

/** By definition. */
function listsOf (geometry: Geometry, range: Range): Range[] {
  if (!isLeaf(geometry, range)) return childDigits(geometry, range).flatMap(digit => listsOf(geometry, childRange(range, geometry.fanout, digit)))
  const lists: Range[] = []
  for (let from = range.from; from < range.to; from += LIST_MAX) lists.push({ from, to: Math.min(range.to, from + LIST_MAX) })
  return lists
}

describe('lists', () => {
  it('[V2] are leaves, or parts of long ones, counted and in order', () => {
    const geometry = fc.record({ partitions: fc.integer({ min: 1, max: 3_000 }), fanout: fc.integer({ min: 2, max: 20 }), grain: fc.integer({ min: 1, max: 700 }) })
    fc.assert(fc.property(geometry, it => {
      const root = { from: 0, to: it.partitions }
      const known = listsOf(it, root)
      const lists = new Lists(it)
      expect(lists.count(root)).to.equal(known.length)
      expect(known.map((_, i) => lists.at(root, i))).to.deep.equal(known)
      expect(() => lists.at(root, known.length)).to.throw('below the count')
    }), { numRuns: 200 })
  })

  it('[V2] are counted at once where there are 2^40', () => {
    const lists = new Lists({ partitions: 2 ** 40, fanout: 3, grain: 1 })
    const root = { from: 0, to: 2 ** 40 }
    expect(lists.count(root)).to.equal(2 ** 40)
    expect(lists.at(root, 2 ** 39)).to.deep.equal({ from: 2 ** 39, to: 2 ** 39 + 1 })
    expect(sizeOf(root)).to.equal(lists.count(root))
  })
})
