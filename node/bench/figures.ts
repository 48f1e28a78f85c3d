/**
 * What the bench prints: one figure a line, with its budget (DESIGN 9) and whether it is kept. A missed budget is
 * printed like any other; nothing is rounded in its favour.
 */

/** Bounds a figure is held to. */
export interface Budget {
  atMost?: number
  atLeast?: number
}

export interface Figure {
  /** What was measured. */
  what: string
  value: number
  /** Written behind the value; `×` for ratios. */
  unit: string
  budget?: Budget
  /** How it was come by: single values behind a median, what it is compared with. */
  note?: string
}

export interface BenchOptions {
  /** Smaller sizes and fewer repeats: a smoke test, whose figures say little. */
  quick: boolean
  /** The idle row's full ten minutes. */
  full: boolean
}

export interface Row {
  /** What `--only` calls it. */
  name: string
  /** The budget's line in DESIGN 9. */
  title: string
  measure: (options: BenchOptions) => Promise<Figure[]>
}

/** The value below which `share` (0..1) of the values lie, the larger neighbour taken. */
export function quantile (values: number[], share: number): number {
  if (values.length === 0) throw new Error('no values to take a quantile of')
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!
}

export const median = (values: number[]): number => quantile(values, 0.5)

/** Three significant digits, or all of a large number's. */
export function printed (value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return Number(value.toPrecision(3)).toString()
}

export const list = (values: number[]): string => values.map(printed).join(', ')

export const isKept = (value: number, { atMost = Infinity, atLeast = -Infinity }: Budget): boolean => value <= atMost && value >= atLeast

/** One line of the report. */
export function lineOf ({ what, value, unit, budget, note }: Figure): string {
  const measured = `${printed(value)} ${unit}`
  const bound = budget === undefined ? '' : budget.atMost !== undefined ? `≤ ${printed(budget.atMost)} ${unit}` : `≥ ${printed(budget.atLeast!)} ${unit}`
  const verdict = budget === undefined ? '' : isKept(value, budget) ? 'kept' : 'MISSED'
  return `  ${what.padEnd(58)} ${measured.padStart(18)}  ${bound.padEnd(18)} ${verdict.padEnd(6)}${note === undefined ? '' : `  (${note})`}`
}
