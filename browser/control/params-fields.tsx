/** What the job is given: a form where its parameters are flat, JSON where they are not or somebody prefers it. */
import { AreaField, CheckField, TextField } from './fields.tsx'
import { isFault, readNumber } from './params.ts'
import type { JSX } from 'preact'
import type { Draft } from './draft.ts'

export function ParamsFields ({ draft }: { draft: Draft }): JSX.Element | null {
  const { value: fields } = draft.fields
  const { value: asJson } = draft.asJson
  const { value: check } = draft.check
  // Nothing is known of them before the module has been looked at once.
  if (check.type === 'empty' || (fields === null && check.type !== 'ready')) return null
  const params = draft.params()
  const switcher = fields !== null && <button type="button" class="link small" onClick={() => draft.switchParams()}>{asJson ? 'as a form' : 'as JSON'}</button>
  if (fields?.length === 0 && !asJson) {
    return <p class="small soft">The module names no parameters. <button type="button" class="link small" onClick={() => draft.switchParams()}>Give it some</button></p>
  }
  if (asJson || fields === null) {
    return (
      <fieldset class="params">
        <legend class="row"><span>Parameters</span>{switcher}</legend>
        <AreaField label="JSON" isCode rows={4} value={draft.json.value} onChange={(json) => { draft.json.value = json }} />
        {isFault(params) && <p class="small wrong" role="status">{params.fault}</p>}
      </fieldset>
    )
  }
  return (
    <fieldset class="params">
      <legend class="row"><span>Parameters</span>{switcher}</legend>
      <div class="fields two">
        {fields.map(({ key, kind, text }) => kind === 'flag'
          ? <CheckField key={key} label={key} value={text === 'true'} onChange={(value) => draft.setField(key, String(value))} />
          : <TextField key={key} label={key} value={text} inputMode={kind === 'number' ? 'decimal' : 'text'} isBad={kind === 'number' && readNumber(text) === null} onChange={(value) => draft.setField(key, value)} />)}
      </div>
      {isFault(params) && <p class="small wrong" role="status">{params.fault}</p>}
    </fieldset>
  )
}
