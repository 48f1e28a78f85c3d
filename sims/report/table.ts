/**
 * Reports for a reader at a terminal, at most 100 columns wide: one world in full with every figure that SCENARIOS asks
 * of a report, or many worlds in short with the commands that replay what failed.
 */
import { FIGURES, trafficByType, type Figure } from './figure.ts'
import { formatBytes, formatDuration, formatMany, formatNumber, formatShare } from './format.ts'
import { gridLines, wrapLines } from './grid.ts'
import type { Quantiles, Report, Violation } from './report.ts'
import { boundTexts, standingOf, verdictOf } from './verdict.ts'

const WIDTH = 96
/** Types of messages that get a line of their own. */
const TYPES_MOST = 8
/** More broken invariants of one world than this are only counted. */
const VIOLATIONS_MOST = 10

const section = (title: string, lines: string[]): string[] => lines.length === 0 ? [] : ['', title, ...lines]

const titleOf = ({ scenario, seed, peers, partitions }: Report): string =>
  `${scenario}, seed ${seed}: ${formatNumber(peers)} peers, ${formatNumber(partitions)} partitions`

function progressLines (report: Report): string[] {
  const { limitMs, wallVirtualMs, xLimit, reachedMs } = report
  const times = wallVirtualMs < 0 ? `never finished; possible in ${formatDuration(limitMs)}` : `${formatDuration(wallVirtualMs)} where ${formatDuration(limitMs)} is possible`
  return [
    ...gridLines([
      ['× limit', `${wallVirtualMs < 0 ? '–' : formatNumber(xLimit, 4)}   (${times})`],
      ['exact', report.exact ? 'yes' : 'NO'],
      ['wrong results', formatNumber(report.wrongResults)]
    ], 'll'),
    '',
    ...gridLines([
      ['partitions done', '50 %', '90 %', '99 %', '100 %'],
      ['after', ...[reachedMs.p50, reachedMs.p90, reachedMs.p99, reachedMs.p100].map(formatDuration)]
    ], 'lrrrr')
  ]
}

const spread = (name: string, { p50, p99, max }: Quantiles, format: (value: number) => string): string[] =>
  [name, format(p50), format(p99), format(max)]

function spreadLines (report: Report): string[] {
  const { failoverParts: parts, failovers } = report
  const failover = failovers.length === 0 && report.failoverMs.max === 0
    ? [['failover', 'none']]
    : [
      [...spread('failover', report.failoverMs, formatDuration), failovers.length === 0 ? '' : formatMany(failovers.length, 'failover')],
      spread('  detect', parts.detectMs, formatDuration),
      spread('  elect', parts.electMs, formatDuration),
      spread('  catch up', parts.catchUpMs, formatDuration)
    ]
  return gridLines([
    ['', 'p50', 'p99', 'max'],
    ...failover,
    [...spread('first work', report.firstWorkMs, formatDuration), 'from coming to the first bite'],
    [...spread('messages', report.messagesPerPeerPerSecond, formatNumber), 'a peer and second'],
    [...spread('bytes', report.bytesPerPeerPerSecond, formatBytes), 'a peer and second']
  ], 'lrrrl')
}

function typeLines (report: Report): string[] {
  const all = Object.values(report.byType).reduce((sum, { messages }) => sum + messages, 0)
  const rows = trafficByType(report, TYPES_MOST).map(({ type, messages, bytes }) =>
    [type, formatNumber(messages), formatBytes(bytes), formatShare(messages / all)])
  return rows.length === 0 ? [] : gridLines([['', 'messages/peer/s', 'bytes/peer/s', 'share'], ...rows], 'lrrr')
}

function costLines (report: Report): string[] {
  return gridLines([
    ['false failovers', `${formatNumber(report.falseFailoversPerHour)} an hour`],
    ['two at one path', formatDuration(report.overlapMs)],
    ['largest degree', `${formatNumber(report.maxConnections)} connections`],
    ['largest fan-out', formatNumber(report.maxFanout)],
    ['computed twice', `${formatShare(report.duplicateFraction)} of the partitions, where ${formatShare(report.unavoidableWaste)} is unavoidable`],
    ['control bytes', `${formatBytes(report.bytesPerPartition)} a partition`],
    ['simulated', `${formatNumber(report.events)} events, ${formatNumber(report.eventsPerSecond)} events/s, ${formatNumber(report.speedUp)} × wall time`]
  ], 'll')
}

const boundLines = ({ bounds }: Report): string[] => bounds.length === 0
  ? []
  : gridLines(bounds.map((bound) => [bound.name, ...boundTexts(bound), bound.holds ? 'holds' : 'MISSED']), 'lrrl')

const sentenceOf = ({ kind, invariant, atMs, what }: Violation): string => `${kind.toUpperCase()} ${invariant} at ${formatDuration(atMs)}: ${what}`

function violationLines ({ violations }: Report): string[] {
  const shown = violations.slice(0, VIOLATIONS_MOST).flatMap((violation) =>
    wrapLines(sentenceOf(violation), WIDTH - 4).map((line, i) => (i === 0 ? '  ' : '    ') + line))
  return violations.length > VIOLATIONS_MOST ? [...shown, `  and ${violations.length - VIOLATIONS_MOST} more`] : shown
}

/**
 * One world in full.
 * @returns lines without a last line end
 */
export function reportTable (report: Report): string {
  return [
    titleOf(report),
    ...wrapLines(`${verdictOf(report)}.`, WIDTH),
    '',
    ...progressLines(report),
    '',
    ...spreadLines(report),
    ...section('Messages by type', typeLines(report)),
    ...section('Costs', costLines(report)),
    ...section('Bounds', boundLines(report)),
    ...section('Broken invariants', violationLines(report)),
    '',
    ...gridLines([['event hash', report.hash], ['commit', report.commit], ['replay', report.replay]], 'll')
  ].join('\n')
}

/** Of values in any order; of an even number of them the mean of the middle two. */
function median (values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]!
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]!
  return upper === lower ? upper : (upper + lower) / 2
}

/** Least, middle and most of a figure over worlds that have it. */
export function spreadOf (reports: Report[], { of, format }: Figure): [string, string, string] {
  const values = reports.map(of).filter((value) => !Number.isNaN(value))
  if (values.length === 0) return [format(NaN), format(NaN), format(NaN)]
  return [format(Math.min(...values)), format(median(values)), format(Math.max(...values))]
}

/** One sentence: how many worlds held, and what became of the others. */
export function tallyOf (reports: Report[]): string {
  const count = (standing: ReturnType<typeof standingOf>): number => reports.filter((report) => standingOf(report) === standing).length
  const parts = [
    [reports.filter(({ exact }) => exact).length, 'exact'],
    [count('missed'), 'missed a bound'],
    [count('unfinished'), 'not live'],
    [count('broken'), 'broken']
  ] as const
  return `${formatMany(reports.length, 'world')}: ${parts.filter(([many], i) => i === 0 || many > 0).map(([many, what]) => `${many} ${what}`).join(', ')}`
}

function failureLines (report: Report): string[] {
  const [first, ...more] = report.violations
  const missed = report.bounds.filter(({ holds }) => !holds).map((bound) => `${bound.name} ${boundTexts(bound).join(', bound ')}`)
  const why = first !== undefined
    ? sentenceOf(first) + (more.length === 0 ? '' : ` (and ${more.length} more)`)
    : missed.length > 0 ? `MISSED ${missed.join('; ')}` : verdictOf(report)
  return [...wrapLines(`seed ${report.seed}: ${why}`, WIDTH - 4).map((line, i) => (i === 0 ? '  ' : '    ') + line), `    ${report.replay}`]
}

/**
 * Many worlds in short.
 * @param reports of one scenario and different seeds, at least one
 * @returns lines without a last line end
 */
export function summaryTable (reports: Report[]): string {
  const scenarios = [...new Set(reports.map(({ scenario }) => scenario))]
  const failed = reports.filter((report) => standingOf(report) !== 'holds')
  return [
    `${scenarios.join(', ')}, ${tallyOf(reports)}`,
    '',
    ...gridLines([
      ['', 'min', 'median', 'max'],
      ...FIGURES.filter(({ isMain }) => isMain).map((figure) => [figure.name, ...spreadOf(reports, figure)])
    ], 'lrrr'),
    ...section(`Failing seeds, at commit ${reports[0]?.commit ?? ''}`, failed.flatMap(failureLines))
  ].join('\n')
}
