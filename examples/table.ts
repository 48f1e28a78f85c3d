/**
 * The number below 10^7 whose Collatz chain (n → n/2 or 3n + 1, down to 1) is the longest. Shows `setup`: a table of
 * two million chain lengths is made once per worker; and `computeRange`: a whole range of partitions at once,
 * its return value being what `collect` would give for it.
 */
import type { Ctx, LogEvent } from 'millionfold'
import { known } from './report.ts'

export const name = 'table'
/** Partition p is the number p + 1. */
export const partitions = 9_999_999

/** Entries of the table: steps of every number below. */
const ENTRIES = 1 << 21

export interface Longest {
  /** The smallest number with the longest chain. */
  number: number
  /** Steps down to 1. */
  steps: number
}

export type Table = Uint16Array

/** Steps of every number below ENTRIES: each one joins the chain of a smaller number. */
export function setup (): Table {
  const table = new Uint16Array(ENTRIES)
  for (let number = 2; number < ENTRIES; number++) table[number] = stepsOf(number, table, number)
  return table
}

/** Steps from `number` down to 1, looked up as soon as the chain falls below `known`. */
function stepsOf (number: number, table: Table, known: number): number {
  let at = number
  let steps = 0
  // Not >> or |: chains from below 10^7 rise above 2^32.
  for (; at >= known; steps++) at = at % 2 === 0 ? at / 2 : 3 * at + 1
  return steps + table[at]!
}

export function computeRange (from: number, to: number, ctx: Ctx<unknown, Table>): Longest {
  const table = ctx.resources
  let longest: Longest = { number: 0, steps: -1 }
  for (let number = from + 1; number <= to; number++) {
    const steps = number < ENTRIES ? table[number]! : stepsOf(number, table, ENTRIES)
    if (steps > longest.steps) longest = { number, steps }
  }
  return longest
}

/** The longest; the first of equals, which are in order. */
export const collect = (chains: Longest[]): Longest =>
  chains.reduce((longest, chain) => chain.steps > longest.steps ? chain : longest)

/** For each power of ten, the number below it with the longest chain. */
const KNOWN = new Map<number, Longest>([
  [999_999, { number: 837_799, steps: 524 }],
  [9_999_999, { number: 8_400_511, steps: 685 }],
  [99_999_999, { number: 63_728_127, steps: 949 }]
])

let submitted = 0

export function log (event: LogEvent): void {
  if (event.type === 'submitted') submitted = event.partitions
  if (event.type === 'done') known(`longest Collatz chain to ${submitted}`, event.result, KNOWN.get(submitted))
}
