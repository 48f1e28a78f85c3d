/** The figures of one report as rows of text: what the table on a terminal and the page both show, in the same words. */
import { hasFailovers, trafficByType } from './figure.ts'
import { formatBytes, formatDuration, formatFine, formatMany, formatNumber, formatShare } from './format.ts'
import type { Quantiles, Report, Violation } from './report.ts'
import { boundTexts } from './verdict.ts'

/** Types of messages that get a row of their own. */
const TYPES_MOST = 8

/** @returns `steady, seed 7: 10,000 peers, 1,000,000 partitions` */
export const titleOf = ({ scenario, seed, peers, partitions }: Report): string =>
  `${scenario}, seed ${seed}: ${formatNumber(peers)} peers, ${formatNumber(partitions)} partitions`

/** @returns what there was and what would have been possible, as a part of a sentence */
export const timesOf = ({ limitMs, wallVirtualMs }: Report): string => wallVirtualMs < 0
  ? `never finished; possible in ${formatDuration(limitMs)}`
  : `${formatDuration(wallVirtualMs)} where ${formatDuration(limitMs)} is possible`

/** @returns the figure, or a dash of a job that never finished */
export const xLimitOf = ({ wallVirtualMs, xLimit }: Report): string => formatFine(wallVirtualMs < 0 ? NaN : xLimit)

export function resultRows (report: Report): string[][] {
  return [
    ['× limit', `${xLimitOf(report)}   (${timesOf(report)})`],
    ['exact', report.exact ? 'yes' : 'NO'],
    ['wrong results', formatNumber(report.wrongResults)]
  ]
}

/** With a head. */
export function reachedRows ({ reachedMs }: Report): string[][] {
  return [
    ['partitions done', '50 %', '90 %', '99 %', '100 %'],
    ['after', ...[reachedMs.p50, reachedMs.p90, reachedMs.p99, reachedMs.p100].map(formatDuration)]
  ]
}

const spread = (name: string, { p50, p99, max }: Quantiles, format: (value: number) => string): string[] =>
  [name, format(p50), format(p99), format(max)]

function failoverRows (report: Report): string[][] {
  if (!hasFailovers(report)) return [['failover', 'none']]
  const { failoverParts: { detectMs, electMs, catchUpMs }, failovers } = report
  return [
    [...spread('failover', report.failoverMs, formatDuration), failovers.length === 0 ? '' : formatMany(failovers.length, 'failover')],
    spread('  detect', detectMs, formatDuration),
    spread('  elect', electMs, formatDuration),
    spread('  catch up', catchUpMs, formatDuration)
  ]
}

/** With a head; the last column is a note. */
export function spreadRows (report: Report): string[][] {
  return [
    ['', 'p50', 'p99', 'max', ''],
    ...failoverRows(report),
    [...spread('first work', report.firstWorkMs, formatDuration), 'from coming to the first bite'],
    spread('messages/peer/s', report.messagesPerPeerPerSecond, formatNumber),
    spread('bytes/peer/s', report.bytesPerPeerPerSecond, formatBytes)
  ]
}

/**
 * With a head; none when nothing was sent.
 * @param most how many types, the last of them the sum of the rest
 */
export function typeRows (report: Report, most = TYPES_MOST): string[][] {
  const all = Object.values(report.byType).reduce((sum, { messages }) => sum + messages, 0)
  const rows = trafficByType(report, most).map(({ type, messages, bytes }) =>
    [type, formatNumber(messages), formatBytes(bytes), formatShare(messages / all)])
  return rows.length === 0 ? [] : [['', 'messages/peer/s', 'bytes/peer/s', 'share'], ...rows]
}

export function costRows (report: Report): string[][] {
  return [
    ['false failovers', `${formatNumber(report.falseFailoversPerHour)} an hour`],
    ['two at one path', formatDuration(report.overlapMs)],
    ['largest degree', formatMany(report.maxConnections, 'connection')],
    ['largest fan-out', formatNumber(report.maxFanout)],
    ['computed twice', `${formatShare(report.duplicateFraction)} of the partitions, where ${formatShare(report.unavoidableWaste)} is unavoidable`],
    ['control bytes', `${formatBytes(report.bytesPerPartition)} a partition`],
    ['simulated', `${formatNumber(report.events)} events, ${formatNumber(report.eventsPerSecond)} events/s, ${formatNumber(report.speedUp)} × wall time`]
  ]
}

export const boundRows = ({ bounds }: Report): string[][] =>
  bounds.map((bound) => [bound.name, ...boundTexts(bound), bound.holds ? 'holds' : 'MISSED'])

export const originRows = ({ hash, commit, replay }: Report): string[][] =>
  [['event hash', hash], ['commit', commit], ['replay', replay]]

/** @returns `SAFETY fold-once at 12 min 3 s: what happened` */
export const violationText = ({ kind, invariant, atMs, what }: Violation): string =>
  `${kind.toUpperCase()} ${invariant} at ${formatDuration(atMs)}: ${what}`

/** @returns a text for each; the same one told again and again is told once, with how often and until when */
export function violationTexts (violations: Violation[]): string[] {
  const same = new Map<string, Violation[]>()
  for (const violation of violations) {
    const key = `${violation.kind} ${violation.invariant} ${violation.what}`
    same.set(key, [...same.get(key) ?? [], violation])
  }
  return [...same.values()].map(all => {
    const text = violationText(all[0]!)
    return all.length === 1 ? text : `${text} (${all.length} times until ${formatDuration(all.at(-1)!.atMs)})`
  })
}
