/** Middle, tail and maximum of many figures. */
import type { Quantiles } from '../report/report.ts'

/** @returns the smallest figure that so large a share of them does not exceed; 0 of none */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number

/** @param figures - in any order; stays as it is */
export function quantilesOf (figures: readonly number[]): Quantiles {
  const sorted = Float64Array.from(figures).sort()
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: quantile(sorted, 1) }
}
