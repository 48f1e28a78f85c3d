/** Reads option values: what cannot be what it should be is refused with one sentence that names the option. Has no defaults. */
import type { Trust } from '../../protocol/core/job.ts'
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

/** As many voters as a job may ask for, and values after which a peer is trusted; by default as many as BOINC's. */
export const VOTERS_MAX = 64
export const AFTER_MAX = 1_000_000
const AFTER = 10

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

/** `none`, `votes:2/4`, `adaptive`, `adaptive:20`, `audit:0.01` (V1). */
export function trustOf (text: string): Trust {
  const [, type, rest = ''] = /^(none|votes|adaptive|audit)(?::(.+))?$/.exec(text) ?? []
  if (type === 'none' && rest === '') return { type }
  if (type === 'adaptive') return { type, after: rest === '' ? AFTER : wholeOf('--trust adaptive', rest, 1, AFTER_MAX), deadlineMs: 0 }
  if (type === 'audit' && Number(rest) > 0 && Number(rest) <= 1) return { type, rate: Number(rest) }
  const [, quorum = '', voters = ''] = type === 'votes' ? /^(\d+)\/(\d+)$/.exec(rest) ?? [] : []
  if (quorum === '') throw new BadInput(`--trust takes none, votes:2/4, adaptive or audit:0.01, not \`${text}\`.`)
  const least = wholeOf('--trust votes', quorum, 2, VOTERS_MAX)
  return { type: 'votes', quorum: least, voters: wholeOf('--trust votes', voters, least, VOTERS_MAX), deadlineMs: 0 }
}

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
