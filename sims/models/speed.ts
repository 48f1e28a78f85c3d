/**
 * How fast a peer computes: lognormal around 1 (SCENARIOS, "Default world"), with some that are slow and some that hang. It hangs on the
 * seed and the peer's number alone, so that nobody's speed changes with who else came.
 */
import type { ComputePlan } from '../scenarios/plan.ts'
import { chance } from './hash.ts'

/** Which draws of a peer these are. */
const KIND = 101
const RADIUS = 102
const ANGLE = 103

/**
 * @param peer - its number
 * @returns partitions of `partitionMs` in that time; 0 hangs for ever
 */
export function speedOf ({ speedSigma, slow, slowSpeed, hang }: ComputePlan, seed: number, peer: number): number {
  const kind = chance(seed, peer, KIND)
  if (kind < hang) return 0
  if (kind < hang + slow) return slowSpeed
  // Box and Muller 1958.
  const normal = Math.sqrt(-2 * Math.log(1 - chance(seed, peer, RADIUS))) * Math.cos(2 * Math.PI * chance(seed, peer, ANGLE))
  return Math.exp(speedSigma * normal)
}
