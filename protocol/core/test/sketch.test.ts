/** Producers are counted without naming them all: exact up to the sketch's size, close above it. */
import { expect } from 'chai'
import fc from 'fast-check'
import { SKETCH_SIZE, countOf, mergeSketches, sketchOf } from '../sketch.ts'
import type { PeerId } from '../ids.ts'

const sketchOfAll = (from: number, to: number): number[] => {
  let sketch: number[] = []
  for (let i = from; i < to; i++) sketch = mergeSketches(sketch, sketchOf(`peer${i}` as PeerId))
  return sketch
}

describe('sketch', () => {
  it('is exact up to its size', () => {
    expect([0, 1, 30, SKETCH_SIZE - 1].map(n => countOf(sketchOfAll(0, n)))).to.deep.equal([0, 1, 30, SKETCH_SIZE - 1])
  })

  it('is within four standard errors of a thousand', () => {
    expect(countOf(sketchOfAll(0, 1_000))).to.be.within(500, 1_500)
    expect(sketchOfAll(0, 1_000)).to.have.length(SKETCH_SIZE)
  })

  it('[G3] property: merges in any order and any number of times to the same', () => {
    const sketches = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 100 }).map(hashes => mergeSketches([], hashes))
    fc.assert(fc.property(sketches, sketches, sketches, (a, b, c) => {
      expect(mergeSketches(a, mergeSketches(b, c))).to.deep.equal(mergeSketches(mergeSketches(c, a), b))
      expect(mergeSketches(a, a)).to.deep.equal(a)
    }))
  })
})
