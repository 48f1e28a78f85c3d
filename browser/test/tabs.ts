/**
 * A mesh of real tabs and real Node processes on loopback, for tests: each tab in a profile of its own, relays by the
 * command line. What a test waits for is looked for again and again, never slept for. Test helper.
 */
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { Running } from '../../node/test/cli.ts'
import { launchChromium, serveEntry } from './chromium.ts'
import type { TestSite } from './chromium.ts'
import type { TabPage } from './tab-page.ts'
import type { TabPeerInit } from '../peer/tab-peer.ts'

type Called<K extends keyof TabPage> = Awaited<ReturnType<TabPage[K]>>

/** How often something is looked at, and how long a test waits for it at most, milliseconds. */
const LOOK_MS = 50
const WAIT_MS_MAX = 60_000

/** Resolves once it is so. */
export async function until (what: string, isSo: () => Promise<boolean> | boolean, ms = WAIT_MS_MAX): Promise<void> {
  const end = Date.now() + ms
  while (!await isSo()) {
    if (Date.now() > end) throw new Error(`not seen in ${ms} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** One tab with a peer in it. */
export class Tab {
  readonly page: Page
  readonly context: BrowserContext
  id = ''
  /** What the page threw. */
  readonly errors: string[] = []

  constructor (context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
    page.on('pageerror', (error) => { this.errors.push(error.stack ?? error.message) })
  }

  async call<K extends keyof TabPage> (name: K, ...args: Parameters<TabPage[K]>): Promise<Called<K>> {
    return await this.page.evaluate(async ([key, given]) => {
      const { tabPage } = globalThis as unknown as { tabPage: Record<string, (...args: unknown[]) => unknown> }
      return await tabPage[key]!(...given)
    }, [name, args] as const) as Called<K>
  }

  async start (init: Partial<TabPeerInit> & { addrs: string[] }): Promise<void> {
    this.id = await this.call('start', { cores: 1, memoryMb: 64, duty: 1, ...init })
  }

  /** How a job ended, as this tab hears it; null before that, and while whom it asks is just lost. */
  async fetched (job: string): Promise<Called<'fetched'>> {
    return await this.call('fetched', job).catch((error: unknown) => {
      if (/does not answer|did not answer|answers; try again|knows of job/.test(String(error))) return null
      throw error
    })
  }

  /** How it is connected to a peer now. */
  async viaTo (peer: string): Promise<string | undefined> {
    return (await this.call('neighbours')).find((neighbour) => neighbour.peer === peer)?.via
  }

  /** Close it as a person does: the page hears of it. */
  async close (): Promise<void> {
    await this.page.close({ runBeforeUnload: false })
    await this.context.close()
  }
}

const WS_ADDR = /\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/\w+/

const LISTEN = ['/tcp/0', '/tcp/0/ws', '/udp/0/webrtc-direct'].flatMap((rest) => ['--listen', `/ip4/127.0.0.1${rest}`])

export class TabMesh {
  #browser: Browser | null = null
  #site: TestSite | null = null
  readonly #running: Running[] = []
  readonly #tabs: Tab[] = []

  async open (): Promise<void> {
    this.#browser = await launchChromium()
    this.#site = await serveEntry(fileURLToPath(new URL('./tab-page.ts', import.meta.url)))
  }

  /** Everything but the browser and its page ends. */
  async clear (): Promise<void> {
    await Promise.all(this.#tabs.splice(0).map(async ({ context }) => { await context.close() }))
    await Promise.all(this.#running.splice(0).map(async (process) => await process.stop()))
  }

  async close (): Promise<void> {
    await this.clear()
    await this.#browser?.close()
    await this.#site?.close()
  }

  /** A Node process that tabs enter by; it computes nothing unless told. */
  async relay (args: string[] = []): Promise<{ process: Running, addr: string, id: string }> {
    const process = this.node(['serve', '--port', '0', '--no-mdns', ...LISTEN, ...(args.includes('--cores') ? [] : ['--cores', '0']), ...args])
    const addr = await process.says(WS_ADDR)
    return { process, addr, id: addr.slice(addr.lastIndexOf('/') + 1) }
  }

  node (args: string[]): Running {
    const running = new Running(args)
    this.#running.push(running)
    return running
  }

  /** A tab without a peer yet. */
  async blank (): Promise<Tab> {
    const context = await this.#browser!.newContext()
    const tab = new Tab(context, await context.newPage())
    this.#tabs.push(tab)
    await tab.page.goto(this.#site!.url)
    return tab
  }

  async tab (init: Partial<TabPeerInit> & { addrs: string[] }): Promise<Tab> {
    const tab = await this.blank()
    await tab.start(init)
    return tab
  }
}
