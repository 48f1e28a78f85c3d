/**
 * Round trips between cities, as a matrix: coordinates in a plane cannot show the triangle violations of the real
 * network (SCENARIOS, "Default world"). Read from a measured file; made up in its likeness by
 * synthetic-latency.ts. Never adds jitter: the network does.
 */
import { BadInput } from '../bad-input.ts'

export { syntheticLatency } from './synthetic-latency.ts'

export interface Latency {
  cities: number
  /** Round trips, milliseconds: from row i to column j at i * cities + j. Need not be symmetric. */
  rttMs: Float32Array
}

/** The round trip between two peers of one city where a file has none (or 0): a guess, not yet measured. */
export const SAME_CITY_MS = 2

/** One place, as between processes of one machine: 0.1 ms is a guess, to be calibrated. */
export const loopbackLatency = (): Latency => ({ cities: 1, rttMs: Float32Array.of(0.1) })

/** The smallest one-way delay between any two peers, milliseconds. */
export const delayMsMin = ({ rttMs }: Latency): number => rttMs.reduce((least, ms) => Math.min(least, ms), Infinity) / 2

/**
 * A measured matrix.
 *
 * A round trip that is missing (null) is taken from the way back; if that is missing too, from the best route over
 * one other city; if there is none, it is the median of what was measured. From a city to itself, missing or 0 is SAME_CITY_MS.
 *
 * @param text - JSON: an array of rows of milliseconds, or an object that has such an array as `avg` or `rttMs`;
 *   or plain text: a row a line, split by blanks
 * @param file - its name, for what is said of it
 * @throws BadInput when it is not a square matrix of numbers from 0
 */
export function parseLatency (text: string, file: string): Latency {
  const trimmed = text.replace(/^\uFEFF/, '').trim()
  if (trimmed === '') throw new BadInput(`${file} is empty: give a square matrix of round trips in ms.`)
  const rows = /^[[{]/.test(trimmed) ? rowsOfJson(trimmed, file) : rowsOfText(trimmed)
  const cities = rows.length
  const rttMs = new Float32Array(cities * cities)
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== cities) {
      throw new BadInput(`${file}, row ${i + 1}: a matrix of ${cities} rows needs ${cities} columns in each, this row has ${Array.isArray(row) ? row.length : 'none'}.`)
    }
    row.forEach((cell: unknown, j) => { rttMs[i * cities + j] = cellMs(cell, `${file}, row ${i + 1}, column ${j + 1}`) })
  })
  return filled({ cities, rttMs }, file)
}

/** What a plain file holds as its rows; empty lines are none. */
const rowsOfText = (text: string): number[][] =>
  text.split('\n').map(line => line.trim()).filter(line => line !== '').map(line => line.split(/\s+/).map(Number))

/** What a JSON file holds as its rows. */
function rowsOfJson (text: string, file: string): unknown[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new BadInput(`${file} is not JSON that can be read: ${(error as Error).message.replaceAll(/\s+/g, ' ')}.`)
  }
  const { avg, rttMs } = value as { avg?: unknown, rttMs?: unknown }
  const rows = Array.isArray(value) ? value : avg ?? rttMs
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new BadInput(`${file} holds no matrix: give an array of rows of round trips in ms, alone or as "avg" or "rttMs" of an object.`)
  }
  return rows
}

/** One cell's milliseconds; NaN when it is missing. */
function cellMs (cell: unknown, where: string): number {
  if (cell === null) return NaN
  if (typeof cell !== 'number' || !Number.isFinite(Math.fround(cell))) throw new BadInput(`${where}: a round trip is a number of ms, or null where it is missing.`)
  if (cell < 0) throw new BadInput(`${where}: a round trip cannot be negative (${cell} ms).`)
  return cell
}

/** The matrix without gaps; they are filled from what was measured alone. */
function filled ({ cities, rttMs }: Latency, file: string): Latency {
  const measured = rttMs.slice()
  const sorted = measured.filter((ms, i) => !Number.isNaN(ms) && i % (cities + 1) !== 0).sort()
  if (sorted.length === 0 && cities > 1) throw new BadInput(`${file} has no round trip between two cities.`)
  const median = sorted[Math.floor(sorted.length / 2)] ?? SAME_CITY_MS
  const at = (i: number, j: number): number => {
    const there = measured[i * cities + j] as number
    return Number.isNaN(there) ? measured[j * cities + i] as number : there
  }
  for (let i = 0; i < cities; i++) {
    for (let j = 0; j < cities; j++) {
      const here = i * cities + j
      if (i === j) rttMs[here] = measured[here] || SAME_CITY_MS
      else if (Number.isNaN(rttMs[here])) rttMs[here] = Number.isNaN(at(i, j)) ? routed(i, j, cities, at) ?? median : at(i, j)
    }
  }
  return { cities, rttMs }
}

/** The best route from i to j over one other city; undefined when there is none. */
function routed (i: number, j: number, cities: number, at: (i: number, j: number) => number): number | undefined {
  let best = Infinity
  for (let over = 0; over < cities; over++) {
    const ms = over === i || over === j ? NaN : at(i, over) + at(over, j)
    if (ms < best) best = ms
  }
  return best === Infinity ? undefined : best
}
