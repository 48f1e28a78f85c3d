/** The real pages as people use them, over a real mesh: the link, consent, a job, its picture, its result. */
import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { Running } from '../../node/test/cli.ts'
import { launchChromium } from './chromium.ts'
import { verifyBy } from '../../protocol/host/keys.ts'
import { verifyLines } from '../../protocol/host/credit/verify.ts'
import { until } from './tabs.ts'

const LISTEN = ['/tcp/0', '/tcp/0/ws'].flatMap((rest) => ['--listen', `/ip4/127.0.0.1${rest}`])
/** Tests keep a machine busy, and a volunteer would make room for them. */
const BUSY = 'if (self === top) localStorage.setItem("millionfold:volunteer", JSON.stringify({ goOn: ["busy"] }))'
const PRIMES = fileURLToPath(new URL('../../examples/primes.ts', import.meta.url))

describe('pages', function () {
  this.timeout(180_000)
  let browser: Browser
  const running: Running[] = []
  before(async () => { browser = await launchChromium() })
  afterEach(async () => {
    await Promise.all(browser.contexts().map(async (context) => { await context.close() }))
    await Promise.all(running.splice(0).map(async (process) => await process.stop()))
  })
  after(async () => { await browser.close() })

  const errors: string[] = []

  async function open (url: string): Promise<Page> {
    const context = await browser.newContext()
    await context.addInitScript(BUSY)
    const page = await context.newPage()
    page.on('pageerror', (error) => { errors.push(error.stack ?? error.message) })
    page.on('console', (message) => { if (/Content Security Policy/i.test(message.text())) errors.push(message.text()) })
    await page.goto(url)
    return page
  }

  async function serve (args: string[]): Promise<{ volunteer: string, control: string }> {
    const process = new Running(['serve', '--port', '0', '--no-mdns', ...LISTEN, ...args])
    running.push(process)
    const control = (await process.says(/control {4}\S+/)).split(/\s+/)[1]!
    return { volunteer: new URL('./', control).href, control }
  }

  /** Open the volunteer page and agree. */
  async function volunteer (url: string): Promise<Page> {
    const page = await open(url)
    await page.getByRole('button', { name: /^start/i }).first().click()
    await page.getByRole('button', { name: /pause/i }).first().waitFor()
    return page
  }

  /** Colours in the map: one at most means that nothing was drawn. */
  const coloursOf = async (page: Page): Promise<number> => await page.locator('canvas').first().evaluate((canvas: HTMLCanvasElement) => {
    const copy = document.createElement('canvas')
    copy.width = canvas.width
    copy.height = canvas.height
    const context = copy.getContext('2d')!
    context.drawImage(canvas, 0, 0)
    return new Set(new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer)).size
  })

  /** Volunteers save what they have receipts for: together, every partition once (K3, K5). */
  async function receiptsOf (volunteers: Page[]): Promise<void> {
    let partitions = 0
    const saved = async (page: Page): Promise<number> => {
      const save = page.getByRole('button', { name: 'Save as a file' })
      if (await save.count() === 0) return 0
      const [download] = await Promise.all([page.waitForEvent('download'), save.click()])
      const { jobs, faults } = await verifyLines((await readFile(await download.path(), 'utf8')).split('\n'), verifyBy)
      expect(faults).to.deep.equal([])
      return jobs.reduce((sum, job) => sum + job.partitions, 0)
    }
    await until('receipts for every partition', async () => {
      partitions = (await Promise.all(volunteers.map(saved))).reduce((sum, each) => sum + each, 0)
      return partitions >= 10_000
    })
    expect(partitions).to.equal(10_000)
  }

  it('three volunteers and a relay count the primes below 10^7 for a fourth tab', async () => {
    const links = await serve(['--cores', '0'])
    const volunteers = await Promise.all([0, 1, 2].map(async () => await volunteer(links.volunteer)))
    const control = await open(links.control)
    await control.getByText('Primes', { exact: true }).first().click()
    await control.getByLabel('limit', { exact: true }).fill('10000000')
    const run = control.getByRole('button', { name: /^run/i })
    await until('a job that can be run', async () => await run.getAttribute('aria-disabled') !== 'true')
    await run.click()
    await control.getByText('664,579').first().waitFor({ timeout: 90_000 })
    expect(await coloursOf(control)).to.be.above(2)
    expect(await control.getByText('10,000').count()).to.be.above(0)
    await until('somebody\'s partitions', async () => {
      const texts = await Promise.all(volunteers.map(async (page) => await page.innerText('body')))
      return texts.some((text) => /Partitions\s+[1-9]/.test(text))
    })
    await receiptsOf(volunteers)
    expect(errors).to.deep.equal([])
  })

  it('a tab that opens the link of a run shares its work', async () => {
    const run = new Running(['run', PRIMES, '--peers', '1', '--serve', '--params', '{"limit":3000000000}', '--json'])
    running.push(run)
    const url = (await run.says(/welcome at \S+/)).split(' ').at(-1)!.replace(/,$/, '')
    const page = await volunteer(url)
    await until('partitions of the tab', async () => /Partitions\s+[1-9]/.test(await page.innerText('body')), 100_000)
    expect(await page.innerText('body')).to.match(/primes/)
    await run.stop('SIGINT')
    expect(errors).to.deep.equal([])
  })
})
