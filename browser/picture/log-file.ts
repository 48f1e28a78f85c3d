/**
 * Reads an event log of any size a slice at a time, so that the page stays awake: lines into events, events into jobs.
 * What is no line of a log is counted. The file is never sent anywhere and never kept as text.
 */
import { createIntern, readLine } from './log-line.ts'
import { inferShape } from './infer-shape.ts'
import { pauser } from './pause.ts'
import type { LogLine } from './log-line.ts'
import type { JobShape } from './picture.ts'

export interface LoggedJob {
  id: string
  /** What its author calls it, a stranger's text; empty if the log does not tell. */
  name: string
  /** Null when the log neither tells it nor lets it be worked out. */
  shape: JobShape | null
  /** Was the shape worked out from the values? Then it is a guess that fits. */
  isInferred: boolean
  /** Lines of this job. */
  lines: number
}

export interface LogFile {
  lines: LogLine[]
  /** Lines that could not be read. */
  garbage: number
  /** Did the log go on after the last line that is kept? */
  isCut: boolean
  /** Its jobs, the one with the most lines first. */
  jobs: LoggedJob[]
}

/** A line is a few hundred bytes; what has no end is no line. */
const LINE_LENGTH_MAX = 2 ** 16
/** About 600 MB of text, and as much memory as a tab can spare. A guess. */
const LINES_MAX = 3_000_000

/**
 * Read a log.
 *
 * @param onProgress - told the share that has been read, 0 to 1
 * @throws when the file cannot be read, or the signal says to stop
 */
export async function readLog (file: Blob, onProgress: (share: number) => void, signal?: AbortSignal): Promise<LogFile> {
  const log: LogFile = { lines: [], garbage: 0, isCut: false, jobs: [] }
  const intern = createIntern()
  const pause = pauser(signal)
  let bytes = 0
  let rest = ''
  const take = (text: string): void => {
    if (text.length === 0 || text === '\r') return
    const line = readLine(text, intern)
    if (line === null) log.garbage++
    else log.lines.push(line)
  }
  const decoder = new TextDecoder()
  // Not every browser iterates over streams.
  const reader = file.stream().getReader()
  while (!log.isCut) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.length
    let from = 0
    const text = rest + decoder.decode(value, { stream: true })
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(text.slice(from, end))
      from = end + 1
      if (pause.isDue()) {
        onProgress(bytes / file.size)
        await pause()
      }
    }
    rest = text.slice(from)
    if (rest.length > LINE_LENGTH_MAX) {
      log.garbage++
      rest = ''
    }
    log.isCut = log.lines.length >= LINES_MAX
  }
  if (log.isCut) await reader.cancel()
  else take(rest)
  sortByTime(log.lines)
  log.jobs = jobsOf(log.lines)
  return log
}

/** Processes write into one file, so lines are some ms out of order; equal times keep theirs. */
function sortByTime (lines: LogLine[]): void {
  const isSorted = lines.every((line, i) => i === 0 || (lines[i - 1] as LogLine).time <= line.time)
  if (!isSorted) lines.sort((a, b) => a.time - b.time)
}

function jobsOf (lines: LogLine[]): LoggedJob[] {
  const jobs = new Map<string, LoggedJob>()
  for (const line of lines) {
    if (line.job === '') continue
    let job = jobs.get(line.job)
    if (job === undefined) jobs.set(line.job, job = { id: line.job, name: '', shape: null, isInferred: false, lines: 0 })
    job.lines++
    if (line.type === 'submitted' && line.shape !== null && job.shape === null) {
      job.name = line.shape.name
      job.shape = { job: line.job, ...line.shape }
    }
  }
  for (const job of jobs.values()) {
    if (job.shape !== null) continue
    const inferred = inferShape(lines, job.id)
    job.shape = inferred === null ? null : { job: job.id, name: '', ...inferred }
    job.isInferred = inferred !== null
  }
  return [...jobs.values()].sort((a, b) => b.lines - a.lines)
}
