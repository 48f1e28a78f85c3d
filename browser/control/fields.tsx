/** Fields with their labels: text, number, choice of yes or no, longer text. They hold no state. */
import { useId } from 'preact/hooks'
import type { JSX } from 'preact'

interface TextInit {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string
  placeholder?: string
  /** Which keys a phone shows. */
  inputMode?: 'text' | 'decimal' | 'numeric'
  isBad?: boolean
}

export function TextField ({ label, value, onChange, hint, placeholder, inputMode, isBad = false }: TextInit): JSX.Element {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input class="input" id={id} type="text" autocomplete="off" spellcheck={false} {...{ value, placeholder, inputMode }} aria-invalid={isBad}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`} onInput={(event) => onChange(event.currentTarget.value)} />
      {hint !== undefined && <p class="small soft" id={`${id}-hint`}>{hint}</p>}
    </div>
  )
}

interface AreaInit { label: string, value: string, onChange: (value: string) => void, rows: number, isCode?: boolean, placeholder?: string, hint?: string }

export function AreaField ({ label, value, onChange, rows, isCode = false, placeholder, hint }: AreaInit): JSX.Element {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea class={`input area ${isCode ? 'mono' : ''}`} id={id} spellcheck={false} autocapitalize="off" wrap={isCode ? 'off' : 'soft'} {...{ rows, value, placeholder }}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`} onInput={(event) => onChange(event.currentTarget.value)} />
      {hint !== undefined && <p class="small soft" id={`${id}-hint`}>{hint}</p>}
    </div>
  )
}

export function CheckField ({ label, value, onChange, hint }: { label: string, value: boolean, onChange: (value: boolean) => void, hint?: string }): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}{hint !== undefined && <span class="small soft hint">{hint}</span>}</span>
    </label>
  )
}

/** A button that opens the system's choice of files. */
export function FileButton ({ label, accept, multiple = false, onFiles }: { label: string, accept?: string, multiple?: boolean, onFiles: (files: File[]) => void }): JSX.Element {
  return (
    <label class="button file">
      {label}
      <input class="unseen" type="file" {...{ accept, multiple }} onChange={(event) => {
        const files = [...event.currentTarget.files ?? []]
        event.currentTarget.value = ''
        if (files.length > 0) onFiles(files)
      }} />
    </label>
  )
}
