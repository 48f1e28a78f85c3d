/** The bench's own arithmetic: quantiles are never kind to a budget, and a miss is printed as one. */
import { expect } from 'chai'
import { bareLoop, batched, moduleOf, piscina, tinypool } from '../baselines.ts'
import { isKept, lineOf, median, printed, quantile } from '../figures.ts'

describe('bench figures', () => {
  it('takes the larger neighbour for a quantile', () => {
    expect(median([3, 1, 2])).to.equal(2)
    expect(quantile([10, 20, 30, 40], 0.5)).to.equal(20)
    expect(quantile(Array.from({ length: 25 }, (_, index) => index + 1), 0.99)).to.equal(25)
    expect(() => median([])).to.throw(/no values/)
  })

  it('prints what misses', () => {
    expect(lineOf({ what: 'mesh / bare loop', value: 1.234, unit: '×', budget: { atMost: 1.1 } })).to.match(/1\.23 × +≤ 1\.1 × +MISSED/)
    expect(lineOf({ what: 'rate', value: 2e6, unit: '/s', budget: { atLeast: 2e6 } })).to.match(/2,000,000 \/s +≥ 2,000,000 \/s +kept/)
    expect(isKept(1.1000001, { atMost: 1.1 })).to.equal(false)
    expect(printed(0.00123456)).to.equal('0.00123')
  })
})

describe('bench baselines', () => {
  const code = { module: moduleOf('examples/primes.ts'), params: { limit: 1e6 } }

  for (const [name, measured] of Object.entries({
    'bare loop': () => bareLoop(code, 1000, 2),
    batches: () => batched(code, 1000, 2, 7),
    piscina: () => piscina(code, 1000, 2),
    tinypool: () => tinypool(code, 1000, 2)
  })) {
    it(`${name} gives the answer, so that like is compared with like`, async () => {
      expect((await measured()).sum).to.equal(78_498)
    })
  }
})
