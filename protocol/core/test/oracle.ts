/**
 * What a job of the test world must come to: floats added in tree order, so that a fold in any other order,
 * or of any partition twice, shows in the last bits; computed without the protocol.
 */
import type { Cid, Path } from '../ids.ts'
import type { Computed, JobSpec, Value } from '../job.ts'
import { ROOT, childDigits, childOf, childRange, rangeOf, sizeOf } from '../geometry.ts'

export interface Fold { sum: number, count: number, first: number, last: number }

const ofPartition = (i: number): number => Math.sqrt(i + 0.1) * (i % 7 === 0 ? -1e3 : 1)

function add (a: Fold | null, b: Fold): Fold {
  if (a === null) return b
  if (b.first !== a.last + 1) throw new Error(`folded out of order: ${a.last} then ${b.first}`)
  return { sum: a.sum + b.sum, count: a.count + b.count, first: a.first, last: b.last }
}

function fold (spec: JobSpec, path: Path): Fold {
  const range = rangeOf(spec, path)
  if (range === null) throw new Error(`no such path: ${path}`)
  let sum: Fold | null = null
  const digits = childDigits(spec, range)
  for (const digit of digits) {
    const child = childRange(range, spec.fanout, digit)
    if (sizeOf(child) > 0) sum = add(sum, fold(spec, childOf(path, digit)))
  }
  if (digits.length === 0) {
    for (let i = range.from; i < range.to; i++) sum = add(sum, { sum: ofPartition(i), count: 1, first: i, last: i })
  }
  if (sum === null) throw new Error('nothing to fold')
  return sum
}

/** A fold as a value: the text is its own content id. */
export function encodeFold (path: Path, { sum, count, first, last }: Fold): Computed {
  const text = JSON.stringify([sum, count, first, last])
  return { path, count, cid: text as Cid, bytes: new Uint8Array(0), links: false, credit: null }
}

export const foldOracle = (spec: JobSpec, path: Path): Computed => encodeFold(path, fold(spec, path))

export const rootOracle = (spec: JobSpec): Cid => foldOracle(spec, ROOT).cid

/** What `collect` does in the test world. */
export function foldOf (values: Value[]): Fold {
  let sum: Fold | null = null
  for (const value of values) {
    const [total, count, first, last] = JSON.parse(value.cid) as [number, number, number, number]
    sum = add(sum, { sum: total, count, first, last })
  }
  if (sum === null) throw new Error('nothing to collect')
  return sum
}

/** What all liars say instead. */
export function lieOf (value: Computed): Computed {
  const [sum, ...rest] = JSON.parse(value.cid) as number[]
  return { ...value, cid: JSON.stringify([(sum as number) + 1, ...rest]) as Cid }
}
