/** One job that is followed: how far it is, what can be done about it, what came of it, and its picture. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Banner, Figures, Progress } from '../ui/parts.tsx'
import { LivePicture } from '../picture/index.ts'
import { PHASES, announcement, jobName, runningFigures, shortText, tookFigures } from './words.ts'
import { CreditView } from './credit-view.tsx'
import { ResultView } from './result-view.tsx'
import { formatThings } from '../ui/format.ts'
import type { JSX } from 'preact'
import type { Control } from './control.ts'
import type { FollowedJob, Trouble } from './followed-job.ts'

export function JobView ({ control, job }: { control: Control, job: FollowedJob }): JSX.Element {
  const { value: phase } = job.phase
  const { value: spec } = job.spec
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    const top = heading.current?.getBoundingClientRect().top ?? 0
    // Below on a phone: bring it up; beside the form it is in sight already.
    if (top < 0 || top > innerHeight / 2) heading.current?.closest('section')?.scrollIntoView({ block: 'start' })
  }, [job])
  useEffect(() => {
    if (spec !== null) void control.watch(job)
  }, [job, spec])
  return (
    <section class="card job" aria-labelledby={`job-${job.key}`}>
      <header class="top">
        <h2 id={`job-${job.key}`} ref={heading} tabIndex={-1}>{jobName(job.name.value)}</h2>
        <span class={`chip ${PHASES[phase].tone}`}>{PHASES[phase].text}</span>
        <Actions control={control} job={job} />
      </header>
      <p class="unseen" role="status">{announcement(job.name.value, phase, job.progress.value)}</p>
      <Going job={job} />
      <Ended job={job} />
      <Printed job={job} />
      {job.picture.value !== null && <LivePicture picture={job.picture.value} />}
      <Took job={job} />
      <CreditView job={job} />
      <Identity job={job} />
    </section>
  )
}

/** Until it ends. */
function Going ({ job }: { job: FollowedJob }): JSX.Element | null {
  const { value: progress } = job.progress
  switch (job.phase.value) {
    case 'preparing':
      return <div class="reading"><p class="soft">{job.spooled.value > 0 ? `${formatThings(job.spooled.value, 'input')} taken so far…` : job.isOwn ? 'Counting partitions and laying out what volunteers need…' : 'Asking the mesh for it…'}</p><Progress label="Preparing" /></div>
    case 'running':
      return (
        <>
          <Progress label="Partitions done" share={progress === null ? undefined : progress.done / progress.partitions} />
          {job.short.value !== null && <Banner title="It waits for peers" tone="warm"><p>{shortText(job.short.value)}</p></Banner>}
          {progress !== null && <Figures figures={runningFigures(progress)} />}
          {job.isOwn && <p class="small soft" role="status">{job.isStocked.value
            ? 'You may close this page now: the mesh holds all that it needs. Come back for the result with the job\'s id, here or on another machine.'
            : 'Keep this page open until the mesh holds all that the job needs.'}</p>}
        </>
      )
    default: return null
  }
}

function Ended ({ job }: { job: FollowedJob }): JSX.Element | null {
  const { value: trouble } = job.trouble
  switch (job.phase.value) {
    case 'done': return <ResultView job={job} />
    case 'cancelled': return <p class="soft">{job.isOwn ? 'You stopped this job. Nothing of it goes on.' : 'Its submitter stopped this job.'}</p>
    case 'failed': return trouble === null ? null : <Failed trouble={trouble} />
    default: return null
  }
}

function Failed ({ trouble: { message, partition, stack } }: { trouble: Trouble }): JSX.Element {
  return (
    <Banner title={partition === null ? 'The job failed' : `The job failed at partition ${partition}`} tone="bad">
      <p>{message}</p>
      {stack !== '' && <pre class="stack" tabIndex={0} role="region" aria-label="Where in the source">{stack}</pre>}
    </Banner>
  )
}

function Actions ({ control, job }: { control: Control, job: FollowedJob }): JSX.Element {
  const [isAsked, ask] = useState(false)
  const isGoing = job.phase.value === 'preparing' || job.phase.value === 'running'
  const canStop = isGoing && (job.isOwn || control.isMine(job))
  if (isAsked && canStop) {
    return (
      <div class="confirm" role="group" aria-label="Stop this job?">
        <p>Stop it for everyone? What is computed so far is lost.</p>
        <div class="actions">
          <button type="button" class="button bad" ref={(button) => { button?.focus() }} onClick={() => { ask(false); void control.stop(job) }}>Stop the job</button>
          <button type="button" class="button" onClick={() => ask(false)}>Keep it running</button>
        </div>
      </div>
    )
  }
  const canLeave = !isGoing || !job.isOwn || job.isStocked.value
  return (
    <div class="actions end">
      {canStop && <button type="button" class="button bad" onClick={() => ask(true)}>Stop</button>}
      {canLeave && <button type="button" class="button" onClick={() => control.leave(job)}>{isGoing ? 'Hide' : 'Put away'}</button>}
    </div>
  )
}

/** What the job's own functions say. */
function Printed ({ job }: { job: FollowedJob }): JSX.Element | null {
  const { value: printed } = job.printed
  if (printed.length === 0) return null
  return (
    <div class="printed">
      <h3 id={`printed-${job.key}`}>What the job says</h3>
      <div class="console mono" role="log" tabIndex={0} aria-labelledby={`printed-${job.key}`}>
        {printed.map(({ key, level, text }) => <p key={key} class={level}>{text}</p>)}
      </div>
    </div>
  )
}

function Took ({ job }: { job: FollowedJob }): JSX.Element | null {
  const { value: took } = job.took
  return took === null ? null : <details class="more took" open><summary>What it took</summary><Figures figures={tookFigures(took)} /></details>
}

function Identity ({ job }: { job: FollowedJob }): JSX.Element | null {
  const { value: id } = job.job
  return id === null ? null : <p class="small soft id">Job <span class="mono">{id}</span></p>
}
