/**
 * Plays a timeline: at any speed, forwards and backwards, or a line at a time. Pure but for the timeline that it turns;
 * whoever owns it says how much time has passed.
 */
import type { Timeline } from './timeline.ts'

export const SPEED_MIN = 0.1
export const SPEED_MAX = 1000
/** A log is played in about half a minute at first. */
const FIRST_MS = 30_000

export type Direction = 1 | -1

export class Player {
  readonly timeline: Timeline
  isPlaying = false
  direction: Direction = 1
  /** Milliseconds of the log in one of the page. */
  speed: number

  constructor (timeline: Timeline) {
    this.timeline = timeline
    this.speed = tidySpeed((timeline.end - timeline.start) / FIRST_MS)
  }

  /** The moment shown, in Unix ms. */
  get time (): number {
    return this.timeline.picture.now
  }

  /** Play on from here, or from the other end when there is nothing left this way. */
  play (direction: Direction): void {
    const { start, end } = this.timeline
    if (direction === 1 && this.time >= end) this.timeline.seekTime(start)
    if (direction === -1 && this.time <= start) this.timeline.seekTime(end)
    this.direction = direction
    this.isPlaying = true
  }

  pause (): void {
    this.isPlaying = false
  }

  /** So many ms of the page have passed. */
  advance (ms: number): void {
    if (!this.isPlaying) return
    const { start, end } = this.timeline
    this.timeline.seekTime(this.time + ms * this.speed * this.direction)
    if (this.direction === 1 ? this.time >= end : this.time <= start) this.isPlaying = false
  }

  seek (time: number): void {
    this.timeline.seekTime(time)
  }

  /** So many lines on, or back. */
  step (lines: number): void {
    this.isPlaying = false
    this.timeline.seekStep(this.timeline.step + lines)
  }
}

/** A speed within bounds, to one or two figures as people say it: 0.1, 1, 25, 500. */
export function tidySpeed (speed: number): number {
  const bound = Math.min(SPEED_MAX, Math.max(SPEED_MIN, speed))
  const unit = 10 ** Math.floor(Math.log10(bound))
  return Number((Math.round(bound / unit * 2) / 2 * unit).toPrecision(3))
}
