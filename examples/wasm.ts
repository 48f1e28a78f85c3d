/**
 * How many odd numbers n from 3 to `limit` pass Fermat's test to base 2, 2^(n−1) ≡ 1 (mod n): all odd primes and a
 * few impostors, among the first ten million 664,578 and 750. The test runs in a WebAssembly module, whose
 * 64-bit integers JavaScript lacks; it is small enough to stand here as bytes, its text above them.
 */
import type { Ctx, LogCtx, LogEvent } from 'millionfold'
import { known, number } from './report.ts'

export const name = 'wasm'

export interface Params {
  /** The largest number tested, below 2^32. */
  limit: number
}

export const params: Params = { limit: 1e7 }

/** Numbers a partition covers. */
const SPAN = 1000

export function prepare ({ limit }: Params): number {
  if (!Number.isInteger(limit) || limit < 1 || limit >= 2 ** 32) throw new Error(`limit must be a whole number from 1 to 2^32 - 1, not ${limit}`)
  return Math.ceil(limit / SPAN)
}

/*
(module
  ;; How many odd numbers n with from <= n <= to pass; `from` is odd and at least 3.
  (func (export "count") (param $n i64) (param $to i64) (result i32)
    (local $power i64) (local $base i64) (local $left i64) (local $passed i32)
    (block $end
      (loop $next
        (br_if $end (i64.gt_u (local.get $n) (local.get $to)))
        (local.set $power (i64.const 1))
        (local.set $base (i64.const 2))
        (local.set $left (i64.sub (local.get $n) (i64.const 1)))
        (loop $square
          (if (i64.ne (i64.and (local.get $left) (i64.const 1)) (i64.const 0))
            (then (local.set $power (i64.rem_u (i64.mul (local.get $power) (local.get $base)) (local.get $n)))))
          (local.set $base (i64.rem_u (i64.mul (local.get $base) (local.get $base)) (local.get $n)))
          (br_if $square (i64.ne (local.tee $left (i64.shr_u (local.get $left) (i64.const 1))) (i64.const 0))))
        (local.set $passed (i32.add (local.get $passed) (i64.eq (local.get $power) (i64.const 1))))
        (local.set $n (i64.add (local.get $n) (i64.const 2)))
        (br $next)))
    (local.get $passed)))
*/
const BYTES = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version
  0x01, 0x07, 0x01, 0x60, 0x02, 0x7e, 0x7e, 0x01, 0x7f, // the type of count
  0x03, 0x02, 0x01, 0x00, // one function
  0x07, 0x09, 0x01, 0x05, 0x63, 0x6f, 0x75, 0x6e, 0x74, 0x00, 0x00, // its export
  0x0a, 0x67, 0x01, 0x65, 0x02, 0x03, 0x7e, 0x01, 0x7f, 0x02, 0x40, 0x03, 0x40, 0x20, 0x00, 0x20, 0x01, 0x56, 0x0d, 0x01, // its code
  0x42, 0x01, 0x21, 0x02, 0x42, 0x02, 0x21, 0x03, 0x20, 0x00, 0x42, 0x01, 0x7d, 0x21, 0x04, 0x03, 0x40, 0x20, 0x04, 0x42,
  0x01, 0x83, 0x42, 0x00, 0x52, 0x04, 0x40, 0x20, 0x02, 0x20, 0x03, 0x7e, 0x20, 0x00, 0x82, 0x21, 0x02, 0x0b, 0x20, 0x03,
  0x20, 0x03, 0x7e, 0x20, 0x00, 0x82, 0x21, 0x03, 0x20, 0x04, 0x42, 0x01, 0x88, 0x22, 0x04, 0x42, 0x00, 0x52, 0x0d, 0x00,
  0x0b, 0x20, 0x05, 0x20, 0x02, 0x42, 0x01, 0x51, 0x6a, 0x21, 0x05, 0x20, 0x00, 0x42, 0x02, 0x7c, 0x21, 0x00, 0x0c, 0x00,
  0x0b, 0x0b, 0x20, 0x05, 0x0b
)

interface Exports { count (from: bigint, to: bigint): number }

/** The module, instantiated once per worker. */
export function setup (): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(BYTES)).exports as unknown as Exports
}

export function compute (partition: number, _input: unknown, ctx: Ctx<Params, Exports>): number {
  const first = Math.max(3, partition * SPAN + 1)
  return ctx.resources.count(BigInt(first), BigInt(Math.min((partition + 1) * SPAN, ctx.params.limit)))
}

export function collect (counts: number[]): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

/** π(limit) − 1 odd primes, and the impostors (OEIS A001567) that Pomerance, Selfridge and Wagstaff counted. */
const KNOWN = new Map([[1e4, 1_228 + 22], [1e5, 9_591 + 78], [1e6, 78_497 + 245], [1e7, 664_578 + 750], [1e8, 5_761_454 + 2_057]])

export function log (event: LogEvent, ctx: LogCtx<Params>): void {
  if (event.type !== 'done') return
  known(`odd numbers to ${number(ctx.params.limit)} that pass`, event.result, KNOWN.get(ctx.params.limit))
}
