/**
 * A job's figures over time: partitions done, peers, takeovers, sampled at equal distances. A live one that grows too
 * long is thinned, so that it always spans the whole job. Pure: the caller says what time it is.
 */
import type { Picture } from './picture.ts'

/** A live series is thinned to half of this. */
const POINTS_MAX = 800

export class Series {
  /** Unix ms. */
  readonly times: number[] = []
  readonly done: number[] = []
  /** Peers that work. */
  readonly peers: number[] = []
  readonly failovers: number[] = []
  #everyMs: number
  #nextMs = -Infinity

  /** @param everyMs - distance of two points */
  constructor (everyMs: number) {
    this.#everyMs = Math.max(1, everyMs)
  }

  /** Take a sample if one is due at this time, in Unix ms; of what the picture shows until then. */
  tick (picture: Picture, time: number, isLast = false): void {
    if (time < this.#nextMs && !isLast) return
    // A line long after the one before: nothing happened between them.
    if (this.#nextMs > -Infinity && time - this.#nextMs > this.#everyMs) this.#push(picture, time - this.#everyMs)
    this.#push(picture, time)
    this.#nextMs = time + this.#everyMs
    if (this.times.length > POINTS_MAX) this.#thin()
  }

  #push (picture: Picture, time: number): void {
    this.times.push(time)
    this.done.push(picture.done)
    this.peers.push(picture.tallies.works)
    this.failovers.push(picture.failovers)
  }

  #thin (): void {
    for (const list of [this.times, this.done, this.peers, this.failovers]) {
      list.splice(0, list.length, ...list.filter((_, i) => i % 2 === 0))
    }
    this.#everyMs *= 2
  }

  /** Partitions done a second, over the last few points each so that it is calm. */
  rates (over = 4): number[] {
    return this.times.map((time, i) => {
      const before = Math.max(0, i - over)
      const seconds = (time - (this.times[before] as number)) / 1000
      return seconds > 0 ? Math.max(0, (this.done[i] as number) - (this.done[before] as number)) / seconds : 0
    })
  }
}
