/**
 * How often each word occurs in a text: `npx millionfold run examples/wordcount.ts --peers 4 --input book.txt`. A partition is
 * a line; `collect` adds up tables of counts, and an encoded table has its keys in one order only, so the bytes are
 * equal however the text was shared out. The whole table is one value: texts of some 50,000 different words fit.
 */
export const name = 'wordcount'

export type Counts = Record<string, number>

/** Letters, with apostrophes and hyphens inside: don't, well-kept. */
const WORD = /\p{L}+(?:['’-]\p{L}+)*/gu

/** The words of one line, in lower case. */
export function compute (_partition: number, line: string): Counts {
  // A Map, because a word may be "constructor" or whatever else an object has by itself.
  const counts = new Map<string, number>()
  for (const word of line.toLowerCase().match(WORD) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Object.fromEntries(counts)
}

export function collect (tables: Counts[]): Counts {
  const sum = new Map<string, number>()
  for (const table of tables) {
    for (const [word, count] of Object.entries(table)) sum.set(word, (sum.get(word) ?? 0) + count)
  }
  return Object.fromEntries(sum)
}
