/** Session lengths: draws, residual lives, means and distribution functions against each other and against closed forms. */
import { expect } from 'chai'
import { createRandom } from '../../protocol/core/random.ts'
import { gamma, sampleGamma } from '../models/gamma.ts'
import { normalCdf, standardNormal } from '../models/normal.ts'
import { SESSIONS, cdf, mean, residual, sample } from '../models/distribution.ts'
import type { Distribution } from '../models/distribution.ts'

const DRAWS = 40_000
/** Kolmogorov's bound for the largest distance of an empirical distribution: missed by chance once in 10,000. */
const DISTANCE_MAX = 2.23 / Math.sqrt(DRAWS)

const draw = (one: () => number): Float64Array => Float64Array.from({ length: DRAWS }, one).sort()

const average = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The largest distance between what was drawn (sorted) and what should be. */
function distance (drawn: Float64Array, expected: (ms: number) => number): number {
  return drawn.reduce((largest, ms, i) => {
    const p = expected(ms)
    return Math.max(largest, Math.abs(p - i / drawn.length), Math.abs(p - (i + 1) / drawn.length))
  }, 0)
}

/** P(residual <= x) = the integral of P(L > u) / E[L] to x, by the trapezoid rule between the sorted draws. */
function residualCdf (d: Distribution, sorted: Float64Array): Map<number, number> {
  const known = new Map<number, number>()
  let [from, sum] = [0, 0]
  for (const to of sorted) {
    const steps = 8
    for (let i = 0; i < steps; i++) {
      const [a, b] = [from + (to - from) * i / steps, from + (to - from) * (i + 1) / steps]
      sum += (b - a) * (2 - cdf(d, a) - cdf(d, b)) / 2
    }
    known.set(to, sum / mean(d))
    from = to
  }
  return known
}

const LENGTHS = Object.entries(SESSIONS) as Array<[string, Distribution]>

describe('distribution', () => {
  it('the gamma function has its known values', () => {
    expect(gamma(0.5)).to.be.closeTo(Math.sqrt(Math.PI), 1e-13)
    expect([1, 2, 3, 4, 5, 6].map(x => Math.round(gamma(x) * 1e10) / 1e10)).to.deep.equal([1, 1, 2, 6, 24, 120])
    expect(gamma(11) / 3_628_800).to.be.closeTo(1, 1e-13)
    expect(() => gamma(0.2)).to.throw('gamma')
  })

  it('gamma draws have mean and variance of their shape', () => {
    const random = createRandom(1, 'gamma')
    for (const shape of [1, 2.5, 3.94]) {
      const drawn = draw(() => sampleGamma(shape, random))
      const centre = average(drawn)
      expect(centre).to.be.closeTo(shape, 5 * Math.sqrt(shape / DRAWS))
      expect(average(drawn.map(x => (x - centre) ** 2)) / shape).to.be.closeTo(1, 0.08)
    }
  })

  it('the normal distribution function has its known values, and draws follow it', () => {
    expect(normalCdf(0)).to.be.closeTo(0.5, 1e-7)
    expect(normalCdf(1.959964)).to.be.closeTo(0.975, 1e-7)
    expect(normalCdf(-2.326348)).to.be.closeTo(0.01, 1e-7)
    expect([normalCdf(-Infinity), normalCdf(Infinity)]).to.deep.equal([0, 1])
    const random = createRandom(1, 'normal')
    expect(distance(draw(() => standardNormal(random)), normalCdf)).to.be.below(DISTANCE_MAX)
  })

  for (const [name, d] of LENGTHS) {
    it(`${name}: draws and residual lives are distributed as they should`, () => {
      const random = createRandom(2, name)
      expect(distance(draw(() => sample(d, random)), ms => cdf(d, ms))).to.be.below(DISTANCE_MAX)
      const residuals = draw(() => residual(d, random))
      const expected = residualCdf(d, residuals)
      expect(distance(residuals, ms => expected.get(ms) as number)).to.be.below(DISTANCE_MAX)
    })
  }

  it('means are the closed forms, in milliseconds', () => {
    const minutes = (d: Distribution): number => mean(d) / 60_000
    expect(minutes(SESSIONS.redhat)).to.be.closeTo(21.3 * gamma(1 + 1 / 0.34), 1e-9)
    expect(minutes({ type: 'weibull', shape: 0.5, scaleMs: 60_000 })).to.be.closeTo(2, 1e-12)
    expect(minutes(SESSIONS.ethereum) / 60).to.be.closeTo(Math.exp(3.77), 1e-9)
    expect(minutes(SESSIONS.kazaa) * Math.LN2).to.be.closeTo(2.4, 1e-12)
    expect(minutes(SESSIONS.crowdprocess) * 60).to.be.closeTo(410, 1e-9)
    expect(cdf(SESSIONS.kazaa, 2.4 * 60_000)).to.be.closeTo(0.5, 1e-12)
  })

  it('mean residual lives are E[L squared] / 2 E[L]', () => {
    const random = createRandom(3, 'residual')
    const weibull: Distribution = { type: 'weibull', shape: 0.85, scaleMs: 1_000 }
    expect(average(draw(() => residual(weibull, random))) / (1_000 * gamma(1 + 2 / 0.85) / (2 * gamma(1 + 1 / 0.85)))).to.be.closeTo(1, 0.03)
    const lognormal: Distribution = { type: 'lognormal', mu: 1, sigma: 0.5, unitMs: 10 }
    expect(average(draw(() => residual(lognormal, random))) / (5 * Math.exp(1 + 1.5 * 0.25))).to.be.closeTo(1, 0.03)
    expect(average(draw(() => residual({ type: 'exponential', meanMs: 7 }, random)))).to.be.closeTo(7, 0.2)
    expect(average(draw(() => residual({ type: 'constant', ms: 8 }, random)))).to.be.closeTo(4, 0.1)
  })

  it('constant and never are what they say', () => {
    const random = createRandom(4)
    expect([sample({ type: 'constant', ms: 5 }, random), mean({ type: 'constant', ms: 5 })]).to.deep.equal([5, 5])
    expect([4.9, 5].map(ms => cdf({ type: 'constant', ms: 5 }, ms))).to.deep.equal([0, 1])
    const never: Distribution = { type: 'never' }
    expect([sample(never, random), residual(never, random), mean(never), cdf(never, 1e15)]).to.deep.equal([Infinity, Infinity, Infinity, 0])
  })

  it('nothing is negative, and nothing ends before it starts', () => {
    for (const [name, d] of LENGTHS) {
      const random = createRandom(5, name)
      expect([cdf(d, -1), cdf(d, 0)]).to.deep.equal([0, 0])
      expect(cdf(d, 1e30)).to.be.closeTo(1, 1e-7)
      expect(draw(() => sample(d, random))[0]).to.be.at.least(0)
      expect(draw(() => residual(d, random))[0]).to.be.above(0)
    }
  })
})
