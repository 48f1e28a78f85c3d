/** The gamma function and draws of the gamma distribution, for means and length-biased stays of Weibull sessions. */
import type { Random } from '../../protocol/core/random.ts'
import { assert } from '../../protocol/core/unreachable.ts'
import { standardNormal } from './normal.ts'

/** Lanczos's approximation with g = 7 and 9 terms, by P. Godfrey: 15 digits. */
const LANCZOS_G = 7
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7
]

/**
 * The gamma function of x (Lanczos 1964, "A precision approximation of the gamma function").
 *
 * @param x - at least 0.5
 */
export function gamma (x: number): number {
  assert(x >= 0.5, `gamma is asked for 0.5 and above, not ${x}`)
  const at = x - 1
  const base = at + LANCZOS_G + 0.5
  const series = LANCZOS.reduce((sum, coefficient, i) => sum + (i === 0 ? coefficient : coefficient / (at + i)), 0)
  return Math.sqrt(2 * Math.PI) * base ** (at + 0.5) * Math.exp(-base) * series
}

/**
 * One draw of Gamma(shape, 1) (Marsaglia and Tsang 2000, "A simple method for generating gamma variables").
 *
 * @param shape - at least 1
 */
export function sampleGamma (shape: number, random: Random): number {
  assert(shape >= 1, `gamma draws are for shapes of 1 and above, not ${shape}`)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const z = standardNormal(random)
    const v = (1 + c * z) ** 3
    if (v > 0 && Math.log(1 - random.next()) < z * z / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}
