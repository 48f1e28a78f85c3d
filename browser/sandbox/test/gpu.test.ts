/** WebGPU for jobs that ask, in a real tab on Chromium's software adapter: the example gives what it gives without. */
import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { bundleJob } from '../../../node/bundle.ts'
import { compute, failureOf, jobOf, outputsOf, result } from '../../../protocol/job/test/sandbox-kit.ts'
import { decodeValue } from '../../../protocol/job/value.ts'
import { openPage } from './page-sandbox.ts'
import type { JobCode } from '../../../protocol/job/sandbox.ts'
import type { TabSandbox } from '../tab-sandbox.ts'
import type { TestPage } from './page-sandbox.ts'

const SOFTWARE = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']
/** What a module that asks is given. */
const GIVEN = 'export const compute = (p, input, ctx) => [typeof ctx.gpu?.requestAdapter, typeof globalThis.GPUBufferUsage, typeof globalThis.navigator]\n'

async function orchard (side: number, onlyGpu: boolean): Promise<JobCode> {
  const { bundle } = await bundleJob(fileURLToPath(new URL('../../../examples/gpu.ts', import.meta.url)))
  return jobOf(new TextDecoder().decode(bundle), { partitions: side, grain: 64, collect: true, timeoutMs: 60_000 }, { side, onlyGpu })
}

describe('tab sandbox: WebGPU', () => {
  let page: TestPage
  let sandbox: TabSandbox

  const resultOf = async (code: JobCode): Promise<unknown> => decodeValue((await compute(sandbox, code)).bytes)

  afterEach(async () => { await page.close() })

  const open = async (args: string[]): Promise<void> => {
    page = await openPage({ args, heapMb: null })
    sandbox = page.create({ cores: 1 })
  }

  it('runs the example on a GPU, and gives the known answer', async () => {
    await open(SOFTWARE)
    const code = await orchard(1000, true)
    expect(await resultOf(code)).to.equal(608_383)
  })

  it('gives the same without one', async () => {
    await open(['--disable-features=WebGPU', '--disable-webgpu'])
    expect(await resultOf(await orchard(1000, false))).to.equal(608_383)
    expect(await failureOf(compute(sandbox, await orchard(1000, true)))).to.include({ kind: 'module', message: 'there is no WebGPU here' })
  })

  it('is given to modules that ask, and to no other', async () => {
    await open(SOFTWARE)
    expect(await outputsOf(await compute(sandbox, jobOf(`export const gpu = true\n${GIVEN}`, { partitions: 1 })))).to.deep.equal([['function', 'object', 'undefined']])
    for (const source of [GIVEN, `export const gpu = 1\n${GIVEN}`]) {
      expect(await outputsOf(await compute(sandbox, jobOf(source, { partitions: 1 })))).to.deep.equal([['undefined', 'undefined', 'undefined']])
    }
  })

  it('opens no other way out', async () => {
    await open(SOFTWARE)
    const reach = ['fetch', 'navigator', 'Worker', 'postMessage', 'setTimeout', 'ctx.gpu.ownerDocument', '(await import("data:text/javascript,export const it = 1"))', 'new Worker("data:text/javascript,1")', '(await ctx.gpu.requestAdapter()).addEventListener']
    for (const it of reach) {
      const source = `export const gpu = true\nexport const compute = async (p, input, ctx) => { try { return (${it}) === undefined ? 0 : 1 } catch { return 0 } }\nexport const collect = outputs => outputs[0]\n`
      expect(await result(sandbox, source, { partitions: 1 }), it).to.equal(0)
    }
  })
})
