/**
 * How fast this peer computes a job, from the bites it did: a line, ms = overhead + marginal · partitions, by least
 * squares with exponential forgetting. Two numbers because they serve two ends: the mean tells how long work will
 * take; the marginal tells how large a bite must be for its overhead not to matter, and on a starved machine,
 * where every round trip is slow, the mean of small bites would keep bites small for ever.
 */

/** Decayed sums over bites. */
export interface Speed { weight: number, x: number, y: number, xx: number, xy: number }

/** What a bite weighs after the next one. A guess: the last five count most. */
const FORGET = 0.8

/** The marginal is at least this share of the mean, so that noise cannot make a bite endless: one level of the default tree. */
const MARGINAL_MIN = 1 / 16

export const createSpeed = (): Speed => ({ weight: 0, x: 0, y: 0, xx: 0, xy: 0 })

/** Learn from a bite of `count` partitions that took `ms` milliseconds. */
export function learnSpeed (speed: Speed, count: number, ms: number): void {
  speed.weight = FORGET * speed.weight + 1
  speed.x = FORGET * speed.x + count
  speed.y = FORGET * speed.y + Math.max(ms, 0.001)
  speed.xx = FORGET * speed.xx + count * count
  speed.xy = FORGET * speed.xy + count * ms
}

/** Milliseconds a partition takes, overhead included; 0 while unknown. */
export const msPerPartition = (speed: Speed): number => speed.x === 0 ? 0 : speed.y / speed.x

/** Milliseconds one partition more takes; 0 while unknown. */
export function marginalMs (speed: Speed): number {
  const mean = msPerPartition(speed)
  const variance = speed.weight * speed.xx - speed.x * speed.x
  if (variance <= 0) return mean
  const slope = (speed.weight * speed.xy - speed.x * speed.y) / variance
  return Math.min(mean, Math.max(mean * MARGINAL_MIN, slope))
}
