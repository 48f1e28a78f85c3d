/**
 * Squares the numbers of its input, one a line: `seq 1 100000 | npx millionfold run examples/square.ts --input -`.
 * Outputs come back in the order of the inputs. A line that is no number fails the job and is named.
 */
export const name = 'square'

export function compute (_partition: number, line: string): number {
  const number = Number(line)
  if (line.trim() === '' || !Number.isFinite(number)) throw new TypeError(`not a number: ${JSON.stringify(line.slice(0, 80))}`)
  return number * number
}
