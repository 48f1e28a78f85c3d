/** The store's port over IndexedDB, in a real browser (D1, D5, D6, D8), and a tab's place (D7). */
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { STORE_CHECKS } from '../../../protocol/host/test/store-suite.ts'
import { launchChromium, serveEntry } from '../../test/chromium.ts'
import type { Browser, Page } from 'playwright-core'
import type { StorePage } from './store-page.ts'
import type { TestSite } from '../../test/chromium.ts'

describe('a disk of IndexedDB', function () {
  this.timeout(120_000)
  let browser: Browser
  let site: TestSite
  let page: Page

  before(async () => {
    [browser, site] = await Promise.all([launchChromium(), serveEntry(fileURLToPath(new URL('./store-page.ts', import.meta.url)))])
    page = await browser.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => 'storePage' in globalThis)
  })
  after(async () => { await Promise.all([browser?.close(), site?.close()]) })

  const call = async <K extends keyof StorePage>(name: K, ...args: Parameters<StorePage[K]>): Promise<Awaited<ReturnType<StorePage[K]>>> =>
    await page.evaluate(async ([key, given]) => {
      const { storePage } = globalThis as unknown as { storePage: Record<string, (...all: unknown[]) => unknown> }
      return await storePage[key]!(...given)
    }, [name, args] as const) as Awaited<ReturnType<StorePage[K]>>

  for (const [title] of STORE_CHECKS) it(title, async () => { expect(await call('check', title)).to.equal('') })

  it('[D2] a tab is the same peer after a refresh', async () => {
    const [first, second] = await call('keys')
    expect(second).to.equal(first)
    await page.reload()
    await page.waitForFunction(() => 'storePage' in globalThis)
    expect((await call('keys'))[0]).to.equal(first)
  })

  it('[D7] data of a newer version is one sentence, and not touched', async () => {
    expect(await call('newer')).to.deep.equal({ said: 'This browser has data of a newer version of this page, which is left as it is.', version: 9 })
  })
})
