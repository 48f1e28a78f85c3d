/** How measured times are told: the middle one, and how bad it gets. Pure. */

/** Milliseconds. */
export interface Spread { median: number, p95: number, max: number }

export function spreadOf (times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100) / 100
  return { median: at(0.5), p95: at(0.95), max: at(1) }
}
