/**
 * Counts the primes up to `limit`: a segmented sieve, one partition per thousand numbers. `collect` adds counts.
 * Partition p covers 1000·p + 1 … 1000·p + 1000. A count depends on the partition alone; what is kept between two
 * calls (where each base prime strikes next) only saves divisions when partitions come in order.
 * It never sieves ahead of the partition it was asked for.
 */
import type { Ctx, LogCtx, LogEvent } from 'millionfold'
import { known, number } from './report.ts'

export const name = 'primes'

export interface Params {
  /** The largest number looked at, at most 10^12. */
  limit: number
}

export const params: Params = { limit: 1e9 }

/** Numbers a partition covers. */
const SPAN = 1000
/** Odd numbers among them; slot s stands for 1000·p + 1 + 2·s. */
const SLOTS = SPAN / 2
/** The primes whose multiples come ready-made in a pattern, and the pattern's period in slots. */
const WHEEL = [3, 5, 7, 11, 13]
const PERIOD = 3 * 5 * 7 * 11 * 13

const LIMIT_MAX = 1e12

/** π(limit) where it is known. */
const KNOWN = new Map([[1e3, 168], [1e6, 78_498], [1e7, 664_579], [1e8, 5_761_455], [1e9, 50_847_534], [1e10, 455_052_511]])

/** A partition for every thousand numbers, the last one perhaps cut short. */
export function prepare ({ limit }: Params): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) throw new Error(`limit must be a whole number from 1 to 10^12, not ${limit}`)
  return Math.ceil(limit / SPAN)
}

/** What a worker keeps for the job. */
export interface Sieve {
  /** Odd primes above the wheel's, up to the limit's square root. */
  primes: Int32Array
  /** Slot of the next partition's segment that each of them strikes first, when it is `expected`. */
  next: Int32Array
  /** How many of them are in play: those whose square has been reached. */
  active: number
  /** The partition that `next` is right for; -1 for none. */
  expected: number
  /** Multiples of the wheel's primes struck out, from slot 0 of any partition on. */
  pattern: Uint8Array
  /** One byte a slot, 1 for composite. */
  slots: Uint8Array
  /** The same bytes, four at a time. */
  words: Uint32Array
  /** How many primes are shorter than a segment, and so strike more than once. */
  short: number
}

/** The base primes up to the limit's root, once per worker. */
export function setup ({ limit }: Params): Sieve {
  const root = Math.floor(Math.sqrt(limit))
  const composite = new Uint8Array(root + 1)
  const primes: number[] = []
  for (let n = 3; n <= root; n += 2) {
    if (composite[n] === 1) continue
    if (n > 13) primes.push(n)
    for (let multiple = n * n; multiple <= root; multiple += 2 * n) composite[multiple] = 1
  }
  const pattern = new Uint8Array(PERIOD + SLOTS)
  for (const prime of WHEEL) {
    // The number of slot s is 2·s + 1, so the prime itself is at slot (prime - 1) / 2.
    for (let slot = (prime - 1) / 2; slot < pattern.length; slot += prime) pattern[slot] = 1
  }
  const slots = new Uint8Array(SLOTS)
  return {
    primes: Int32Array.from(primes),
    next: new Int32Array(primes.length),
    active: 0,
    expected: -1,
    pattern,
    slots,
    words: new Uint32Array(slots.buffer),
    short: primes.filter((prime) => prime < SLOTS).length
  }
}

/** How many primes partition `partition` holds. */
export function compute (partition: number, _input: unknown, ctx: Ctx<Params, Sieve>): number {
  const sieve = ctx.resources
  const { slots, pattern, words } = sieve
  const { limit } = ctx.params
  const first = partition * SPAN + 1
  if (sieve.expected !== partition) seek(sieve, first)
  activate(sieve, first)
  const phase = (first - 1) / 2 % PERIOD
  slots.set(pattern.subarray(phase, phase + SLOTS))
  strike(sieve)
  if (first + SPAN > limit) slots.fill(1, Math.ceil((limit - first + 1) / 2))
  sieve.expected = partition + 1
  // Four bytes at a time: 125 words of ones cannot carry from one byte to the next.
  let struck = 0
  for (let word = 0; word < words.length; word++) struck += words[word]!
  const halves = (struck & 0xff00ff) + (struck >>> 8 & 0xff00ff)
  return SLOTS - (halves & 0xffff) - (halves >>> 16) + (partition === 0 ? small(limit) : 0)
}

/** Strikes out every multiple of the active primes, and notes where each strikes next. */
function strike ({ slots, primes, next, active, short }: Sieve): void {
  const many = Math.min(active, short)
  for (let i = 0; i < many; i++) {
    const prime = primes[i]!
    let slot = next[i]!
    for (; slot < SLOTS; slot += prime) slots[slot] = 1
    next[i] = slot - SLOTS
  }
  // The longer ones strike once or not at all.
  for (let i = many; i < active; i++) {
    let over = next[i]! - SLOTS
    if (over < 0) {
      slots[over + SLOTS] = 1
      over += primes[i]!
    }
    next[i] = over
  }
}

/** What the first segment gets wrong: 1 is left standing though no prime, 2 is even, and the wheel struck its own primes. */
const small = (limit: number): number => [2, ...WHEEL].filter((prime) => prime <= limit).length - 1

/** Forget where primes strike, since the partitions did not come in order. */
function seek (sieve: Sieve, first: number): void {
  const { primes, next } = sieve
  let i = 0
  for (; i < primes.length && primes[i]! * primes[i]! < first; i++) {
    const prime = primes[i]!
    // The first odd multiple at or above `first`, which is odd itself.
    const over = first % prime
    const gap = over === 0 ? 0 : prime - over
    next[i] = (gap % 2 === 0 ? gap : gap + prime) / 2
  }
  sieve.active = i
}

/** Brings in the primes whose squares lie in this segment; they strike first at their square. */
function activate (sieve: Sieve, first: number): void {
  const { primes, next } = sieve
  let i = sieve.active
  for (; i < primes.length && primes[i]! * primes[i]! < first + SPAN; i++) next[i] = (primes[i]! * primes[i]! - first) / 2
  sieve.active = i
}

export function collect (counts: number[]): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

export function log (event: LogEvent, ctx: LogCtx<Params>): void {
  if (event.type !== 'done') return
  const { limit } = ctx.params
  const exponent = Math.log10(limit)
  known(`π(${Number.isInteger(exponent) ? `10^${exponent}` : number(limit)})`, event.result, KNOWN.get(limit))
}
