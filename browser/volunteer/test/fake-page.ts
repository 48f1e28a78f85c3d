/**
 * The volunteer page over a fake peer. `globalThis.fake`, set before load, says how the peer's folder behaves;
 * `globalThis.seen` tells what was asked of it.
 */
import '../../ui/theme.css'
import '../page.css'
import { showPage } from '../app.tsx'
import { followPage } from '../lifecycle.ts'
import { browserStores, SettingsStore } from '../settings.ts'
import { Volunteer } from '../volunteer.ts'
import { FakePeer } from './fake-peer.ts'
import type { FakeOptions } from './fake-peer.ts'
import type { Given, TabPeerInit } from '../../peer/tab-peer.ts'

export interface Fake extends FakeOptions {
  /** Code of the error that reading the link ends with. */
  linkError?: string
  /** Code of the error that starting ends with. */
  startError?: string
  /** Starting takes until `goOn` is called. */
  isSlow?: boolean
  meshName?: string
  coresMax?: number
  given?: Given
}

export interface Seen { starts: TabPeerInit[], peers: FakePeer[], left: number, volunteer: Volunteer }

declare global {
  var fake: Fake | undefined
  var seen: Seen
  var goOn: () => void
}

const fake = globalThis.fake ?? {}
const fail = (code: string): never => {
  throw Object.assign(new Error(`The mesh said: ${code}.`), { name: 'EntryError', code })
}
const stores = browserStores()
const volunteer = new Volunteer({
  readLink: async () => fake.linkError !== undefined ? fail(fake.linkError) : { addrs: ['/ip4/127.0.0.1/tcp/1/ws'], name: fake.meshName },
  startTabPeer: async (init) => {
    seen.starts.push(init)
    if (globalThis.fake?.startError !== undefined) fail(globalThis.fake.startError)
    if (fake.isSlow === true) await new Promise<void>((resolve) => { globalThis.goOn = resolve })
    const peer = new FakePeer(init, fake, fake.given)
    seen.peers.push(peer)
    return peer
  }
}, new SettingsStore(stores, fake.coresMax ?? 8), stores.lasting)
globalThis.seen = { starts: [], peers: [], left: 0, volunteer }

const app = document.createElement('div')
app.id = 'app'
document.getElementById('app')?.replaceWith(app)
showPage(volunteer, app)
followPage(volunteer)
void volunteer.open(location.hash)
