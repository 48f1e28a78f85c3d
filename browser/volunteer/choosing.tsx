/** Which jobs a visitor works for: of whom, and within which limits. What is no rule is said, and counts for nothing. */
import { useId } from 'preact/hooks'
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
        <input class="input mono" id={id} type="text" autocomplete="off" spellcheck={false} value={onlyFrom} placeholder="anybody, or peer ids" aria-invalid={slips.length > 0} aria-describedby={`${id}-peers`}
          onChange={(event) => volunteer.change({ onlyFrom: event.currentTarget.value })} />
        {slips.length > 0 && <p class="small soft" id={`${id}-peers`}>Not the id of a peer, such as 12D3KooW…: {slips.join(', ')}.</p>}
      </div>
      <div class="field">
        <label for={`${id}-rules`}>Only those of which this holds</label>
        <input class="input mono" id={`${id}-rules`} type="text" autocomplete="off" spellcheck={false} value={accept} placeholder="no rules" aria-invalid={wrong.length > 0}
          aria-describedby={`${id}-hint`} onChange={(event) => volunteer.change({ accept: event.currentTarget.value })} />
        <p class="small soft" id={`${id}-hint`}>{wrong.length > 0 ? `Not a rule, and not used: ${wrong.join(', ')}. ` : ''}Such as {RULE_EXAMPLES}; with commas between.</p>
      </div>
    </details>
  )
}
