/** Which jobs a visitor works for: of whom, and within which limits. What is no rule is said, and counts for nothing. */
import { useId, useState } from 'preact/hooks'
import { RULE_EXAMPLES } from '../../protocol/host/acceptance.ts'
import { strange, unreadable } from './chosen.ts'
import type { JSX } from 'preact'
import type { PartInit } from './hero.tsx'

export function Choosing ({ view, volunteer }: PartInit): JSX.Element {
  const id = useId()
  const { onlyFrom, accept } = view.settings
  const wrong = unreadable(accept)
  const slips = strange(onlyFrom)
  const isChosen = onlyFrom.trim() !== '' || accept.trim() !== ''
  return (
    <details class="more" open={isChosen}>
      <summary>Which jobs: {isChosen ? 'some' : 'any'}</summary>
      <div class="field">
        <label for={id}>Only those submitted by</label>
        <Typed id={id} value={onlyFrom} placeholder="anybody, or peer ids" isWrong={slips.length > 0} hint={`${id}-peers`}
          onTyped={(text) => volunteer.change({ onlyFrom: text })} />
        {slips.length > 0 && <p class="small soft" id={`${id}-peers`}>Not the id of a peer, such as 12D3KooW…: {slips.join(', ')}.</p>}
      </div>
      <div class="field">
        <label for={`${id}-rules`}>Only those of which this holds</label>
        <Typed id={`${id}-rules`} value={accept} placeholder="no rules" isWrong={wrong.length > 0}
          hint={`${id}-hint`} onTyped={(text) => volunteer.change({ accept: text })} />
        <p class="small soft" id={`${id}-hint`}>{wrong.length > 0 ? `Not a rule, and not used: ${wrong.join(', ')}. ` : ''}Such as {RULE_EXAMPLES}; with commas between.</p>
      </div>
    </details>
  )
}

interface TypedInit { id: string, value: string, placeholder: string, isWrong: boolean, hint: string, onTyped: (text: string) => void }

/** A text that counts when the visitor leaves it. The page is drawn anew many times a second, and must not take back what is half typed. */
function Typed ({ id, value, placeholder, isWrong, hint, onTyped }: TypedInit): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null)
  return (
    <input class="input mono" id={id} type="text" autocomplete="off" spellcheck={false} value={draft ?? value} placeholder={placeholder} aria-invalid={isWrong} aria-describedby={hint}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={(event) => {
        setDraft(null)
        onTyped(event.currentTarget.value)
      }} />
  )
}
