/** How long failovers took, in bins of equal ratio, against what is asked of them. */
import { formatDuration, formatMany, formatNumber } from '../format.ts'
import type { Report } from '../report.ts'
import type { Picture } from './picture.ts'
import { drawSvg, formatTick, Plot, WIDTHS, type Width } from './plot.ts'

/** DESIGN's budgets from a coordinator's end to its heir granting again: killed, at p50 and p99, and fallen silent. */
const BUDGETS = [
  { ms: 1500, label: 'killed, p50: 1.5 s', short: '1.5 s', isLeft: true },
  { ms: 3000, label: 'killed, p99: 3 s', short: '3 s', isLeft: false },
  { ms: 15_000, label: 'silent: 15 s', short: '15 s', isLeft: false }
]

const BINS_PER_DECADE = 10
/** The least that the axis shows, so that pictures of different worlds can be laid side by side. */
const SHOWN_MS: [number, number] = [100, 30_000]
/** A failover without any time has no logarithm. */
const LEAST_MS = 1

interface Bin { fromMs: number, toMs: number, count: number }

const edgeMs = (index: number): number => 10 ** (index / BINS_PER_DECADE)

function binsOf (failovers: number[]): Bin[] {
  const counts = new Map<number, number>()
  for (const ms of failovers) {
    const index = Math.floor(Math.log10(Math.max(LEAST_MS, ms)) * BINS_PER_DECADE)
    counts.set(index, (counts.get(index) ?? 0) + 1)
  }
  return [...counts].sort(([a], [b]) => a - b).map(([index, count]) => ({ fromMs: edgeMs(index), toMs: edgeMs(index + 1), count }))
}

function draw (bins: Bin[], width: Width): string {
  const isWide = width === 'wide'
  const domain: [number, number] = [Math.min(SHOWN_MS[0], bins[0]!.fromMs), Math.max(SHOWN_MS[1], bins.at(-1)!.toMs)]
  const most = bins.reduce((most, { count }) => Math.max(most, count), 0)
  return drawSvg({
    width: WIDTHS[width],
    height: isWide ? 300 : 240,
    marginTop: 48,
    marginLeft: 46,
    marginRight: 20,
    marginBottom: 40,
    x: { type: 'log', domain },
    y: { domain: [0, most] },
    marks: [
      Plot.gridY({ stroke: 'var(--grid)', strokeOpacity: 1, ticks: Math.min(5, most) }),
      Plot.rectY(bins, { x1: 'fromMs', x2: 'toMs', y: 'count', fill: 'var(--done)', insetLeft: 0.5, insetRight: 0.5 }),
      Plot.ruleY([0], { stroke: 'currentColor' }),
      Plot.ruleX(BUDGETS, { x: 'ms', stroke: 'var(--budget)', strokeWidth: 1.5, strokeDasharray: '4 3', insetTop: -20 }),
      ...[true, false].map((isLeft) => Plot.text(BUDGETS.filter((budget) => budget.isLeft === isLeft), {
        x: 'ms', text: isWide ? 'label' : 'short', frameAnchor: 'top', dy: -16, fill: 'var(--budget)', textAnchor: isLeft ? 'end' : 'start', dx: isLeft ? -5 : 5
      })),
      Plot.axisX(ticksOf(domain, isWide ? [1, 2, 5] : [1]), { text: formatDuration, label: 'from the coordinator’s end to its heir granting', labelAnchor: 'center', labelArrow: 'none' }),
      Plot.axisY({ ticks: Math.min(5, most), tickFormat: formatTick, label: 'failovers', labelArrow: 'none' })
    ]
  })
}

/** In each decade the same. */
function ticksOf ([fromMs, toMs]: [number, number], digits: number[]): number[] {
  const decades = Array.from({ length: Math.ceil(Math.log10(toMs)) + 1 }, (_, power) => 10 ** power)
  return decades.flatMap((decade) => digits.map((digit) => digit * decade)).filter((ms) => ms >= fromMs && ms <= toMs)
}

/** @returns null when there was none */
export function failoverPicture ({ failovers, failoverMs }: Report): Picture | null {
  if (failovers.length === 0) return null
  const bins = binsOf(failovers)
  const within = failovers.filter((ms) => ms <= 3000).length
  return {
    title: 'Failovers',
    summary: `${formatMany(failovers.length, 'failover')}: half within ${formatDuration(failoverMs.p50)}, 99 % within ${formatDuration(failoverMs.p99)}, ` +
      `the longest ${formatDuration(failoverMs.max)}; ${formatNumber(within)} took at most 3 s.`,
    keys: [
      { label: 'failovers', colour: 'var(--done)', kind: 'area' },
      { label: 'asked: killed p50 1.5 s, p99 3 s; silent 15 s', colour: 'var(--budget)', kind: 'dashes' }
    ],
    draw: (width) => draw(bins, width),
    rows: [['from', 'to', 'failovers'], ...bins.map(({ fromMs, toMs, count }) => [formatDuration(fromMs), formatDuration(toMs), formatNumber(count)])]
  }
}
