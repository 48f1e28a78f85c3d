/**
 * Who was there when, from a measured file: `peer,on_s,off_s` a line (SCENARIOS, "Session lengths"). The job is submitted
 * at the trace's second 0.
 */
import { BadInput } from '../bad-input.ts'
import { PRESENT_MS } from './churn.ts'
import type { Session } from './session.ts'

/** A row without length says "seen once": it was there this long before and after (SCENARIOS: half of the crawls' 80 minutes). */
export const SEEN_ONCE_MS = 40 * 60_000

const HEADER = /^peer\s*,\s*on_s\s*,\s*off_s$/i
/** What a second may look like; Number alone would take an empty cell for 0. */
const SECONDS = /^\d+(\.\d*)?(e[+-]?\d+)?$/i

/**
 * The sessions of a trace. Peers are numbered in order of appearance, whatever they are called; those there at second
 * 0 come before the submission; sessions of one peer that touch or overlap are one.
 *
 * @param text - lines of `peer,on_s,off_s`, seconds from 0; a header, empty lines and blanks around cells are fine
 * @param file - its name, for what is said of it
 * @returns sorted by onMs, then by peer
 * @throws BadInput that names file and line
 */
export function parseTrace (text: string, file: string): Session[] {
  const numbers = new Map<string, number>()
  const rows: Session[] = []
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  lines.forEach((raw, i) => {
    const line = raw.trim()
    if (line === '' || (rows.length === 0 && HEADER.test(line))) return
    const { name, onMs, offMs } = parseRow(line, `${file}, line ${i + 1}`)
    const peer = numbers.get(name) ?? numbers.size
    numbers.set(name, peer)
    rows.push({ peer, onMs, offMs })
  })
  if (rows.length === 0) throw new BadInput(`${file}, line ${lines.length}: the trace ends without a session, it needs lines of peer,on_s,off_s.`)
  return merged(rows).sort((a, b) => a.onMs - b.onMs || a.peer - b.peer)
}

/** One line's peer and its time in milliseconds, widened if it was seen once. */
function parseRow (line: string, where: string): { name: string, onMs: number, offMs: number } {
  const cells = line.split(',').map(cell => cell.trim())
  const [name = '', on = '', off = ''] = cells
  if (cells.length !== 3) throw new BadInput(`${where}: expected peer,on_s,off_s, got ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}.`)
  if (name === '') throw new BadInput(`${where}: the peer has no name.`)
  const [onMs, offMs] = [millisecondsOf(on, 'on_s', where), millisecondsOf(off, 'off_s', where)]
  if (offMs < onMs) throw new BadInput(`${where}: the session ends (${off} s) before it starts (${on} s).`)
  const [fromMs, toMs] = onMs === offMs ? [onMs - SEEN_ONCE_MS, offMs + SEEN_ONCE_MS] : [onMs, offMs]
  return { name, onMs: fromMs <= 0 ? PRESENT_MS : fromMs, offMs: toMs }
}

function millisecondsOf (cell: string, column: string, where: string): number {
  const ms = 1_000 * Number(cell)
  if (!SECONDS.test(cell) || !Number.isFinite(ms)) throw new BadInput(`${where}: ${column} is ${cell === '' ? 'empty' : JSON.stringify(cell.slice(0, 20))}, it must be a number of seconds from 0.`)
  return ms
}

/** The same time with one session where several of a peer touch or overlap. */
function merged (rows: Session[]): Session[] {
  rows.sort((a, b) => a.peer - b.peer || a.onMs - b.onMs)
  const sessions: Session[] = []
  for (const row of rows) {
    const before = sessions.at(-1)
    if (before?.peer === row.peer && row.onMs <= before.offMs) before.offMs = Math.max(before.offMs, row.offMs)
    else sessions.push(row)
  }
  return sessions
}
