/**
 * How fast work goes: how long a piece of a job will take, by those before it, and CPU time over the last minutes.
 * Both are for the eye alone; the peer has its own estimates and knows nothing of these. Pure.
 */
import type { JobId } from '../../protocol/core/ids.ts'
import type { Work } from '../peer/work.ts'

/** What is shown of a piece that takes longer than was thought: never all of it. */
const SHARE_MAX = 0.96
/** The newest piece counts this much. */
const WEIGHT = 0.4
const JOBS_MAX = 32
/** A piece that is over is seen so long, if its place stays empty. */
const SEEN_MS = 1500

/** One place at work, such as a core: what is there, and when it was over. */
export interface Slot { work: Work, endedMs?: number }

const keyOf = ({ job, path, startedMs }: Work): string => `${job} ${path} ${startedMs}`

export class Pace {
  #slots: Array<Slot | undefined> = []
  readonly #msPerPartition = new Map<JobId, number>()

  /** Look at what is worked on now; what is gone since the last look took until now. Call it at every change. */
  look (work: Work[], nowMs: number): void {
    const news = new Map(work.map((piece) => [keyOf(piece), piece]))
    for (const slot of this.#slots) {
      if (slot === undefined || slot.endedMs !== undefined || news.delete(keyOf(slot.work))) continue
      slot.endedMs = nowMs
      this.#learn(slot.work, nowMs)
    }
    for (const piece of news.values()) {
      const free = this.#slots.findIndex((slot) => slot === undefined || slot.endedMs !== undefined)
      this.#slots[free < 0 ? this.#slots.length : free] = { work: piece }
    }
  }

  /**
   * Where each piece is worked on. A piece keeps its place while it lasts, and is seen there a moment longer, so that
   * quick work does not flicker; an empty place is undefined.
   */
  slots (nowMs: number): Array<Slot | undefined> {
    this.#slots = this.#slots.map((slot) => slot?.endedMs !== undefined && nowMs - slot.endedMs > SEEN_MS ? undefined : slot)
    this.#slots.length = this.#slots.findLastIndex((slot) => slot !== undefined) + 1
    return [...this.#slots]
  }

  /** Nothing is worked on, and nothing was learnt from its end. */
  clear (): void {
    this.#slots = []
  }

  /** How far a piece is, from 0 to 1; undefined before the first of its job is over. */
  share ({ work, endedMs }: Slot, nowMs: number): number | undefined {
    if (endedMs !== undefined) return 1
    const each = this.#msPerPartition.get(work.job)
    if (each === undefined) return undefined
    return Math.min(SHARE_MAX, Math.max(0, nowMs - work.startedMs) / Math.max(1, each * (work.to - work.from)))
  }

  #learn ({ job, from, to, startedMs }: Work, nowMs: number): void {
    const each = (nowMs - startedMs) / Math.max(1, to - from)
    const before = this.#msPerPartition.get(job) ?? each
    this.#msPerPartition.delete(job)
    this.#msPerPartition.set(job, before + (each - before) * WEIGHT)
    const oldest = this.#msPerPartition.keys().next()
    if (this.#msPerPartition.size > JOBS_MAX && !oldest.done) this.#msPerPartition.delete(oldest.value)
  }
}

/** How much a figure grew, in equal steps of time. */
export class History {
  readonly #stepMs: number
  readonly #steps: number[]
  #total: number | undefined
  #step = 0

  /**
   * @param steps - how many are kept, beside the one that still grows
   * @param stepMs - length of each
   */
  constructor (steps = 40, stepMs = 15_000) {
    this.#stepMs = stepMs
    this.#steps = new Array<number>(steps + 1).fill(0)
  }

  get stepMs (): number {
    return this.#stepMs
  }

  /** The oldest first, without the one that still grows. */
  get values (): number[] {
    return this.#steps.slice(0, -1)
  }

  /** @param total - of a figure that only grows, at `nowMs` */
  add (total: number, nowMs: number): void {
    const step = Math.floor(nowMs / this.#stepMs)
    const passed = this.#step === 0 ? 0 : Math.min(this.#steps.length, step - this.#step)
    for (let count = 0; count < passed; count++) {
      this.#steps.shift()
      this.#steps.push(0)
    }
    this.#step = step
    const last = this.#steps.length - 1
    this.#steps[last] = (this.#steps[last] ?? 0) + Math.max(0, total - (this.#total ?? total))
    this.#total = total
  }
}
