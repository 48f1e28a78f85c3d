/**
 * The figures of a report that tables and pages show: how each is called, read, written, and which way is better.
 * The noise thresholds are guesses, not yet measured: what two seeds of one world differ by when nothing has changed.
 */
import { formatBytes, formatDuration, formatFine, formatNumber, formatShare } from './format.ts'
import type { Quantiles, Report } from './report.ts'

export interface Figure {
  name: string
  /** Infinity for what never happened, NaN for what there is no figure of. */
  of: (report: Report) => number
  format: (value: number) => string
  better: 'less' | 'more' | 'neither'
  /** A change up to this share of the value before is noise. */
  noise: number
  /** So is one up to this much in the figure's own unit, however small the value before. */
  floor: number
  /** Whether it stands in a summary of many worlds. */
  isMain: boolean
}

type Settings = Partial<Omit<Figure, 'name' | 'of' | 'format'>>

const figure = (name: string, of: Figure['of'], format: Figure['format'], settings: Settings = {}): Figure =>
  ({ name, of, format, better: 'less', noise: 0.03, floor: 0, isMain: false, ...settings })

/** A report says -1 for a time that never came. */
const time = (ms: number): number => ms < 0 ? Infinity : ms

/** The tail of a distribution is noisier than its middle. */
const TAIL_NOISE = { p50: 0.03, p99: 0.1, max: 0.25 }

const quantiles = (name: string, of: (report: Report) => Quantiles, format: Figure['format'], settings: Settings, main: (keyof Quantiles)[] = []): Figure[] =>
  (['p50', 'p99', 'max'] as const).map((key) =>
    figure(`${name} ${key}`, (report) => of(report)[key], format, { noise: TAIL_NOISE[key], isMain: main.includes(key), ...settings }))

/** A report read from an older file has the quantiles of its failovers but not each of them. */
export const hasFailovers = ({ failovers, failoverMs }: Report): boolean => failovers.length > 0 || failoverMs.max > 0

/** Without a failover its quantiles say nothing. */
const failover = (pick: (report: Report) => Quantiles) => (report: Report): Quantiles =>
  hasFailovers(report) ? pick(report) : { p50: NaN, p99: NaN, max: NaN }

const FAILOVER_FLOOR = { floor: 5 }

/** In the order in which they are shown. */
export const FIGURES: Figure[] = [
  figure('× limit', ({ xLimit, wallVirtualMs }) => wallVirtualMs < 0 ? Infinity : xLimit, formatFine, { noise: 0.01, isMain: true }),
  figure('limit', ({ limitMs }) => limitMs, formatDuration, { better: 'neither', noise: 0.001 }),
  figure('done: 50 %', ({ reachedMs }) => time(reachedMs.p50), formatDuration),
  figure('done: 90 %', ({ reachedMs }) => time(reachedMs.p90), formatDuration),
  figure('done: 99 %', ({ reachedMs }) => time(reachedMs.p99), formatDuration),
  figure('done: 100 %', ({ wallVirtualMs }) => time(wallVirtualMs), formatDuration, { noise: 0.01, isMain: true }),
  figure('wrong results', ({ wrongResults }) => wrongResults, formatNumber, { noise: 0, isMain: true }),
  figure('violations', ({ violations }) => violations.length, formatNumber, { noise: 0 }),
  ...quantiles('failover', failover(({ failoverMs }) => failoverMs), formatDuration, FAILOVER_FLOOR, ['p50', 'p99', 'max']),
  ...quantiles('detect', failover(({ failoverParts }) => failoverParts.detectMs), formatDuration, FAILOVER_FLOOR),
  ...quantiles('elect', failover(({ failoverParts }) => failoverParts.electMs), formatDuration, FAILOVER_FLOOR),
  ...quantiles('catch up', failover(({ failoverParts }) => failoverParts.catchUpMs), formatDuration, FAILOVER_FLOOR),
  figure('false failovers/h', ({ falseFailoversPerHour }) => falseFailoversPerHour, formatNumber, { noise: 0.1, floor: 0.01, isMain: true }),
  figure('overlap', ({ overlapMs }) => overlapMs, formatDuration, { noise: 0.1, floor: 100, isMain: true }),
  ...quantiles('first work', ({ firstWorkMs }) => firstWorkMs, formatDuration, { floor: 5 }),
  ...quantiles('messages/peer/s', ({ messagesPerPeerPerSecond }) => messagesPerPeerPerSecond, formatNumber, { floor: 0.001 }, ['p50', 'p99', 'max']),
  ...quantiles('bytes/peer/s', ({ bytesPerPeerPerSecond }) => bytesPerPeerPerSecond, formatBytes, { floor: 0.1 }, ['p50', 'p99']),
  figure('control bytes/partition', ({ bytesPerPartition }) => bytesPerPartition, formatBytes, { isMain: true }),
  figure('largest degree', ({ maxConnections }) => maxConnections, formatNumber, { isMain: true }),
  figure('largest fan-out', ({ maxFanout }) => maxFanout, formatNumber, { isMain: true }),
  figure('duplicates', ({ duplicateFraction }) => duplicateFraction, formatShare, { floor: 0.0005, isMain: true }),
  figure('unavoidable waste', ({ unavoidableWaste }) => unavoidableWaste, formatShare, { better: 'neither', floor: 0.0005, isMain: true }),
  figure('events', ({ events }) => events, formatNumber, { better: 'neither', noise: 0 }),
  figure('events/s', ({ eventsPerSecond }) => eventsPerSecond, formatNumber, { better: 'more', noise: 0.1, isMain: true }),
  figure('speed-up', ({ speedUp }) => speedUp, (value) => `${formatNumber(value)} ×`, { better: 'more', noise: 0.1 })
]

/** A kind of message, all that are sent of it and their bytes, most messages first. */
export interface TypeTraffic { type: string, messages: number, bytes: number }

/**
 * @param most how many types; what is left is summed up as one, `other (n)`
 * @returns messages and bytes per peer and second
 */
export function trafficByType ({ byType }: Report, most: number): TypeTraffic[] {
  const all = Object.entries(byType).map(([type, { messages, bytes }]) => ({ type, messages, bytes }))
    .sort((a, b) => b.messages - a.messages || b.bytes - a.bytes || (a.type < b.type ? -1 : 1))
  if (all.length <= most) return all
  const rest = all.slice(most - 1)
  const sum = (pick: (one: TypeTraffic) => number): number => rest.reduce((total, one) => total + pick(one), 0)
  return [...all.slice(0, most - 1), { type: `other (${rest.length})`, messages: sum(({ messages }) => messages), bytes: sum(({ bytes }) => bytes) }]
}
