/** What surrounds jobs on the control page: the way into the mesh, the invitation, replays, all eyes and hands, small screens. */
import { expect } from 'chai'
import { qrOf } from '../qr.ts'
import { SQUARES, Visits, faultsOf, paste, run } from './visits.ts'

describe('the control page', () => {
  let visits: Visits
  before(async () => { visits = await Visits.begin() })
  after(async () => { await visits.end() })
  afterEach(async () => { await visits.leave() })

  it('invites with a link and its code', async () => {
    const page = await visits.open({}, { permissions: ['clipboard-read', 'clipboard-write'] })
    const link = await page.getByLabel('Link for volunteers').inputValue()
    expect(link).to.match(/#v=1&peer=\/ip4\/127\.0\.0\.1\/tcp\/9999\/ws\/p2p\/12D3KooW\w+&name=Test\+mesh$/)
    expect(await page.locator('.code path').getAttribute('d')).to.equal(qrOf(link)?.path)
    await page.getByRole('button', { name: 'Copy the link' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate(async () => await navigator.clipboard.readText())).to.equal(link)
  })

  it('computes here only when asked to', async () => {
    const page = await visits.open()
    await page.getByText('connected: 1 tab').waitFor()
    expect(await page.evaluate(() => tab.cores)).to.equal(0)
    await page.getByLabel('Compute here, too').check()
    expect(await page.evaluate(() => tab.cores)).to.equal(1)
  })

  for (const [code, title] of Object.entries({ 'no-answer': 'Nobody answers', 'other-version': 'This mesh speaks another version', 'no-webrtc': 'This browser cannot reach other volunteers', 'storage-blocked': 'This browser keeps nothing for this page' })) {
    it(`says what is wrong with the way in: ${code}`, async () => {
      const page = await visits.open({ startError: code })
      await page.getByRole('alert').getByText(title).waitFor()
      await page.getByRole('button', { name: 'Primes' }).click()
      await page.getByRole('textbox', { name: 'limit', exact: true }).waitFor()
      await run(page)
      await page.getByText('This page is not in a mesh yet').waitFor()
    })
  }

  it('enters when it is tried again, and says that a link leads nowhere', async () => {
    const page = await visits.open({ startError: 'no-answer' })
    await page.getByRole('alert').getByText('Nobody answers').waitFor()
    await page.evaluate(() => { globalThis.fakeMesh = {} })
    await page.getByRole('button', { name: 'Try again now' }).click()
    await page.getByText('connected: 1 tab').waitFor()
    await page.addInitScript(() => { location.hash = '#peer=nonsense' })
    await page.reload()
    await page.getByRole('alert').getByText('This link does not lead to a mesh').waitFor()
  })

  it('says so when its bundler cannot be had, and goes on when it can', async () => {
    const wasm = visits.site.files.get('esbuild.wasm') as Uint8Array
    visits.site.files.delete('esbuild.wasm')
    try {
      const page = await visits.open()
      await paste(page, SQUARES)
      await page.getByText(/^The bundler could not be loaded: .* try again\.$/).waitFor()
      visits.site.files.set('esbuild.wasm', wasm)
      await paste(page, SQUARES)
      await page.getByLabel('times').waitFor()
    } finally {
      visits.site.files.set('esbuild.wasm', wasm)
    }
  })

  it('replays a log that is dropped anywhere', async () => {
    const page = await visits.open()
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
      const page = await visits.open({ volunteers: 2 }, { colorScheme, reducedMotion: 'reduce' })
      await page.getByText('connected: 2 tabs').waitFor()
      expect(await faultsOf(page)).to.deep.equal([])
      await page.getByRole('button', { name: 'Word count' }).click()
      await page.getByText('More settings').click()
      const job = await run(page)
      await job.locator('.tree').waitFor()
      expect(await faultsOf(page)).to.deep.equal([])
      await paste(page, 'export const compute = (')
      await page.getByText(/^job\.ts:1:\d+: /).waitFor()
      expect(await faultsOf(page)).to.deep.equal([])
    })
  }

  it('fits a phone 360 pixels wide', async () => {
    const page = await visits.open({ volunteers: 2 }, { viewport: { width: 360, height: 740 } })
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
