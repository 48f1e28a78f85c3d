/** Who is there, which jobs the mesh knows, and this tab's own part in it. */
import { useState } from 'preact/hooks'
import { Card, Progress } from '../ui/parts.tsx'
import { CheckField, TextField } from './fields.tsx'
import { PHASES, jobName, kinds } from './words.ts'
import { formatShare, formatThings } from '../ui/format.ts'
import { shortPeer } from '../ui/names.ts'
import type { JSX } from 'preact'
import type { Control } from './control.ts'
import type { FollowedJob } from './followed-job.ts'
import type { KnownJob } from '../peer/tab-peer.ts'

/** Jobs shown before somebody asks for more. */
const JOBS_SHOWN = 8

export function MeshCard ({ control }: { control: Control }): JSX.Element {
  const { value: mesh } = control.mesh
  const { value: entry } = control.entry
  const count = mesh.neighbours.length
  return (
    <Card title="Mesh" class="mesh-card">
      <p class="peers" role="status">
        <strong>{entry.type === 'in' ? formatThings(count, 'peer') : '—'}</strong>{' '}
        <span class="soft">{entry.type === 'entering' ? 'finding the way in…' : entry.type === 'problem' ? 'not connected' : count === 0 ? 'connected; it keeps looking by itself' : `connected: ${kinds(mesh.neighbours)}`}</span>
      </p>
      <CheckField label="Compute here, too" hint="one core of this tab" value={control.cores.value > 0} onChange={(on) => control.setCores(on ? 1 : 0)} />
    </Card>
  )
}

export function JobsCard ({ control }: { control: Control }): JSX.Element {
  const [all, showAll] = useState(false)
  const jobs = [...control.mesh.value.jobs].sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running'))
  const unsubmitted = control.followed.value.filter(({ job }) => job.value === null)
  return (
    <Card title="Jobs of this mesh" class="jobs-card">
      {jobs.length === 0 && unsubmitted.length === 0 && <p class="soft">None yet.</p>}
      <ul class="jobs">{unsubmitted.map((job) => <li key={job.key}><Unsubmitted control={control} job={job} /></li>)}{jobs.slice(0, all ? undefined : JOBS_SHOWN).map((job) => <li key={job.job}><Job control={control} job={job} /></li>)}</ul>
      {jobs.length > JOBS_SHOWN && !all && <button type="button" class="link" onClick={() => showAll(true)}>{formatThings(jobs.length - JOBS_SHOWN, 'more job')}</button>}
      <ById control={control} />
    </Card>
  )
}

const STATES = { running: PHASES.running, done: PHASES.done, failed: PHASES.failed, cancelled: PHASES.cancelled }

function Job ({ control, job }: { control: Control, job: KnownJob }): JSX.Element {
  const { name, state, done, partitions, submitter } = job
  const isShown = control.selected.value?.job.value === job.job
  const share = state === 'done' ? 1 : done / Math.max(1, partitions)
  return (
    <button type="button" class="known" aria-current={isShown} onClick={() => control.show(job)}>
      <span class="row"><span class="name">{jobName(name)}</span> <span class={`chip ${STATES[state].tone}`}>{state === 'running' ? formatShare(share) : STATES[state].text}</span></span>
      <span class="small soft">{formatThings(partitions, 'partition')} of {shortPeer(submitter)}</span>
      {state === 'running' && <Progress label={`${jobName(name)}, partitions done`} share={share} />}
    </button>
  )
}

/** One of this page that the mesh does not know of yet, or never will. */
function Unsubmitted ({ control, job }: { control: Control, job: FollowedJob }): JSX.Element {
  const { text, tone } = PHASES[job.phase.value]
  return (
    <button type="button" class="known" aria-current={control.selected.value === job} onClick={() => control.look(job)}>
      <span class="row"><span class="name">{jobName(job.name.value)}</span> <span class={`chip ${tone}`}>{text}</span></span>
      <span class="small soft">not submitted</span>
    </button>
  )
}

/** For a job whose id somebody kept. */
function ById ({ control }: { control: Control }): JSX.Element {
  const [text, setText] = useState('')
  return (
    <details class="more">
      <summary>Find one by its id</summary>
      <form class="inline" onSubmit={(event) => { event.preventDefault(); if (text.trim() !== '') control.showId(text) }}>
        <TextField label="Job id" value={text} onChange={setText} />
        <button type="submit" class="button">Look</button>
      </form>
    </details>
  )
}
