/** The pages as static files: what a first visit loads, and that any static host will do. */
import { expect } from 'chai'
import { createServer } from 'node:http'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { QUIET_PEER, startPeer } from '../../../node/peer.ts'
import { writeLink } from '../../peer/link.ts'
import { launchChromium } from '../../test/chromium.ts'
import { makePages } from '../pages.ts'

const GONE = '/ip4/127.0.0.1/tcp/9/ws/p2p/12D3KooWEYfYbZYFN4EJWkys6sQ1eHjs6ATfUmMZsERTTZf9TtTy'
/** DESIGN 9. */
const FIRST_LOAD_BYTES_MAX = 250_000
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' }
const CONSENT = 'if (self === top) localStorage.setItem("millionfold:volunteer", JSON.stringify({ consent: "always", goOn: ["busy"] }))'

describe('pages as static files', function () {
  this.timeout(120_000)
  let folder = ''
  let browser: Browser
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millionfold-pages-'))
    await makePages(folder)
    browser = await launchChromium()
  })
  after(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('enter a mesh from a plain file server by the link\'s fragment, in 250 KB', async () => {
    const asked: string[] = []
    // What static hosts do: files by their path, nothing computed. The compressed form is what would travel.
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname
      const file = path === '/' ? '/index.html' : path
      readFile(join(folder, file)).then((bytes) => {
        asked.push(file)
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(bytes)
      }, () => response.writeHead(404).end())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const relay = await startPeer({ ...QUIET_PEER, listen: ['/ip4/127.0.0.1/tcp/0/ws'], relay: true, runsCode: false })
    const context = await browser.newContext()
    await context.addInitScript(CONSENT)
    const page = await context.newPage()
    const refused: string[] = []
    page.on('console', (message) => { if (/Content Security Policy/i.test(message.text())) refused.push(message.text()) })
    await page.goto(writeLink(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { addrs: relay.mesh.addrs() }))
    await page.getByText(/Connected to 1 peer/).waitFor({ timeout: 60_000 })
    const loaded = [...new Set(asked)]
    const sizes = await Promise.all(loaded.map(async (file) => (await stat(join(folder, `${file}.br`))).size))
    const bytes = sizes.reduce((a, b) => a + b, 0)
    console.log(`      first load: ${bytes} bytes compressed in ${loaded.length} files`)
    expect(bytes).to.be.below(FIRST_LOAD_BYTES_MAX)
    expect(loaded).to.include('/index.html')
    expect(refused).to.deep.equal([])
    await context.close()
    await relay.stop()
    server.closeAllConnections()
    server.close()
  })

  /** The page as a browser shows it that runs this script first, or one that asked for it at this origin. */
  async function shown (script: string, says: string, origin = 'http://localhost/'): Promise<void> {
    const page = await (await browser.newContext()).newPage()
    await page.addInitScript(CONSENT)
    await page.addInitScript(script)
    await page.route('**/*', async (route) => {
      const path = new URL(route.request().url()).pathname
      await route.fulfill({ path: join(folder, path === '/' ? 'index.html' : path), contentType: TYPES[extname(path === '/' ? '.html' : path)] ?? 'text/html' })
    })
    await page.goto(writeLink(origin, { addrs: [GONE] }))
    await page.getByText(says).first().waitFor({ timeout: 60_000 })
    await page.context().close()
  }

  it('say so when the link names nobody who answers', async () => { await shown('', 'Nobody answers') })

  it('say so in a browser without WebRTC', async () => {
    await shown('delete globalThis.RTCPeerConnection', 'This browser cannot reach other volunteers')
  })

  it('say so in a browser that keeps nothing', async () => {
    await shown('Object.defineProperty(globalThis, "indexedDB", { value: undefined })', 'This browser keeps nothing for this page')
    await shown('IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError") }', 'This browser keeps nothing for this page')
  })

  it('say so where they came by plain http from another machine', async () => {
    await shown('', 'This page came over an insecure connection', 'http://millionfold.example/')
  })
})
