/**
 * The control page's entry: the page at once, the peer's folder and the examples when they are needed.
 */
import '../ui/theme.css'
import '../picture/picture.css'
import './page.css'
import { Control } from './control.ts'
import { followWindow } from './window.ts'
import { showControl } from './app.tsx'
import type { Doors } from './doors.ts'

const doors: Doors = {
  assets: { bundlerUrl: 'bundler.js', wasmUrl: 'esbuild.wasm', submitterUrl: 'submitter.html', volunteerUrl: './' },
  texts: async () => (await import('./example-texts.ts')).texts,
  readLink: async (hash) => (await import('../peer/link.ts')).readLink(hash),
  writeLink: async (page, link) => (await import('../peer/link.ts')).writeLink(page, link),
  lend: async (invitation, rights) => await (await import('../peer/invited.ts')).lentOf(invitation, rights),
  startTabPeer: async (init) => await (await import('../peer/start.ts')).startTabPeer(init),
  observe: async (tab, job, onSnapshots) => {
    const { observeJob } = await import('../peer/observer.ts')
    return observeJob(tab, job, (snapshots, report) => { onSnapshots(snapshots, report.done) })
  }
}

const control = new Control(doors)
showControl(control, document.getElementById('app') ?? document.body)
followWindow(control)
void control.open(location.hash)
