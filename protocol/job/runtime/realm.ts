/**
 * Makes a global scope deterministic (DESIGN 5) and bare (DESIGN 6): time stands still at 0, randomness
 * is the job's, and what shows garbage collection, threads, time zones or the machine is taken away. Runs
 * once, before job code; never afterwards.
 */

type Scope = Record<string, unknown>

/** Engine parts whose results differ between runs or machines. */
const TAKEN = ['WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'Temporal'] as const
const CONSOLE = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'table', 'group', 'groupEnd', 'time', 'timeEnd', 'assert', 'count', 'dir'] as const

/**
 * @param scope - the global object
 * @param random - takes the place of `Math.random`
 */
export function makeDeterministic (scope: Scope, random: () => number): void {
  for (const name of TAKEN) delete scope[name]
  const intl = scope['Intl'] as Scope | undefined
  delete intl?.['DateTimeFormat']
  Math.random = random
  scope['Date'] = frozenDate(Date)
  scope['performance'] = Object.freeze({ timeOrigin: 0, now: () => 0 })
  scope['console'] = Object.freeze(Object.fromEntries(CONSOLE.map(name => [name, () => {}])))
  scope['queueMicrotask'] ??= (task: () => void) => { void Promise.resolve().then(task) }
  if (scope['WebAssembly'] !== undefined) compileInPlace(scope['WebAssembly'] as Wasm & Scope)
}

/** `Date` whose now is 0. */
function frozenDate (Native: DateConstructor): DateConstructor {
  function Frozen (...args: unknown[]): unknown {
    if (new.target === undefined) return new Native(0).toString()
    return Reflect.construct(Native, args.length === 0 ? [0] : args, new.target)
  }
  Object.defineProperty(Frozen, 'name', { value: 'Date' })
  Frozen.now = () => 0
  Frozen.parse = Native.parse
  Frozen.UTC = Native.UTC
  Frozen.prototype = Native.prototype
  Native.prototype.constructor = Frozen
  return Frozen as unknown as DateConstructor
}

interface Wasm {
  Module: new (bytes: unknown) => object
  Instance: new (module: object, imports: unknown) => object
}

/** WebAssembly without background compilation, for engines whose promises of it never come: the same promises, kept at once. */
function compileInPlace (wasm: Wasm & Scope): void {
  const { Module, Instance } = wasm
  wasm['compile'] = async (bytes: unknown): Promise<unknown> => new Module(bytes)
  wasm['instantiate'] = async (source: unknown, imports: unknown): Promise<unknown> => {
    if (source instanceof Module) return new Instance(source, imports)
    const module = new Module(source)
    return { module, instance: new Instance(module, imports) }
  }
  delete wasm['compileStreaming']
  delete wasm['instantiateStreaming']
}
