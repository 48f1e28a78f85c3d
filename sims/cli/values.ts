/** Reads option values: what cannot be what it should be is refused with one sentence that names the option. Has no defaults. */
import { BadInput } from '../bad-input.ts'

/** Seeds are 32 bits. */
export const SEED_MAX = 2 ** 32 - 1
/** Each report is kept for the summary. */
const SEEDS_MOST = 10_000
/** A mesh is two at least; no machine of today holds many more than the upper bound. */
export const PEERS_MIN = 2
export const PEERS_MAX = 2_000_000
/** The oracle keeps some ten bytes of each. */
export const PARTITIONS_MAX = 1_000_000_000

/** A whole number, both ends included. */
export function wholeOf (option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new BadInput(`${option} takes a whole number from ${min} to ${max}, not \`${text}\`.`)
  }
  return value
}

export const seedOf = (text: string): number => wholeOf('--seed', text, 0, SEED_MAX)
export const peersOf = (text: string): number => wholeOf('--peers', text, PEERS_MIN, PEERS_MAX)
export const partitionsOf = (text: string): number => wholeOf('--partitions', text, 1, PARTITIONS_MAX)

/** `1..200`, both ends included. */
export function seedsOf (text: string): number[] {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? []
  if (from === undefined || to === undefined) throw new BadInput(`--seeds takes a range such as 1..200, not \`${text}\`.`)
  const [first, last] = [wholeOf('--seeds', from, 0, SEED_MAX), wholeOf('--seeds', to, 0, SEED_MAX)]
  if (last < first) throw new BadInput(`--seeds takes the smaller seed first, not \`${text}\`.`)
  if (last - first >= SEEDS_MOST) throw new BadInput(`--seeds takes at most ${SEEDS_MOST} seeds at once, ${text} are ${last - first + 1}.`)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** The name that a misspelt one was most likely meant to be; null when none is near. */
export function nearest (name: string, names: string[]): string | null {
  const near = names.map(other => ({ other, edits: editsBetween(name.toLowerCase(), other) })).sort((a, b) => a.edits - b.edits)[0]
  return near !== undefined && near.edits <= Math.max(2, near.other.length / 3) ? near.other : null
}

/** Letters to insert, delete or change (Levenshtein 1966), row by row. */
function editsBetween (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min((row[j] as number) + (a[i] === b[j] ? 0 : 1), (row[j + 1] as number) + 1, (next[j] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
