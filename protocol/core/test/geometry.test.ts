/** How the partition space is cut (G1-G4): children tile their parent exactly, at any size. */
import { expect } from 'chai'
import fc from 'fast-check'
import {
  FANOUT_MAX, FANOUT_MIN, LEAVES_TARGET, PARTITIONS_MAX, ROOT, childDigits, childOf, childRange, defaultGrain, depthMax, depthOf,
  digitOf, digitsOf, isLeaf, isWithin, parentOf, rangeOf, sizeOf, stepTowards
} from '../geometry.ts'
import type { Geometry, Range } from '../geometry.ts'
import { SPEC, path } from './given.ts'

const fanouts = fc.integer({ min: FANOUT_MIN, max: FANOUT_MAX })
const anyGeometry: fc.Arbitrary<Geometry> = fc.record({
  partitions: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: PARTITIONS_MAX })),
  fanout: fanouts,
  grain: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: PARTITIONS_MAX }))
})

/** Children as ranges, in order. */
const childRanges = (geometry: Geometry, range: Range): Range[] =>
  childDigits(geometry, range).map(digit => childRange(range, geometry.fanout, digit))

/** Every leaf below a range, in order. */
const leavesOf = (geometry: Geometry, range: Range): Range[] =>
  isLeaf(geometry, range) ? [range] : childRanges(geometry, range).flatMap(child => leavesOf(geometry, child))

/** Do these ranges stand side by side from start to end, none of them empty? */
function tile (ranges: Range[], whole: Range): boolean {
  let at = whole.from
  for (const { from, to } of ranges) {
    if (from !== at || to <= from) return false
    at = to
  }
  return at === whole.to
}

describe('geometry', () => {
  it('[G1] a job of one partition is one leaf', () => {
    const one: Geometry = { partitions: 1, fanout: 2, grain: 1 }
    expect(rangeOf(one, ROOT)).to.deep.equal({ from: 0, to: 1 })
    expect(childDigits(one, { from: 0, to: 1 })).to.deep.equal([])
    expect(rangeOf(one, '0')).to.equal(null)
  })

  it('[G2] cuts 64 partitions by 4', () => {
    const ranges = ['/', '0', '3', '3.0', '3.3'].map(at => rangeOf(SPEC, at))
    expect(ranges).to.deep.equal([{ from: 0, to: 64 }, { from: 0, to: 16 }, { from: 48, to: 64 }, { from: 48, to: 52 }, { from: 60, to: 64 }])
  })

  it('[G2] empty children do not exist', () => {
    const three: Geometry = { partitions: 3, fanout: 8, grain: 1 }
    expect(childDigits(three, { from: 0, to: 3 })).to.deep.equal([2, 5, 7])
    expect(['0', '1', '2', '3', '7'].map(at => rangeOf(three, at))).to.deep.equal([null, null, { from: 0, to: 1 }, null, { from: 2, to: 3 }])
  })

  it('[G3] nothing is below a leaf', () => {
    expect(rangeOf(SPEC, '3.0')).to.not.equal(null)
    expect(rangeOf(SPEC, '3.0.0')).to.equal(null)
  })

  it('[G4] the default grain makes about 2^16 leaves, and never less than one partition each', () => {
    expect([1, 65_536, 65_537, 1_000_000, PARTITIONS_MAX].map(defaultGrain)).to.deep.equal([1, 1, 2, 16, 2 ** 24])
    fc.assert(fc.property(fc.integer({ min: 1, max: PARTITIONS_MAX }), partitions => {
      expect(Math.ceil(partitions / defaultGrain(partitions))).to.be.within(1, LEAVES_TARGET)
    }))
  })

  it('[G2] property: children tile their parent exactly, along any way down, to N = 2^40', () => {
    fc.assert(fc.property(anyGeometry, fc.array(fc.nat(FANOUT_MAX)), (geometry, turns) => {
      let at = ROOT
      let range: Range = { from: 0, to: geometry.partitions }
      for (const turn of turns) {
        if (isLeaf(geometry, range)) break
        expect(tile(childRanges(geometry, range), range)).to.equal(true)
        const digits = childDigits(geometry, range)
        const digit = digits[turn % digits.length] as number
        at = childOf(at, digit)
        range = childRange(range, geometry.fanout, digit)
        expect(rangeOf(geometry, at)).to.deep.equal(range)
        expect(depthOf(at)).to.be.at.most(depthMax(geometry))
      }
    }))
  })

  it('[G1, G2] property: all leaves tile [0, N), each of at most g partitions', () => {
    const small = fc.record({ partitions: fc.integer({ min: 1, max: 3_000 }), fanout: fanouts, grain: fc.integer({ min: 1, max: 40 }) })
    fc.assert(fc.property(small, geometry => {
      const whole = { from: 0, to: geometry.partitions }
      const leaves = leavesOf(geometry, whole)
      expect(tile(leaves, whole)).to.equal(true)
      expect(Math.max(...leaves.map(sizeOf))).to.be.at.most(geometry.grain)
    }), { numRuns: 50 })
  })

  it('[G2] property: any text is a path of the tree or none', () => {
    const texts = fc.oneof(
      fc.string(), fc.stringMatching(/^[0-9.]*$/), fc.array(fc.integer({ min: -1, max: 200 })).map(digits => digits.join('.')), fc.constant('/'))
    fc.assert(fc.property(anyGeometry, texts, (geometry, text) => {
      const range = rangeOf(geometry, text)
      if (range === null) return
      expect(text).to.match(/^(\/|\d{1,3}(\.\d{1,3})*)$/)
      expect(0 <= range.from && range.from < range.to && range.to <= geometry.partitions).to.equal(true)
    }), { numRuns: 500 })
  })

  it('[G2] one subtree has one path', () => {
    expect(['00', '01', '1.', '.1', '1..2', '+1', '-1', '1e1', '/1', '', ' 1', '1000'].filter(text => digitsOf(text) !== null)).to.deep.equal([])
  })

  it('[G2] a path knows its parent, its last digit and the way down', () => {
    expect([ROOT, path('3'), path('3.0.12')].map(parentOf)).to.deep.equal([null, ROOT, '3.0'])
    expect([ROOT, path('3'), path('3.0.12')].map(digitOf)).to.deep.equal([-1, 3, 12])
    expect(stepTowards(ROOT, path('3.0.12'))).to.equal('3')
    expect(stepTowards(path('3'), path('3.0.12'))).to.equal('3.0')
    expect([isWithin(path('3.1'), path('3')), isWithin(path('31'), path('3')), isWithin(path('3'), path('3.1'))]).to.deep.equal([true, false, false])
  })
})
