/** The sources of the job that is put together: which files, and the text of one of them to read and change. */
import { useState } from 'preact/hooks'
import { AreaField, FileButton } from './fields.tsx'
import { formatBytes } from '../ui/format.ts'
import type { JSX } from 'preact'
import type { Draft } from './draft.ts'

const START = `export const partitions = 1000
export function compute (partition) { … }
export function collect (outputs) { … }`

export function SourceFields ({ draft, onFiles }: { draft: Draft, onFiles: (files: File[]) => void }): JSX.Element | null {
  const [picked, pick] = useState('')
  const { value: job } = draft.job
  const { value: example } = draft.example
  if (job === null) return null
  const shown = job.files[picked] === undefined ? job.main : picked
  const text = job.files[shown]
  const isSet = text !== ''
  const editor = typeof text === 'string'
    ? <AreaField label={shown} isCode rows={isSet ? 12 : 8} value={text} placeholder={START} hint="TypeScript or JavaScript. compute runs at volunteers, locked in." onChange={(value) => draft.edit(shown, value)} />
    : <p>{shown}, {formatBytes(text?.length ?? 0)}</p>
  return (
    <div class="source">
      {example !== null && <p class="soft">{example.about}</p>}
      <Files draft={draft} shown={shown} pick={pick} />
      {example === null ? <>{editor}<div><FileButton label="Choose files" multiple onFiles={onFiles} /></div></> : <details class="more"><summary>Its source</summary>{editor}</details>}
    </div>
  )
}

/** Only where there are several. */
function Files ({ draft, shown, pick }: { draft: Draft, shown: string, pick: (name: string) => void }): JSX.Element | null {
  const { value: job } = draft.job
  const names = Object.keys(job?.files ?? {})
  if (job === null || names.length < 2 || draft.example.value !== null) return null
  return (
    <ul class="files" aria-label="Files">
      {names.map((name) => (
        <li key={name}>
          <button type="button" class="link" aria-current={name === shown} onClick={() => pick(name)}>{name}</button>
          {name === job.main
            ? <span class="chip">main</span>
            : <><button type="button" class="link small" onClick={() => draft.choose(name)}>make main<span class="unseen"> {name}</span></button>
              <button type="button" class="link small" onClick={() => draft.drop(name)}>remove<span class="unseen"> {name}</span></button></>}
        </li>
      ))}
    </ul>
  )
}
