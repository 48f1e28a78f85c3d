/**
 * Attempts to get out that only tabs offer (DESIGN 6): from job code, behind both walls, and from a bare worker, behind the frame's
 * alone. A server counts what reaches it: nothing may.
 */
import { expect } from 'chai'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { compute, failureOf, jobOf, outputsOf, result, SUM } from '../../../protocol/job/test/sandbox-kit.ts'
import { buildSandboxPage } from '../build.ts'
import { BY_JOB_CODE, BY_NATIVES } from './attempts.ts'
import { openPage } from './page-sandbox.ts'
import type { AddressInfo } from 'node:net'
import type { Sandbox } from '../../../protocol/job/sandbox.ts'
import type { TestPage } from './page-sandbox.ts'

/** Counts connections of any protocol. */
const target = createServer(socket => {
  reached++
  socket.on('error', () => {})
  socket.end('HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 0\r\n\r\n')
})
let reached = 0

const aimed = (text: string): string => {
  const { port } = target.address() as AddressInfo
  return text.replaceAll('HTTPSURL', `https://127.0.0.1:${port}`).replaceAll('WSURL', `ws://127.0.0.1:${port}/`).replaceAll('"URL', `"http://127.0.0.1:${port}`).replaceAll('url(URL', `url(http://127.0.0.1:${port}`)
}

/** A worker's script that tries everything and tells what it got. */
const tryAll = (): string => `onmessage = async ({ ports: [port] }) => {
  postMessage('up')
  const got = {}
  const attempts = { ${Object.entries(BY_NATIVES).map(([what, body]) => `${JSON.stringify(what)}: async () => { ${aimed(body)} }`).join(',\n')} }
  await Promise.all(Object.entries(attempts).map(async ([what, attempt]) => {
    const late = new Promise(done => { setTimeout(done, 8000, 'nothing') })
    got[what] = await Promise.race([late, attempt().then(it => 'got ' + it, () => 'nothing')])
  }))
  port.postMessage(got)
}`

/** Of a file system that is gone; they cannot be deleted. */
const NUMBERS = ['PERSISTENT', 'TEMPORARY']

describe('tab sandbox: ways out', () => {
  let page: TestPage
  let sandbox: Sandbox

  before(async () => {
    target.listen(0, '127.0.0.1')
    await once(target, 'listening')
    const real = await buildSandboxPage()
    const raw = real.replace(/(id="worker">)[^]*?(<\/script>)/, (_, open: string, close: string) => open + tryAll() + close)
    page = await openPage({ documents: { '/raw.html': raw } })
    await page.ask('secrets')
    sandbox = page.create({ cores: 1, memoryMb: 64 })
  })
  after(async () => {
    await page.close()
    target.close()
  })
  afterEach('nothing reached the server, and the sandbox lives on', async () => {
    expect(reached).to.equal(0)
    expect(await result(sandbox, `export const compute = p => p\n${SUM}`)).to.equal(45)
  })

  for (const [what, reach] of Object.entries(BY_JOB_CODE)) {
    it(`gives job code no way to ${what}`, async () => {
      const source = `export async function compute (p, input, ctx) { try { const it = await (${aimed(reach)}); return it === undefined || it === null ? 'nothing' : 'got ' + typeof it } catch (error) { return 'nothing' } }\n`
      expect(await outputsOf(await compute(sandbox, jobOf(source, { partitions: 1 })))).to.deep.equal(['nothing'])
    })
  }

  it('gives a bare worker no way out either: the frame\'s policy stands alone', async function () {
    const got = await page.ask('framed', { url: '/raw.html', isSandboxed: true, waitMs: 20_000 })
    expect(got).to.deep.equal(Object.fromEntries(Object.keys(BY_NATIVES).map(what => [what, 'nothing'])))
  })

  it('runs nothing where the frame\'s origin is not opaque', async () => {
    expect(await page.ask('framed', { url: '/raw.html', isSandboxed: false, waitMs: 1500 })).to.equal(null)
  })

  it('leaves nothing in job code\'s scope but the language', async () => {
    const source = 'export const compute = () => { const names = []; for (let it = globalThis; it !== null && it !== Object.prototype; it = Object.getPrototypeOf(it)) names.push(...Object.getOwnPropertyNames(it)); return names.filter(name => globalThis[name] !== undefined).sort() }\n'
    const [names] = await outputsOf(await compute(sandbox, jobOf(source, { partitions: 1 }))) as [string[]]
    const ours = new Set([...Object.getOwnPropertyNames(globalThis).filter(name => /^[A-Z]/.test(name)), 'globalThis', 'eval', 'console', 'performance', 'queueMicrotask', 'escape', 'unescape', ...NUMBERS])
    expect(names.filter(name => !ours.has(name) && !/^(is|parse|decode|encode)/.test(name))).to.deep.equal([])
    expect(names.filter(name => /fetch|worker|socket|event|message|url|blob|crypto|navigator|location|gpu|storage|cache|request|response|stream|timeout|interval/i.test(name))).to.deep.equal([])
  })

  it('loads no module that imports from a network', async () => {
    for (const from of ['"URL/module.js"', '"data:text/javascript,export default 1"', '"./other.js"']) {
      const why = await failureOf(compute(sandbox, jobOf(`import it from ${aimed(from)}\nexport const compute = p => it\n`)))
      expect(why.kind).to.equal('module')
      expect(why.message).to.match(/imports /)
    }
  })

  it('does not let prototypes polluted by one job reach another, or the page', async () => {
    await result(sandbox, `Object.prototype.polluted = 1\nArray.prototype.sum = 1\nPromise.prototype.then = null\nexport const compute = p => p\n${SUM}`).catch(() => {})
    expect(await result(sandbox, `export const compute = p => ({}).polluted ?? [].sum ?? p\n${SUM}`)).to.equal(45)
    expect(await page.ask('polluted')).to.deep.equal([])
  })

  it('leaves the page\'s storage as it was', async () => {
    expect(await page.ask('storage')).to.deep.equal(['secret'])
  })

  it('tells nothing of the machine\'s place and language', async () => {
    const source = 'export const compute = () => { const day = new Date(2020, 0, 1, 12); return [String(day), day.toISOString(), day.getHours(), new Date("2020-01-01 12:00").getTime() - day, new Date("2020-01-01T12:00").getTime() - day, Date.parse("2020-01-01T12:00+02:00") - day, day.toLocaleString(), (1234.5).toLocaleString(), new Intl.NumberFormat().resolvedOptions().locale] }\n'
    const [found] = await outputsOf(await compute(sandbox, jobOf(source, { partitions: 1 })))
    const noon = new Date(Date.UTC(2020, 0, 1, 12))
    expect(found).to.deep.equal(['Wed Jan 01 2020 12:00:00 GMT+0000 (Coordinated Universal Time)', '2020-01-01T12:00:00.000Z', 12, 0, 0, -7_200_000, noon.toLocaleString('en-US', { timeZone: 'UTC' }), '1,234.5', 'en-US'])
  })
})
