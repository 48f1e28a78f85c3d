/** The standard normal distribution: draws and its distribution function. */
import type { Random } from '../../protocol/core/random.ts'

/**
 * One standard normal draw from two uniform ones (Box and Muller 1958, "A note on the generation of random normal
 * deviates"). The second normal they would give is left, so that a draw has no memory beside the stream's.
 */
export function standardNormal (random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
  return radius * Math.cos(2 * Math.PI * random.next())
}

const TAIL = [0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429]

/**
 * P(Z <= z), to 7.5e-8 (Abramowitz and Stegun 1964, formula 26.2.17).
 *
 * @param z - any number, infinities included
 */
export function normalCdf (z: number): number {
  if (z === -Infinity) return 0
  if (z === Infinity) return 1
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const series = t * TAIL.reduceRight((sum, coefficient) => sum * t + coefficient, 0)
  const tail = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * series
  return z < 0 ? tail : 1 - tail
}
