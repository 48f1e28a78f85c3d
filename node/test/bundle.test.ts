/** Bundling: what a job's files become, and one sentence for what does not bundle (issue: bad input). */
import { expect } from 'chai'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { decodeValue } from '../../protocol/job/value.ts'
import { compute, failureOf, jobOf, outputsOf } from '../../protocol/job/test/sandbox-kit.ts'
import { BUNDLE_BYTES_MAX, BundleError, bundleJob } from '../bundle.ts'
import { createProcessSandbox } from '../sandbox/process-sandbox.ts'
import type { BundledJob } from '../bundle.ts'
import type { Sandbox } from '../../protocol/job/sandbox.ts'

describe('bundling a job', () => {
  let folder: string
  let sandbox: Sandbox

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millionfold-test-'))
    sandbox = createProcessSandbox({ cores: 1 })
  })
  after(async () => {
    await sandbox.close()
    await rm(folder, { recursive: true })
  })

  const write = async (files: Record<string, string | Uint8Array>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  }
  const bundleOf = async (text: string, name = 'job.ts'): Promise<BundledJob> => {
    await write({ [name]: text })
    return await bundleJob(join(folder, name))
  }
  const fault = async (text: string, name?: string): Promise<string> => {
    const error: unknown = await bundleOf(text, name).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(BundleError)
    return (error as Error).message.replaceAll(`${folder}/`, '')
  }
  const run = async ({ bundle }: BundledJob): Promise<unknown> =>
    decodeValue((await compute(sandbox, jobOf(new TextDecoder().decode(bundle), { partitions: 10, collect: true }))).bytes)

  it('takes TypeScript, JSON, text, packages and other files', async () => {
    await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules')).catch(() => {})
    await write({ 'data.json': '[1, 2, 3]', 'note.txt': 'four', 'part.ts': 'export enum Kind { Zero, One }\n' })
    const job = await bundleOf(`
      import { sha256 } from '@noble/hashes/sha2.js'
      import data from './data.json'
      import note from './note.txt'
      import { Kind } from './part.ts'
      export const compute = (p: number): number => data.length + note.length + Kind.One + sha256(new Uint8Array()).length
      export const collect = (outputs: number[]): number => outputs.reduce((a, b) => a + b, 0)`)
    expect(job.exports).to.deep.equal({ compute: true, computeRange: false, collect: true, setup: false, equal: false })
    expect(await run(job)).to.equal(400)
  })

  it('takes WebAssembly files', async () => {
    await write({ 'square.wasm': Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 0, 108, 11]) })
    const job = await bundleOf(`
      import bytes from './square.wasm'
      export const setup = () => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f
      export const compute = (p, input, ctx) => ctx.resources(p)
      export const collect = outputs => outputs.reduce((a, b) => a + b, 0)`, 'wasm.mjs')
    expect(await run(job)).to.equal(285)
  })

  it('keeps Node out of the sandbox where only the submitter needs it', async () => {
    const job = await bundleOf(`
      import { readFileSync } from 'node:fs'
      import os from 'os'
      export const name = 'mixed'
      export const params = { file: 'x' }
      export const partitions = 5
      export const prepare = () => readFileSync(import.meta.filename, 'utf8').length + os.EOL.length - os.EOL.length
      export const log = () => {}
      export const compute = (p: number) => p
      export const collect = (outputs: number[]) => Math.max(...outputs)`)
    expect(new TextDecoder().decode(job.bundle).split('//# sourceMappingURL')[0]).not.to.match(/readFileSync|prepare|mixed/)
    expect(job.module).to.include({ name: 'mixed', partitions: 5 }).and.to.deep.include({ params: { file: 'x' } })
    expect(job.module.prepare!({})).to.be.above(100)
    expect(await run(job)).to.equal(9)
  })

  it('takes the parts from files of their own, by name or as default', async () => {
    await write({
      'prepare.mjs': 'export const name = "parts"\nexport function prepare () { return 10 }\n',
      'compute.mjs': 'export default p => p\nexport const setup = () => 1\n',
      'collect.mjs': 'export default outputs => outputs.reduce((a, b) => a + b, 0)\n',
      'log.mjs': 'export const log = () => "logged"\n'
    })
    const job = await bundleJob({ prepare: join(folder, 'prepare.mjs'), compute: join(folder, 'compute.mjs'), collect: join(folder, 'collect.mjs'), logger: join(folder, 'log.mjs') })
    expect(job.exports).to.deep.equal({ compute: true, computeRange: false, collect: true, setup: true, equal: false })
    expect(job.module.name).to.equal('parts')
    expect(await job.module.prepare!({})).to.equal(10)
    expect(await run(job)).to.equal(45)
  })

  it('is named after its file, and may be given by URL', async () => {
    await write({ 'squares.ts': 'export const compute = (p: number) => p * p\n' })
    expect((await bundleJob(pathToFileURL(join(folder, 'squares.ts')))).module.name).to.equal('squares')
  })

  it('gives the same bytes wherever it lies', async () => {
    const files = { 'job.ts': 'import { f } from "./f.ts"\nexport const compute = (p: number) => f(p)\n', 'f.ts': 'export const f = (p: number) => p\n' }
    const bundles = []
    for (const place of ['here', 'there']) {
      await mkdir(join(folder, place))
      for (const [name, text] of Object.entries(files)) await write({ [join(place, name)]: text })
      bundles.push((await bundleJob(join(folder, place, 'job.ts'))).bundle)
    }
    expect(bundles[0]).to.deep.equal(bundles[1])
    expect(Buffer.from(bundles[0]!).includes(tmpdir())).to.equal(false)
  })

  it('maps stacks of the sandbox to the source', async () => {
    const job = await bundleOf('interface Point { x: number }\n\nexport function compute (p: number): number {\n  const point: Point | null = p === 3 ? null : { x: p }\n  return point!.x\n}\n')
    const code = jobOf(new TextDecoder().decode(job.bundle))
    const why = await failureOf(compute(sandbox, code))
    expect(why).to.include({ kind: 'threw', partition: 3 })
    expect(why.stack).to.equal('    at compute (job.ts:5:17)')
    expect(why.message).to.match(/^TypeError: Cannot read properties of null/)
  })

  it('maps stacks of the submitter\'s functions to the source', async () => {
    const job = await bundleOf('export const compute = (p: number) => p\n\nexport async function prepare (): Promise<number> {\n  throw new Error("no data")\n}\n')
    const error: unknown = await Promise.resolve(job.module.prepare!({})).catch((reason: unknown) => reason)
    expect((error as Error).stack).to.match(/^Error: no data\n {4}at .*job\.ts:4:9/)
  })

  it('says what is wrong in one sentence', async () => {
    expect(await fault('export function compute () {\n  return 1 +\n}\n')).to.equal('job.ts:3:1: Unexpected "}"')
    expect(await fault('import { x } from "./none.ts"\nexport const compute = () => x\n')).to.equal('job.ts:1:19: Could not resolve "./none.ts"')
    expect(await fault('import { x } from "a-package-that-is-not-there"\nexport const compute = () => x\n')).to.match(/^job\.ts:1:19: Could not resolve "a-package-that-is-not-there"/)
    expect(await fault('export const name = "x"\n')).to.match(/^job\.ts exports no compute: add /)
    expect(await fault('import { readFileSync } from "node:fs"\nexport const compute = () => readFileSync("/etc/passwd")\n'))
      .to.equal('job.ts:1: imports node:fs, which compute and collect cannot have: the sandbox has nothing of Node')
    expect(await fault('throw new Error("at load")\nexport const compute = p => p\nexport const prepare = () => 1\n')).to.equal('job.ts cannot be loaded: at load')
    expect(await fault('const table = await fetch("http://localhost")\nexport const compute = p => table\n')).to.match(/^job\.ts:1:15: Top-level await is not available/)
    const missing: unknown = await bundleJob(join(folder, 'none.ts')).catch((reason: unknown) => reason)
    expect((missing as Error).message).to.equal(`there is no file ${join(folder, 'none.ts')}`)
  })

  it('is refused when it is larger than a block', async () => {
    expect(await fault(`export const compute = () => ${JSON.stringify('x'.repeat(BUNDLE_BYTES_MAX))}\n`)).to.match(/^job\.ts bundles to more than 2097152 bytes/)
  })

  it('drops the map of a bundle that would be larger than a block with it', async () => {
    const job = await bundleOf(`export const compute = () => ${JSON.stringify('x'.repeat(BUNDLE_BYTES_MAX * 0.9))}.length\n`)
    expect(job.bundle.length).to.be.within(BUNDLE_BYTES_MAX * 0.9, BUNDLE_BYTES_MAX)
    const output = await compute(sandbox, jobOf(new TextDecoder().decode(job.bundle), { partitions: 1 }))
    expect(await outputsOf(output)).to.deep.equal([Math.floor(BUNDLE_BYTES_MAX * 0.9)])
  })
})
