/**
 * The top of the page: what goes on in a few words and one sentence, the big control, and the way around a pause.
 * Before consent it is what a visitor is asked to agree to.
 */
import { useState } from 'preact/hooks'
import { Banner } from '../ui/parts.tsx'
import { formatShare, formatThings, formatWait } from '../ui/format.ts'
import { Ring } from './ring.tsx'
import { headline, moodOf, sentence } from './view.ts'
import type { JSX } from 'preact'
import type { Cause } from './pauses.ts'
import type { View } from './view.ts'
import type { Volunteer } from './volunteer.ts'

export interface PartInit { view: View, volunteer: Volunteer }

/** What is asked for, honestly and in short. */
export function Asking ({ view, volunteer }: PartInit): JSX.Element {
  const [isAlways, setAlways] = useState(false)
  const { cores, duty } = view.settings
  return (
    <section class="hero asking">
      <div class="words">
        <h1>Lend this computer to a shared calculation</h1>
        <dl class="terms">
          <div><dt>What runs</dt><dd>Small programs by people you do not know, each in a locked box inside this tab. They cannot see your files, your other tabs or the network.</dd></div>
          <div><dt>What it costs</dt><dd>Up to {formatThings(cores, 'core')} of {view.coresMax} for {formatShare(duty)} of the time, the power for that, and a little data. You can change it below, now and later.</dd></div>
          <div><dt>Who sees you</dt><dd>The computers you work with see your IP address, as in a video call. Nothing else about you is sent.</dd></div>
          <div><dt>How to stop</dt><dd>Press Pause or close the tab. Nothing keeps running, nothing is installed.</dd></div>
        </dl>
        {view.isLasting && <label class="check"><input type="checkbox" checked={isAlways} onChange={(event) => setAlways(event.currentTarget.checked)} /><span>Start by itself when I open this page again</span></label>}
        {!view.isLasting && <p class="small soft">Your browser keeps nothing for this page, so it will ask you each time.</p>}
      </div>
      <Ring mood="off" cores={cores} pieces={[]} label="Start" onPress={() => void volunteer.agree(isAlways ? 'always' : 'visit')} />
    </section>
  )
}

/** What goes on, and the control. */
export function Hero ({ view, volunteer }: PartInit): JSX.Element {
  const mood = moodOf(view)
  const isPaused = view.reasons.includes('user')
  const causes = view.reasons.filter((reason) => reason !== 'user')
  return (
    <section class={`hero ${mood}`}>
      <div class="words">
        <h1>{headline(view)}</h1>
        <p class="sentence">{sentence(view)}</p>
        {causes[0] !== undefined && !isPaused && <button type="button" class="button" onClick={() => volunteer.setGoOn(causes[0]!, true)}>Go on anyway</button>}
        {mood !== 'paused' && <Notes view={view} volunteer={volunteer} />}
      </div>
      <Ring mood={mood} cores={view.settings.cores} pieces={mood === 'working' ? view.pieces : []}
        label={view.reasons.length > 0 ? 'Start' : 'Pause'} onPress={() => onPress(view, volunteer)} />
    </section>
  )
}

/** Pause; or start, against whatever speaks against it, because a person asks for it by hand. */
function onPress ({ reasons }: View, volunteer: Volunteer): void {
  if (reasons.length === 0) volunteer.setPaused(true)
  else if (reasons.includes('user')) volunteer.setPaused(false)
  else volunteer.setGoOn(reasons[0] as Cause, true)
}

const ANYWAY: Record<Cause, string> = {
  battery: 'Going on although it runs on battery.',
  'save-data': 'Going on although your browser asks to save data.',
  offline: 'Going on although this computer is offline.',
  busy: 'Going on at full although your own work needs the machine.'
}

/** That it goes easy, or against what; with the way back. */
function Notes ({ view: { share, overruled, full }, volunteer }: PartInit): JSX.Element {
  return (
    <>
      {full !== '' && <p class="note" role="status">Computing pauses, because nothing more can be kept ({full}). Nothing is lost, and it goes on when there is room.</p>}
      {share > 0 && share < 1 && (
        <p class="note">Going easy, at {formatShare(share)}: your own work needs the machine. <button type="button" class="link" onClick={() => volunteer.setGoOn('busy', true)}>Use it in full</button></p>
      )}
      {overruled.map((cause) => (
        <p class="note" key={cause}>{ANYWAY[cause]} <button type="button" class="link" onClick={() => volunteer.setGoOn(cause, false)}>Pause for it</button></p>
      ))}
    </>
  )
}

/** What is wrong and what to do. */
export function Stuck ({ view, volunteer }: PartInit): JSX.Element | null {
  const { problem, retryMs } = view
  if (problem === undefined) return null
  const act = { retry: () => volunteer.retry(), reload: () => location.reload(), take: () => void volunteer.begin(true) }
  const label = { retry: 'Try again now', reload: 'Reload', take: 'Volunteer in this tab' }
  return (
    <Banner tone={problem.code === 'elsewhere' ? 'warm' : 'bad'} title={problem.title} actions={problem.action && (
      <>
        <button type="button" class="button" onClick={act[problem.action]}>{label[problem.action]}</button>
        {problem.code === 'no-answer' && <button type="button" class="button" onClick={() => volunteer.setPaused(true)}>Stop trying</button>}
      </>
    )}>
      <p>{problem.todo}</p>
      {problem.detail !== '' && <p class="small soft detail">{problem.detail}</p>}
      {retryMs !== undefined && <p class="small soft" aria-live="off">Next try in {formatWait(retryMs - view.nowMs)}.</p>}
    </Banner>
  )
}
