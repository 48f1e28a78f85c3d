/**
 * Counts the memory of buffers and WebAssembly that job code takes: a worker's heap has no limit that a page may set,
 * and buffers lie beside it. What was let go is given back when the engine says so, which it does between calls only;
 * so within one call everything it took counts. Not counted: objects and strings (the engine ends the frame's process
 * at its own limit), buffers below 1 KiB, and what WebAssembly grows by itself, which stays below a limit instead.
 */
import { natives } from './natives.ts'
import { countPages } from './wasm.ts'

/** Smaller buffers cost more to count than they take, bytes. */
const COUNTED_MIN = 1024
/** Since buffers let go count for a while, this much more than the limit is allowed, MB. A guess. */
const BESIDE_MB = 1024

type Maker = { new (...args: unknown[]): object, prototype: object }

export class Budget {
  readonly bytesMax: number
  readonly #onOver: () => Error
  readonly #freed = new natives.Registry<number>(bytes => { this.#bytes -= bytes })
  #bytes = 0
  /** Taken since the last turn, bytes. */
  #fresh = 0

  /**
   * @param memoryMb - what may be held
   * @param onOver - told when it is too much; makes the error that job code gets
   */
  constructor (memoryMb: number, onOver: () => Error) {
    this.bytesMax = (memoryMb + BESIDE_MB) * 2 ** 20
    this.#onOver = onOver
  }

  /** True when a turn may give a good part back. */
  get wantsTurn (): boolean {
    return this.#fresh > this.bytesMax / 8
  }

  turned (): void {
    this.#fresh = 0
  }

  /** @throws Error when this is too much */
  take (bytes: number): void {
    this.#bytes += bytes
    this.#fresh += bytes
    if (this.#bytes > this.bytesMax) throw this.#onOver()
  }

  /** `it` holds these bytes until it is gone. */
  hold <T extends object> (it: T, bytes: number): T {
    if (bytes >= COUNTED_MIN) {
      this.#freed.register(it, bytes)
      this.take(bytes)
    }
    return it
  }
}

/** Count what a scope's own constructors of buffers take. */
export function countBuffers (scope: Record<string, unknown>, budget: Budget): void {
  const sizeOf = (it: object): number => (it as { maxByteLength?: number, byteLength: number }).maxByteLength ?? (it as ArrayBuffer).byteLength
  countMaker(scope, 'ArrayBuffer', (it, _first) => budget.hold(it, sizeOf(it)))
  for (const name of Object.getOwnPropertyNames(scope)) {
    if (!/^(Big)?(Ui|I)nt\d+(Clamped)?Array$|^Float\d+Array$/.test(name)) continue
    // On an object's buffer, a view takes nothing; from a list or another array it takes its own.
    countMaker(scope, name, (it, first) => first instanceof ArrayBuffer ? it : budget.hold(it, (it as Uint8Array).byteLength))
  }
  const buffers = ArrayBuffer.prototype as unknown as Record<string, ((this: unknown, ...args: unknown[]) => ArrayBuffer) | undefined>
  for (const name of ['transfer', 'transferToFixedLength']) {
    const native = buffers[name]
    if (native !== undefined) buffers[name] = function (...args) { return budget.hold(native.apply(this, args), args[0] === undefined ? 0 : Number(args[0])) }
  }
  if (scope['WebAssembly'] !== undefined) countPages(scope['WebAssembly'] as Record<string, unknown>, budget)
}

/** Put a function in a constructor's place, also for those who come by way of its prototype. */
function countMaker (scope: Record<string, unknown>, name: string, count: (it: object, first: unknown) => object): void {
  const Native = scope[name] as Maker
  function Counted (first: unknown, second: unknown, third: unknown): object {
    if (new.target === undefined) throw new TypeError(`Constructor ${name} requires 'new'`)
    return count(new.target === Counted as unknown ? new Native(first, second, third) : Reflect.construct(Native, [first, second, third], new.target), first)
  }
  Object.setPrototypeOf(Counted, Object.getPrototypeOf(Native) as object)
  for (const key of Reflect.ownKeys(Native)) {
    const known = Object.getOwnPropertyDescriptor(Counted, key)
    const property = Object.getOwnPropertyDescriptor(Native, key)!
    if (known === undefined || known.configurable) Object.defineProperty(Counted, key, property)
  }
  Counted.prototype = Native.prototype
  Object.defineProperty(Native.prototype, 'constructor', { value: Counted, writable: true, configurable: true })
  Object.defineProperty(scope, name, { value: Counted, writable: true, configurable: true, enumerable: false })
}
