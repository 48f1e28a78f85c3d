/**
 * Sets of partitions as runs (core/credit.ts): how many, whether they meet, what is left. Everything that must not be counted twice
 * goes through here (K3). It knows nothing of jobs.
 */
import type { Range } from '../../core/geometry.ts'
import type { Runs } from '../../core/credit.ts'

/** How many partitions. */
export function sizeOfRuns (runs: Runs): number {
  let size = 0
  for (let i = 0; i < runs.length; i += 2) size += runs[i + 1]! - runs[i]!
  return size
}

/** Is this what Runs promise: whole numbers in order, in pairs, never touching? */
export const isRuns = (runs: Runs): boolean =>
  runs.length % 2 === 0 && runs.every((number, i) => Number.isSafeInteger(number) && number >= 0 && (i === 0 || number > runs[i - 1]!))

export const isInRange = (runs: Runs, { from, to }: Range): boolean =>
  runs.length === 0 || (runs[0]! >= from && runs.at(-1)! <= to)

/** As people read them: `0–15, 32–47`, first and last partition of each; the rest of many as a number. */
export function describeRuns (runs: Runs, most = 4): string {
  const shown: string[] = []
  for (let i = 0; i < Math.min(runs.length, 2 * most); i += 2) {
    const last = runs[i + 1]! - 1
    shown.push(runs[i] === last ? `${last}` : `${runs[i]}–${last}`)
  }
  const more = runs.length / 2 - most
  return shown.join(', ') + (more > 0 ? ` and ${more} more runs` : '')
}

/** A growing set of partitions. */
export class Cover {
  #runs: number[] = []

  constructor (runs: Runs = []) {
    this.add(runs)
  }

  get runs (): Runs {
    return this.#runs
  }

  get size (): number {
    return sizeOfRuns(this.#runs)
  }

  /** Put in partitions; those that are in already stay. */
  add (runs: Runs): void {
    for (let i = 0; i < runs.length; i += 2) this.#addRun(runs[i]!, runs[i + 1]!)
  }

  /** Those of some runs that are in. */
  common (runs: Runs): Runs {
    const found: number[] = []
    for (let i = 0; i < runs.length; i += 2) {
      const from = runs[i]!
      const to = runs[i + 1]!
      for (let at = this.#firstAfter(from); at < this.#runs.length && this.#runs[at]! < to; at += 2) {
        found.push(Math.max(from, this.#runs[at]!), Math.min(to, this.#runs[at + 1]!))
      }
    }
    return found
  }

  /** Those of some runs that are not in. */
  missing (runs: Runs): Runs {
    const found: number[] = []
    for (let i = 0; i < runs.length; i += 2) {
      let from = runs[i]!
      const to = runs[i + 1]!
      for (let at = this.#firstAfter(from); at < this.#runs.length && this.#runs[at]! < to; at += 2) {
        if (this.#runs[at]! > from) found.push(from, this.#runs[at]!)
        from = this.#runs[at + 1]!
      }
      if (from < to) found.push(from, to)
    }
    return found
  }

  #addRun (from: number, to: number): void {
    if (from >= to) return
    // Runs that touch become one.
    const first = this.#firstAfter(from - 1)
    let end = first
    let low = from
    let high = to
    while (end < this.#runs.length && this.#runs[end]! <= to) {
      low = Math.min(low, this.#runs[end]!)
      high = Math.max(high, this.#runs[end + 1]!)
      end += 2
    }
    this.#runs.splice(first, end - first, low, high)
  }

  /** Where the first run stands that ends after a partition. */
  #firstAfter (partition: number): number {
    let low = 0
    let high = this.#runs.length / 2
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#runs[2 * middle + 1]! > partition) high = middle
      else low = middle + 1
    }
    return 2 * low
  }
}

/** The union of several sets. */
export function unite (lists: Runs[]): Runs {
  const cover = new Cover()
  for (const runs of lists) cover.add(runs)
  return cover.runs
}
