/**
 * WebAssembly's memories within a budget: what JavaScript makes and grows is counted; what code grows by itself cannot be seen,
 * so every memory gets the limit as its maximum, also those that a module declares inside, whose bytes are changed
 * for it. Format: WebAssembly Core 3.0, section 5.5 (modules) and 5.3.9 (limits). Knows no other section.
 */
import type { Budget } from './budget.ts'

/** A page, bytes. */
const PAGE = 65_536
const MEMORIES = 5
/** Limits' flags: a maximum follows; the memory is shared. */
const HAS_MAX = 1
const SHARED = 2

interface Limits { initial: number, maximum?: number, shared?: boolean }
type Maker<It> = { new (...args: unknown[]): It, prototype: It }

/** Put counting constructors in place of a scope's own. */
export function countPages (wasm: Record<string, unknown>, budget: Budget): void {
  const pagesMax = Math.floor(budget.bytesMax / PAGE)
  countMemory(wasm, budget, pagesMax)
  const Module = wasm['Module'] as Maker<object>
  const Instance = wasm['Instance'] as Maker<object>
  const pages = new WeakMap<object, number>()
  put(wasm, 'Module', Module, function (this: unknown, bytes: unknown, ...rest: unknown[]) {
    const bounded = isBytes(bytes) ? boundedMemories(bytesOf(bytes), pagesMax) : null
    const module = Reflect.construct(Module, [bounded?.bytes ?? bytes, ...rest], new.target ?? Module)
    pages.set(module, bounded?.initial ?? 0)
    return module
  })
  put(wasm, 'Instance', Instance, function (this: unknown, module: object, imports: unknown) {
    const size = (pages.get(module) ?? 0) * PAGE
    return budget.hold(Reflect.construct(Instance, [module, imports], new.target ?? Instance), size)
  })
}

function countMemory (wasm: Record<string, unknown>, budget: Budget, pagesMax: number): void {
  const Memory = wasm['Memory'] as Maker<WebAssembly.Memory>
  const grow = Memory.prototype.grow
  Memory.prototype.grow = function (pages: number) {
    budget.take(Number(pages) * PAGE)
    return grow.call(this, pages)
  }
  put(wasm, 'Memory', Memory, function (this: unknown, limits: Limits) {
    const { initial, maximum, shared } = limits
    if (shared === true) throw new TypeError('the sandbox has no shared memory')
    const bounded = { ...limits, maximum: Math.min(Number(maximum ?? pagesMax), pagesMax) }
    return budget.hold(Reflect.construct(Memory, [bounded], new.target ?? Memory), Number(initial) * PAGE)
  })
}

/** A constructor in another's place, also for those who come by its prototype. */
function put (wasm: Record<string, unknown>, name: string, Native: Maker<object>, counted: (this: unknown, ...args: never[]) => object): void {
  for (const key of Reflect.ownKeys(Native)) {
    if (key !== 'prototype' && key !== 'length') Object.defineProperty(counted, key, Object.getOwnPropertyDescriptor(Native, key)!)
  }
  counted.prototype = Native.prototype
  Object.defineProperty(Native.prototype, 'constructor', { value: counted, writable: true, configurable: true })
  Object.defineProperty(wasm, name, { value: counted, writable: true, configurable: true, enumerable: false })
}

const isBytes = (it: unknown): it is ArrayBuffer | ArrayBufferView => it instanceof ArrayBuffer || ArrayBuffer.isView(it)
const bytesOf = (it: ArrayBuffer | ArrayBufferView): Uint8Array => it instanceof ArrayBuffer ? new Uint8Array(it) : new Uint8Array(it.buffer, it.byteOffset, it.byteLength)

/**
 * A module whose memories may not grow above a limit.
 *
 * @param pagesMax - the limit of each
 * @returns its bytes and the pages that its memories begin with; null for what is no module, which the engine says in its own words
 */
export function boundedMemories (bytes: Uint8Array, pagesMax: number): { bytes: Uint8Array, initial: number } | null {
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at]!
    const size = numberAt(bytes, at + 1)
    if (size === null) return null
    const end = size.next + size.value
    if (id === MEMORIES) return withBounds(bytes, at, size.next, end, pagesMax)
    at = end
  }
  return { bytes, initial: 0 }
}

function withBounds (bytes: Uint8Array, start: number, from: number, end: number, pagesMax: number): { bytes: Uint8Array, initial: number } | null {
  const count = numberAt(bytes, from)
  if (count === null) return null
  const body: number[] = [...encoded(count.value)]
  let initial = 0
  let at = count.next
  for (let i = 0; i < count.value; i++) {
    const flags = bytes[at]
    const least = numberAt(bytes, at + 1)
    if (flags === undefined || least === null) return null
    // A shared memory is of no use without other threads, and no number here means a page of another size.
    if ((flags & ~(HAS_MAX | 4)) !== 0) throw new TypeError((flags & SHARED) !== 0 ? 'the sandbox has no shared memory' : 'the sandbox does not know this kind of memory')
    const most = (flags & HAS_MAX) !== 0 ? numberAt(bytes, least.next) : { value: pagesMax, next: least.next }
    if (most === null) return null
    initial += least.value
    at = most.next
    body.push(flags | HAS_MAX, ...encoded(least.value), ...encoded(Math.max(least.value, Math.min(most.value, pagesMax))))
  }
  if (at !== end) return null
  const head = [MEMORIES, ...encoded(body.length), ...body]
  const bounded = new Uint8Array(start + head.length + bytes.length - end)
  bounded.set(bytes.subarray(0, start))
  bounded.set(head, start)
  bounded.set(bytes.subarray(end), start + head.length)
  return { bytes: bounded, initial }
}

/** An unsigned LEB128 number of at most 53 bits, and where it ends. */
function numberAt (bytes: Uint8Array, at: number): { value: number, next: number } | null {
  let value = 0
  for (let scale = 1; at < bytes.length && scale < 2 ** 70; scale *= 128) {
    const byte = bytes[at++]!
    value += (byte & 127) * scale
    if (byte < 128) return { value, next: at }
  }
  return null
}

function encoded (value: number): number[] {
  const bytes: number[] = []
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 | 128)
  return [...bytes, value]
}
