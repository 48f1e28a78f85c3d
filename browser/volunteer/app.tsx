/**
 * The volunteer page put together: what is asked or what goes on, what was given, who is there. It draws what
 * `volunteer.view` says and nothing else.
 */
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { GivenCard, PeersCard, WorkCard } from './cards.tsx'
import { Asking, Hero, Stuck } from './hero.tsx'
import { LimitsCard } from './limits.tsx'
import { announcement, headline, moodOf } from './view.ts'
import type { JSX } from 'preact'
import type { Volunteer } from './volunteer.ts'

/** Draw into an element, from now on. */
export function showPage (volunteer: Volunteer, into: HTMLElement): void {
  render(<App volunteer={volunteer} />, into)
}

function App ({ volunteer }: { volunteer: Volunteer }): JSX.Element {
  const view = volunteer.view.value
  const mood = moodOf(view)
  const isAsking = view.phase === 'asking'
  const title = `${mood === 'off' ? 'Volunteer' : headline(view)} · Millionfold`
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <>
      <header class="head">
        <Mark />
        <span class="brand">Millionfold</span>
        {view.meshName !== undefined && <span class="soft mesh">{view.meshName}</span>}
      </header>
      <main>
        <p class="unseen" role="status">{announcement(view)}</p>
        {mood === 'stuck' && <h1 class="unseen">Volunteer</h1>}
        <Stuck view={view} volunteer={volunteer} />
        {isAsking && <Asking view={view} volunteer={volunteer} />}
        {view.phase !== 'loading' && !isAsking && mood !== 'stuck' && <Hero view={view} volunteer={volunteer} />}
        <div class="cards">
          {(view.phase === 'running' || view.phase === 'starting') && <><WorkCard view={view} /><GivenCard view={view} volunteer={volunteer} /></>}
          {(isAsking || view.phase === 'running' || view.phase === 'starting') && <LimitsCard view={view} volunteer={volunteer} />}
          {(view.phase === 'running' || view.phase === 'starting') && <PeersCard view={view} />}
        </div>
      </main>
      {view.phase === 'running' && <Foot view={view} volunteer={volunteer} />}
    </>
  )
}

function Foot ({ view, volunteer }: { view: Volunteer['view']['value'], volunteer: Volunteer }): JSX.Element {
  const { consent } = view.settings
  return (
    <footer class="foot small soft">
      <p>Strangers' programs run here in a locked box without files or network; the peers you work with see your IP address. In a hidden tab the work goes on as far as your browser allows; phones may stop it until you come back.</p>
      {!view.isLasting && <p>Your browser keeps nothing for this page: it will ask you again the next time.</p>}
      <p>
        {view.isLasting && (consent === 'always' ? 'It starts by itself when you open this page. ' : 'You agreed for this visit. ')}
        <button type="button" class="link" onClick={() => volunteer.withdraw()}>Stop and take back my consent</button>
      </p>
    </footer>
  )
}

/** A strip folded over and over. */
function Mark (): JSX.Element {
  return <svg class="mark" viewBox="0 0 32 24" aria-hidden="true"><path d="M2 22 9 2l5 0-7 20z" /><path class="back" d="M9 2l5 0 6 20-5 0z" /><path d="M15 22 22 2l5 0-7 20z" /><path class="back" d="M22 2l5 0 4 13-3 4z" /></svg>
}
