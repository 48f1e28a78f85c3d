/**
 * One output for each line of the input, in order: `npx millionfold run examples/lines.ts --peers 4 --input book.txt`.
 * A line of text comes back with the number of its words before it; a record of an NDJSON file comes back
 * with a field `fields` that counts its own.
 */
export const name = 'lines'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A run of anything but white space, as wc(1) has it. */
const WORD = /\S+/g

export function compute (_partition: number, line: Json): Json {
  if (typeof line === 'string') return `${line.match(WORD)?.length ?? 0}\t${line}`
  if (line === null || typeof line !== 'object' || Array.isArray(line)) return line
  return { ...line, fields: Object.keys(line).length }
}
