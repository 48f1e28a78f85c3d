/**
 * The wrong values that liars tell: all of them the same of a path, so that two confirm each other, and so that wrong bites fold to wrong
 * bites. Each wrong partition adds one to the sum (world/fold.ts), so a result shows how many are wrong.
 */
import type { Cid } from '../../protocol/core/ids.ts'
import type { Computed } from '../../protocol/core/job.ts'

/** What a liar says of a bite of which it computed nothing. */
export const lieOfBite = (value: Computed): Computed => add(value, value.count)

/** What a lying coordinator says of values it folded. */
export const lieOfFold = (value: Computed): Computed => add(value, 1)

function add (value: Computed, wrong: number): Computed {
  const [from, to, sum] = value.cid.split(' ').map(Number) as [number, number, number]
  return { ...value, cid: `${from} ${to} ${sum + wrong}` as Cid }
}
