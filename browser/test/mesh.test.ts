/** Tabs as full peers: among themselves, beside Node peers, without their relay, closed, reloaded and frozen. */
import { expect } from 'chai'
import { TabMesh, until } from './tabs.ts'
import type { Tab } from './tabs.ts'
import type { GivenJob } from './tab-page.ts'

/** A partition sleeps for some milliseconds, so that a job lasts long enough for all to join on any machine; its sum is known. */
const slow = (partitions: number, ms = 20): GivenJob => ({
  source: `export const compute = async (p, input, ctx) => { await ctx.sleep(${ms}); return p }\nexport const collect = (outputs) => outputs.reduce((a, b) => a + b, 0)\n`,
  partitions, fanout: 4, collects: true
})
const sumOf = (partitions: number): number => partitions * (partitions - 1) / 2

describe('tabs', function () {
  this.timeout(180_000)
  const mesh = new TabMesh()
  before(async () => { await mesh.open() })
  afterEach(async () => { await mesh.clear() })
  after(async () => { await mesh.close() })

  async function threeTabs (addr: string): Promise<Tab[]> {
    return await Promise.all([0, 1, 2].map(async () => await mesh.tab({ addrs: [addr] })))
  }

  /** Resolves with the tab, of some, that coordinates the root. */
  async function rootOf (tabs: Tab[], job: string): Promise<Tab> {
    let root: Tab | undefined
    await until('a tab that coordinates the root', async () => {
      for (const tab of tabs) if ((await tab.call('holds', job)).includes('/')) root = tab
      return root !== undefined
    })
    return root!
  }

  /** Small jobs until all have worked: tabs that have met are at work on the next job at once, however long it took them to meet. */
  async function acquaint (tabs: Tab[]): Promise<void> {
    for (let more = 0; !(await Promise.all(tabs.map(worked))).every(Boolean); more++) await tabs[0]!.call('value', await tabs[0]!.call('submit', slow(150 + more)))
  }

  const worked = async (tab: Tab): Promise<boolean> => (await tab.call('given')).partitions > 0

  it('fold a job among themselves, through a Node peer that only relays', async () => {
    const relay = await mesh.relay()
    const tabs = await threeTabs(relay.addr)
    const job = await tabs[0]!.call('submit', slow(1_500))
    const { value, peers } = await tabs[0]!.call('value', job)
    expect(value).to.equal(sumOf(1_500))
    expect(peers).to.equal(3)
    expect(await tabs[0]!.viaTo(tabs[1]!.id)).to.equal('webrtc')
    expect(tabs.flatMap(({ errors }) => errors)).to.deep.equal([])
  })

  it('share the work of Node peers, and reach them by WebRTC-direct too', async () => {
    const relay = await mesh.relay(['--cores', '1'])
    const direct = await relay.process.says(/\/ip4\/127\.0\.0\.1\/udp\/\d+\/webrtc-direct\/certhash\/[\w-]+\/p2p\/\w+/)
    mesh.node(['join', relay.addr, '--cores', '1', '--no-mdns', '--listen', '/ip4/127.0.0.1/tcp/0', '--listen', '/ip4/127.0.0.1/tcp/0/ws'])
    const tabs = [await mesh.tab({ addrs: [relay.addr] }), await mesh.tab({ addrs: [direct] })]
    expect(await tabs[1]!.viaTo(relay.id)).to.equal('webrtc-direct')
    const job = await tabs[0]!.call('submit', slow(2_000))
    const { value, peers } = await tabs[0]!.call('value', job)
    expect(value).to.equal(sumOf(2_000))
    expect(peers).to.equal(4)
  })

  it('are dialled by Node peers that only listen on TCP, by WebRTC', async () => {
    const relay = await mesh.relay()
    const tab = await mesh.tab({ addrs: [relay.addr] })
    const job = await tab.call('submit', slow(1_200))
    mesh.node(['join', relay.addr, '--cores', '1', '--no-mdns', '--listen', '/ip4/127.0.0.1/tcp/0'])
    await until('a Node peer at work over WebRTC', async () => (await tab.call('neighbours')).some(({ kind, via }) => kind === 'node' && via === 'webrtc'))
    const { value, peers } = await tab.call('value', job)
    expect(value).to.equal(sumOf(1_200))
    expect(peers).to.equal(2)
  })

  it('[R5] go on when the submitter is closed, and any of them has the result', async () => {
    const relay = await mesh.relay()
    const [submitter, ...others] = await threeTabs(relay.addr)
    const job = await submitter!.call('submit', slow(900))
    await submitter!.call('stocked', job)
    await submitter!.close()
    let found: Awaited<ReturnType<Tab['fetched']>> = null
    await until('the result', async () => {
      found = await others[1]!.fetched(job)
      return found !== null
    })
    expect(found).to.deep.equal({ value: sumOf(900) })
  })

  it('[C8] lose their root\'s coordinator, twice, and still get it right', async () => {
    const relay = await mesh.relay()
    const tabs = await threeTabs(relay.addr)
    const watcher = await mesh.tab({ addrs: [relay.addr], cores: 0 })
    await acquaint(tabs)
    const left = tabs.slice(1)
    const given = async (): Promise<number[]> => await Promise.all(left.map(async (tab) => (await tab.call('given')).partitions))
    const first = await given()
    const job = await tabs[0]!.call('submit', slow(1_200))
    // Whoever has worked has the job's code. One that has not would have nothing to go on with when both that have it are gone.
    await until('work at both other tabs', async () => (await given()).every((count, i) => count > first[i]!))
    await tabs[0]!.close()
    const root = await rootOf(left, job)
    const last = left.find((tab) => tab !== root)!
    const before = (await last.call('given')).partitions
    // Not politely this time: the page is gone without a word.
    const crashed = new Promise((resolve) => { root.page.once('crash', resolve) })
    const cdp = await root.context.newCDPSession(root.page)
    void cdp.send('Page.crash').catch(() => { /* there is nobody left to answer */ })
    await crashed
    let found: Awaited<ReturnType<Tab['fetched']>> = null
    await until('the result', async () => {
      found = await watcher.fetched(job)
      return found !== null
    }, 120_000)
    expect(found).to.deep.equal({ value: sumOf(1_200) })
    expect((await last.call('given')).partitions).to.be.above(before)
  })

  it('outlive the relay that introduced them, and find another', async () => {
    const first = await mesh.relay()
    const second = await mesh.relay([first.addr])
    const tabs = await threeTabs(first.addr)
    const job = await tabs[0]!.call('submit', slow(3_500))
    await until('tabs that meet directly', async () => await tabs[0]!.viaTo(tabs[1]!.id) === 'webrtc' && await tabs[0]!.viaTo(tabs[2]!.id) === 'webrtc')
    await until('tabs that have met the other relay in the DHT', async () => (await Promise.all(tabs.map(async (tab) => await tab.viaTo(second.id)))).every((via) => via !== undefined))
    await first.process.stop('SIGKILL')
    await until('addresses through the other relay', async () => (await Promise.all(tabs.map(async (tab) => await tab.call('addrs')))).every((addrs) => addrs.some((addr) => addr.includes(second.id))))
    const before = await Promise.all(tabs.map(async (tab) => (await tab.call('given')).partitions))
    const { value, peers } = await tabs[0]!.call('value', job)
    expect(value).to.equal(sumOf(3_500))
    expect(peers).to.equal(3)
    const after = await Promise.all(tabs.map(async (tab) => (await tab.call('given')).partitions))
    expect(after.reduce((a, b) => a + b)).to.be.above(before.reduce((a, b) => a + b))
  })

  it('are the same peer after a reload, and work again', async () => {
    const relay = await mesh.relay()
    const [submitter, other] = [await mesh.tab({ addrs: [relay.addr] }), await mesh.tab({ addrs: [relay.addr] })]
    const job = await submitter.call('submit', slow(1_500))
    await until('work at the other tab', async () => await worked(other))
    const { id } = other
    await other.page.reload()
    await other.start({ addrs: [relay.addr] })
    expect(other.id).to.equal(id)
    await until('work after the reload', async () => await worked(other))
    const { value, peers } = await submitter.call('value', job)
    expect(value).to.equal(sumOf(1_500))
    expect(peers).to.equal(2)
  })

  it('[C5] are not waited for when they are frozen', async () => {
    const relay = await mesh.relay()
    const [submitter, other] = [await mesh.tab({ addrs: [relay.addr] }), await mesh.tab({ addrs: [relay.addr] })]
    const job = await submitter.call('submit', slow(1_000))
    await until('work at the other tab', async () => await worked(other))
    const cdp = await other.context.newCDPSession(other.page)
    await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
    const { value } = await submitter.call('value', job)
    expect(value).to.equal(sumOf(1_000))
  })
})
