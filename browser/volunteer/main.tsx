/**
 * The volunteer page's entry: the remembered settings, the page, and the peer's folder loaded when it is needed.
 */
import '../ui/theme.css'
import './page.css'
import { showPage } from './app.tsx'
import { followPage } from './lifecycle.ts'
import { browserStores, SettingsStore } from './settings.ts'
import { Volunteer } from './volunteer.ts'
import type { Doors } from './doors.ts'

const doors: Doors = {
  readLink: async (hash) => (await import('../peer/link.ts')).readLink(hash),
  startTabPeer: async (init) => await (await import('../peer/start.ts')).startTabPeer(init)
}

const stores = browserStores()
const isHandheld = matchMedia('(hover: none) and (pointer: coarse)').matches
const volunteer = new Volunteer(doors, new SettingsStore(stores, Math.max(1, navigator.hardwareConcurrency), isHandheld), stores.lasting)
showPage(volunteer, document.getElementById('app') ?? document.body)
followPage(volunteer)
void volunteer.open(location.hash)
