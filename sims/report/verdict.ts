/** What a report comes to in a word and in a sentence. Never measures: it reads the violations and bounds that stand in the report. */
import { unreachable } from '../../protocol/core/unreachable.ts'
import { formatDuration, formatFine, formatMany, formatNumber } from './format.ts'
import type { Bound, Report } from './report.ts'

/** From best to worst: all holds, a bound is missed, the job never ended, something wrong happened. */
export type Standing = 'holds' | 'missed' | 'unfinished' | 'broken'

/** A wrong root although every accepted result was right; a policy may allow wrong results, which a bound then limits. */
const isWrong = (report: Report): boolean => report.wallVirtualMs >= 0 && !report.exact && report.wrongResults === 0

/** @returns the worst that is true of the report */
export function standingOf (report: Report): Standing {
  if (report.violations.some(({ kind }) => kind === 'safety') || isWrong(report)) return 'broken'
  if (report.violations.length > 0 || report.wallVirtualMs < 0) return 'unfinished'
  return report.bounds.every(({ holds }) => holds) ? 'holds' : 'missed'
}

/** @returns `2,810 of 2,811 partitions`: a share would be rounded to all of them */
export const doneOf = ({ curve, partitions }: Report): string => `${formatNumber(curve.done.at(-1) ?? 0)} of ${formatMany(partitions, 'partition')}`

const heldOf = (bounds: number): string => ['', ', the bound holds', ', both bounds hold'][bounds] ?? `, all ${bounds} bounds hold`

/** @returns one sentence without its full stop */
export function verdictOf (report: Report): string {
  const safety = report.violations.filter(({ kind }) => kind === 'safety').length
  const result = report.exact ? 'Exact' : 'Finished within the policy for wrong results'
  const standing = standingOf(report)
  switch (standing) {
    case 'broken': return (safety === 0 ? 'Broken: the result is wrong' : `Broken: ${formatMany(safety, 'safety violation')}`) +
      (report.wallVirtualMs < 0 ? ', and never finished' : '')
    case 'unfinished': return report.wallVirtualMs >= 0
      ? `Not live: ${formatMany(report.violations.length, 'liveness violation')}`
      : `Never finished: ${doneOf(report)} done after ${formatDuration(report.curve.stepMs * Math.max(0, report.curve.done.length - 1))}`
    case 'missed': {
      const missed = report.bounds.filter(({ holds }) => !holds).length
      return `${result}, but ${missed} of ${formatMany(report.bounds.length, 'bound')} missed`
    }
    case 'holds': return result + heldOf(report.bounds.length)
    default: return unreachable(standing)
  }
}

/** @returns the figure and its limit, as `['1.083', '≤ 1.15']` */
export function boundTexts ({ value, limit, holds }: Bound): [string, string] {
  const sign = holds === (value <= limit) ? '≤' : '≥'
  return [formatFine(value), `${sign} ${formatFine(limit)}`]
}
