/** What a peer sends each second, by type of message. */
import { trafficByType } from '../figure.ts'
import { formatBytes, formatNumber, formatShare } from '../format.ts'
import type { Report } from '../report.ts'
import { typeRows } from '../rows.ts'
import type { Picture } from './picture.ts'
import { drawSvg, Plot, WIDTHS, type Width } from './plot.ts'

/** Bars that are drawn; the table beside tells all. */
const BARS_MOST = 14
const BAR_PX = 26
/** About the width of a letter. */
const LETTER_PX = 7

function draw (report: Report, width: Width): string {
  const bars = trafficByType(report, BARS_MOST)
  const longest = bars.reduce((most, { type }) => Math.max(most, type.length), 0)
  return drawSvg({
    width: WIDTHS[width],
    height: bars.length * BAR_PX + 10,
    marginTop: 5,
    marginBottom: 5,
    marginLeft: Math.min(160, longest * LETTER_PX + 14),
    marginRight: 118,
    x: { axis: null, domain: [0, bars[0]!.messages || 1] },
    y: { domain: bars.map(({ type }) => type), label: null, tickSize: 0, padding: 0.25 },
    marks: [
      Plot.barX(bars, { x: 'messages', y: 'type', fill: 'var(--done)' }),
      Plot.text(bars, { x: 'messages', y: 'type', text: ({ messages, bytes }: typeof bars[0]) => `${formatNumber(messages)}  ·  ${formatBytes(bytes)}`, textAnchor: 'start', dx: 6, fill: 'currentColor' })
    ]
  })
}

/** @returns null when nothing was sent */
export function trafficPicture (report: Report): Picture | null {
  const [first] = trafficByType(report, Infinity)
  if (first === undefined) return null
  const all = Object.values(report.byType)
  const messages = all.reduce((sum, { messages }) => sum + messages, 0)
  const bytes = all.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    title: 'Messages per peer and second, by type',
    summary: `A peer sends ${formatNumber(messages)} messages and ${formatBytes(bytes)} a second on average; ${formatShare(first.messages / messages)} of the messages are "${first.type}".`,
    keys: [{ label: 'messages · bytes, per peer and second', colour: 'var(--done)', kind: 'area' }],
    draw: (width) => draw(report, width),
    rows: typeRows(report, Infinity)
  }
}
