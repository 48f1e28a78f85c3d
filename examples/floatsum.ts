/**
 * π by Leibniz' series, 4 − 4/3 + 4/5 − …: a sum of floating-point numbers, whose last bits depend on the order of
 * the additions. They are equal at any number of peers all the same, since a value is folded along the job's tree
 * and never along who computed what (G3).
 */
import type { LogEvent } from 'millionfold'
import { known } from './report.ts'

export const name = 'floatsum'
export const partitions = 1_000_000

/** The series' term of one partition. */
export const compute = (partition: number): number => (partition % 2 === 0 ? 4 : -4) / (2 * partition + 1)

export function collect (terms: number[]): number {
  let sum = 0
  for (const term of terms) sum += term
  return sum
}

/** The sums along the default trees, from a loop that knows nothing of meshes (test/oracles.ts). */
const KNOWN = new Map([[1e4, 3.141492653590043], [1e5, 3.1415826535897957], [1e6, 3.1415916535897956]])

let submitted = 0

export function log (event: LogEvent): void {
  if (event.type === 'submitted') submitted = event.partitions
  if (event.type === 'done') known(`π after ${submitted} terms`, event.result, KNOWN.get(submitted))
}
