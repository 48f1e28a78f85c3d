/** A value as a tree that opens where one looks: text nodes only, a bounded number of them. */
import { useState } from 'preact/hooks'
import { formatBytes, formatCount, formatThings } from '../ui/format.ts'
import type { JSX } from 'preact'

/** Entries shown at once. */
const STEP = 100
/** Text shown of one string. */
const TEXT_MAX = 2000

type Entries = Array<[key: string, value: unknown]>

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)

const entriesOf = (value: object): Entries => Array.isArray(value) ? value.map((it, index) => [String(index), it]) : Object.entries(value)

export function ValueTree ({ value }: { value: unknown }): JSX.Element {
  return <div class="tree mono" role="group" aria-label="The value" tabIndex={0}>{isBranch(value) ? <Branch entries={entriesOf(value)} /> : <Leaf value={value} />}</div>
}

function Branch ({ entries }: { entries: Entries }): JSX.Element {
  const [shown, show] = useState(STEP)
  return (
    <ul>
      {entries.slice(0, shown).map(([key, value]) => <li key={key}><Node name={key} value={value} /></li>)}
      {entries.length > shown && <li><button type="button" class="link" onClick={() => show(shown + STEP)}>{formatCount(entries.length - shown)} more</button></li>}
    </ul>
  )
}

function Node ({ name, value }: { name: string, value: unknown }): JSX.Element {
  const [isOpen, open] = useState(false)
  if (!isBranch(value)) return <><span class="key">{name}</span> <Leaf value={value} /></>
  const entries = entriesOf(value)
  return (
    <details onToggle={(event) => open(event.currentTarget.open)}>
      <summary><span class="key">{name}</span> <span class="soft">{Array.isArray(value) ? `[${formatCount(entries.length)}]` : formatThings(entries.length, 'entry', 'entries')}</span></summary>
      {isOpen && <Branch entries={entries} />}
    </details>
  )
}

function Leaf ({ value }: { value: unknown }): JSX.Element {
  if (value instanceof Uint8Array) return <span class="soft">{formatBytes(value.length)} of bytes</span>
  if (typeof value === 'string') return <span class="text">{value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}…` : value}</span>
  return <span class="plain">{String(value)}</span>
}
