/**
 * The last line of an example: its answer, held against the known one. Goes to stderr, since stdout is the
 * result's. Used by `log` only, so it never reaches a volunteer.
 */

/** A number the way people read it: 50,847,534. */
export const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 20 })

/** Keys in one order, since a value's may come back in another than they were written in. */
const inOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value

const shown = (value: unknown): string => typeof value === 'number' ? number(value) : JSON.stringify(value, inOrder)

/**
 * Prints `what = answer ✓ known answer`, or what the answer should have been.
 *
 * @param answer - the job's result
 * @param expected - what is known of it from elsewhere; undefined when nothing is
 */
export function known (what: string, answer: unknown, expected: unknown): void {
  console.error(`${what} = ${shown(answer)}${verdict(answer, expected)}`)
}

function verdict (answer: unknown, expected: unknown): string {
  if (expected === undefined) return ''
  if (shown(answer) === shown(expected)) return ' ✓ known answer'
  return ` ✗ the known answer is ${shown(expected)}`
}
