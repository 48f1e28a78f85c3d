/**
 * One line of an event log (DESIGN 7) as the picture takes it: checked field by field, since a log comes from anywhere.
 * What is no such line is null, never an error; text in it is never markup and never run.
 */
import { digitsOf } from '../../protocol/core/geometry.ts'
import type { Path } from '../../protocol/core/ids.ts'

interface Line {
  /** When, in Unix ms; virtual ones in a simulation. */
  time: number
  /** Who wrote the line. */
  peer: string
  /** The job it is of; empty for lines of the peer alone. */
  job: string
}

/** The shape of a job; logs of older versions do not tell it. */
export interface ToldShape { name: string, partitions: number, fanout: number, grain: number }

export type LogLine = Line & (
  | { type: 'peer-started' | 'peer-stopped' | 'done' | 'cancelled' }
  | { type: 'submitted', shape: ToldShape | null }
  | { type: 'leased', path: Path }
  | { type: 'claim', path: Path }
  | { type: 'conflict', path: Path }
  | { type: 'coordinator', path: Path, fence: number[], heirs: string[] }
  | { type: 'value', path: Path, count: number, from: string, by: string }
  /** `ms` since the old coordinator was last heard. */
  | { type: 'failover', path: Path, fence: number[], ms: number }
  /** `final`: the whole job with it. */
  | { type: 'failed', path: Path, final: boolean }
)

/** No id and no name is longer; anything else is somebody's joke. */
const TEXT_MAX = 200
const HEIRS_MAX = 8

type Fields = Record<string, unknown>

const textOf = (value: unknown): string | null => typeof value === 'string' && value.length > 0 && value.length <= TEXT_MAX ? value : null
const countOf = (value: unknown, max = Number.MAX_SAFE_INTEGER): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= max ? value : null
const fenceOf = (value: unknown): number[] | null =>
  Array.isArray(value) && value.length > 0 && value.length <= 64 && value.every(Number.isSafeInteger) ? value as number[] : null
const heirsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.slice(0, HEIRS_MAX).filter((heir): heir is string => textOf(heir) !== null) : []

/** Gives one string for equal ones, so that a million lines do not hold a million copies. */
export type Intern = (text: string) => string

/** An interner of its own. */
export function createIntern (): Intern {
  const known = new Map<string, string>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    known.set(text, text)
    return text
  }
}

/**
 * Read a line.
 *
 * @returns null for what is not a line of a log that the picture knows
 */
export function readLine (text: string, intern: Intern): LogLine | null {
  let fields: Fields
  try {
    fields = JSON.parse(text) as Fields
  } catch {
    return null
  }
  if (typeof fields !== 'object' || fields === null) return null
  const time = countOf(fields.time)
  const peer = textOf(fields.peer)
  if (time === null || peer === null) return null
  return lineOf(fields, { time, peer: intern(peer), job: intern(textOf(fields.job) ?? '') }, intern)
}

function lineOf (fields: Fields, line: Line, intern: Intern): LogLine | null {
  const { type } = fields
  if (type === 'peer-started' || type === 'peer-stopped') return { ...line, type }
  if (line.job === '') return null
  if (type === 'done' || type === 'cancelled') return { ...line, type }
  if (type === 'submitted') return { ...line, type, shape: shapeOf(fields) }
  const told = textOf(fields.path)
  if (type === 'failed') return { ...line, type, path: (told !== null && digitsOf(told) !== null ? intern(told) : '/') as Path, final: fields.final === true }
  if (told === null || digitsOf(told) === null) return null
  return pathLineOf(fields, line, intern(told) as Path, intern)
}

function pathLineOf (fields: Fields, line: Line, path: Path, intern: Intern): LogLine | null {
  const { type } = fields
  const fence = fenceOf(fields.fence)
  switch (type) {
    case 'leased':
    case 'claim':
    case 'conflict':
      return { ...line, type, path }
    case 'coordinator':
      return fence === null ? null : { ...line, type, path, fence, heirs: heirsOf(fields.heirs).map(intern) }
    case 'failover':
      return fence === null ? null : { ...line, type, path, fence, ms: countOf(fields.ms) ?? 0 }
    case 'value': {
      const count = countOf(fields.count, 2 ** 40)
      const from = textOf(fields.from)
      return count === null || from === null ? null : { ...line, type, path, count, from: intern(from), by: intern(textOf(fields.by) ?? from) }
    }
    default:
      return null
  }
}

function shapeOf (fields: Fields): ToldShape | null {
  const partitions = countOf(fields.partitions, 2 ** 40)
  const fanout = countOf(fields.fanout, 128)
  const grain = countOf(fields.grain, 2 ** 40)
  if (partitions === null || fanout === null || grain === null || partitions < 1 || fanout < 2 || grain < 1) return null
  if (![partitions, fanout, grain].every(Number.isSafeInteger)) return null
  return { name: textOf(fields.name) ?? '', partitions, fanout, grain }
}

/** A line in words, for whoever steps through a log. */
export function describe (line: LogLine, nameOf: (peer: string) => string): string {
  const who = nameOf(line.peer)
  switch (line.type) {
    case 'peer-started': return `${who} came`
    case 'peer-stopped': return `${who} left`
    case 'submitted': return `${who} submitted the job`
    case 'leased': return `${who} began its first work at ${line.path}`
    case 'claim': return `${who} asked for ${line.path}`
    case 'coordinator': return `${who} coordinates ${line.path}`
    case 'value': return `${line.path} is done, by ${nameOf(line.by)}`
    case 'failover': return `${who} took over ${line.path} after ${Math.round(line.ms)} ms of silence`
    case 'failed': return line.final ? 'The job failed' : `${line.path} failed at ${who}`
    case 'conflict': return `Two different values for ${line.path}`
    case 'cancelled': return 'The job was cancelled'
    case 'done': return `${who} has the result`
  }
}
