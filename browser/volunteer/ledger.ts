/**
 * What this visitor has given: since the page was opened, over all peers it started, and in this browser ever. What
 * is kept is a sum of figures that only this browser can see. Tabs add to it one after another.
 */
import type { Given } from '../peer/tab-peer.ts'

/** All that was ever given from this browser; `sinceMs` is Unix time. */
export interface Ever extends Given { sinceMs: number }

const KEY = 'millionfold:given'
const NOTHING: Given = { partitions: 0, certified: 0, creditedMs: 0, cpuMs: 0 }

const sum = (a: Given, b: Given, sign = 1): Given => ({
  partitions: a.partitions + sign * b.partitions, certified: a.certified + sign * b.certified, creditedMs: a.creditedMs + sign * b.creditedMs, cpuMs: a.cpuMs + sign * b.cpuMs
})

export class Ledger {
  readonly #store: Storage | undefined
  /** By peers of this visit that have stopped. */
  #before = NOTHING
  #now = NOTHING
  /** Of this visit, what is in the store. */
  #kept = NOTHING
  #stored: Given & { sinceMs?: number }

  constructor (store?: Storage) {
    this.#store = store
    this.#stored = this.#read()
  }

  /** Since this page was opened. */
  get visit (): Given {
    return sum(this.#before, this.#now)
  }

  /** The figures of the peer that runs; they only grow. */
  count (given: Given): void {
    const { partitions, certified, creditedMs, cpuMs } = given
    this.#now = { partitions, certified, creditedMs, cpuMs }
  }

  /** That peer has stopped; the next one counts from zero. */
  close (): void {
    this.#before = this.visit
    this.#now = NOTHING
  }

  /** In this browser ever, this visit included. */
  ever (nowMs: number): Ever {
    return { ...sum(sum(this.#stored, this.visit), this.#kept, -1), sinceMs: this.#stored.sinceMs ?? nowMs }
  }

  /** Store what came since the last time. */
  keep (nowMs: number): void {
    const visit = this.visit
    if (visit.cpuMs === this.#kept.cpuMs && visit.partitions === this.#kept.partitions) return
    this.#stored = this.#read()
    const ever = this.ever(nowMs)
    try {
      this.#store?.setItem(KEY, JSON.stringify(ever))
    } catch {
      // Nothing is kept: the figures stand until the page is closed.
    }
    this.#stored = ever
    this.#kept = visit
  }

  #read (): Given & { sinceMs?: number } {
    try {
      const kept = JSON.parse(this.#store?.getItem(KEY) ?? '{}') as Partial<Ever>
      const figure = (value: unknown): number => typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : 0
      return { partitions: figure(kept.partitions), certified: figure(kept.certified), creditedMs: figure(kept.creditedMs), cpuMs: figure(kept.cpuMs), sinceMs: typeof kept.sinceMs === 'number' ? kept.sinceMs : undefined }
    } catch {
      return NOTHING
    }
  }
}
