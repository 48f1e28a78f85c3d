/**
 * A browser tab, on a real Chromium: from the page's load to its first lease, what its sandbox costs, what it needs
 * while it waits for work, and how long a frame of the picture takes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { launchChromium, serveEntry } from '../../../browser/test/chromium.ts'
import { tabSpeed } from '../../../browser/sandbox/test/speed.ts'
import type { Browser, Page } from 'playwright-core'
import type { FrameTimes } from '../../../browser/picture/measure.tsx'
import { list, median, quantile } from '../figures.ts'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { start } from '../processes.ts'

const LISTEN = ['/tcp/0', '/tcp/0/ws'].flatMap((rest) => ['--listen', `/ip4/127.0.0.1${rest}`])
/** Long enough to last for all rounds. */
const LIMIT = 1e12
/** A page that starts by itself, as one does whose visitor has agreed before. */
const CONSENT = 'if (self === top) localStorage.setItem("millionfold:volunteer", JSON.stringify({ consent: "always", goOn: ["busy"] }))'
const WAIT_MS = 30_000
const SETTLE_MS = 10_000

interface Served { page: string, addr: string }

/** A Node peer that serves pages and computes nothing. */
async function served (): Promise<Served> {
  const serve = start(['serve', '--port', '0', '--cores', '0', '--no-mdns', ...LISTEN])
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(50)) {
    const page = /volunteer +(\S+)/.exec(serve.output())?.[1]
    const addr = /\S+\/ws\/p2p\/\S+/.exec(serve.output())?.[0]
    if (page !== undefined && addr !== undefined) return { page, addr }
  }
  throw new Error(`serve did not start: ${serve.errors()}`)
}

async function volunteer (browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext()
  await context.addInitScript(CONSENT)
  const page = await context.newPage()
  await page.goto(url)
  return page
}

async function leases (browser: Browser, { page: url, addr }: Served, rounds: number): Promise<number[]> {
  start(['run', 'examples/primes.ts', '--mesh', addr, '--params', JSON.stringify({ limit: LIMIT })])
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const page = await volunteer(browser, url)
    const mark = await page.waitForFunction(() => performance.getEntriesByName('millionfold:leased')[0]?.startTime, undefined, { timeout: WAIT_MS, polling: 20 })
    times.push(await mark.jsonValue() as number)
    await page.context().close()
  }
  return times
}

/** A tab that waits for work: what is on its heap after a collection, in MB. */
async function heapOf (browser: Browser, { page: url }: Served): Promise<number> {
  const page = await volunteer(browser, url)
  await sleep(SETTLE_MS)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  await page.context().close()
  return usedSize / 2 ** 20
}

/** Messages a minute of a tab that waits for work beside a Node peer and another tab. */
async function messagesOf (browser: Browser, { addr }: Served, ms: number): Promise<number> {
  const site = await serveEntry(fileURLToPath(new URL('../../../browser/test/tab-page.ts', import.meta.url)))
  const pages = await Promise.all([0, 1].map(async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(site.url)
    await page.evaluate(`tabPage.start(${JSON.stringify({ addrs: [addr], cores: 1, memoryMb: 64, duty: 1 })})`)
    return page
  }))
  await sleep(SETTLE_MS)
  const count = async (): Promise<number> => await pages[0]!.evaluate('tabPage.messages()')
  const before = await count()
  await sleep(ms)
  const sent = await count() - before
  await Promise.all(pages.map(async (page) => { await page.context().close() }))
  await site.close()
  return sent * 60_000 / ms
}

async function framesOf (browser: Browser): Promise<FrameTimes> {
  const site = await serveEntry(fileURLToPath(new URL('../../../browser/picture/test/page.tsx', import.meta.url)))
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
  await page.goto(site.url)
  const times = await page.evaluate('doors.measure(5000)') as FrameTimes
  await page.context().close()
  await site.close()
  return times
}

async function measure ({ quick }: BenchOptions): Promise<Figure[]> {
  const browser = await launchChromium()
  try {
    const idle = await served()
    const heapMb = await heapOf(browser, idle)
    const messages = await messagesOf(browser, idle, quick ? 10_000 : 60_000)
    const times = await leases(browser, idle, quick ? 3 : 10)
    const { ratio } = await tabSpeed(quick ? 1 : 5)
    const { frameMs, partitions, peers } = await framesOf(browser)
    return [
      { what: 'page load to first lease, median', value: median(times), unit: 'ms', budget: { atMost: 3000 }, note: list(times) },
      { what: 'page load to first lease, slowest', value: quantile(times, 1), unit: 'ms', budget: { atMost: 3000 } },
      { what: 'primes in a tab / in a bare worker', value: ratio, unit: '×', budget: { atMost: 1.15 }, note: 'best of each, in turns' },
      { what: 'JS heap of a tab that waits', value: heapMb, unit: 'MB', budget: { atMost: 60 }, note: 'after a collection' },
      { what: 'messages of a tab that waits', value: messages, unit: 'a minute' },
      { what: 'a frame of the picture, median', value: frameMs.median, unit: 'ms', budget: { atMost: 16 }, note: `${partitions} partitions, ${peers} peers` }
    ]
  } finally {
    await browser.close()
  }
}

export const tab: Row = { name: 'tab', title: 'a browser tab: first lease, sandbox, memory, messages, the picture\'s frames', measure }
