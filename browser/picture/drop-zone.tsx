/** Takes one file, dropped anywhere on it or chosen. It opens nothing itself. */
import { useState } from 'preact/hooks'
import type { ComponentChildren, JSX, TargetedDragEvent } from 'preact'

export interface DropZoneInit {
  onFile: (file: File) => void
  /** Is there nothing to show yet? Then the invitation is large. */
  isEmpty: boolean
  children?: ComponentChildren
}

export function DropZone ({ onFile, isEmpty, children }: DropZoneInit): JSX.Element {
  const [isOver, setOver] = useState(false)
  const drag = (event: TargetedDragEvent<HTMLElement>): void => {
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: TargetedDragEvent<HTMLElement>): void => {
    event.preventDefault()
    setOver(false)
    const file = event.dataTransfer?.files[0]
    if (file !== undefined) onFile(file)
  }
  return (
    <section class={`picture-drop ${isEmpty ? 'empty' : ''} ${isOver ? 'over' : ''}`} aria-label="Replay of a log"
      onDragEnter={drag} onDragOver={drag} onDragLeave={() => setOver(false)} onDrop={drop}>
      {children}
      <div class="picture-invite">
        {isEmpty && <p>Drop an event log here, written by <code>run --events</code> or <code>sim --record</code>. It stays on this machine.</p>}
        <label class={`button ${isEmpty ? 'main' : ''}`}>
          {isEmpty ? 'Choose a log' : 'Another log'}
          <input class="unseen" type="file" accept=".ndjson,.jsonl,.json,.log,.txt" onChange={(event) => {
            const file = event.currentTarget.files?.[0]
            if (file !== undefined) onFile(file)
            event.currentTarget.value = ''
          }} />
        </label>
      </div>
    </section>
  )
}
