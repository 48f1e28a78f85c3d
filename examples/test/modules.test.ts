/**
 * The examples as plain modules, folded in this process: their answers hold before any mesh comes in (DESIGN 5).
 * What the sandbox and the mesh add is tested in mesh.test.ts.
 */
import { expect } from 'chai'
import type { Ctx } from 'millionfold'
import * as floatsum from '../floatsum.ts'
import * as orchard from '../gpu.ts'
import * as lines from '../lines.ts'
import * as million from '../million.ts'
import * as primes from '../primes.ts'
import * as square from '../square.ts'
import * as table from '../table.ts'
import * as wasm from '../wasm.ts'
import * as wordcount from '../wordcount.ts'
import { countFermat, countPrimes, countSeen, countWords, foldLeibniz, longestCollatz, numberWords } from './oracles.ts'

const contextOf = <P, R> (params: P, resources: R): Ctx<P, R> => ({
  params,
  resources,
  random: () => 0.5,
  sleep: async () => {},
  gpu: null
})

/** All numbers below `count`. */
const indices = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Splits a list in two at every place that matters and folds the halves, as a tree of two levels would. */
const foldedInTwo = <T> (values: T[], collect: (values: T[]) => T): T => {
  const middle = Math.ceil(values.length / 3)
  return values.length < 2 ? collect(values) : collect([collect(values.slice(0, middle)), collect(values.slice(middle))])
}

describe('example primes', () => {
  const count = (limit: number, order: (indices: number[]) => number[] = (all) => all): number => {
    const params = { limit }
    const ctx = contextOf(params, primes.setup(params))
    const all = indices(primes.prepare(params))
    const counts: number[] = []
    for (const partition of order(all)) counts[partition] = primes.compute(partition, undefined, ctx)
    return foldedInTwo(counts, primes.collect)
  }

  it('counts the primes up to any limit', () => {
    for (const limit of [1, 2, 3, 4, 13, 17, 18, 100, 997, 999, 1000, 1001, 1009, 12_345, 1e5, 1e6]) {
      expect(count(limit), `π(${limit})`).to.equal(countPrimes(limit))
    }
  })

  it('gives a partition the same count in any order, since a value depends on the spec alone (G3)', () => {
    const forth = count(300_000)
    expect(count(300_000, (all) => all.toReversed())).to.equal(forth)
    expect(count(300_000, (all) => all.toSorted((a, b) => (a * 37) % 300 - (b * 37) % 300))).to.equal(forth)
  })

  it('knows π(10^7) = 664,579', () => {
    expect(count(1e7)).to.equal(664_579)
  })

  it('refuses limits that are no whole numbers', () => {
    for (const limit of [0, -1, 1.5, NaN, 1e13]) expect(() => primes.prepare({ limit })).to.throw(/limit must be/)
  })
})

describe('example million', () => {
  it('sums one input a partition, with and without a delay', async () => {
    const outputs = indices(7).map((partition) => million.compute(partition, undefined, contextOf({ input: 2, delayMs: 0 }, undefined)))
    expect(million.collect(outputs as number[])).to.equal(14)
    expect(await million.compute(0, undefined, contextOf({ input: 2, delayMs: 75 }, undefined))).to.equal(2)
  })
})

describe('example floatsum', () => {
  it('adds up to π less 1/N, with bits that depend on the tree', () => {
    const terms = indices(1000).map(floatsum.compute)
    expect(floatsum.collect(terms)).to.be.closeTo(Math.PI - 1e-3, 1e-6)
    expect(floatsum.collect(terms)).to.equal(foldLeibniz(1000, 16, 1000))
    expect(foldLeibniz(1000, 16, 1000)).to.not.equal(foldLeibniz(1000, 3, 1))
  })
})

describe('example square', () => {
  it('squares a line and names one that is no number', () => {
    expect(['3', '-1.5', ' 100000 '].map((line, index) => square.compute(index, line))).to.deep.equal([9, 2.25, 1e10])
    for (const line of ['', '  ', 'seven', 'Infinity']) expect(() => square.compute(0, line)).to.throw(/not a number/)
  })
})

describe('example lines', () => {
  it('puts the number of words before a line', () => {
    const text = ['', ' ', 'one', '  two  words ', 'naïve\tcafé – 3']
    expect(text.map((line, index) => lines.compute(index, line))).to.deep.equal(numberWords(text))
  })

  it('counts the fields of a record', () => {
    expect(lines.compute(0, { a: 1, b: [2] })).to.deep.equal({ a: 1, b: [2], fields: 2 })
    expect(lines.compute(0, [1])).to.deep.equal([1])
  })
})

describe('example wordcount', () => {
  it('counts words wherever the text is cut', () => {
    const text = 'The constructor, the valueOf and the "well-kept" don’t.\nThe end -- the END; Ünïcödé ünïcödé ’tis\n\n1984 a--b'
    const tables = text.split('\n').map((line, index) => wordcount.compute(index, line))
    expect(foldedInTwo(tables, wordcount.collect)).to.deep.equal({ ...countWords(text) })
  })
})

describe('example table', () => {
  const ctx = contextOf(undefined, table.setup())

  it('finds the longest chain, the table or none in use', () => {
    expect(foldedInTwo([table.computeRange(0, 10, ctx), table.computeRange(10, 30, ctx)], table.collect)).to.deep.equal(longestCollatz(30))
    expect(table.computeRange(0, 3e5, ctx)).to.deep.equal(longestCollatz(3e5))
    expect(table.computeRange(3_732_422, 3_732_423, ctx)).to.deep.equal({ number: 3_732_423, steps: 596 })
  })

  it('prefers the first of equals', () => {
    expect(table.collect([{ number: 12, steps: 9 }, { number: 13, steps: 9 }])).to.deep.equal({ number: 12, steps: 9 })
  })
})

describe('example wasm', () => {
  it('counts what passes Fermat\'s test to base 2', () => {
    for (const limit of [1, 3, 340, 341, 2000, 10_000, 12_345]) {
      const params = { limit }
      const ctx = contextOf(params, wasm.setup())
      const counts = indices(wasm.prepare(params)).map((partition) => wasm.compute(partition, undefined, ctx))
      expect(foldedInTwo(counts, wasm.collect), `limit ${limit}`).to.equal(countFermat(limit))
    }
  })
})

describe('example gpu', () => {
  it('counts what is seen in an orchard, without a GPU too', async () => {
    for (const side of [1, 2, 10, 100, 257]) {
      const params = { side, onlyGpu: false }
      const ctx = contextOf(params, await orchard.setup(params, contextOf(params, undefined)))
      const middle = Math.ceil(side / 3)
      const halves = [await orchard.computeRange(0, middle, ctx), await orchard.computeRange(middle, side, ctx)]
      expect(orchard.collect(halves), `side ${side}`).to.equal(countSeen(side))
    }
  })

  it('fails without one when asked to', async () => {
    const params = { side: 10, onlyGpu: true }
    expect(await orchard.setup(params, contextOf(params, undefined)).catch((error: Error) => error.message)).to.equal('there is no WebGPU here')
  })
})
