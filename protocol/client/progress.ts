/**
 * Progress arithmetic: from what a peer is told of a job (Notice `progress`) to what a person reads:
 * a smoothed rate, the time left, peers and levels. Pure: it never reads a clock and never prints.
 */
import type { JobId } from '../core/ids.ts'
import type { Load } from '../core/message.ts'

export interface Progress {
  job: JobId
  /** Partitions that are part of a value, as far as the asked peer knows. */
  done: number
  partitions: number
  /** Partitions a second, smoothed; 0 while unknown. */
  rate: number
  /** Peers at work. */
  peers: number
  /** Depth of the tree of peers: 1 when the root's coordinator has all of them as direct helpers. */
  levels: number
  /** Milliseconds since this process first followed the job. */
  elapsedMs: number
  /** Milliseconds left at this rate; null while unknown. */
  leftMs: number | null
}

/** The rate's memory: after this many milliseconds an old speed weighs a third. A guess that reads calmly. */
const SMOOTH_MS = 3_000

export class ProgressMeter {
  readonly #job: JobId
  readonly #partitions: number
  readonly #startMs: number
  #lastMs: number
  #done = 0
  #rate = 0

  /**
   * @param partitions all partitions of the job
   * @param nowMs the caller's clock, milliseconds; the same clock is given to `update`
   */
  constructor (job: JobId, partitions: number, nowMs: number) {
    this.#job = job
    this.#partitions = partitions
    this.#startMs = nowMs
    this.#lastMs = nowMs
  }

  /** Take in how far the job is. `done` that goes back (a failover saw less) does not make the rate negative. */
  update (done: number, load: Load, nowMs: number): Progress {
    const ms = nowMs - this.#lastMs
    const fresh = Math.max(0, done - this.#done)
    if (ms > 0) {
      const now = fresh * 1000 / ms
      const weight = this.#rate === 0 ? 1 : 1 - Math.exp(-ms / SMOOTH_MS)
      this.#rate += (now - this.#rate) * weight
      this.#lastMs = nowMs
      this.#done = Math.max(done, this.#done)
    }
    return this.#progress(load, nowMs)
  }

  #progress (load: Load, nowMs: number): Progress {
    const rate = this.#rate > 0 ? this.#rate : load.rate
    const remaining = this.#partitions - this.#done
    return {
      job: this.#job,
      done: this.#done,
      partitions: this.#partitions,
      rate,
      peers: load.helpers,
      levels: load.levels,
      elapsedMs: nowMs - this.#startMs,
      leftMs: remaining === 0 ? 0 : rate > 0 ? remaining * 1000 / rate : null
    }
  }
}

/** `1,234,567`; the platform's own way takes 20 ms the first time. */
export const counted = (value: number): string => String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',')

/** A rate a person can read: `950/s`, `12.3 k/s`, `4.56 M/s`. */
export function rateText (perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toPrecision(3)} M/s`
  if (perSecond >= 1e4) return `${(perSecond / 1e3).toPrecision(3)} k/s`
  return `${perSecond >= 10 || perSecond === 0 ? Math.round(perSecond) : perSecond.toPrecision(2)}/s`
}

/** A duration a person can read: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText (ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`
}

/** One line for logs and for terminals that cannot redraw. */
export function progressLine (progress: Progress): string {
  const share = progress.partitions === 0 ? 100 : Math.floor(100 * progress.done / progress.partitions)
  const parts = [
    `${counted(progress.done)} of ${counted(progress.partitions)} partitions (${share} %)`,
    rateText(progress.rate),
    `${progress.peers} ${progress.peers === 1 ? 'peer' : 'peers'}`,
    `${progress.levels} ${progress.levels === 1 ? 'level' : 'levels'}`
  ]
  if (progress.leftMs !== null) parts.push(`${durationText(progress.leftMs)} left`)
  return parts.join(', ')
}
