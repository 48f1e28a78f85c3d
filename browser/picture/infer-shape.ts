/**
 * The shape of a job whose log does not tell it, worked out from its values: each tells how many partitions its path
 * has. A shape is given only when every value fits it; otherwise there is none, and nothing is drawn that was not told.
 */
import { ROOT, digitsOf, rangeOf, sizeOf } from '../../protocol/core/geometry.ts'
import type { Geometry } from '../../protocol/core/geometry.ts'
import type { LogLine } from './log-line.ts'

/** Fan-outs worth trying: what people choose. */
const FANOUTS = [16, 2, 3, 4, 5, 6, 8, 10, 12, 20, 24, 32, 48, 64, 96, 100, 128]

/** @returns null when nothing fits, or the root's value is missing and level 1 does not add up to one */
export function inferShape (lines: readonly LogLine[], job: string): Geometry | null {
  const counts = new Map<string, number>()
  let digitMax = 0
  for (const line of lines) {
    if (line.job !== job || !('path' in line)) continue
    for (const digit of digitsOf(line.path) ?? []) digitMax = Math.max(digitMax, digit)
    if (line.type === 'value') counts.set(line.path, line.count)
  }
  const fits = (geometry: Geometry): boolean => [...counts].every(([path, count]) => {
    const range = rangeOf(geometry, path)
    return range !== null && sizeOf(range) === count
  })
  const tops = [...counts].filter(([path]) => path !== ROOT && !path.includes('.'))
  for (const fanout of new Set([...FANOUTS, digitMax + 1])) {
    if (fanout <= digitMax || fanout < 2) continue
    const sum = tops.length === fanout ? tops.reduce((total, [, count]) => total + count, 0) : 0
    const partitions = counts.get(ROOT) ?? sum
    if (partitions < 1) continue
    // A grain of one has every path; the leaves' true size makes no difference to where things lie.
    const geometry = { partitions, fanout, grain: 1 }
    if (fits(geometry)) return geometry
  }
  return null
}
