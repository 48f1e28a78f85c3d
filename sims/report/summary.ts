/** Many worlds in short: how many held, and the least, middle and most of the main figures. For the terminal and the page alike. */
import { FIGURES, type Figure } from './figure.ts'
import { formatMany } from './format.ts'
import type { Report } from './report.ts'
import { standingOf, type Standing } from './verdict.ts'

/** Of values in any order; of an even number of them the mean of the middle two. */
function median (values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]!
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]!
  return upper === lower ? upper : (upper + lower) / 2
}

/** Over the worlds that have the figure. */
function spreadOf (reports: Report[], { name, of, format }: Figure): string[] {
  const values = reports.map(of).filter((value) => !Number.isNaN(value))
  const spread = values.length === 0 ? [NaN, NaN, NaN] : [Math.min(...values), median(values), Math.max(...values)]
  return [name, ...spread.map(format)]
}

/** With a head. */
export function summaryRows (reports: Report[]): string[][] {
  return [['', 'min', 'median', 'max'], ...FIGURES.filter(({ isMain }) => isMain).map((figure) => spreadOf(reports, figure))]
}

/** @returns the worlds in which not everything held */
export const failed = (reports: Report[]): Report[] => reports.filter((report) => standingOf(report) !== 'holds')

/** @returns the scenarios, each named once */
export const scenariosOf = (reports: Report[]): string => [...new Set(reports.map(({ scenario }) => scenario))].join(', ')

/** @returns `steady, 200 worlds: 198 exact, 1 missed a bound, 1 broken` */
export function tallyOf (reports: Report[]): string {
  const count = (standing: Standing): number => reports.filter((report) => standingOf(report) === standing).length
  const others: [number, string][] = [[count('missed'), 'missed a bound'], [count('unfinished'), 'not live'], [count('broken'), 'broken']]
  const parts = [[reports.filter(({ exact }) => exact).length, 'exact'], ...others.filter(([many]) => many > 0)]
  return `${scenariosOf(reports)}, ${formatMany(reports.length, 'world')}: ${parts.map((part) => part.join(' ')).join(', ')}`
}
