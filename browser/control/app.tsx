/**
 * The control page put together: a new job, the job that is looked at, the mesh and its jobs, the invitation. Files may
 * be dropped anywhere. It draws what the control's signals say and nothing else.
 */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Banner, Card } from '../ui/parts.tsx'
import { InviteCard } from './invite-card.tsx'
import { JobView } from './job-view.tsx'
import { JobsCard, MeshCard } from './side-cards.tsx'
import { NewJob } from './new-job.tsx'
import { Replay } from '../picture/index.ts'
import { plainName } from '../ui/names.ts'
import type { JSX } from 'preact'
import type { Control } from './control.ts'

/** Draw into an element, from now on. */
export function showControl (control: Control, into: HTMLElement): void {
  render(<App control={control} />, into)
}

function App ({ control }: { control: Control }): JSX.Element {
  const isOver = useDrops((files) => { void control.takeFiles(files) })
  const { value: selected } = control.selected
  const { value: log } = control.log
  return (
    <>
      <header class="head">
        <img class="mark" src="icon.svg" alt="" width="32" height="24" />
        <span class="brand">Millionfold</span>
        {control.link.value?.name !== undefined && <span class="soft mesh">{plainName(control.link.value.name)}</span>}
      </header>
      <main class={isOver ? 'over' : ''}>
        <h1 class="unseen">Run jobs on this mesh</h1>
        <Stuck control={control} />
        <div class="columns">
          <NewJob control={control} />
          <div class="stage">
            {log !== null && <LogView control={control} log={log} />}
            {selected === null ? log === null && <Nothing control={control} /> : <JobView key={selected.key} control={control} job={selected} />}
          </div>
          <div class="side">
            <MeshCard control={control} />
            <JobsCard control={control} />
            <InviteCard control={control} />
          </div>
        </div>
      </main>
    </>
  )
}

/** What is wrong with the way in, and what to do. */
function Stuck ({ control }: { control: Control }): JSX.Element | null {
  const { value: entry } = control.entry
  if (entry.type === 'in') return control.mesh.value.state === 'lonely' ? <Banner title="Nobody is connected just now" tone="warm"><p>This page keeps trying by itself. Jobs that run go on without it.</p></Banner> : null
  if (entry.type === 'entering') return null
  const { title, detail, todo, action } = entry.problem
  const button = action === 'retry'
    ? <button type="button" class="button" onClick={() => { void control.enter() }}>Try again now</button>
    : action === 'reload' ? <button type="button" class="button" onClick={() => location.reload()}>Reload</button> : undefined
  return <Banner title={title} tone="bad" actions={button}><p>{todo}</p>{detail !== '' && <p class="small soft">{detail}</p>}</Banner>
}

function Nothing ({ control }: { control: Control }): JSX.Element {
  return (
    <Card title="Nothing runs here yet" class="nothing">
      <p class="soft">A job that you run appears here, with its progress, its picture and its result. Or look at one of the mesh's jobs.</p>
      <p class="soft">To replay a run, drop its event log here: the .ndjson file that <span class="mono">run --events</span> or <span class="mono">sim --record</span> wrote.</p>
      <div class="actions">
        <label class="button">
          Choose a log
          <input class="unseen" type="file" accept=".ndjson,.jsonl,.json,.log,.txt" onChange={(event) => { control.log.value = event.currentTarget.files?.[0] ?? null }} />
        </label>
      </div>
    </Card>
  )
}

function LogView ({ control, log }: { control: Control, log: Blob }): JSX.Element {
  return (
    <Card title="Replay" class="replay">
      <Replay key={log} file={log} />
      <div class="actions"><button type="button" class="button" onClick={() => { control.log.value = null }}>Close the replay</button></div>
    </Card>
  )
}

/** Files dropped anywhere on the page. @returns are some held over it? */
function useDrops (onFiles: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const has = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true
    const over = (event: DragEvent): void => {
      if (!has(event)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => { if (event.relatedTarget === null) setOver(false) }
    const drop = (event: DragEvent): void => {
      setOver(false)
      const files = [...event.dataTransfer?.files ?? []]
      if (event.defaultPrevented || files.length === 0) return
      event.preventDefault()
      onFiles(files)
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [])
  return isOver
}
