/**
 * The control page over a mesh in the page. `globalThis.fakeMesh`, set before load, says what the mesh is like;
 * `control`, `tab` and `volunteers` are there to look at.
 */
/* eslint-disable-next-line @typescript-eslint/triple-slash-reference -- it declares what cannot be imported */
/// <reference path="../../ui/css.d.ts" />
import '../../ui/theme.css'
import '../../picture/picture.css'
import '../page.css'
import { Control } from '../control.ts'
import { FakeMesh, FakeTab } from './fake-mesh.ts'
import { followWindow } from '../window.ts'
import { observeJob } from '../../peer/observer.ts'
import { readLink, writeLink } from '../../peer/link.ts'
import { showControl } from '../app.tsx'
import type { MeshPeer } from '../../../protocol/host/mesh-peer.ts'

export interface FakeMeshInit {
  /** Volunteers, each of one core. */
  volunteers?: number
  isLonely?: boolean
  isPrivate?: boolean
  /** Code of the error that entering the mesh ends with. */
  startError?: string
}

declare global {
  var fakeMesh: FakeMeshInit | undefined
  var control: Control
  var tab: FakeTab
  var volunteers: MeshPeer[]
}

const LINK = '#v=1&peer=/ip4/127.0.0.1/tcp/9999/ws/p2p/12D3KooWNvSZnPi3RrhrTwEY4LuuBeB6K6facKUCJcyWG1aoDd2p&name=Test+mesh'
const fake = globalThis.fakeMesh ?? {}
globalThis.volunteers = []
globalThis.control = new Control({
  assets: { bundlerUrl: 'bundler.js', wasmUrl: 'esbuild.wasm', submitterUrl: 'submitter.html', volunteerUrl: './' },
  texts: async () => (await import('../example-texts.ts')).texts,
  readLink: async (hash) => readLink(hash === '' ? LINK : hash),
  writeLink: async (page, link) => writeLink(page, link),
  lend: async (text, rights) => ({ text: `${text}-${rights.join('-')}`, isNarrowed: true }),
  startTabPeer: async ({ cores }) => {
    const { startError } = globalThis.fakeMesh ?? {}
    if (startError !== undefined) throw Object.assign(new Error('The mesh said so.'), { code: startError })
    const mesh = new FakeMesh(fake.isPrivate)
    const own = await mesh.add(cores)
    for (let i = 0; i < (fake.volunteers ?? 1); i++) volunteers.push(await mesh.add(1))
    globalThis.tab = new FakeTab({ mesh: own, others: volunteers.map(({ id }) => id), isLonely: fake.isLonely ?? false })
    return tab
  },
  observe: async (peer, job, onSnapshots) => observeJob(peer, job, (snapshots, report) => { onSnapshots(snapshots, report.done) })
})
showControl(control, document.getElementById('app') ?? document.body)
followWindow(control)
void control.open(location.hash)
