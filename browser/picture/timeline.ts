/**
 * A job's log made ready to be played: its picture, the journal that turns it to any moment, what to mark on the
 * slider, and the figures over time. It is made once, in slices; after that a moment is a few writes away.
 */
import { Journal } from './journal.ts'
import { LogPainter } from './log-painter.ts'
import { Picture } from './picture.ts'
import { Series } from './series.ts'
import { pauser } from './pause.ts'
import type { Failover } from './tree.ts'
import type { JobShape } from './picture.ts'
import type { LogLine } from './log-line.ts'

/** Points of the figures over time; a chart is no wider. */
const POINTS = 400

export class Timeline {
  readonly picture: Picture
  /** The job's lines and those of its peers, in order. */
  readonly lines: readonly LogLine[]
  /** Unix ms of the submission, or of the first line. */
  readonly start: number
  /** Unix ms of the last line. */
  readonly end: number
  readonly failovers: readonly Failover[]
  readonly series: Series
  /** Lines that did not fit the job's tree. */
  readonly misfits: number
  readonly #journal: Journal

  constructor (picture: Picture, journal: Journal, lines: readonly LogLine[], told: { series: Series, misfits: number, start: number }) {
    this.picture = picture
    this.#journal = journal
    this.lines = lines
    this.series = told.series
    this.misfits = told.misfits
    this.start = told.start
    this.end = Math.max(told.start, lines.at(-1)?.time ?? 0)
    this.failovers = picture.nodes.flatMap(node => node?.failovers ?? []).sort((a, b) => a.time - b.time)
  }

  /** Lines that the picture shows. */
  get step (): number {
    return this.#journal.at
  }

  /** The line that was painted last. */
  get line (): LogLine | null {
    return this.lines[this.step - 1] ?? null
  }

  /** Show the moment, in Unix ms, with all that happened up to it. */
  seekTime (time: number): void {
    const moment = Math.min(this.end, Math.max(this.start, time))
    this.#journal.seek(this.#stepsUntil(moment))
    this.picture.now = moment
  }

  /** Show the moment after so many lines; those before the submission are passed over at once. */
  seekStep (step: number): void {
    this.#journal.seek(Math.max(this.#stepsUntil(this.start), step))
    this.picture.now = Math.max(this.start, this.line?.time ?? this.start)
  }

  /** Lines with a time of at most this: by bisection. */
  #stepsUntil (time: number): number {
    let low = 0
    let high = this.lines.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.lines[middle] as LogLine).time <= time) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * Make a job's log ready. The picture stands at the job's beginning afterwards.
 *
 * @param onProgress - told the share that is ready, 0 to 1
 */
export async function buildTimeline (shape: JobShape, all: readonly LogLine[], onProgress: (share: number) => void, signal?: AbortSignal): Promise<Timeline> {
  const lines = all.filter(line => line.job === '' || line.job === shape.job)
  const start = (lines.find(line => line.type === 'submitted') ?? lines.find(line => line.job !== '') ?? lines[0])?.time ?? 0
  const end = lines.at(-1)?.time ?? start
  const picture = new Picture(shape)
  const journal = new Journal(picture)
  const painter = new LogPainter(picture)
  const series = new Series((end - start) / POINTS)
  const pause = pauser(signal)
  for (const [i, line] of lines.entries()) {
    if (line.time > start) series.tick(picture, line.time)
    painter.apply(line)
    journal.next()
    if (!pause.isDue()) continue
    onProgress(i / lines.length)
    await pause()
  }
  series.tick(picture, end, true)
  journal.finish()
  const timeline = new Timeline(picture, journal, lines, { series, misfits: painter.misfits, start })
  timeline.seekTime(start)
  return timeline
}
