/** The control page in a real browser under its own Content-Security-Policy, over a mesh of real peers in the page's memory. */
import axe from 'axe-core'
import { build } from 'esbuild'
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { bundleFiles } from '../bundle.ts'
import { cidOfRaw } from '../../../protocol/job/cid.ts'
import { launchChromium } from '../../test/chromium.ts'
import { qrOf } from '../qr.ts'
import { serveControl } from './site.ts'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { Build } from '../bundle.ts'
import type { FakeMeshInit } from './fake-page.tsx'
import type { Site } from './site.ts'

const SQUARES = `export const name = 'squares'
export const params = { times: 1, note: 'x', deep: false }
export const prepare = (): number => 40
export const compute = (p: number, _input: unknown, ctx: { params: { times: number } }): number => p * p * ctx.params.times
export const collect = (outputs: number[]): number => outputs.reduce((a, b) => a + b, 0)`

const SLOW = `export const name = 'slow'
export const partitions = 600
export const compute = async (p, input, ctx) => { await ctx.sleep(100); return p }
export const collect = outputs => outputs.length`

describe('the control page', () => {
  let site: Site
  let browser: Browser
  const pages: Page[] = []
  const errors: string[] = []

  before(async () => {
    [site, browser] = await Promise.all([serveControl(), launchChromium()])
  })
  after(async () => {
    await browser.close()
    await site.close()
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close()
    expect(errors.splice(0)).to.deep.equal([])
  })

  const open = async (fake: FakeMeshInit = {}, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    pages.push(page)
    page.setDefaultTimeout(20_000)
    page.on('pageerror', ({ message }) => { errors.push(message) })
    page.on('console', (message) => { if (/Content.Security.Policy/i.test(message.text())) errors.push(message.text()) })
    await page.addInitScript((it) => { globalThis.fakeMesh = it }, fake)
    await page.goto(site.url)
    return page
  }
  const paste = async (page: Page, source: string): Promise<void> => {
    await page.getByRole('button', { name: 'Your own' }).click()
    await page.getByRole('textbox', { name: 'job.ts' }).fill(source)
    await page.getByText('Checking the module').waitFor({ state: 'detached' })
  }
  const run = async (page: Page): Promise<Locator> => {
    await page.getByRole('button', { name: /^Run/ }).click()
    return page.locator('.job')
  }
  const downloaded = async (page: Page, name: string | RegExp): Promise<{ file: string, bytes: Buffer }> => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()])
    return { file: download.suggestedFilename(), bytes: await readFile(await download.path()) }
  }

  it('runs an example and gives its result', async () => {
    const page = await open({ volunteers: 2 })
    await page.getByText('connected: 2 tabs').waitFor()
    await page.getByRole('button', { name: 'Primes' }).click()
    await page.getByRole('textbox', { name: 'limit', exact: true }).fill('10,000,000')
    const job = await run(page)
    expect(await page.evaluate(() => document.activeElement?.textContent)).to.equal('primes')
    await job.getByText('664,579', { exact: true }).waitFor()
    await job.getByText('known answer').waitFor()
    const files = Object.fromEntries(await Promise.all(['primes.ts', 'report.ts'].map(async (name) => [name, await readFile(new URL(`../../../examples/${name}`, import.meta.url), 'utf8')])))
    const { bundle } = await bundleFiles(build as unknown as Build, { main: 'primes.ts', files })
    expect(await page.evaluate(() => control.selected.value?.spec.value?.bundle)).to.equal(cidOfRaw(bundle))
    expect(await job.locator('.chip').textContent()).to.equal('Done')
    expect(await downloaded(page, 'Download .txt')).to.deep.include({ file: 'primes.txt' })
    expect(await job.getByText('Took', { exact: true }).count()).to.equal(1)
  })

  it('bundles what is pasted, tells what is wrong with it and where, and runs it', async () => {
    const page = await open()
    await paste(page, 'export const compute = (')
    await page.getByText(/^job\.ts:1:\d+: /).waitFor()
    await paste(page, "import { x } from 'lodash'\nexport const compute = () => x")
    await page.getByText('job.ts:1: imports lodash, a package that a page cannot install').waitFor()
    await paste(page, 'export const name = "x"')
    await page.getByText('job.ts exports no compute: add').waitFor()
    await paste(page, 'throw new Error("no good")\nexport const name = "x"\nexport const compute = p => p')
    await page.getByText('job.ts cannot be loaded: no good.').waitFor()
    await paste(page, SQUARES)
    await page.getByLabel('times').fill('ten')
    await run(page)
    await page.getByRole('alert').getByText('times must be a number, such as 1000 or 1e6, not ten.').waitFor()
    await page.getByLabel('times').fill('2')
    await page.getByRole('button', { name: 'as JSON' }).click()
    expect(JSON.parse(await page.getByLabel('JSON').inputValue())).to.deep.equal({ times: 2, note: 'x', deep: false })
    await (await run(page)).getByText('41,080', { exact: true }).waitFor()
  })

  it('says which partition failed, why, and where in the source', async () => {
    const page = await open()
    await paste(page, `export const partitions = 20
export function compute (p: number): number {
  if (p === 7) throw new RangeError('seven is not good')
  return p
}`)
    const job = await run(page)
    await job.getByRole('alert').getByText('The job failed at partition 7').waitFor()
    await job.getByText('RangeError: seven is not good').waitFor()
    expect(await job.getByLabel('Where in the source').textContent()).to.match(/at compute \(job\.ts:3:\d+\)/)
  })

  it('locks the submitter\'s functions in, and streams what they give', async () => {
    const page = await open()
    await paste(page, `export const name = 'locked'
export async function * prepare () {
  console.warn('origin', self.origin)
  const far = '${site.url}bundler.js'
  for (const attempt of [() => fetch('${site.url}'), () => indexedDB.open('x').onsuccess, () => import(far)]) {
    try { await attempt(); console.error('out') } catch (error) { console.log('kept in') }
  }
  for (let i = 0; i < 5000; i++) yield 'line ' + i
}
export const compute = (p: number, line: string): string => line.toUpperCase()
export async function * assemble (outputs: AsyncIterable<string>) {
  let count = 0
  for await (const output of outputs) if (count++ % 1000 === 0) yield output
  yield count
}`)
    const job = await run(page)
    await job.locator('.tree').getByText('LINE 4000').waitFor()
    await job.locator('.tree').getByText('5000', { exact: true }).waitFor()
    expect(await job.locator('.console p').allTextContents()).to.deep.equal(['origin null', 'kept in', 'kept in', 'kept in'])
    expect((await downloaded(page, /Download/)).bytes.toString()).to.equal('LINE 0\nLINE 1000\nLINE 2000\nLINE 3000\nLINE 4000\n5000\n')
  })

  it('ends a prepare that does not end', async () => {
    const page = await open()
    await paste(page, 'export const name = "endless"\nexport function * prepare () { for (;;) yield 1 }\nexport const compute = p => p')
    const job = await run(page)
    await job.getByText(/inputs taken so far/).waitFor()
    await job.getByRole('button', { name: 'Stop' }).click()
    await job.getByRole('button', { name: 'Stop the job' }).click()
    await job.getByText('You stopped this job').waitFor()
  })

  it('shows the picture that a job assembles, here and where its result is fetched later', async () => {
    const page = await open({ volunteers: 2 })
    await page.getByRole('button', { name: 'Mandelbrot' }).click()
    await page.getByLabel('width').fill('600')
    await page.getByLabel('height').fill('400')
    const job = await run(page)
    const size = async (): Promise<unknown> => await job.locator('img.image').evaluate(async (image: HTMLImageElement) => {
      await image.decode()
      return [image.naturalWidth, image.naturalHeight]
    })
    await job.locator('img.image').waitFor()
    expect(await size()).to.deep.equal([600, 400])
    const { file, bytes } = await downloaded(page, 'Download .png')
    expect([file, bytes.subarray(1, 4).toString()]).to.deep.equal(['mandelbrot.png', 'PNG'])
    await job.getByRole('button', { name: 'Put away' }).click()
    await page.getByText('Nothing runs here yet').waitFor()
    await page.locator('.known').click()
    await job.locator('img.image').waitFor()
    expect(await size()).to.deep.equal([600, 400])
  })

  it('follows a job and stops it for everyone, after asking', async () => {
    const page = await open()
    await paste(page, SLOW)
    expect(await page.evaluate(() => control.isNeeded)).to.equal(false)
    const job = await run(page)
    await job.getByText('1 peer', { exact: true }).waitFor()
    await job.getByText('You may close this page now').waitFor()
    expect(await page.evaluate(() => control.isNeeded)).to.equal(false)
    await job.locator('.picture').waitFor()
    await job.getByRole('button', { name: 'Stop' }).click()
    await job.getByRole('button', { name: 'Keep it running' }).click()
    await job.getByRole('button', { name: 'Stop' }).click()
    await job.getByRole('button', { name: 'Stop the job' }).click()
    await job.getByText('You stopped this job').waitFor()
    await page.locator('.known').getByText('Stopped').waitFor()
  })

  it('takes inputs that are typed or in a file, and several files of a job', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Word count' }).click()
    const job = await run(page)
    await job.locator('.tree').getByText('temperate').waitFor()
    await page.getByRole('button', { name: 'Your own' }).click()
    await page.getByLabel('Choose files').setInputFiles([
      { name: 'part.ts', mimeType: 'text/plain', buffer: Buffer.from('export const twice = (text: string): string => text + text') },
      { name: 'main.ts', mimeType: 'text/plain', buffer: Buffer.from("import { twice } from './part.ts'\nexport const compute = (_p: number, line: string): string => twice(line)") }
    ])
    await page.getByRole('list', { name: 'Files' }).getByText('main.ts').waitFor()
    await run(page)
    await page.getByText('give it inputs, one a line').waitFor()
    await page.getByLabel('From a file').setInputFiles({ name: 'rows.txt', mimeType: 'text/plain', buffer: Buffer.from('a\nb\n') })
    await (await run(page)).locator('.tree').getByText('bb').waitFor()
    expect((await downloaded(page, 'Download .txt')).bytes.toString()).to.equal('aa\nbb\n')
  })

  it('finds a finished job by its id, and says so when nobody knows one', async () => {
    const page = await open()
    await paste(page, SQUARES)
    const job = await run(page)
    await job.getByText('20,540', { exact: true }).waitFor()
    const id = await job.locator('.id .mono').textContent() ?? ''
    await job.getByRole('button', { name: 'Put away' }).click()
    await page.getByText('Find one by its id').click()
    await page.getByLabel('Job id').fill(id)
    await page.getByRole('button', { name: 'Look' }).click()
    await job.getByText('20,540', { exact: true }).waitFor()
    await page.getByLabel('Job id').fill('nonsense')
    await page.getByRole('button', { name: 'Look' }).click()
    await job.getByText('nonsense is not a job\'s id').waitFor()
  })

  it('invites with a link and its code', async () => {
    const page = await open({}, { permissions: ['clipboard-read', 'clipboard-write'] })
    const link = await page.getByLabel('Link for volunteers').inputValue()
    expect(link).to.match(/#v=1&peer=\/ip4\/127\.0\.0\.1\/tcp\/9999\/ws\/p2p\/12D3KooW\w+&name=Test\+mesh$/)
    expect(await page.locator('.code path').getAttribute('d')).to.equal(qrOf(link)?.path)
    await page.getByRole('button', { name: 'Copy the link' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate(async () => await navigator.clipboard.readText())).to.equal(link)
  })

  it('computes here only when asked to', async () => {
    const page = await open()
    await page.getByText('connected: 1 tab').waitFor()
    expect(await page.evaluate(() => tab.cores)).to.equal(0)
    await page.getByLabel('Compute here, too').check()
    expect(await page.evaluate(() => tab.cores)).to.equal(1)
  })

  for (const [code, title] of Object.entries({ 'no-answer': 'Nobody answers', 'other-version': 'This mesh speaks another version', 'no-webrtc': 'This browser cannot reach other volunteers', 'storage-blocked': 'This browser keeps nothing for this page' })) {
    it(`says what is wrong with the way in: ${code}`, async () => {
      const page = await open({ startError: code })
      await page.getByRole('alert').getByText(title).waitFor()
      await page.getByRole('button', { name: 'Primes' }).click()
      await page.getByRole('textbox', { name: 'limit', exact: true }).waitFor()
      await run(page)
      await page.getByText('This page is not in a mesh yet').waitFor()
    })
  }

  it('enters when it is tried again, and says that a link leads nowhere', async () => {
    const page = await open({ startError: 'no-answer' })
    await page.getByRole('alert').getByText('Nobody answers').waitFor()
    await page.evaluate(() => { globalThis.fakeMesh = {} })
    await page.getByRole('button', { name: 'Try again now' }).click()
    await page.getByText('connected: 1 tab').waitFor()
    await page.addInitScript(() => { location.hash = '#peer=nonsense' })
    await page.reload()
    await page.getByRole('alert').getByText('This link does not lead to a mesh').waitFor()
  })

  it('says so when its bundler cannot be had, and goes on when it can', async () => {
    const wasm = site.files.get('esbuild.wasm') as Uint8Array
    site.files.delete('esbuild.wasm')
    try {
      const page = await open()
      await paste(page, SQUARES)
      await page.getByText(/^The bundler could not be loaded: .* try again\.$/).waitFor()
      site.files.set('esbuild.wasm', wasm)
      await paste(page, SQUARES)
      await page.getByLabel('times').waitFor()
    } finally {
      site.files.set('esbuild.wasm', wasm)
    }
  })

  it('replays a log that is dropped anywhere', async () => {
    const page = await open()
    await page.getByText('connected: 1 tab').waitFor()
    await page.evaluate(() => {
      const lines = [
        { time: 1, type: 'submitted', peer: 'a', job: 'j', name: 'logged', partitions: 4, fanout: 2, grain: 1 },
        { time: 2, type: 'value', peer: 'a', job: 'j', path: '/', count: 4, from: 'a', by: 'a' }, { time: 3, type: 'done', peer: 'a', job: 'j' }
      ]
      const data = new DataTransfer()
      data.items.add(new File([lines.map((line) => JSON.stringify(line)).join('\n')], 'run.ndjson'))
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
    })
    await page.locator('.replay').getByText('logged').first().waitFor()
    await page.getByRole('button', { name: 'Close the replay' }).click()
    await page.getByText('Nothing runs here yet').waitFor()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no serious fault for those who cannot see it or use a mouse, ${colorScheme}`, async () => {
      const page = await open({ volunteers: 2 }, { colorScheme, reducedMotion: 'reduce' })
      const faults = async (): Promise<string[]> => {
        await page.evaluate(axe.source)
        const { violations } = await page.evaluate(async () => await (globalThis as unknown as { axe: typeof axe }).axe.run())
        return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
      }
      await page.getByText('connected: 2 tabs').waitFor()
      expect(await faults()).to.deep.equal([])
      await page.getByRole('button', { name: 'Word count' }).click()
      await page.getByText('More settings').click()
      const job = await run(page)
      await job.locator('.tree').waitFor()
      expect(await faults()).to.deep.equal([])
      await paste(page, 'export const compute = (')
      await page.getByText(/^job\.ts:1:\d+: /).waitFor()
      expect(await faults()).to.deep.equal([])
    })
  }

  it('fits a phone 360 pixels wide', async () => {
    const page = await open({ volunteers: 2 }, { viewport: { width: 360, height: 740 } })
    const overflow = async (): Promise<number> => await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    await page.getByRole('button', { name: 'Mandelbrot' }).click()
    await page.getByText('Its source').click()
    await page.getByText('More settings').click()
    expect(await overflow()).to.equal(0)
    await page.getByLabel('width').fill('300')
    await page.getByLabel('height').fill('200')
    await (await run(page)).locator('img.image').waitFor()
    expect(await overflow()).to.equal(0)
  })
})
