/** How the job went on against the physical limit (SCENARIOS, "The physical limit"), before the peers that were there. */
import { formatDuration, formatNumber, formatShare } from '../format.ts'
import type { Report } from '../report.ts'
import { doneOf } from '../verdict.ts'
import type { Picture } from './picture.ts'
import { drawSvg, formatTick, Plot, roundUp, thinned, timeUnit, WIDTHS, type Width } from './plot.ts'

interface Point { ms: number, done: number, limit: number, live: number }

const GRID = [0, 0.25, 0.5, 0.75, 1]

function pointsOf ({ curve, partitions }: Report): Point[] {
  return curve.done.map((done, i) => ({
    ms: i * curve.stepMs,
    done: done / partitions,
    limit: Math.min(1, (curve.limit[i] ?? partitions) / partitions),
    live: curve.live[i] ?? 0
  }))
}

function draw (report: Report, width: Width): string {
  const points = thinned(pointsOf(report), width)
  const liveMost = roundUp(points.reduce((most, { live }) => Math.max(most, live), 0))
  const ends = [{ ms: report.limitMs, colour: 'var(--limit)' }, { ms: report.wallVirtualMs, colour: 'var(--done)' }].filter(({ ms }) => ms >= 0 && Number.isFinite(ms))
  const lastMs = Math.max(1, points.at(-1)!.ms, ...ends.map(({ ms }) => ms))
  const unit = timeUnit(lastMs)
  const x = ({ ms }: { ms: number }): number => ms / unit.ms
  return drawSvg({
    width: WIDTHS[width],
    height: width === 'wide' ? 360 : 270,
    marginTop: 28,
    marginLeft: 46,
    marginRight: 46,
    marginBottom: 40,
    x: { label: unit.name, domain: [0, lastMs / unit.ms] },
    y: { domain: [0, 1] },
    marks: [
      Plot.areaY(points, { x, y: ({ live }: Point) => live / liveMost, fill: 'var(--peers)', curve: 'step-after' }),
      Plot.gridY(GRID, { stroke: 'var(--grid)', strokeOpacity: 1 }),
      Plot.axisX({ ticks: width === 'wide' ? 10 : 5, labelAnchor: 'center', labelArrow: 'none' }),
      Plot.axisY(GRID, { anchor: 'left', tickFormat: '.0%', label: 'partitions done', labelArrow: 'none' }),
      Plot.axisY(GRID, { anchor: 'right', tickFormat: (share: number) => formatTick(share * liveMost), label: 'peers there', labelArrow: 'none' }),
      Plot.lineY(points.filter(({ ms }, i) => i === 0 || ms <= report.limitMs), { x, y: 'limit', stroke: 'var(--limit)', strokeWidth: 2, strokeDasharray: '6 4' }),
      Plot.lineY(points, { x, y: 'done', stroke: 'var(--done)', strokeWidth: 3 }),
      Plot.dot(ends, { x, y: 1, r: 4.5, fill: 'colour', stroke: 'var(--page)', strokeWidth: 1.5 })
    ]
  })
}

/** At tenths of the time, and at the end. */
function rowsOf (report: Report): string[][] {
  const points = pointsOf(report)
  const tenths = [...new Set(Array.from({ length: 11 }, (_, i) => Math.round(i / 10 * (points.length - 1))))]
  return [
    ['after', 'done', 'limit', 'peers'],
    ...tenths.map((i) => points[i]!).map(({ ms, done, limit, live }) => [formatDuration(ms), formatShare(done), formatShare(limit), formatNumber(live)])
  ]
}

/** @returns null when nothing was sampled */
export function completionPicture (report: Report): Picture | null {
  if (report.curve.done.length === 0) return null
  const { limitMs, wallVirtualMs } = report
  const end = wallVirtualMs < 0 ? `stopped at ${doneOf(report)}` : `was done after ${formatDuration(wallVirtualMs)}`
  return {
    title: 'Completion against the physical limit',
    summary: `The job ${end}; no scheduler could have finished before ${formatDuration(limitMs)}.`,
    keys: [
      { label: 'partitions in accepted values', colour: 'var(--done)', kind: 'line' },
      { label: 'the physical limit', colour: 'var(--limit)', kind: 'dashes' },
      { label: 'peers there', colour: 'var(--peers)', kind: 'area' }
    ],
    draw: (width) => draw(report, width),
    rows: rowsOf(report)
  }
}
