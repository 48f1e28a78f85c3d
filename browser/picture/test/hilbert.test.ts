/** The curve of the map, by its properties: every cell once, and always on to a neighbour. */
import { expect } from 'chai'
import fc from 'fast-check'
import { hilbert, planeOf } from '../hilbert.ts'

const even = fc.integer({ min: 1, max: 40 }).map(half => 2 * half)

describe('the curve of the map', () => {
  it('passes through every cell of a plane once', () => {
    fc.assert(fc.property(even, even, (width, height) => {
      expect(new Set(hilbert({ width, height })).size).to.equal(width * height)
    }))
  })

  it('always goes on to a neighbour where the sides are even', () => {
    fc.assert(fc.property(even, even, (width, height) => {
      const order = hilbert({ width, height })
      for (let i = 1; i < order.length; i++) {
        const [a, b] = [order[i - 1] as number, order[i] as number]
        const distance = Math.abs(a % width - b % width) + Math.abs(Math.floor(a / width) - Math.floor(b / width))
        expect(distance).to.equal(1)
      }
    }), { numRuns: 60 })
  })

  it('is Hilbert\'s own on a square of a power of two: quarters are quadrants', () => {
    const order = hilbert({ width: 64, height: 64 })
    for (let quarter = 0; quarter < 4; quarter++) {
      const cells = order.subarray(quarter * 1024, (quarter + 1) * 1024)
      expect(new Set([...cells].map(pixel => `${Math.floor(pixel % 64 / 32)},${Math.floor(pixel / 64 / 32)}`)).size).to.equal(1)
    }
  })

  it('has room for all cells and leaves at most two rows bare', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 20 }), (cells) => {
      const { width, height } = planeOf(cells)
      expect(width % 2 + height % 2).to.equal(0)
      expect(width * height).to.be.at.least(cells)
      expect(width * height - cells).to.be.at.most(2 * width)
      expect(width - height).to.be.within(-2, 2)
    }))
  })
})
