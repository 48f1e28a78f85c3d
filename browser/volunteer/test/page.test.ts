/** The volunteer page in a real browser, over a fake peer: consent, pauses and the way around them, what is wrong, all eyes and hands. */
import axe from 'axe-core'
import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium, serveEntry } from '../../test/chromium.ts'
import { until } from '../../test/tabs.ts'
import type { TestSite } from '../../test/chromium.ts'
import type { Fake } from './fake-page.ts'

const POLICY = { 'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'" }

/** A battery, a connection that can ask to save data, and a processor's pressure, which a test sets by `machine`. */
const MACHINE = `
  globalThis.machine = { battery: Object.assign(new EventTarget(), { charging: true }), connection: Object.assign(new EventTarget(), { saveData: false }), pressure: () => {} }
  Object.defineProperty(Navigator.prototype, 'getBattery', { value: () => Promise.resolve(machine.battery) })
  Object.defineProperty(Navigator.prototype, 'connection', { get: () => machine.connection })
  globalThis.PressureObserver = class {
    constructor (told) { machine.pressure = (state) => told([{ state }]) }
    async observe () {}
    disconnect () {}
  }`

describe('the volunteer page', function () {
  this.timeout(60_000)
  let browser: Browser
  let site: TestSite
  before(async () => {
    browser = await launchChromium()
    site = await serveEntry(fileURLToPath(new URL('./fake-page.ts', import.meta.url)), POLICY)
  })
  after(async () => {
    await browser.close()
    await site.close()
  })
  afterEach(async () => { await Promise.all(browser.contexts().map(async (context) => { await context.close() })) })

  async function open (fake: Fake = {}, options: BrowserContextOptions = {}, script = ''): Promise<Page> {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    await page.addInitScript(`${MACHINE}\nglobalThis.fake = ${JSON.stringify(fake)}\n${script}`)
    await page.goto(site.url)
    return page
  }

  const control = (page: Page, name: 'Start' | 'Pause') => page.getByRole('button', { name: new RegExp(`^${name}`) }).first()

  async function agreed (fake: Fake = {}, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await open(fake, options)
    await control(page, 'Start').click()
    await control(page, 'Pause').waitFor()
    return page
  }

  const starts = async (page: Page): Promise<number> => await page.evaluate('seen.starts.length')
  /** Resolves once it is so. (The page's policy forbids what playwright would wait with.) */
  const so = async (page: Page, what: string): Promise<void> => { await until(what, async () => await page.evaluate(what) as boolean, 30_000) }
  const cores = async (page: Page): Promise<number> => await page.evaluate('seen.peers.at(-1).cores')

  it('starts nothing before consent, and says what it asks for', async () => {
    const page = await open()
    await page.getByRole('heading', { name: 'Lend this computer to a shared calculation' }).waitFor()
    for (const text of ['What runs', 'What it costs', 'Who sees you', 'How to stop']) await page.getByText(text, { exact: true }).waitFor()
    expect(await starts(page)).to.equal(0)
    await control(page, 'Start').click()
    await control(page, 'Pause').waitFor()
    expect(await starts(page)).to.equal(1)
    expect(await page.innerText('body')).to.match(/primes/).and.to.match(/Connected to 10 peers/)
  })

  it('starts by itself after a refresh, with what was chosen', async () => {
    const page = await agreed({ coresMax: 8 })
    await page.getByRole('slider', { name: 'Cores' }).fill('2')
    await page.reload()
    await control(page, 'Pause').waitFor()
    expect(await page.evaluate('seen.starts[0].cores')).to.equal(2)
  })

  it('asks again in a new visit, unless told to start by itself', async () => {
    const first = await agreed()
    const second = await first.context().newPage()
    await second.goto(site.url)
    await second.getByRole('heading', { name: 'Lend this computer to a shared calculation' }).waitFor()
    const always = await open()
    await always.getByLabel('Start by itself when I open this page again').check()
    await control(always, 'Start').click()
    await control(always, 'Pause').waitFor()
    await always.close()
  })

  it('pauses and starts by keyboard, at once', async () => {
    const page = await agreed()
    await control(page, 'Pause').focus()
    await page.keyboard.press('Space')
    await control(page, 'Start').waitFor()
    expect(await cores(page)).to.equal(0)
    await page.keyboard.press('Enter')
    await control(page, 'Pause').waitFor()
    expect(await cores(page)).to.be.above(0)
  })

  it('gives as much as the sliders say, while it runs', async () => {
    const page = await agreed({ coresMax: 8 })
    await page.getByRole('slider', { name: 'Cores' }).fill('3')
    await page.getByRole('slider', { name: 'Share of their time' }).fill('50')
    await so(page, 'seen.peers[0].cores === 3 && seen.peers[0].duty === 0.5')
  })

  it('takes only the jobs that were chosen, also when they are chosen while it starts, and says what is none (A7)', async () => {
    const page = await agreed({ isSlow: true })
    await page.getByText('Which jobs: any').click()
    const [submitters, rules] = [page.getByLabel('Only those submitted by'), page.getByLabel('Only those of which this holds')]
    await submitters.fill('alice')
    await rules.fill('partitions<=10, trust=blind')
    await rules.blur()
    await page.getByText('Not the id of a peer, such as 12D3KooW…: alice.').waitFor()
    await page.getByText('Not a rule, and not used: trust=blind.').waitFor()
    await page.evaluate('goOn()')
    await so(page, 'seen.peers.length === 1 && seen.peers[0].acceptance.submitters.join() === "alice" && seen.peers[0].acceptance.rules.length === 1')
    await rules.fill('')
    await so(page, 'seen.peers[0].given.partitions > 0') // the page was drawn anew meanwhile
    await rules.blur()
    await so(page, 'seen.peers[0].acceptance.rules.length === 0')
  })

  it('marks the jobs that its rules refuse, and says so where they refuse all (A7)', async () => {
    const page = await agreed({ pieceMs: 200 })
    await page.getByText('Which jobs: any').click()
    const rules = page.getByLabel('Only those of which this holds')
    await rules.fill('partitions<=10000')
    await rules.blur()
    await page.getByRole('listitem').filter({ hasText: 'primes' }).getByText('not worked on here, as your rules say').waitFor()
    expect(await page.getByRole('listitem').filter({ hasText: 'protein folds' }).innerText()).to.not.include('as your rules say')
    await rules.fill('name=nothing')
    await rules.blur()
    await page.evaluate('seen.peers[0].setIdle()')
    await page.getByText('Your rules refuse every job that runs now.').waitFor()
  })

  it('tells apart what was accepted and what receipts certify, and spans below a second from nothing (K5)', async () => {
    const page = await agreed({ isIdle: true, given: { partitions: 120, certified: 80, cpuMs: 640, creditedMs: 400 } })
    const card = page.getByRole('region', { name: 'Given since you opened this page' })
    await card.getByText('640 ms', { exact: true }).waitFor()
    await card.getByText('Receipts certify 80 partitions of these so far; coordinators sign for the others later.').waitFor()
    await card.getByText('This browser keeps 1 signed receipt in all, earlier visits included: for 80 partitions and 400 ms.').waitFor()
  })

  it('says why it stopped when its invitation is over while it is open, and what to do (A5)', async () => {
    for (const message of ['The invitation has expired: ask for a new one.', 'The invitation has been revoked: ask for a new one.']) {
      const page = await agreed()
      await so(page, 'seen.peers.length > 0')
      await page.evaluate((why) => { seen.peers[0]!.end(why) }, message)
      await page.getByText('Your invitation is over').first().waitFor()
      expect(await page.innerText('body')).to.include(message).and.to.include('ask whoever gave you the link for a new one, and open that.')
    }
  })

  const causes: Array<[what: string, on: string, off: string, says: RegExp]> = [
    ['on battery', 'machine.battery.charging = false; machine.battery.dispatchEvent(new Event("chargingchange"))', 'machine.battery.charging = true; machine.battery.dispatchEvent(new Event("chargingchange"))', /battery/],
    ['with Save-Data', 'machine.connection.saveData = true; machine.connection.dispatchEvent(new Event("change"))', 'machine.connection.saveData = false; machine.connection.dispatchEvent(new Event("change"))', /save data/]
  ]
  for (const [what, on, off, says] of causes) {
    it(`pauses ${what}, goes on when that is over, or anyway when told to`, async () => {
      const page = await agreed()
      await page.evaluate(on)
      await page.getByRole('button', { name: 'Go on anyway' }).waitFor()
      expect(await page.innerText('main, body')).to.match(says)
      await so(page, 'seen.peers.at(-1).cores === 0')
      await page.evaluate(off)
      await so(page, 'seen.peers.at(-1).cores > 0 && seen.peers.at(-1).state === "connected"')
      await page.evaluate(on)
      await page.getByRole('button', { name: 'Go on anyway' }).click()
      await so(page, 'seen.peers.at(-1).cores > 0 && seen.peers.at(-1).state === "connected"')
      await page.getByRole('button', { name: 'Pause for it' }).waitFor()
    })
  }

  it('goes easy when the machine is needed otherwise, and in full when told to', async () => {
    const page = await agreed()
    const full = await page.evaluate('seen.peers[0].duty') as number
    await page.evaluate('machine.pressure("critical")')
    await page.getByText(/Going easy/).waitFor()
    expect(await page.evaluate('seen.peers[0].duty')).to.be.below(full)
    await page.getByRole('button', { name: 'Use it in full' }).click()
    await so(page, `seen.peers[0].duty === ${full}`)
  })

  const problems = {
    'no-answer': 'Nobody answers', 'other-version': 'This mesh speaks another version', 'no-webrtc': 'This browser cannot reach other volunteers',
    'storage-blocked': 'This browser keeps nothing for this page', insecure: 'This page came over an insecure connection'
  }
  for (const [code, title] of Object.entries(problems)) {
    it(`says what is wrong and what to do: ${code}`, async () => {
      const page = await open({ startError: code })
      await control(page, 'Start').click()
      await page.getByText(title).first().waitFor()
      expect(await page.innerText('body')).to.include(`The mesh said: ${code}.`)
    })
  }

  it('says what is wrong with a link, and starts nothing', async () => {
    const page = await open({ linkError: 'bad-address' })
    await page.getByText('This link does not lead to a mesh').first().waitFor()
    expect(await starts(page)).to.equal(0)
  })

  it('shows a stranger\'s names as the text that they are', async () => {
    const page = await agreed({ jobName: '<img src=x onerror="globalThis.taken = 1">' })
    await page.getByText('<img').first().waitFor()
    expect(await page.evaluate('globalThis.taken')).to.equal(undefined)
  })

  it('leaves politely when it is closed or frozen, and comes back', async () => {
    const page = await agreed()
    await page.evaluate('document.dispatchEvent(new Event("freeze"))')
    await so(page, 'seen.peers[0].state === "stopped"')
    await page.evaluate('document.dispatchEvent(new Event("resume"))')
    await so(page, 'seen.peers.length === 2 && seen.peers[1].state === "connected"')
  })

  it('goes on while it is hidden', async () => {
    const page = await agreed({ pieceMs: 200 })
    await page.evaluate('Object.defineProperty(document, "hidden", { value: true }); Object.defineProperty(document, "visibilityState", { value: "hidden" }); document.dispatchEvent(new Event("visibilitychange"))')
    const before = await page.evaluate('seen.peers[0].given.partitions') as number
    await so(page, `seen.peers[0].given.partitions > ${before} && seen.peers[0].cores > 0`)
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no serious fault for anybody, and fits a phone (${colorScheme})`, async () => {
      const options = { colorScheme, viewport: { width: 360, height: 740 } }
      for (const page of [await open({}, options), await agreed({}, options), await open({ linkError: 'bad-address' }, options)]) {
        await page.evaluate(axe.source).catch(async () => { await page.evaluate(`(${axe.source})`) })
        const { violations } = await page.evaluate(async () => await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }))
        const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
        expect(bad).to.deep.equal([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(360)
      }
    })
  }
})
