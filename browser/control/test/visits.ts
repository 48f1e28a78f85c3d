/** A browser with the control page in it: opened afresh for each test, what went wrong in it kept for the test to see. */
import axe from 'axe-core'
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { launchChromium } from '../../test/chromium.ts'
import { serveControl } from './site.ts'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { FakeMeshInit } from './fake-page.tsx'
import type { Site } from './site.ts'

export class Visits {
  readonly site: Site
  readonly #browser: Browser
  readonly #pages: Page[] = []
  /** Exceptions of pages, and what their policy stopped. */
  readonly #errors: string[] = []

  private constructor (site: Site, browser: Browser) {
    this.site = site
    this.#browser = browser
  }

  static async begin (): Promise<Visits> {
    const [site, browser] = await Promise.all([serveControl(), launchChromium()])
    return new Visits(site, browser)
  }

  async open (fake: FakeMeshInit = {}, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    this.#pages.push(page)
    page.setDefaultTimeout(30_000)
    page.on('pageerror', ({ message }) => { this.#errors.push(message) })
    page.on('console', (message) => { if (/Content.Security.Policy/i.test(message.text())) this.#errors.push(message.text()) })
    await page.addInitScript((it) => { globalThis.fakeMesh = it }, fake)
    await page.goto(this.site.url)
    return page
  }

  /** Close what a test opened. */
  async leave (): Promise<void> {
    for (const page of this.#pages.splice(0)) await page.context().close()
    expect(this.#errors.splice(0)).to.deep.equal([])
  }

  async end (): Promise<void> {
    await this.#browser.close()
    await this.site.close()
  }
}

/** Put a module in, and wait until it is checked. */
export async function paste (page: Page, source: string): Promise<void> {
  await page.getByRole('button', { name: 'Your own' }).click()
  await page.getByRole('textbox', { name: 'job.ts' }).fill(source)
  await page.getByText('Checking the module').waitFor({ state: 'detached' })
}

export async function run (page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^Run/ }).click()
  return page.locator('.job')
}

export async function downloaded (page: Page, name: string | RegExp): Promise<{ file: string, bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()])
  return { file: download.suggestedFilename(), bytes: await readFile(await download.path()) }
}

/** Serious faults of the page as it stands. */
export async function faultsOf (page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(async () => await (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
}

/** A module whose forty squares sum up to 20,540. */
export const SQUARES = `export const name = 'squares'
export const params = { times: 1, note: 'x', deep: false }
export const prepare = (): number => 40
export const compute = (p: number, _input: unknown, ctx: { params: { times: number } }): number => p * p * ctx.params.times
export const collect = (outputs: number[]): number => outputs.reduce((a, b) => a + b, 0)`
