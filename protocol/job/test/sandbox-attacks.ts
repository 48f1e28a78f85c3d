/**
 * The other half of the Sandbox port's acceptance suite: job code that fails, wastes, draws on chance or
 * tries to get out costs its own request, and the submitter is told which partition and why (DESIGN 6, E1).
 */
import { expect } from 'chai'
import { encodeValue } from '../value.ts'
import { ROOT } from '../../core/geometry.ts'
import { compute, failureOf, jobOf, never, outputsOf, result, SUM } from './sandbox-kit.ts'
import type { Failure } from '../../core/job.ts'
import type { Sandbox } from '../sandbox.ts'
import type { SpecChanges } from './sandbox-kit.ts'
import type { SandboxFactory } from './sandbox-suite.ts'

/** Job code that fails, and how. */
const FAILING: Array<{ what: string, source: string, changes?: SpecChanges, why: Partial<Failure>, message: RegExp }> = [
  {
    what: 'compute throws',
    source: 'export function compute (p) { if (p === 7) throw new TypeError("bad luck"); return p }\n',
    why: { kind: 'threw', partition: 7 },
    message: /^TypeError: bad luck$/
  },
  { what: 'compute rejects', source: 'export const compute = async p => { if (p === 3) throw new Error("late") }\n', why: { kind: 'output', partition: 0 }, message: /it is undefined/ },
  { what: 'compute rejects later', source: 'export const compute = async p => { await null; if (p === 3) throw new Error("late"); return 1 }\n', why: { kind: 'threw', partition: 3 }, message: /^late$/ },
  { what: 'compute throws no error', source: 'export const compute = p => { throw "text" }\n', why: { kind: 'threw', partition: 0 }, message: /^threw text$/ },
  { what: 'what is thrown cannot be shown', source: 'export const compute = p => { throw { get [Symbol.toPrimitive] () { throw 1 } } }\n', why: { kind: 'threw', partition: 0 }, message: /cannot be shown/ },
  { what: 'compute loops for ever', source: 'export const compute = p => { for (;p === 4;); return 1 }\n', changes: { timeoutMs: 150 }, why: { kind: 'timeout', partition: 4 }, message: /^partition 4 took longer than 150 ms$/ },
  { what: 'compute never resolves', source: 'export const compute = p => new Promise(() => {})\n', changes: { timeoutMs: 150 }, why: { kind: 'timeout', partition: 0 }, message: /longer than 150 ms/ },
  { what: 'a pattern backtracks for ever', source: 'export const compute = p => /^(a+)+$/.test("a".repeat(60) + "b") ? 1 : 0\n', changes: { timeoutMs: 150 }, why: { kind: 'timeout', partition: 0 }, message: /longer than 150 ms/ },
  { what: 'collect loops for ever', source: 'export const compute = p => p\nexport const collect = outputs => { for (;;); }\n', changes: { timeoutMs: 150 }, why: { kind: 'timeout', partition: -1 }, message: /^collect took longer than 150 ms$/ },
  { what: 'compute eats the heap', source: 'export const compute = p => { const all = []; for (;p === 5;) all.push(new Array(1000).fill(p)); return 1 }\n', why: { kind: 'memory', partition: 5 }, message: /memory/ },
  { what: 'compute eats memory in buffers', source: 'export const compute = p => { const all = []; for (;p === 5;) all.push(new Uint8Array(1e6).fill(1)); return 1 }\n', why: { kind: 'memory', partition: 5 }, message: /memory/ },
  { what: 'compute recurses for ever', source: 'const f = n => f(n + 1) + 1\nexport const compute = p => f(0)\n', why: { kind: 'threw', partition: 0 }, message: /^RangeError: Maximum call stack/ },
  { what: 'an output is undefined', source: 'export const compute = p => ({ rows: [1, undefined] })\n', why: { kind: 'output', partition: 0 }, message: /^the output of partition 0 cannot be sent: it\.rows\[1\] is undefined/ },
  { what: 'an output is a function', source: 'export const compute = p => p === 6 ? () => 1 : 1\n', why: { kind: 'output', partition: 6 }, message: /it is a function/ },
  { what: 'an output is not a number', source: `export const compute = p => p === 6 ? 0 / 0 : 1\n${SUM}`, why: { kind: 'output', partition: 6 }, message: /NaN/ },
  { what: 'an output is a cycle', source: 'export const compute = p => { const it = {}; it.self = it; return it }\n', why: { kind: 'output', partition: 0 }, message: /cycle/ },
  { what: 'an output is too large', source: 'export const compute = p => new Uint8Array(2 ** 20 + 1)\n', why: { kind: 'output', partition: 0 }, message: /larger than 1048576 bytes/ },
  { what: 'an output grows without end when walked', source: 'export const compute = p => { let it = 0; for (let i = 0; i < 60; i++) it = [it, it]; return it }\n', why: { partition: 0 }, message: /larger than|memory/ },
  { what: 'collect throws', source: 'export const compute = p => p\nexport const collect = outputs => { throw new Error("no sum") }\n', why: { kind: 'collect', partition: -1 }, message: /^no sum$/ },
  { what: 'collect returns what cannot be sent', source: 'export const compute = p => p\nexport const collect = outputs => Symbol()\n', why: { kind: 'output', partition: -1 }, message: /^the output of collect cannot be sent: it is a symbol/ },
  { what: 'computeRange returns too few', source: 'export const computeRange = (from, to) => [1]\n', why: { kind: 'output', partition: 0 }, message: /array of 2 outputs/ },
  { what: 'there is no compute', source: 'export const other = 1\n', why: { kind: 'module', partition: -1 }, message: /exports no compute/ },
  { what: 'compute is no function', source: 'export const compute = 1\n', why: { kind: 'module', partition: -1 }, message: /compute is not a function/ },
  { what: 'the bundle does not parse', source: 'export const compute = (\n', why: { kind: 'module', partition: -1 }, message: /^SyntaxError/ },
  { what: 'the bundle throws', source: 'throw new Error("at load")\n', why: { kind: 'module', partition: -1 }, message: /^at load$/ },
  { what: 'the bundle imports', source: 'import fs from "node:fs"\nexport const compute = p => 1\n', why: { kind: 'module', partition: -1 }, message: /imports node:fs/ },
  { what: 'setup throws', source: 'export const setup = () => { throw new Error("no table") }\nexport const compute = p => 1\n', why: { kind: 'module', partition: -1 }, message: /^no table$/ },
  { what: 'the bundle loops for ever', source: 'for (;;);\nexport const compute = p => 1\n', changes: { timeoutMs: 100 }, why: { kind: 'timeout', partition: -1 }, message: /loading the module took longer/ },
  { what: 'setup loops for ever', source: 'export const setup = () => { for (;;); }\nexport const compute = p => 1\n', changes: { timeoutMs: 100 }, why: { kind: 'timeout', partition: -1 }, message: /loading the module took longer/ }
]

/** Expressions that reach for what is outside; each must come to `undefined` or throw. */
export const ESCAPES: Record<string, string> = {
  process: 'process',
  require: 'require("node:fs")',
  'a module': '(await import("node:fs")).readFileSync',
  'a module by URL': '(await import("data:text/javascript,export default 1")).default',
  'process by a function\'s constructor': '[].constructor.constructor("return process")()',
  'process by an async function\'s constructor': 'await (async () => {}).constructor("return process")()',
  'require by a generator\'s constructor': '(function * () {}).constructor("return require")().next().value',
  'process by eval': '(0, eval)("process")',
  'the global\'s constructor': 'globalThis.constructor.constructor("return this")().process',
  'process by ctx': 'ctx.random.constructor("return process")()',
  'process by sleep': 'ctx.sleep.constructor.constructor("return process")()',
  'process by sleep\'s promise': 'ctx.sleep(0).constructor.constructor("return process")()',
  'process by params': 'ctx.params.constructor.constructor("return process")()',
  'process by an input': 'Object.getPrototypeOf(ctx.params).constructor.constructor("return process")()',
  'process by the caller': '(function f () { return f.caller })().constructor("return process")()',
  'process by arguments': '(function () { return arguments.callee.caller.constructor("return process")() })()',
  'a host object in a stack': '(() => { Error.prepareStackTrace = (_, frames) => frames; const found = new Error().stack.map(frame => frame.getThis()).find(it => it != null && it.process !== undefined); Error.prepareStackTrace = undefined; return found })()',
  'a host function in a stack': '(() => { Error.prepareStackTrace = (_, frames) => frames; const found = new Error().stack.map(frame => frame.getFunction()).find(it => it != null && it.constructor("return typeof process")() !== "undefined"); Error.prepareStackTrace = undefined; return found })()',
  'a host error': '(() => { try { ctx.sleep(Symbol()) } catch (error) { return error.constructor.constructor("return process")() } })()',
  'the bridge by then': 'await (() => { const then = Promise.prototype.then; let found; Promise.prototype.then = function (...args) { if (typeof this.apply === "function") found = this; return then.apply(this, args) }; const slept = ctx.sleep(1); Promise.prototype.then = then; return slept.then(() => found) })()',
  'the bridge by Map': 'await (() => { const set = Map.prototype.set; let found; Map.prototype.set = function (key, value) { try { found = value.constructor("return process")() } catch {} return set.call(this, key, value) }; const slept = ctx.sleep(1); Map.prototype.set = set; return slept.then(() => found) })()',
  'the bridge by Object.prototype': 'await (() => { let found; Object.defineProperty(Object.prototype, "type", { configurable: true, get () { found = this.process }, set () {} }); const slept = ctx.sleep(1); return slept.then(() => { delete Object.prototype.type; return found }) })()',
  'the network by fetch': 'fetch',
  'the network by WebSocket': 'WebSocket',
  'the network by XMLHttpRequest': 'XMLHttpRequest',
  'the network by WebTransport': 'WebTransport',
  'the network by EventSource': 'EventSource',
  'the network by RTCPeerConnection': 'RTCPeerConnection',
  'the network by importScripts': 'importScripts',
  'other tabs by BroadcastChannel': 'BroadcastChannel',
  'storage by indexedDB': 'indexedDB',
  'storage by caches': 'caches',
  'a Worker': 'Worker',
  'isolated-vm': 'ivm',
  'the shared gauge': 'gauge',
  'shared memory': 'SharedArrayBuffer',
  'waiting by Atomics': 'Atomics',
  'a timer': 'setTimeout',
  'garbage collection by WeakRef': 'WeakRef',
  'garbage collection by FinalizationRegistry': 'FinalizationRegistry',
  'garbage collection by gc': 'gc',
  'the time of day': 'Date.now() || new Date().getTime() || performance.now() || undefined',
  'the time of day by Date\'s constructor': 'new Date.prototype.constructor().getTime() || new (new Date().constructor)().getTime() || undefined',
  'the time of day by Temporal': 'Temporal.Now',
  'the time of day by Intl': 'new Intl.DateTimeFormat().format()',
  'the time zone': 'new Date(0).getTimezoneOffset() || undefined'
}

/** What chance and time give, for comparing two workers. */
const CHANCE = 'const atLoad = Math.random()\nexport const setup = (params, ctx) => ctx.random()\n' +
  'export const compute = (p, input, ctx) => [p % 3 ? ctx.random() : 0, Math.random(), atLoad, ctx.resources, String(new Date())]\n'

export function sandboxAttacks (name: string, { create }: SandboxFactory): void {
  describe(`${name}: job code that fails or attacks`, () => {
    let sandbox: Sandbox

    before(() => { sandbox = create({ cores: 1, memoryMb: 64, loadMs: 300 }) })
    after(async () => { await sandbox.close() })
    afterEach('the sandbox lives on', async () => {
      expect(await result(sandbox, `export const compute = p => p\n${SUM}`)).to.equal(45)
    })

    for (const { what, source, changes, why, message } of FAILING) {
      it(`tells why: ${what} (E1)`, async () => {
        const found = await failureOf(compute(sandbox, jobOf(source, changes)))
        expect(found).to.include({ path: ROOT, ...why })
        expect(found.message).to.match(message)
      })
    }

    it('tells why a collect of its own failed (E1)', async () => {
      const code = jobOf('export const compute = p => p\nexport const collect = outputs => { throw new Error("no sum") }\n')
      const values = [encodeValue(1)]
      expect(await failureOf(sandbox.collect({ code, path: ROOT, values }, never))).to.include({ kind: 'collect', message: 'no sum' })
      const gather = jobOf('export const compute = p => p\n')
      expect(await failureOf(sandbox.collect({ code: gather, path: ROOT, values }, never))).to.include({ kind: 'collect' })
    })

    for (const [what, reach] of Object.entries(ESCAPES)) {
      it(`gives no way to ${what}`, async () => {
        const source = `export async function compute (p, input, ctx) { try { const it = ${reach}; return it === undefined || it === null ? 'nothing' : 'got ' + typeof it } catch { return 'nothing' } }\n`
        const output = await compute(sandbox, jobOf(source, { partitions: 1 }))
        expect(await outputsOf(output)).to.deep.equal(['nothing'])
      })
    }

    it('does not let a polluted prototype change another request', async () => {
      await result(sandbox, 'Array.prototype.push = () => 0\nexport const compute = p => p\n').catch(() => {})
      await result(sandbox, 'Object.defineProperty(Object.prototype, "from", { value: 5, writable: true })\nexport const compute = p => p\n').catch(() => {})
    })

    it('withstands a flood of requests to its keeper', async () => {
      const source = 'export const compute = async (p, input, ctx) => { for (let i = 0; i < 1e5; i++) ctx.sleep(1e6); return p }\n' + SUM
      expect(await result(sandbox, source, { partitions: 2, timeoutMs: 5000 }).catch((error: Error) => error.name)).to.be.oneOf([1, 'SandboxError'])
    })

    it('gives the same chance and time to every worker, and other numbers to every partition', async () => {
      const other = create({ cores: 1 })
      try {
        const code = jobOf(CHANCE, { partitions: 20 })
        const [mine, theirs] = [await compute(sandbox, code), await compute(other, code)]
        expect(mine.cid).to.equal(theirs.cid)
        const parts = [await compute(other, code, '3'), await compute(other, code, '0')]
        const outputs = await outputsOf(mine)
        expect(await outputsOf(parts[0]!)).to.deep.equal(outputs.slice(15))
        expect(await outputsOf(parts[1]!)).to.deep.equal(outputs.slice(0, 5))
        expect(new Set(outputs.map(output => (output as unknown[])[1])).size).to.equal(20)
        expect((await compute(sandbox, jobOf(CHANCE, { partitions: 20, nonce: 'again' }))).cid).not.to.equal(mine.cid)
      } finally {
        await other.close()
      }
    })

    it('keeps params as they were given', async () => {
      const source = '"use strict"\nexport const compute = (p, input, ctx) => { try { ctx.params.list.push(1) } catch {} return ctx.params.list.length }\n' + SUM
      expect(await result(sandbox, source, {}, { list: [] })).to.equal(0)
    })
  })
}
