/** The pages' server: the files of one folder and nothing else, with the peer's addresses written in. */
import { expect } from 'chai'
import { brotliCompressSync } from 'node:zlib'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IncomingHttpHeaders } from 'node:http'
import { dialableByTabs } from '../addrs.ts'
import { PageServer } from '../server.ts'

interface Answer { status: number, headers: IncomingHttpHeaders, text: string }

const PAGE = '<!doctype html><meta name="millionfold-peers" content=""><p>page</p>'

describe('page server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millionfold-pages-'))
  const server = new PageServer({ folder: write(), port: 0, host: '127.0.0.1', addrs: () => ['/ip4/127.0.0.1/tcp/1/ws/p2p/"A&B'] })
  let url = ''
  before(async () => { url = await server.start() })
  after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  function write (): string {
    writeFileSync(join(folder, 'index.html'), PAGE)
    writeFileSync(join(folder, 'control.html'), PAGE)
    writeFileSync(join(folder, 'main.js'), 'let x')
    writeFileSync(join(folder, 'main.js.br'), brotliCompressSync('let x'))
    writeFileSync(join(folder, 'secret.key'), 'secret')
    return folder
  }

  /** Paths go out as they are, dots included. */
  async function get (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const asked = request(url, { path, headers, method }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => { text += part })
        response.on('end', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, text }) })
      })
      asked.on('error', reject).end()
    })
  }

  it('writes addresses into pages, and nothing that could end the attribute', async () => {
    for (const path of ['/', '/control', '/index.html?x#y']) {
      const { status, text } = await get(path)
      expect(status).to.equal(200)
      expect(text).to.include('content="/ip4/127.0.0.1/tcp/1/ws/p2p/&quot;A&amp;B">')
    }
  })

  it('gives out the compressed form to whoever takes it', async () => {
    expect((await get('/main.js', { 'accept-encoding': 'gzip, br' })).headers['content-encoding']).to.equal('br')
    expect((await get('/main.js', { 'accept-encoding': 'br;q=0' })).headers['content-encoding']).to.equal(undefined)
    expect((await get('/main.js')).text).to.equal('let x')
  })

  it('knows no other files, paths or methods', async () => {
    for (const path of ['/secret.key', '/../package.json', '/..%2fpackage.json', '/main.js/', '//etc/passwd', '/constructor']) {
      expect((await get(path)).status, path).to.equal(404)
    }
    expect((await get('/', {}, 'POST')).status).to.equal(405)
    expect((await get('/control/')).headers.location).to.equal('/control')
  })

  it('says in one sentence that its port is taken', async () => {
    const port = Number(new URL(url).port)
    const other = new PageServer({ folder, port, host: '127.0.0.1', addrs: () => [] })
    const error = await other.start().then(() => null, (reason: Error) => reason)
    expect(error?.message).to.equal(`Port ${port} for the pages is in use, so choose another with --port.`)
  })
})

describe('addresses that tabs can dial', () => {
  it('are WebSockets and WebRTC-direct, this machine\'s own first, no relayed ones', () => {
    const addrs = [
      '/ip4/127.0.0.1/tcp/1/p2p/A', '/ip4/192.0.2.2/tcp/2/ws/p2p/A', '/ip4/127.0.0.1/udp/3/webrtc-direct/certhash/x/p2p/A',
      '/ip4/127.0.0.1/tcp/2/ws/p2p/A', '/ip4/192.0.2.9/tcp/2/ws/p2p/B/p2p-circuit/p2p/A'
    ]
    expect(dialableByTabs(addrs)).to.deep.equal([addrs[3], addrs[2], addrs[1]])
  })
})
