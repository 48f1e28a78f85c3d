/**
 * The corpus of escapes for Node beside those of every sandbox (protocol/job/test/sandbox-attacks.ts) and of the process
 * itself (process-attempts.mjs): ways out by the language, values that trick whoever takes them, and bombs. Test helper.
 */

/** Expressions that reach for what is outside; each must come to nothing, and gets somewhere in a realm without walls. */
export const REACHES: Record<string, string> = {
  'inner bindings': 'process.binding("fs")',
  'a module by the loader': 'process.getBuiltinModule("node:fs")',
  'a module by the loader\'s inner function': 'require("node:module")._load("fs")',
  'modules that are loaded': 'require.cache',
  'async hooks': 'require("node:async_hooks").createHook({})',
  'the inspector': 'require("node:inspector").url',
  'another context': 'require("node:vm").runInThisContext("process")',
  'a library': 'require("node:ffi").dlopen',
  'the engine\'s heap': 'require("node:v8").getHeapSnapshot',
  'process by Reflect': 'Reflect.construct(Function, ["return process"])()',
  'process by WebAssembly\'s constructor': 'WebAssembly.Module.constructor("return process")()',
  'process by a Proxy\'s trap': 'new Proxy(ctx, { get: (it, key, self) => Reflect.get(it, key, self) }).sleep.constructor("return process")()',
  'process by a thenable\'s resolver': 'await new Promise(done => done({ then: resolve => resolve(resolve.constructor("return process")()) }))',
  'process by a getter of an array': 'Object.defineProperty([], 0, { get () { return this.constructor.constructor("return process")() } })[0]',
  'process by a tagged template': '((it) => it.constructor.constructor("return process")())`x`',
  'process by a class field': 'new (class { it = this.constructor.constructor("return process")() })().it',
  'process by a bound function': 'ctx.sleep.bind(null).constructor("return process")()',
  'process by structuredClone': 'structuredClone(new Map()).constructor.constructor("return process")()',
  'process by a compiled host import': '(() => { const bytes = new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,2,7,1,1,101,1,102,0,0]); return new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f: process.exit } }) })()',
  'shared memory by WebAssembly': 'new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer.constructor.name === "SharedArrayBuffer" && Atomics.wait(new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer), 0, 0, 0)',
  'an interval that outlives': 'setInterval(() => {}, 1000).unref()',
  'an immediate': 'setImmediate(() => {})',
  'messages': 'new MessageChannel()',
  'the console of the machine': 'console.log.constructor("return process")()'
}

/** Outputs whose taker is to be tricked: what arrives is plain data, or the partition fails as an output. `null`: it fails. */
export const VALUES: Record<string, { source: string, output: unknown }> = {
  'a Proxy of an object': { source: 'new Proxy({ a: 1 }, { get () { return 2 } })', output: { a: 2 } },
  'a Proxy whose traps throw': { source: 'new Proxy({}, { ownKeys () { throw new Error("trapped") } })', output: null },
  'a Proxy of an array that grows': { source: 'new Proxy([], { get: (it, key) => key === "length" ? 2 ** 31 : 0 })', output: null },
  'a getter that changes its mind': { source: '(() => { let n = 0; return { get a () { return n++ } } })()', output: { a: 0 } },
  'a getter that throws': { source: '({ get a () { throw new Error("got") } })', output: null },
  'toJSON': { source: '({ a: 1, toJSON () { return "forged" } })', output: null },
  'a thenable': { source: '({ then (resolve) { resolve({ then (again) { again(7) } }) } })', output: 7 },
  'a thenable that never settles twice': { source: '({ then (resolve, reject) { resolve(1); resolve(2); reject(3) } })', output: 1 },
  '__proto__ as a key': { source: 'JSON.parse(\'{"__proto__":{"polluted":1},"a":1}\')', output: null },
  'constructor as a key': { source: '({ constructor: { prototype: { polluted: 1 } } })', output: { constructor: { prototype: { polluted: 1 } } } },
  'a class of its own': { source: 'new (class Evil { constructor () { this.a = 1 } })()', output: null },
  'an array with a species': { source: '(() => { class Evil extends Array { static get [Symbol.species] () { return Function } } return Evil.from([1]) })()', output: [1] },
  'bytes with a length of their own': { source: 'Object.defineProperty(new Uint8Array(2), "length", { value: 2 ** 30 })', output: 'bytes' },
  'a view on shared bytes': { source: 'new Uint8Array(new ArrayBuffer(8), 4, 2)', output: 'bytes' },
  'a bignum of a million digits': { source: '10n ** 1000000n', output: null },
  'a symbol\'s primitive': { source: '({ [Symbol.toPrimitive]: () => 1, a: 1 })', output: { a: 1 } },
  'a link that is none': { source: '({ "/": "bafyreigh2akiscaildc" })', output: 'any' },
  'a list 10,000 deep': { source: '(() => { let it = 0; for (let i = 0; i < 10_000; i++) it = [it]; return it })()', output: null },
  'text of lone surrogates': { source: '"\\ud800"', output: null },
  'a revoked Proxy': { source: '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()', output: null }
}

/** Code that would take the machine's time or memory for ever: its own request fails, and the next one runs. */
export const BOMBS: Record<string, string> = {
  'a pattern that backtracks': '/(x+x+)+y/.test("x".repeat(50))',
  'a bignum to the power of a bignum': '(2n ** 30_000_000n) ** 3n',
  'an array of 2^32 - 1': 'new Array(2 ** 32 - 1).fill(0)',
  'text that doubles': '(() => { let it = "x".repeat(2 ** 20); for (;;) it = it.concat(it, it).split("").join("y") })()',
  'a typed array of gigabytes': 'new Float64Array(2 ** 31).fill(1)',
  'many typed arrays': '(() => { const all = []; for (;;) all.push(new Uint8Array(2 ** 20).fill(1)) })()',
  'WebAssembly memory': '(() => { const all = []; for (;;) { const it = new WebAssembly.Memory({ initial: 256 }); new Uint8Array(it.buffer).fill(1); all.push(it) } })()',
  'a map without end': '(() => { const it = new Map(); for (let i = 0; ; i++) it.set(i, [i]) })()',
  'promises without end': 'await (async () => { for (;;) await null })()',
  'promises that multiply': 'await (async function more () { await Promise.all([more(), more()]) })()',
  'a generator without end': '[...(function * () { for (;;) yield [1, 2, 3] })()]',
  'a comparison that never ends': '[3, 2, 1].sort(() => { for (;;); })',
  'a getter of itself': '(() => { const it = { get a () { return this.a } }; return it.a })()',
  'JSON of depth': 'JSON.stringify((() => { let it = []; for (let i = 0; i < 1e7; i++) it = [it]; return it })())',
  'a Proxy of a Proxy': '(() => { let it = {}; for (let i = 0; i < 1e6; i++) it = new Proxy(it, {}); return it.a })()',
  'errors with deep stacks': '(() => { Error.stackTraceLimit = Infinity; const f = () => { try { f() } catch (error) { throw new Error(error.stack) } }; f() })()',
  'a finalizer that never ends': 'await (async () => { try { throw 1 } finally { for (;;); } })()',
  'sorting a sparse array': 'Array.from({ length: 2 ** 28 }).sort()'
}
