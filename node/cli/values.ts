/**
 * Reads option values. What cannot be what it should be is refused with one sentence that names the
 * option. No option has a default here: commands know what they mean when nothing is said.
 */
import { availableParallelism } from 'node:os'
import { RULE_EXAMPLES, isPeerId, readRule } from '../../protocol/host/acceptance.ts'
import { UsageError } from '../../protocol/client/errors.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { Rule } from '../../protocol/host/acceptance.ts'
import { RIGHTS, readRights } from '../../protocol/host/admission/rights.ts'

/** A whole number of at least `min` and at most `max`. */
export function wholeOf (option: string, min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
      const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
      throw new UsageError(`${option} takes a whole number ${range}, not \`${text}\`.`)
    }
    return value
  }
}

/** A number above `low`, up to `high`. */
export function bandOf (option: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value > low && value <= high)) {
      throw new UsageError(`${option} takes a number above ${low} up to ${high}, not \`${text}\`.`)
    }
    return value
  }
}

/** Cores to volunteer: no more than there are. */
export function coresOf (text: string): number {
  return Math.min(wholeOf('--cores', 1)(text), availableParallelism())
}

/** As `coresOf`, or none at all. */
export function coresOrNoneOf (text: string): number {
  return Math.min(wholeOf('--cores', 0)(text), availableParallelism())
}

/** Seconds, possibly with a fraction, as milliseconds. */
export function millisecondsOf (option: string): (text: string) => number {
  return (text) => {
    const seconds = Number(text)
    if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0.001) {
      throw new UsageError(`${option} takes a number of seconds above 0, not \`${text}\`.`)
    }
    return Math.ceil(seconds * 1000)
  }
}

/** Rights of an invitation, as bits. */
export function rightsOf (text: string): number {
  const bits = readRights(text)
  if (bits === null) throw new UsageError(`--rights takes some of ${RIGHTS.join(',')}, not \`${text}\`.`)
  return bits
}

const UNITS_S: Record<string, number> = { m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** When an invitation expires, Unix seconds: after a while (`7d`), or at a time (`2027-01-31T12:00Z`). */
export function expiryOf (text: string): number {
  const [, count, unit] = /^(\d+)([mhdw])$/.exec(text.trim()) ?? []
  const nowMs = Date.now()
  const ms = unit === undefined ? Date.parse(text) : nowMs + Number(count) * (UNITS_S[unit] ?? 0) * 1000
  if (!(ms > nowMs) || ms > EXPIRY_MS_MAX) throw new UsageError(`--expires takes a time to come, such as 12h, 7d, 4w or 2030-01-31T12:00Z, not \`${text}\`.`)
  return Math.floor(ms / 1000)
}

/** The year 9999. */
const EXPIRY_MS_MAX = 253_402_300_799_000

/** One more rule for the jobs to accept. */
export function ruleOf (text: string, before: Rule[] = []): Rule[] {
  const rule = readRule(text)
  if (rule === null) throw new UsageError(`--accept takes a rule such as ${RULE_EXAMPLES}, not \`${text}\`.`)
  return [...before, rule]
}

/** One more submitter whose jobs to accept. */
export function submitterOf (text: string, before: PeerId[] = []): PeerId[] {
  if (!isPeerId(text)) throw new UsageError(`--only-from takes a peer's id such as 12D3KooW…, not \`${text}\`.`)
  return [...before, text]
}

/** JSON of `--params`. */
export function paramsOf (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`--params takes JSON such as '{"limit": 1000}', not \`${text}\`.`)
  }
}
