/** The card in which a job is put together: which one, what it is given, and the button that runs it. */
import { Banner, Card } from '../ui/parts.tsx'
import { AreaField, CheckField, FileButton, TextField } from './fields.tsx'
import { ParamsFields } from './params-fields.tsx'
import { SourceFields } from './source-fields.tsx'
import { formatBytes, formatThings } from '../ui/format.ts'
import type { JSX } from 'preact'
import type { Control } from './control.ts'
import type { ShapeTexts } from './shape.ts'

export function NewJob ({ control }: { control: Control }): JSX.Element {
  const { draft } = control
  const { value: job } = draft.job
  return (
    <Card title="New job" class="new">
      <Examples control={control} />
      {job !== null && <form class="fields" noValidate onSubmit={(event) => { event.preventDefault(); control.run() }}>
        <SourceFields draft={draft} onFiles={(files) => { void control.takeFiles(files) }} />
        <ParamsFields draft={draft} />
        {draft.takesInputs.value && <Inputs control={control} />}
        <More control={control} />
        <Run control={control} />
      </form>}
      {job === null && <Hint control={control} />}
    </Card>
  )
}

function Examples ({ control }: { control: Control }): JSX.Element {
  const { draft } = control
  const { value: chosen } = draft.example
  const isOwn = chosen === null && draft.job.value !== null
  return (
    <fieldset class="examples">
      <legend class="unseen">What to run</legend>
      {control.examples.value.map((example) => (
        <button key={example.main} type="button" class="pick" aria-pressed={chosen === example} title={example.about} onClick={() => control.takeExample(example)}>{example.title}</button>
      ))}
      <button type="button" class="pick own" aria-pressed={isOwn} onClick={() => draft.startOwn()}>Your own</button>
    </fieldset>
  )
}

function Hint ({ control }: { control: Control }): JSX.Element {
  const { check: { value: check }, inputFile: { value: file } } = control.draft
  return (
    <div class="fields">
      {check.type === 'fault' && <Banner title="This is no job" tone="bad"><p>{check.message}</p></Banner>}
      {file !== null && <p><strong>{file.name}</strong> will be the inputs, one partition a line.</p>}
      <p class="soft">Choose an example, or drop the files of a module of your own anywhere on this page.</p>
      <div><FileButton label="Choose files" multiple onFiles={(files) => { void control.takeFiles(files) }} /></div>
    </div>
  )
}

function Inputs ({ control: { draft } }: { control: Control }): JSX.Element {
  const { value: file } = draft.inputFile
  const hint = 'One partition a line.'
  return (
    <div class="inputs">
      {file === null
        ? <AreaField label="Inputs" rows={5} value={draft.inputText.value} hint={hint} onChange={(text) => { draft.inputText.value = text }} />
        : <p class="row"><span><strong>Inputs</strong> from {file.name}, {formatBytes(file.size)}</span>
          <button type="button" class="link" onClick={() => { draft.inputFile.value = null }}>Take another</button></p>}
      <FileButton label={file === null ? 'From a file' : 'Another file'} accept=".txt,.csv,.ndjson,.jsonl,.json,text/*" onFiles={([first]) => { draft.inputFile.value = first ?? null }} />
    </div>
  )
}

function More ({ control: { draft } }: { control: Control }): JSX.Element {
  const { value: shape } = draft.shape
  const { value: check } = draft.check
  const own = check.type === 'ready' ? check.module : {}
  const change = (part: Partial<ShapeTexts>): void => { draft.shape.value = { ...shape, ...part } }
  const byModule = (value: number | undefined, otherwise: string): string => value === undefined ? otherwise : String(value)
  return (
    <details class="more">
      <summary>More settings</summary>
      <div class="fields two">
        <TextField label="Partitions" inputMode="numeric" value={shape.partitions} placeholder={byModule(own.partitions, own.prepare === undefined ? 'none said' : 'the job counts them')} onChange={(partitions) => change({ partitions })} />
        <TextField label="Fan-out" inputMode="numeric" value={shape.fanout} placeholder={byModule(own.fanout, '16')} hint="Helpers under each coordinator, 2 to 128." onChange={(fanout) => change({ fanout })} />
        <TextField label="Time limit of a partition, seconds" inputMode="numeric" value={shape.timeout} placeholder={own.timeoutMs === undefined ? '300' : String(own.timeoutMs / 1000)} onChange={(timeout) => change({ timeout })} />
        <CheckField label="Run it anew" hint="even if the mesh has its result already" value={shape.again} onChange={(again) => change({ again })} />
        <div class="wide"><TextField label="Trust" value={shape.trust} placeholder={own.trust ?? 'none'} hint="How results are checked: none, votes:2/3 (two of three peers must agree), adaptive (fewer votes for who was right before) or audit:0.01 (a hundredth is computed again)." onChange={(trust) => change({ trust })} /></div>
        <div class="wide"><TextField label="Longest wait for enough peers, seconds" inputMode="numeric" value={shape.trustDeadline} placeholder="for ever" hint="With votes or adaptive the job fails when too few different peers are there for so long." onChange={(trustDeadline) => change({ trustDeadline })} /></div>
        <div class="wide"><CheckField label="Seal parameters and inputs" hint="for those admitted to this private mesh; not the results, the code, the name and the sizes" value={shape.sealed ?? own.sealed ?? false} onChange={(sealed) => change({ sealed })} /></div>
        {!draft.takesInputs.value && <div class="wide"><FileButton label="Inputs from a file" accept=".txt,.csv,.ndjson,.jsonl,.json,text/*" onFiles={([first]) => { draft.inputFile.value = first ?? null }} /></div>}
      </div>
    </details>
  )
}

function Run ({ control }: { control: Control }): JSX.Element {
  const { value: check } = control.draft.check
  const { value: fault } = control.fault
  const { state, neighbours } = control.mesh.value
  const isAlone = control.entry.value.type === 'in' && (state !== 'connected' || neighbours.length === 0)
  return (
    <div class="run">
      {check.type === 'fault' && <Banner title="This does not bundle" tone="bad"><p>{check.message}</p></Banner>}
      {fault !== '' && check.type !== 'fault' && <Banner title="Not started" tone="bad"><p>{fault}</p></Banner>}
      {check.type === 'checking' && <p class="small soft" role="status">Checking the module…</p>}
      <button type="submit" class="button main" aria-disabled={check.type === 'checking' || check.type === 'fault'}>
        {isAlone || neighbours.length === 0 ? 'Run' : `Run on ${formatThings(neighbours.length, 'peer')}`}
      </button>
      {isAlone && <p class="small soft">Nobody is here yet. A job that is run now waits until volunteers come.</p>}
    </div>
  )
}
