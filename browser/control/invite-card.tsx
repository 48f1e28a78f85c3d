/** The link that brings volunteers to this mesh, as text and as a code to scan. */
import { useState } from 'preact/hooks'
import { Card } from '../ui/parts.tsx'
import { CheckField } from './fields.tsx'
import { isLocal } from './invited.ts'
import { qrOf } from './qr.ts'
import type { Control } from './control.ts'
import type { JSX } from 'preact'

/** The word on the button changes back after this long. */
const SAID_MS = 3000

export function InviteCard ({ control }: { control: Control }): JSX.Element | null {
  const { value: link } = control.invitation
  const [said, say] = useState('')
  if (link === '') return null
  const tell = (text: string): void => {
    say(text)
    setTimeout(() => say(''), SAID_MS)
  }
  const copy = (): void => { navigator.clipboard.writeText(link).then(() => tell('Copied'), () => tell('Select it and copy by hand')) }
  const share = (): void => { navigator.share({ title: 'Volunteer for a shared calculation', url: link }).catch(() => { /* somebody thought better of it */ }) }
  return (
    <Card title="Invite volunteers" class="invite">
      <p class="soft">Whoever opens this link lends their computer to this mesh, after they agree.</p>
      {control.link.value?.invitation !== undefined && <Private control={control} />}
      {isLocal(new URL(link).hostname) && <p class="small note">This page was opened on the machine that serves it, so the link works on that machine only.</p>}
      <Code link={link} />
      <input class="input mono link-text" aria-label="Link for volunteers" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
      <div class="actions">
        <button type="button" class="button" onClick={copy}>{said === '' ? 'Copy the link' : said}</button>
        {typeof navigator.share === 'function' && <button type="button" class="button" onClick={share}>Share</button>}
        <a class="button" href={link} target="_blank" rel="noreferrer">Open it here</a>
      </div>
      <p class="unseen" role="status">{said}</p>
    </Card>
  )
}

/** What an invitation to a private mesh allows. */
function Private ({ control }: { control: Control }): JSX.Element {
  if (control.invitesWithOwn.value) return <p class="small note">This mesh is private, and your invitation may not be passed on in parts: the link holds all of it.</p>
  return (
    <>
      <p class="small soft">This mesh is private. The link is a key to it: whoever has it can join, for 30 days at most.</p>
      <CheckField label="They may submit jobs, too" value={control.invitesSubmitters.value} onChange={(on) => { void control.setInvitesSubmitters(on) }} />
    </>
  )
}

/** Dark on light in either theme: scanners want it so. */
function Code ({ link }: { link: string }): JSX.Element {
  const code = qrOf(link)
  return code === null
    ? <p class="small soft">The link is too long for a code to scan.</p>
    : <svg class="code" viewBox={`0 0 ${code.side} ${code.side}`} role="img" aria-label="The link as a QR code" shape-rendering="crispEdges"><rect width={code.side} height={code.side} /><path d={code.path} /></svg>
}
