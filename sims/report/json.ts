/**
 * A report as one line of JSON, and back: `sim --json` writes it, `sim --compare FILE` reads it. The fields of SCENARIOS come
 * first and in its order. Numbers are rounded to what they mean; what is no number, Infinity too, is null and is read as NaN.
 * Never judges a figure.
 */
import { BadInput } from '../bad-input.ts'
import type { Report } from './report.ts'

/** A `tenth` is a number that 0.1 is precise enough for: milliseconds and large rates. Other numbers keep millionths. */
type Shape = 'text' | 'flag' | 'number' | 'tenth' | { list: Shape } | { record: Shape } | { fields: Record<string, Shape> }

const QUANTILES: Shape = { fields: { p50: 'number', p99: 'number', max: 'number' } }
const QUANTILES_MS: Shape = { fields: { p50: 'tenth', p99: 'tenth', max: 'tenth' } }
const COUNTS: Shape = { list: 'number' }
const TENTHS: Shape = { list: 'tenth' }

/** What every saved report has: the contract of SCENARIOS, in its order. */
const CONTRACT = {
  scenario: 'text',
  seed: 'number',
  peers: 'number',
  partitions: 'number',
  exact: 'flag',
  limitMs: 'tenth',
  wallVirtualMs: 'tenth',
  xLimit: 'number',
  failoverMs: QUANTILES_MS,
  falseFailoversPerHour: 'number',
  overlapMs: 'tenth',
  messagesPerPeerPerSecond: QUANTILES,
  bytesPerPartition: 'number',
  maxConnections: 'number',
  maxFanout: 'number',
  duplicateFraction: 'number',
  unavoidableWaste: 'number',
  wrongResults: 'number',
  violations: { list: { fields: { kind: 'text', invariant: 'text', atMs: 'tenth', what: 'text' } } },
  events: 'number',
  eventsPerSecond: 'tenth',
  hash: 'text'
} satisfies Partial<Record<keyof Report, Shape>>

/** What comes beside: a report saved before a field was there is read without it. */
const BESIDE: Record<Exclude<keyof Report, keyof typeof CONTRACT>, Shape> = {
  bounds: { list: { fields: { name: 'text', value: 'number', limit: 'number', holds: 'flag' } } },
  failoverParts: { fields: { detectMs: QUANTILES_MS, electMs: QUANTILES_MS, catchUpMs: QUANTILES_MS } },
  failovers: TENTHS,
  bytesPerPeerPerSecond: QUANTILES,
  byType: { record: { fields: { messages: 'number', bytes: 'number' } } },
  reachedMs: { fields: { p50: 'tenth', p90: 'tenth', p99: 'tenth', p100: 'tenth' } },
  firstWorkMs: QUANTILES_MS,
  curve: { fields: { stepMs: 'tenth', done: COUNTS, limit: TENTHS, live: COUNTS } },
  tree: { list: { fields: { atMs: 'tenth', coordinators: COUNTS, workers: COUNTS, idle: 'number' } } },
  speedUp: 'tenth',
  replay: 'text',
  commit: 'text'
}

function round (value: number, steps: number): number | null {
  return Number.isFinite(value) ? Math.round(value * steps) / steps : null
}

/** A value by its shape alone: what the shape does not name is left out, and the order of fields is the shape's. */
function write (value: unknown, shape: Shape): unknown {
  if (shape === 'tenth' || shape === 'number') return round(value as number, shape === 'tenth' ? 10 : 1_000_000)
  if (typeof shape === 'string') return value
  if ('list' in shape) return (value as unknown[]).map((item) => write(item, shape.list))
  const given = value as Record<string, unknown>
  const shapes = 'fields' in shape ? Object.entries(shape.fields) : Object.keys(given).sort().map((key) => [key, shape.record] as const)
  return Object.fromEntries(shapes.map(([key, inner]) => [key, write(given[key], inner)]))
}

/**
 * The line that `sim --json` prints.
 * @returns JSON without a line end
 */
export function jsonLine (report: Report): string {
  return JSON.stringify(write(report, { fields: { ...CONTRACT, ...BESIDE } }))
}

/** What `read` throws inside; the user sees it as part of a sentence. */
class Mismatch extends Error {}

function read (value: unknown, shape: Shape, name: string): unknown {
  if (shape === 'number' || shape === 'tenth') {
    if (value === null) return NaN
    if (typeof value === 'number') return value
    throw new Mismatch(name)
  }
  if (typeof shape === 'string') {
    if (typeof value === (shape === 'text' ? 'string' : 'boolean')) return value
    throw new Mismatch(name)
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw new Mismatch(name)
    return value.map((item, i) => read(item, shape.list, `${name}[${i}]`))
  }
  if (!isObject(value)) throw new Mismatch(name)
  const shapes = 'fields' in shape ? Object.entries(shape.fields) : Object.keys(value).map((key) => [key, shape.record] as const)
  return Object.fromEntries(shapes.map(([key, inner]) => [key, read(value[key], inner, `${name}.${key}`)]))
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What stands for a field that an older report does not have: no figure, no samples. */
function missing (shape: Shape): unknown {
  if (shape === 'number' || shape === 'tenth') return NaN
  if (shape === 'text') return ''
  if (shape === 'flag') return false
  if ('list' in shape) return []
  if ('record' in shape) return {}
  return Object.fromEntries(Object.entries(shape.fields).map(([key, inner]) => [key, missing(inner)]))
}

function readReport (saved: Record<string, unknown>): Report {
  const contract = Object.entries(CONTRACT).map(([key, shape]) => [key, read(saved[key], shape, key)])
  const beside = Object.entries(BESIDE).map(([key, shape]) => [key, key in saved ? read(saved[key], shape, key) : missing(shape)])
  return Object.fromEntries([...contract, ...beside]) as Report
}

function parseLine (line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/**
 * Reads a saved report: the last line of a file that is one. Other lines, such as progress and tables, are passed over.
 * @param text what the file holds
 * @param file its name, for the message
 * @throws BadInput when no line is a report; it names the first field that is missing or wrong in the last line that is JSON
 */
export function parseReport (text: string, file: string): Report {
  let wrong: string | null = null
  for (const line of text.split('\n').reverse()) {
    const saved = parseLine(line.trim())
    if (saved === null) continue
    try {
      return readReport(saved)
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error
      wrong ??= error.message
    }
  }
  const why = wrong === null ? '' : `: "${wrong}" is missing or of another kind`
  throw new BadInput(`${file} holds no report of a simulation${why}; save one with millionfold sim SCENARIO --json > FILE.`)
}
