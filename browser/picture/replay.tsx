/**
 * A log of `run --events` or `sim --record`, dropped on the page or chosen, played forwards and backwards at any speed.
 * The file is read here and goes nowhere.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { DropZone } from './drop-zone.tsx'
import { Player } from './player.ts'
import { ReplayView } from './replay-view.tsx'
import { buildTimeline } from './timeline.ts'
import { formatCount, formatShare } from '../ui/format.ts'
import { plainName } from '../ui/names.ts'
import { readLog } from './log-file.ts'
import type { LogFile, LoggedJob } from './log-file.ts'

export interface ReplayInit {
  /** A log to open at once; without it a visitor drops or chooses one. */
  file?: Blob
}

type State =
  | { type: 'empty' }
  | { type: 'reading', share: number }
  | { type: 'refused', why: string }
  | { type: 'ready', log: LogFile, job: LoggedJob, player: Player }

/** Reading is three quarters of the wait, painting once the rest. */
const READING = 0.75

/** Why there is nothing to play, in one sentence that says what to do. */
function refusalOf (log: LogFile): string {
  if (log.lines.length === 0) return 'This file holds no line of an event log; choose one that `run --events` or `sim --record` wrote.'
  if (log.jobs.length === 0) return 'This log tells of peers but of no job; choose one that was written while a job ran.'
  return 'This log does not tell the shape of its job, as logs of older versions do not; write it again with this version.'
}

/** What was left out, in a sentence; empty when nothing was. */
function omissionOf (log: LogFile, job: LoggedJob, misfits: number): string {
  const parts: string[] = []
  if (log.garbage > 0) parts.push(`${formatCount(log.garbage)} of its lines could not be read`)
  if (misfits > 0) parts.push(`${formatCount(misfits)} do not fit the job's tree`)
  if (job.isInferred) parts.push('it does not tell the job\'s shape, which was worked out from its values')
  if (log.isCut) parts.push(`only its first ${formatCount(log.lines.length)} lines are shown`)
  return parts.length === 0 ? '' : `About this log: ${parts.join('; ')}.`
}

export function Replay ({ file }: ReplayInit): JSX.Element {
  const [state, setState] = useState<State>({ type: 'empty' })
  const running = useRef<AbortController | null>(null)

  const prepare = async (load: (progress: (share: number) => void, signal: AbortSignal) => Promise<LogFile>, jobId?: string): Promise<void> => {
    running.current?.abort()
    const { signal } = running.current = new AbortController()
    const progress = (share: number): void => { if (!signal.aborted) setState({ type: 'reading', share }) }
    progress(0)
    try {
      const log = await load(share => progress(share * READING), signal)
      const job = log.jobs.find(each => each.id === jobId) ?? log.jobs.find(each => each.shape !== null)
      if (job?.shape == null) return setState({ type: 'refused', why: refusalOf(log) })
      const timeline = await buildTimeline(job.shape, log.lines, share => progress(READING + share * (1 - READING)), signal)
      setState({ type: 'ready', log, job, player: new Player(timeline) })
    } catch (error) {
      if (!signal.aborted) setState({ type: 'refused', why: `This file cannot be read (${plainName(String(error), 120)}); try to choose it again.` })
    }
  }
  const open = (blob: Blob): void => void prepare((progress, signal) => readLog(blob, progress, signal))
  useEffect(() => {
    if (file !== undefined) open(file)
    return () => running.current?.abort()
  }, [file])

  return (
    <DropZone onFile={open} isEmpty={state.type === 'empty' || state.type === 'refused'}>
      {state.type === 'reading' && (
        <div class="picture-reading" role="status"><p>Reading the log, {formatShare(state.share)}</p><progress class="progress" aria-label="Reading the log" max={1} value={state.share} /></div>
      )}
      {state.type === 'refused' && <p class="picture-refused" role="alert">{state.why}</p>}
      {state.type === 'ready' && (
        <>
          <JobChoice {...state} onChoose={id => void prepare(async () => state.log, id)} />
          <Omission text={omissionOf(state.log, state.job, state.player.timeline.misfits)} />
          <ReplayView key={state.job.id} player={state.player} />
        </>
      )}
    </DropZone>
  )
}

const Omission = ({ text }: { text: string }): JSX.Element | null => text === '' ? null : <p class="picture-omission" role="status">{text}</p>

/** A log may hold several jobs. */
function JobChoice ({ log, job, onChoose }: { log: LogFile, job: LoggedJob, onChoose: (id: string) => void }): JSX.Element | null {
  const jobs = log.jobs.filter(({ shape }) => shape !== null)
  if (jobs.length < 2) return null
  return (
    <label class="picture-jobs">Job <select value={job.id} onChange={event => onChoose(event.currentTarget.value)}>
      {jobs.map(each => <option key={each.id} value={each.id}>{`${plainName(each.name)} (${formatCount(each.lines)} lines)`}</option>)}
    </select></label>
  )
}
