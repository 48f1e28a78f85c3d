/**
 * Takes everything from a worker's scope that is not the language's own: what could connect, store, start workers, tell
 * the time or speak to the page. The second wall behind the frame's Content-Security-Policy. Names are allowed, never
 * forbidden one by one, so that what browsers add tomorrow is gone as well.
 */

/** ECMAScript's globals, less those that realm.ts takes for determinism, and what Node's isolate has beside them. */
const LANGUAGE = [
  'Infinity', 'NaN', 'undefined', 'globalThis', 'eval', 'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'decodeURI', 'decodeURIComponent', 'encodeURI',
  'encodeURIComponent', 'escape', 'unescape', 'Object', 'Function', 'Boolean', 'Symbol', 'Error', 'AggregateError', 'EvalError', 'RangeError',
  'ReferenceError', 'SyntaxError', 'TypeError', 'URIError', 'SuppressedError', 'Number', 'BigInt', 'Math', 'Date', 'String', 'RegExp', 'Array', 'Int8Array',
  'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array',
  'Float32Array', 'Float64Array', 'Map', 'Set', 'WeakMap', 'WeakSet', 'ArrayBuffer', 'DataView', 'JSON', 'Promise', 'Reflect', 'Proxy', 'Iterator', 'Intl',
  'DisposableStack', 'AsyncDisposableStack', 'WebAssembly', 'console', 'performance', 'queueMicrotask', 'TextEncoder', 'TextDecoder'
]

/** WebGPU's constants and classes. */
const GPU = /^GPU\w*$/

/** Of the scope's prototypes nothing stays but what tells their names. */
const OF_PROTOTYPES = new Set<string | symbol>([Symbol.toStringTag])

/**
 * @param scope - the worker's global object
 * @param withGpu - WebGPU's names stay, though not `navigator`
 */
export function makeBare (scope: object, withGpu: boolean): void {
  const kept = new Set<string | symbol>(LANGUAGE)
  for (const key of Reflect.ownKeys(scope)) {
    if (!kept.has(key) && !(withGpu && typeof key === 'string' && GPU.test(key))) take(scope, key)
  }
  for (let above = Reflect.getPrototypeOf(scope); above !== null && above !== Object.prototype; above = Reflect.getPrototypeOf(above)) {
    for (const key of Reflect.ownKeys(above)) if (!OF_PROTOTYPES.has(key)) take(above, key)
  }
}

/** What cannot be taken is blanked. */
function take (from: object, key: string | symbol): void {
  if (Reflect.deleteProperty(from, key)) return
  Reflect.set(from, key, undefined)
}
