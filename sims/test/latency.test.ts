/** Latency matrices: what files may look like, what is missing and how it is filled, and the likeness of made-up ones. */
import { expect } from 'chai'
import { createRandom } from '../../protocol/core/random.ts'
import { BadInput } from '../bad-input.ts'
import { SAME_CITY_MS, delayMsMin, loopbackLatency, parseLatency, syntheticLatency } from '../models/latency.ts'
import type { Latency } from '../models/latency.ts'

const rowsOf = ({ cities, rttMs }: Latency): number[][] => Array.from({ length: cities }, (_, i) => [...rttMs.slice(i * cities, (i + 1) * cities)])
const read = (value: unknown): Latency => parseLatency(JSON.stringify(value), 'm.json')

/** Round trips between different cities, sorted. */
const between = ({ cities, rttMs }: Latency): Float32Array => rttMs.filter((_, i) => i % (cities + 1) !== 0).sort()
const quantile = (sorted: Float32Array, share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number

/** Of all pairs of cities with a third one, the share for which going over the third is faster. */
function violations ({ cities, rttMs }: Latency): number {
  let [faster, all] = [0, 0]
  for (let a = 0; a < cities; a++) {
    for (let c = a + 1; c < cities; c++) {
      const direct = rttMs[a * cities + c] as number
      for (let over = 0; over < cities; over++) {
        if (over === a || over === c) continue
        all++
        if (direct > (rttMs[a * cities + over] as number) + (rttMs[over * cities + c] as number)) faster++
      }
    }
  }
  return faster / all
}

describe('latency', () => {
  it('reads rows of JSON, the average of a file of statistics, and plain text', () => {
    const rows = [[1, 20, 30], [21, 1, 40], [31, 41, 1]]
    for (const latency of [
      read(rows), read({ rttMs: rows }), read({ unit: 'ms RTT', cities: ['a', 'b', 'c'], avg: rows, mdev: [] }),
      parseLatency(' 1\t20 30\r\n21 1  40\n\n31\t41\t1\n', 'm.txt')
    ]) {
      expect(latency.cities).to.equal(3)
      expect(rowsOf(latency)).to.deep.equal(rows)
    }
  })

  it('takes a missing round trip from the way back', () => {
    expect(rowsOf(read([[1, null], [25, 1]]))).to.deep.equal([[1, 25], [25, 1]])
  })

  it('takes one that is missing both ways from the best route over one other city', () => {
    const latency = read([[1, 10, null, 7], [10, 1, 5, 9], [null, 5, 1, 20], [7, 9, 20, 1]])
    expect([latency.rttMs[2], latency.rttMs[8]]).to.deep.equal([15, 15])
  })

  it('fills from what was measured, never from what it filled', () => {
    // 0 to 3 has no way over one other city: its round trip is the median of 10, 10, 12, 12, 14, 14, not 10 + a filled 26.
    const latency = read([[1, 10, null, null], [10, 1, 12, null], [null, 12, 1, 14], [null, null, 14, 1]])
    expect([latency.rttMs[2], latency.rttMs[3], latency.rttMs[7]]).to.deep.equal([22, 12, 26])
  })

  it('takes what is missing or 0 from a city to itself as a guess', () => {
    expect(rowsOf(read([[null, 5], [5, 0]]))).to.deep.equal([[SAME_CITY_MS, 5], [5, SAME_CITY_MS]])
    expect(rowsOf(read([[null]]))).to.deep.equal([[SAME_CITY_MS]])
  })

  for (const [text, said] of [
    ['', 'm is empty'],
    [' \n', 'm is empty'],
    ['[]', 'm holds no matrix'],
    ['{}', 'm holds no matrix'],
    ['{"avg": 3}', 'm holds no matrix'],
    ['{"avg": ', 'm is not JSON'],
    ['[[1,\n2],\n oops', 'm is not JSON'],
    ['[[1, 2], [3]]', 'm, row 2: a matrix of 2 rows needs 2 columns in each, this row has 1'],
    ['[[1, 2]]', 'm, row 1: a matrix of 1 rows needs 1 columns in each, this row has 2'],
    ['[[1, 2], 3]', 'm, row 2: a matrix of 2 rows needs 2 columns in each, this row has none'],
    ['[[1, 2], [-3, 4]]', 'm, row 2, column 1: a round trip cannot be negative (-3 ms)'],
    ['[[1, "2"], [3, 4]]', 'm, row 1, column 2: a round trip is a number'],
    ['[[1, 1e999], [3, 4]]', 'm, row 1, column 2: a round trip is a number'],
    ['[[1, null], [null, 4]]', 'm has no round trip between two cities'],
    ['1 2\n3 four', 'm, row 2, column 2: a round trip is a number'],
    ['[[1, 1e300], [3, 4]]', 'm, row 1, column 2: a round trip is a number'],
    ['1 2\n3', 'm, row 2: a matrix of 2 rows needs 2 columns']
  ] as const) {
    it(`refuses ${JSON.stringify(text)} in one sentence`, () => {
      expect(() => parseLatency(text, 'm')).to.throw(BadInput, said).with.property('message').that.matches(/^[^\n]*\.$/)
    })
  }

  it('made up, it has the quantiles and the triangle violations of WonderNetwork, whatever the seed', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const latency = syntheticLatency(createRandom(seed, 'latency'))
      expect(latency.cities).to.equal(242)
      const sorted = between(latency)
      for (const [share, ms] of [[0.05, 23], [0.5, 143], [0.95, 330], [0.99, 442]] as const) {
        expect(quantile(sorted, share) / ms, `${share} of seed ${seed}`).to.be.closeTo(1, 0.1)
      }
      expect(violations(latency), `violations of seed ${seed}`).to.be.within(0.03, 0.09)
    }
  })

  it('made up for other numbers of cities, it is as like', () => {
    for (const cities of [60, 400]) {
      const latency = syntheticLatency(createRandom(1, 'latency'), cities)
      expect(quantile(between(latency), 0.5)).to.be.closeTo(143, 14)
      expect(violations(latency)).to.be.within(0.03, 0.09)
    }
    expect(syntheticLatency(createRandom(1, 'latency'), 1).rttMs.length).to.equal(1)
    expect(rowsOf(syntheticLatency(createRandom(1, 'latency'), 2)).flat().every(ms => ms > 0)).to.equal(true)
  })

  it('made up, it is symmetric, above 0, 1 to 5 ms within a city, and the same for the same seed', () => {
    const latency = syntheticLatency(createRandom(3, 'latency'))
    const rows = rowsOf(latency)
    expect(rows.map((_, i) => rows.map(row => row[i]))).to.deep.equal(rows)
    expect(rows.every((row, i) => (row[i] as number) >= 1 && (row[i] as number) <= 5)).to.equal(true)
    expect(quantile(between(latency), 0)).to.be.above(0)
    expect(syntheticLatency(createRandom(3, 'latency'))).to.deep.equal(latency)
    expect(syntheticLatency(createRandom(4, 'latency'))).to.not.deep.equal(latency)
  })

  it('on loopback there is one place', () => {
    expect(loopbackLatency().cities).to.equal(1)
    expect(delayMsMin(loopbackLatency())).to.be.closeTo(0.05, 1e-6)
  })

  it('the smallest delay is half of the smallest round trip', () => {
    expect(delayMsMin(read([[6, 20], [4, 5]]))).to.equal(2)
  })
})
