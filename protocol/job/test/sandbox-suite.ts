/**
 * The acceptance suite of the Sandbox port: what every implementation must do with honest job code
 * (G3, DESIGN 5). What it must withstand is in sandbox-attacks.ts.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { ROOT, rangeOf } from '../../core/geometry.ts'
import { decodeValue, encodeValue } from '../value.ts'
import { cidOfDag } from '../cid.ts'
import { committedTo, outputIn } from './commitment-kit.ts'
import { joinValues } from '../folds.ts'
import { leafRangeOf } from '../commitment/shape.ts'
import { nodeFrom } from '../commitment/nodes.ts'
import { openingOf } from '../commitment/pack.ts'
import { childPaths, collected, compute, failureOf, gatheredOf, jobOf, never, outputsOf, result, spooled, SUM } from './sandbox-kit.ts'
import type { Path } from '../../core/ids.ts'
import type { Sandbox } from '../sandbox.ts'

const AUDIT = { type: 'audit', rate: 0.01 } as const

export interface SandboxFactory {
  create: (init: { cores: number, memoryMb?: number, loadMs?: number }) => Sandbox
}

/** A float sum whose result depends on the order and grouping of additions. */
const THIRDS = 'export const compute = p => 1 / (p + 1) - 1 / 3\n'
const third = (p: number): number => 1 / (p + 1) - 1 / 3
const sum = (values: unknown[]): number => (values as number[]).reduce((total, value) => total + value, 0)

export function sandboxSuite (name: string, { create }: SandboxFactory): void {
  describe(`${name}: sandbox acceptance`, () => {
    let sandbox: Sandbox

    before(() => { sandbox = create({ cores: 1, memoryMb: 64 }) })
    after(async () => { await sandbox.close() })

    it('folds leaves by collect, and inner nodes over their children (G3)', async () => {
      const shape = 'export const compute = p => [p]\nexport const collect = outputs => outputs\n'
      const code = jobOf(shape, { partitions: 7, fanout: 2, grain: 2 })
      const expected = collected(code.spec, ROOT, p => [p], outputs => outputs)
      expect(decodeValue((await compute(sandbox, code)).bytes)).to.deep.equal(expected)
    })

    it('gives the same bytes for a path, whoever folds how much of it (G3)', async () => {
      const code = jobOf(THIRDS + SUM, { partitions: 1000, fanout: 5, grain: 3 })
      const whole = await compute(sandbox, code)
      const children = []
      for (const path of childPaths(code.spec, ROOT)) children.push((await compute(sandbox, code, path)).bytes)
      const folded = await sandbox.collect({ code, path: ROOT, values: children }, never)
      expect(folded.cid).to.equal(whole.cid)
      expect(decodeValue(whole.bytes)).to.equal(collected(code.spec, ROOT, third, sum))
    })

    it('equals the definition on any geometry (G2, G3)', async () => {
      const geometry = { partitions: fc.integer({ min: 1, max: 300 }), fanout: fc.integer({ min: 2, max: 128 }), grain: fc.integer({ min: 1, max: 20 }) }
      await fc.assert(fc.asyncProperty(fc.record(geometry), async changes => {
        const code = jobOf(THIRDS + SUM, changes)
        expect(decodeValue((await compute(sandbox, code)).bytes)).to.equal(collected(code.spec, ROOT, third, sum))
      }), { numRuns: 15 })
    })

    it('gathers outputs in index order, in the same blocks however much is computed at once (G3)', async () => {
      const source = 'export const compute = p => "x".repeat(p % 700) + p\n'
      const code = jobOf(source, { partitions: 1500, fanout: 4, grain: 100 })
      const text = (p: number): string => 'x'.repeat(p % 700) + p
      const whole = await compute(sandbox, code)
      expect(whole.links).to.equal(true)
      expect(await outputsOf(whole)).to.deep.equal(Array.from({ length: 1500 }, (_, p) => text(p)))
      expect(whole.bytes).to.deep.equal(gatheredOf(code.spec, ROOT, text).bytes)
      const children = []
      for (const path of childPaths(code.spec, ROOT)) children.push((await compute(sandbox, code, path)).bytes)
      expect((await sandbox.collect({ code, path: ROOT, values: children }, never)).cid).to.equal(whole.cid)
    })

    it('keeps small outputs in one block (G3)', async () => {
      const output = await compute(sandbox, jobOf('export const compute = p => p * p\n', { partitions: 100, grain: 1 }))
      expect(output).to.include({ links: false })
      expect(output.blocks).to.deep.equal([])
      expect(await outputsOf(output)).to.deep.equal(Array.from({ length: 100 }, (_, p) => p * p))
    })

    it('lists more bytes than its isolate has memory for', async () => {
      const code = jobOf('export const compute = p => new Uint8Array(2 ** 20 - 9).fill(p)\n', { partitions: 128, fanout: 2, grain: 128 })
      const outputs = await outputsOf(await compute(sandbox, code))
      expect(outputs.map(output => (output as Uint8Array)[9])).to.deep.equal(Array.from({ length: 128 }, (_, p) => p))
    })

    it('hands each partition its input, chunk by chunk', async () => {
      const inputs = await spooled(Array.from({ length: 9000 }, (_, i) => ({ line: `line ${i}` })))
      const code = jobOf('export const compute = (p, input) => `${p} ${input.line}`\n', { partitions: 9000, fanout: 2, grain: 10, inputs: inputs.cid })
      for (const path of ['/', '0', '1.0.1']) {
        const outputs = await outputsOf(await compute(sandbox, code, path, inputs.chunks(code, path)))
        const first = { '/': 0, 0: 0, '1.0.1': 5625 }[path]!
        expect(outputs).to.deep.equal(outputs.map((_, i) => `${first + i} line ${first + i}`))
        expect(outputs).to.have.length({ '/': 9000, 0: 4500, '1.0.1': 1125 }[path]!)
      }
    })

    it('passes on what reading inputs fails with, and goes on', async () => {
      const code = jobOf('export const compute = (p, input) => input\n', { inputs: (await spooled([1])).cid })
      const broken = (async function * () { throw new Error('block lost') })()
      const error: unknown = await compute(sandbox, code, '/', broken).catch((reason: unknown) => reason)
      expect(error).to.be.an('error').with.property('message', 'block lost')
      expect(await result(sandbox, `export const compute = p => p\n${SUM}`)).to.equal(45)
    })

    it('awaits asynchronous parts', async () => {
      const source = 'export const setup = async () => 5\n' +
        'export async function compute (p, input, ctx) { await null; return p % 3 ? p : p + ctx.resources * 0 }\n' +
        'export async function collect (outputs) { await null; return outputs.reduce((a, b) => a + b, 0) }\n'
      expect(await result(sandbox, source, { partitions: 100 })).to.equal(4950)
    })

    it('runs setup once per worker and gives its result to compute and collect', async () => {
      const source = 'let times = 0\nexport const setup = (params, ctx) => { times++; return { base: params.base } }\n' +
        'export const compute = (p, input, ctx) => times * 1000 + ctx.resources.base + ctx.params.base\n' +
        'export const collect = (outputs, ctx) => Math.max(...outputs, ctx.resources.base)\n'
      const code = jobOf(source, {}, { base: 7 })
      for (const path of ['/', '0', '/']) expect(decodeValue((await compute(sandbox, code, path)).bytes)).to.equal(1014)
    })

    it('takes computeRange for whole leaves, with and without collect (G3)', async () => {
      const collecting = 'export const computeRange = (from, to) => { let s = 0; for (let p = from; p < to; p++) s += p; return s }\n' + SUM
      expect(await result(sandbox, collecting, { partitions: 1000, grain: 7 })).to.equal(499500)
      const code = jobOf('export const computeRange = (from, to) => Array.from({ length: to - from }, (_, i) => from + i)\n', { partitions: 50, grain: 7 })
      expect(await outputsOf(await compute(sandbox, code))).to.deep.equal(Array.from({ length: 50 }, (_, i) => i))
    })

    it('carries every kind of value, in one form', async () => {
      const source = 'export const compute = p => ({ b: [-0, null, true, "é", 2n ** 63n, 5n], aa: new Uint8Array([1, 2]), a: { z: 1.5 } })\n'
      const [value] = await outputsOf(await compute(sandbox, jobOf(source, { partitions: 1 })))
      expect(value).to.deep.equal({ b: [0, null, true, 'é', 2n ** 63n, 5], aa: Uint8Array.of(1, 2), a: { z: 1.5 } })
      const order = 'export const compute = p => ({ b: 1, aa: 2, a: 3 })\nexport const collect = outputs => Object.keys(outputs[0]).join()\n'
      expect(await result(sandbox, order, { partitions: 1 })).to.equal('a,b,aa')
    })

    it('lets collect change what it is given', async () => {
      const source = 'export const compute = p => ({ n: 1 })\n' +
        'export const collect = outputs => { const [first] = outputs; for (const other of outputs.slice(1)) first.n += other.n; return first }\n'
      expect(await result(sandbox, source, { partitions: 333 })).to.deep.equal({ n: 333 })
    })

    it('runs WebAssembly, also where it is asked for asynchronously', async () => {
      // (module (func (export "f") (param i32) (result i32) local.get 0 local.get 0 i32.mul))
      const bytes = '0,97,115,109,1,0,0,0,1,6,1,96,1,127,1,127,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,32,0,32,0,108,11'
      const source = `const bytes = new Uint8Array([${bytes}])\n` +
        'export const setup = async () => (await WebAssembly.instantiate(bytes)).instance.exports.f\n' +
        'export const compute = (p, input, ctx) => ctx.resources(p)\n' + SUM
      expect(await result(sandbox, source)).to.equal(285)
    })

    it('sleeps', async () => {
      const source = 'export const compute = async (p, input, ctx) => { await ctx.sleep(20); return p }\n' + SUM
      const output = await compute(sandbox, jobOf(source, { partitions: 5 }))
      expect(decodeValue(output.bytes)).to.equal(10)
      expect(output.ms).to.be.at.least(95)
    })

    it('has text codecs', async () => {
      const source = 'export const compute = p => new TextDecoder().decode(new TextEncoder().encode("aé€😀")) === "aé€😀" ? 1 : 0\n' + SUM
      expect(await result(sandbox, source)).to.equal(10)
    })

    it('collects while every core computes', async () => {
      const busy = jobOf('export const compute = p => { for (;;); }\n')
      const controller = new AbortController()
      const running = compute(sandbox, busy, '/', null, controller.signal).catch((error: unknown) => error)
      const code = jobOf(`export const compute = p => p\n${SUM}`)
      const output = await sandbox.collect({ code, path: ROOT, values: [1, 2, 3].map(value => encodeValue(value)) }, never)
      expect(decodeValue(output.bytes)).to.equal(6)
      controller.abort()
      await running
    })

    it('computes in order of asking, and stops what is aborted, running or waiting', async () => {
      const busy = jobOf('export const compute = p => { for (;;); }\n')
      const code = jobOf(`export const compute = p => p\n${SUM}`)
      const [first, second] = [new AbortController(), new AbortController()]
      const reason = new Error('enough')
      const running = compute(sandbox, busy, '/', null, first.signal).catch((error: unknown) => error)
      const waiting = compute(sandbox, code, '/', null, second.signal).catch((error: unknown) => error)
      const last = compute(sandbox, code)
      second.abort(reason)
      expect(await waiting).to.equal(reason)
      first.abort(reason)
      expect(await running).to.equal(reason)
      expect(decodeValue((await last).bytes)).to.equal(45)
    })

    it('commits to every output and every fold, in a tree like the path tree (V2)', async () => {
      const code = jobOf(THIRDS + SUM, { partitions: 1000, fanout: 5, grain: 3, trust: AUDIT })
      const whole = await compute(sandbox, code)
      expect(whole.cid).to.equal((await compute(sandbox, jobOf(THIRDS + SUM, { partitions: 1000, fanout: 5, grain: 3 }))).cid)
      const { root, nodes } = committedTo(code.spec, ROOT, third, sum)
      expect(whole.commits!.root).to.equal(root)
      expect(whole.commits!.nodes!.ends).to.have.length(nodes)
      for (const path of childPaths(code.spec, ROOT)) {
        expect((await compute(sandbox, code, path)).commits!.root).to.equal(committedTo(code.spec, path, third, sum).root)
      }
    })

    it('opens what it committed to, and nothing else fits the root (V2)', async () => {
      const code = jobOf(THIRDS + SUM, { partitions: 2000, fanout: 5, grain: 700, trust: AUDIT })
      const { bytes, commits } = await compute(sandbox, code)
      for (const partition of [0, 255, 256, 399, 400, 1999]) {
        const nodes = openingOf(commits!.nodes!, code.spec, rangeOf(code.spec, ROOT)!, [partition])
        expect(outputIn(code.spec, { cid: cidOfDag(bytes), root: commits!.root }, nodes, partition)).to.equal(third(partition))
      }
    })

    it('commits to gathered outputs by their content id, and to leaves by what computeRange gives (V2)', async () => {
      const gathered = await compute(sandbox, jobOf('export const compute = p => "x" + p\n', { partitions: 100, trust: AUDIT }))
      expect(gathered.commits).to.deep.equal({ root: gathered.cid, nodes: null })
      const code = jobOf('export const computeRange = (from, to) => [from, to]\nexport const collect = parts => [parts[0][0], parts.at(-1)[1]]\n', { partitions: 100, grain: 7, trust: AUDIT })
      const { commits } = await compute(sandbox, code)
      const opened = openingOf(commits!.nodes!, code.spec, rangeOf(code.spec, ROOT)!, [50])
      const { from, to } = leafRangeOf(code.spec, ROOT, 50)
      expect(nodeFrom(opened.at(-1)!)).to.deep.equal({ type: 'whole', item: [from, to] })
    })

    it('commits before collect changes what it is given (V2)', async () => {
      const source = 'export const compute = p => ({ n: 1 })\n' +
        'export const collect = outputs => { const [first] = outputs; for (const other of outputs.slice(1)) first.n += other.n; return first }\n'
      const code = jobOf(source, { partitions: 333, trust: AUDIT })
      const expected = committedTo(code.spec, ROOT, () => ({ n: 1 }), outputs => ({ n: (outputs as Array<{ n: number }>).reduce((n, output) => n + output.n, 0) }))
      expect((await compute(sandbox, code)).commits!.root).to.equal(expected.root)
    })

    it('links long outputs in what it commits to, unless the job has equal (V2)', async () => {
      const source = 'export const compute = p => "x".repeat(p * 10)\nexport const collect = outputs => outputs.join("").length > 9 ? "many" : "few"\n'
      const long = (p: number): string => 'x'.repeat(p * 10)
      const fold = (outputs: unknown[]): string => outputs.join('').length > 9 ? 'many' : 'few'
      const code = jobOf(source, { partitions: 40, trust: AUDIT })
      const output = await compute(sandbox, code)
      expect(output.commits!.root).to.equal(committedTo(code.spec, ROOT, long, fold).root)
      const equals = jobOf(`${source}export const equal = () => true\n`, { partitions: 40, trust: AUDIT })
      const whole = await compute(sandbox, equals)
      expect(whole.commits!.nodes!.bytes.length).to.be.above(40 * 39 / 2 * 10)
      expect(whole.commits!.root).to.equal(committedTo(equals.spec, ROOT, long, fold).root)
    })

    it('computes single partitions anew, with their inputs, beside a long compute (V4)', async () => {
      const busy = jobOf('export const compute = p => { for (;;); }\n')
      const controller = new AbortController()
      const running = compute(sandbox, busy, '/', null, controller.signal).catch((error: unknown) => error)
      const numbers = await spooled(Array.from({ length: 9000 }, (_, i) => i * i))
      const code = jobOf('export const compute = (p, input) => [p, input]\n', { partitions: 9000, inputs: numbers.cid })
      const partitions = [3, 4711, 8999]
      const chunks = (async function * () { for (const p of partitions) yield * numbers.part(p, p + 1) })()
      const outputs = await sandbox.outputs({ code, partitions, inputs: chunks }, never)
      expect(outputs!.map(decodeValue)).to.deep.equal(partitions.map(p => [p, p * p]))
      const drawn = jobOf('export const compute = (p, input, ctx) => ctx.random()\n', { partitions: 100 })
      const [one] = (await sandbox.outputs({ code: drawn, partitions: [77], inputs: null }, never))!
      const beside = await sandbox.compute({ code, path: '0.1' as Path, inputs: numbers.chunks(code, '0.1'), aside: true }, never)
      expect((await outputsOf(beside))[0]).to.deep.equal([562, 562 * 562])
      controller.abort()
      await running
      expect(decodeValue(one!)).to.equal((await outputsOf(await compute(sandbox, drawn)))[77])
      const whole = jobOf('export const computeRange = (from, to) => from\n' + SUM)
      expect(await sandbox.outputs({ code: whole, partitions: [1], inputs: null }, never)).to.equal(null)
    })

    it('folds many times in one request as it would one by one (V4)', async () => {
      const code = jobOf('export const compute = p => p\nexport const collect = (outputs, ctx) => [outputs.flat().length, ctx.random(), outputs]\n', { partitions: 1000 })
      const folds = Array.from({ length: 300 }, (_, i) => ({
        path: `${Math.floor(i / 100)}.${i % 4}` as Path, values: Array.from({ length: i % 17 + 1 }, (_, k) => encodeValue(k % 2 === 0 ? i * 1000 + k : { k, text: 'x'.repeat(i) }))
      }))
      const joined = folds.map(({ path, values }) => ({ path, values: joinValues(values) }))
      const one = async (at: number): Promise<Uint8Array> => (await sandbox.collect({ code, ...folds[at]! }, never)).bytes
      const folded = await sandbox.folds({ code, folds: joined }, never)
      expect(folded).to.have.length(300)
      for (const at of [0, 1, 23, 24, 255, 256, 299]) expect(folded[at]).to.deep.equal(await one(at))
      const failing = jobOf('export const compute = p => p\nexport const collect = outputs => { if (outputs[0] === 13) throw new Error("thirteen") ; return 0 }\n')
      const run = sandbox.folds({ code: failing, folds: [12, 13].map(it => ({ path: ROOT, values: encodeValue([it]) })) }, never)
      expect(await failureOf(run)).to.include({ kind: 'collect', message: 'thirteen' })
    })

    it('asks the job whether two values are equal (V6)', async () => {
      const close = `export const compute = p => p\nexport const equal = (a, b, ctx) => Math.abs(a - b) <= ctx.params.off\n${SUM}`
      const code = jobOf(close, {}, { off: 0.5 })
      const ask = (a: unknown, b: unknown): Promise<boolean> => sandbox.equal({ code, a: encodeValue(a), b: encodeValue(b) }, never)
      expect([await ask(1, 1.4), await ask(1, 1.6), await ask('x', 1)]).to.deep.equal([true, false, false])
      const plain = jobOf(`export const compute = p => p\n${SUM}`)
      expect(await sandbox.equal({ code: plain, a: encodeValue(1), b: encodeValue(1.4) }, never)).to.equal(false)
      const endless = jobOf(`export const compute = p => p\nexport const equal = () => { for (;;); }\n${SUM}`, { timeoutMs: 300 })
      expect(await failureOf(sandbox.equal({ code: endless, a: encodeValue(1), b: encodeValue(2) }, never))).to.include({ kind: 'timeout' })
    })

    it('forgets a job and can do it anew', async () => {
      const code = jobOf(`let n = 0\nexport const compute = p => ++n\n${SUM}`, { partitions: 1 })
      expect(decodeValue((await compute(sandbox, code)).bytes)).to.equal(1)
      expect(decodeValue((await compute(sandbox, code)).bytes)).to.equal(2)
      sandbox.forget(code.job)
      expect(decodeValue((await compute(sandbox, code)).bytes)).to.equal(1)
    })
  })
}
