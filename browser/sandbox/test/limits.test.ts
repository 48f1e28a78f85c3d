/**
 * What a volunteer allows, in a real tab: memory, time, cores and duty. Greedy code ends and tells where; the page lives on and so
 * does everyone else's work.
 */
import { expect } from 'chai'
import { setTimeout as delay } from 'node:timers/promises'
import { decodeValue, encodeValue } from '../../../protocol/job/value.ts'
import { ROOT } from '../../../protocol/core/geometry.ts'
import { compute, failureOf, jobOf, never, result, spooled, SUM } from '../../../protocol/job/test/sandbox-kit.ts'
import { openPage } from './page-sandbox.ts'
import { GROWING } from './growing.ts'
import type { TestPage } from './page-sandbox.ts'
import type { TabSandbox } from '../tab-sandbox.ts'

/** Ways to eat memory without end, from partition 3 on. */
const GREED: Record<string, string> = {
  arrays: 'for (;;) all.push(new Array(1000).fill(p))',
  strings: 'for (let i = 0; ; i++) all.push(("x".repeat(1000) + i).split("").join("-"))',
  buffers: 'for (;;) all.push(new Uint8Array(1e6).fill(1))',
  'buffers by the prototype': 'for (;;) all.push(new (Uint8Array.prototype.constructor)(1e6).fill(1))',
  'buffers by copies': 'const one = new Uint8Array(1e6).fill(1); for (;;) all.push(one.slice())',
  'buffers by lists': 'const one = new Array(1e5).fill(1); for (;;) all.push(Float64Array.from(one))',
  'one large buffer': 'all.push(new ArrayBuffer(2 ** 33))',
  'a buffer that may grow': 'for (;;) all.push(new ArrayBuffer(8, { maxByteLength: 2 ** 28 }))',
  'WebAssembly\'s memory': 'const memory = new WebAssembly.Memory({ initial: 1 }); for (;;) { const at = memory.buffer.byteLength; memory.grow(800); new Uint8Array(memory.buffer, at).fill(1) }',
  'WebAssembly\'s memories': 'for (;;) all.push(new WebAssembly.Memory({ initial: 1000 }))',
  'instances of WebAssembly': 'const module = new WebAssembly.Module(GROWING); for (;;) all.push(new WebAssembly.Instance(module), new Uint8Array(65536))'
}

const COUNT = `export const compute = p => p\n${SUM}`
const ENDLESS = 'export const compute = p => { for (;;); }\n'

describe('tab sandbox: limits', () => {
  let page: TestPage
  let sandbox: TabSandbox

  before(async () => { page = await openPage({ heapMb: 128 }) })
  after(async () => { await page.close() })
  afterEach(async () => {
    await sandbox.close()
    expect(await page.ask('frames')).to.equal(0)
  })

  for (const [what, greed] of Object.entries(GREED)) {
    it(`ends a job that eats ${what}, and the page lives on (E1)`, async () => {
      sandbox = page.create({ cores: 1, memoryMb: 64 })
      const source = `const GROWING = Uint8Array.of(${GROWING.join()})\nconst all = []\nexport const compute = p => { if (p === 3) { ${greed} } return 1 }\n`
      const failed = failureOf(compute(sandbox, jobOf(source, { timeoutMs: 40_000 })))
      expect(await page.ask('jank', 1000)).to.be.below(3000)
      expect(await failed).to.include({ kind: 'memory', partition: 3 })
      expect(await result(sandbox, COUNT)).to.equal(45)
    })
  }

  it('keeps WebAssembly that grows by itself below the limit', async () => {
    sandbox = page.create({ cores: 1, memoryMb: 64 })
    const source = `export const compute = () => { const { grow } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(${GROWING.join()}))).exports; let pages = 1; while (grow(100) >= 0) pages += 100; return pages }\n${SUM}`
    expect(await result(sandbox, source, { partitions: 1 })).to.be.within(1, (64 + 1024) * 16)
  })

  it('lets a job use and let go as many buffers as it likes, call by call', async () => {
    sandbox = page.create({ cores: 1, memoryMb: 64 })
    const source = `export const compute = p => new Uint8Array(2e6).fill(1)[p]\n${SUM}`
    expect(await result(sandbox, source, { partitions: 1000 })).to.equal(1000)
  })

  it('blames the job that ate the memory, not the one beside it (E1)', async () => {
    sandbox = page.create({ cores: 2, memoryMb: 64 })
    const greedy = failureOf(compute(sandbox, jobOf(`export const compute = p => { const all = []; for (; p === 3;) ${GREED['arrays']!.slice(9)}; return 1 }\n`)))
    const honest = result(sandbox, `export const compute = async (p, input, ctx) => { await ctx.sleep(300); return p }\n${SUM}`)
    expect(await greedy).to.include({ kind: 'memory', partition: 3 })
    expect(await honest).to.equal(45)
  })

  it('names the partition that hangs, with inputs too (E1)', async () => {
    sandbox = page.create({ cores: 1 })
    const inputs = await spooled(Array.from({ length: 9000 }, (_, i) => i))
    const code = jobOf('export const compute = (p, input) => { for (; input === 7777;); return input }\n', { partitions: 9000, grain: 100, inputs: inputs.cid, timeoutMs: 300 })
    expect(await failureOf(compute(sandbox, code, '/', inputs.chunks(code, '/')))).to.include({ kind: 'timeout', partition: 7777 })
  })

  it('does not take many short calls for a long one, nor calls that suddenly take longer', async () => {
    sandbox = page.create({ cores: 1 })
    const source = `const spin = n => { let x = 0; for (let i = 0; i < n; i++) x += i % 7; return x }\nexport const compute = p => { if (p >= 50_000) spin(3e6); return 1 }\n${SUM}`
    expect(await result(sandbox, source, { partitions: 50_100, timeoutMs: 250 })).to.equal(50_100)
  })

  it('ends endless code soon after its abort', async () => {
    sandbox = page.create({ cores: 1 })
    await result(sandbox, COUNT)
    const controller = new AbortController()
    const running = compute(sandbox, jobOf(ENDLESS), '/', null, controller.signal).catch((error: unknown) => error)
    await delay(200)
    const start = performance.now()
    controller.abort()
    await running
    expect(performance.now() - start).to.be.below(4000)
    expect(await result(sandbox, COUNT)).to.equal(45)
  })

  it('stops between partitions without losing the worker', async () => {
    sandbox = page.create({ cores: 1 })
    const code = jobOf(`let n = 0\nexport const compute = p => ++n\n${SUM}`, { partitions: 2 ** 36, grain: 1000 })
    const leaf = '0.0.0.0.0.0.0.0.0.0.0'
    await compute(sandbox, code, leaf)
    const controller = new AbortController()
    const running = compute(sandbox, code, '/', null, controller.signal).catch((error: unknown) => error)
    await delay(300)
    controller.abort()
    await running
    const again = await compute(sandbox, code, leaf)
    expect(decodeValue(again.bytes)).to.be.above(1e6)
  })

  it('rests as its duty says, also when it changes', async () => {
    sandbox = page.create({ cores: 1, duty: 0.2 })
    const source = `export const compute = p => { let x = 0; for (let i = 0; i < 1e6; i++) x += i % 7; return x }\n${SUM}`
    const share = async (): Promise<number> => {
      const start = performance.now()
      const { ms } = await compute(sandbox, jobOf(source, { partitions: 300 }))
      return ms / (performance.now() - start)
    }
    expect(await share()).to.be.below(0.5)
    sandbox.setDuty(1)
    expect(await share()).to.be.above(0.5)
  })

  it('rests without cores, and goes on when it has some; collects all the time', async () => {
    sandbox = page.create({ cores: 2 })
    const code = jobOf(`export const compute = async (p, input, ctx) => { await ctx.sleep(20); return p }\n${SUM}`, { partitions: 40 })
    let done = 0
    const runs = ['0', '1', '2'].map(async path => { await compute(sandbox, code, path); done++ })
    await delay(200)
    sandbox.setCores(0)
    await delay(1000)
    expect(done).to.equal(0)
    const folded = await sandbox.collect({ code, path: ROOT, values: [1, 2].map(value => encodeValue(value)) }, never)
    expect(decodeValue(folded.bytes)).to.equal(3)
    sandbox.setCores(1)
    await Promise.all(runs)
    expect(done).to.equal(3)
  })

  it('removes its frames on close, and a job\'s on forget', async () => {
    sandbox = page.create({ cores: 1 })
    const code = jobOf(COUNT)
    await compute(sandbox, code)
    expect(await page.ask('frames')).to.be.above(0)
    const running = compute(sandbox, jobOf(ENDLESS)).catch((error: Error) => error.message)
    await delay(300)
    const before = await page.ask('frames') as number
    sandbox.forget(code.job)
    await delay(100)
    expect(await page.ask('frames')).to.equal(before - 1)
    await sandbox.close()
    expect(await running).to.equal('the sandbox is closed')
  })

  it('says so when its document is not there', async () => {
    sandbox = page.create({ cores: 1, frameUrl: 'nowhere.html' })
    expect(await compute(sandbox, jobOf(COUNT)).catch((error: Error) => error.message)).to.contain('did not start: is sandbox.html beside the page')
  })

  it('refuses limits that make no sense', async () => {
    sandbox = page.create({ cores: 1 })
    for (const init of [{ cores: -1 }, { cores: 1, memoryMb: 1 }, { cores: 1, duty: 0 }]) expect(await page.ask('refuses', init)).to.be.a('string')
  })
})
