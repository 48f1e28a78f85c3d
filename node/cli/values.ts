/**
 * Reads option values. What cannot be what it should be is refused with one sentence that names the
 * option. No option has a default here: commands know what they mean when nothing is said.
 */
import { availableParallelism } from 'node:os'
import { UsageError } from '../../protocol/client/errors.ts'

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

/** JSON of `--params`. */
export function paramsOf (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`--params takes JSON such as '{"limit": 1000}', not \`${text}\`.`)
  }
}
