/** Jobs put together, run, followed, stopped and fetched on the control page, in a real browser over a mesh in the page's memory. */
import { build } from 'esbuild'
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { bundleFiles } from '../bundle.ts'
import { cidOfRaw } from '../../../protocol/job/cid.ts'
import { verifyBy } from '../../../protocol/host/keys.ts'
import { verifyLines } from '../../../protocol/host/credit/verify.ts'
import { SQUARES, Visits, downloaded, paste, run } from './visits.ts'
import type { Build } from '../bundle.ts'

const SLOW = `export const name = 'slow'
export const partitions = 600
export const compute = async (p, input, ctx) => { await ctx.sleep(100); return p }
export const collect = outputs => outputs.length`

describe('a job on the control page', () => {
  let visits: Visits
  before(async () => { visits = await Visits.begin() })
  after(async () => { await visits.end() })
  afterEach(async () => { await visits.leave() })

  it('runs an example and gives its result', async () => {
    const page = await visits.open({ volunteers: 2 })
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

  it('shows who did it, and saves receipts that are true (K3, K5)', async () => {
    const page = await visits.open()
    await paste(page, SQUARES)
    const job = await run(page)
    await job.getByText(/^Who did it: \d+ peers?$/).click()
    await job.getByText('Every partition is credited once.').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), job.getByRole('button', { name: 'Save the receipts' }).click()])
    expect(download.suggestedFilename()).to.equal('squares-credit.json')
    const { jobs, faults } = await verifyLines((await readFile(await download.path(), 'utf8')).split('\n'), verifyBy)
    expect(faults).to.deep.equal([])
    expect(jobs.map(({ name, partitions, selfIssued }) => [name, partitions, selfIssued])).to.deep.equal([['squares', 40, 0]])
  })

  it('bundles what is pasted, tells what is wrong with it and where, and runs it', async () => {
    const page = await visits.open()
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
    const page = await visits.open()
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
    const page = await visits.open()
    await paste(page, `export const name = 'locked'
export async function * prepare () {
  console.warn('origin', self.origin)
  const far = '${visits.site.url}bundler.js'
  for (const attempt of [() => fetch('${visits.site.url}'), () => indexedDB.open('x').onsuccess, () => import(far)]) {
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

  it('keeps the last of what a job prints', async () => {
    const page = await visits.open()
    await paste(page, 'export function prepare () {\n  for (let i = 1; i <= 20000; i++) console.log("line", i, { i })\n  return 1\n}\nexport const compute = p => p')
    const job = await run(page)
    await job.locator('.console').getByText('line 20000 {"i":20000}').waitFor()
    expect(await job.locator('.console p').count()).to.equal(1000)
  })

  it('ends a prepare that does not end', async () => {
    const page = await visits.open()
    await paste(page, 'export const name = "endless"\nexport function * prepare () { for (;;) yield 1 }\nexport const compute = p => p')
    const job = await run(page)
    await job.getByText(/inputs taken so far/).waitFor()
    await page.locator('.known').getByText('not submitted').waitFor()
    await job.getByRole('button', { name: 'Stop' }).click()
    await job.getByRole('button', { name: 'Stop the job' }).click()
    await job.getByText('You stopped this job').waitFor()
  })

  it('shows the picture that a job assembles, here and where its result is fetched later', async () => {
    const page = await visits.open({ volunteers: 2 })
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
    const page = await visits.open()
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
    const page = await visits.open()
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
    const page = await visits.open()
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

  it('has results checked as it is told, and says that it waits where too few peers are here (V1, V3)', async () => {
    const page = await visits.open({ volunteers: 3 })
    await paste(page, SQUARES)
    await page.getByText('More settings').click()
    await page.getByLabel('Trust', { exact: true }).fill('votes:3/2')
    await run(page)
    await page.getByRole('alert').getByText('The trust policy votes:3/2 makes no sense').waitFor()
    await page.getByLabel('Trust', { exact: true }).fill('votes:2/3')
    const job = await run(page)
    await job.getByText('20,540', { exact: true }).waitFor()
    expect(await page.evaluate(() => control.selected.value?.spec.value?.trust)).to.deep.equal({ type: 'votes', quorum: 2, voters: 3, deadlineMs: 0 })
    await page.getByLabel('Trust', { exact: true }).fill('votes:9/9')
    await page.getByLabel('Longest wait for enough peers, seconds').fill('2')
    await run(page)
    await job.getByText('It waits for peers').waitFor()
    await job.getByText(/^Its trust policy needs 9 different peers for a value, and there (is 1|are [0-3]) here/).waitFor()
    await job.getByRole('alert').getByText('The job failed').waitFor()
  })

  it('seals parameters and inputs for a private mesh, and only there (A8)', async () => {
    const open = await visits.open()
    await paste(open, SQUARES)
    await open.getByText('More settings').click()
    await open.getByLabel('Seal parameters and inputs').check()
    await run(open)
    await open.getByRole('alert').getByText('open this page by the link of an invitation, or leave sealing off.').waitFor()
    await open.getByLabel('Seal parameters and inputs').uncheck()
    await (await run(open)).getByText('20,540', { exact: true }).waitFor()
    const page = await visits.open({ isPrivate: true })
    await paste(page, `export const sealed = true\n${SQUARES}`)
    const job = await run(page)
    await job.getByText('20,540', { exact: true }).waitFor()
    expect(await page.evaluate(() => control.selected.value?.spec.value?.sealed?.length)).to.equal(72)
  })
})
