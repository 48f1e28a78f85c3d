/**
 * Values: what `compute`, `collect`, params and inputs may hold, as dag-cbor. `normalise` gives a value
 * the form it would have after a trip over the wire, so that a fold made in one place equals one made in
 * many (G3). Runs inside sandboxes too; never hashes or stores.
 */
import { decode, encode } from '@ipld/dag-cbor'

/** Largest encoded output of one partition or one `collect`: half a block, so that it travels as one. A guess. */
export const OUTPUT_BYTES_MAX = 2 ** 20
const DEPTH_MAX = 256
const BIGINT_MAX = 2n ** 64n - 1n
const BIGINT_MIN = -(2n ** 64n)

/** A value cannot be carried; the message says where in it and why. */
export class ValueError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'ValueError'
  }
}

/** A normalised value and the length of its dag-cbor, bytes. */
export interface Sized { value: unknown, bytes: number }

/** Where in a value the walk is: keys from the root down, and the objects they were found in. */
interface Trail { keys: Array<string | number>, holders: object[], bytesMax: number, bytes: number }

/**
 * The form of a value after encoding and decoding: plain copies, keys in dag-cbor's order, -0 as 0.
 *
 * @param value - anything
 * @param bytesMax - the largest encoding allowed
 * @throws ValueError when dag-cbor cannot carry it faithfully, or its encoding is longer
 */
export function normalise (value: unknown, bytesMax = OUTPUT_BYTES_MAX): Sized {
  const trail: Trail = { keys: [], holders: [], bytesMax, bytes: 0 }
  const normal = walk(value, trail)
  return { value: normal, bytes: trail.bytes }
}

/** Bytes of a CBOR head whose argument is `n`. */
export const headBytes = (n: number): number => n < 24 ? 1 : n < 0x100 ? 2 : n < 0x10000 ? 3 : n < 0x100000000 ? 5 : 9

/** Bytes of a finite number. */
export const numberBytes = (n: number): number => Number.isSafeInteger(n) ? headBytes(n < 0 ? -1 - n : n) : 9

function walk (value: unknown, trail: Trail): unknown {
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) refuse(trail, `${value}, which is not a finite number`)
      count(trail, numberBytes(value))
      return value === 0 ? 0 : value
    case 'string':
      count(trail, textBytes(value, trail))
      return value
    case 'boolean':
      count(trail, 1)
      return value
    case 'bigint':
      return bigint(value, trail)
    case 'object':
      return value === null ? (count(trail, 1), null) : object(value, trail)
    case 'undefined':
      return refuse(trail, 'undefined; use null')
    default:
      return refuse(trail, `a ${typeof value}`)
  }
}

function bigint (value: bigint, trail: Trail): number | bigint {
  if (value > BIGINT_MAX || value < BIGINT_MIN) refuse(trail, 'a bigint of more than 64 bits')
  if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) {
    count(trail, numberBytes(Number(value)))
    return Number(value)
  }
  count(trail, 9)
  return value
}

function object (value: object, trail: Trail): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return bytes(value, trail)
  if (trail.keys.length >= DEPTH_MAX) {
    const cyclic = new Set(trail.holders).size < trail.holders.length
    trail.keys.length = 3
    refuse(trail, cyclic ? 'part of a cycle' : `nested deeper than ${DEPTH_MAX} levels`)
  }
  trail.holders.push(value)
  const copy = Array.isArray(value) ? array(value, trail) : map(value, trail)
  trail.holders.pop()
  return copy
}

function bytes (value: ArrayBufferView | ArrayBuffer, trail: Trail): Uint8Array {
  if (!(value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof ArrayBuffer)) {
    return refuse(trail, `a ${value.constructor.name}; send the Uint8Array over its buffer`)
  }
  count(trail, headBytes(value.byteLength) + value.byteLength)
  return new Uint8Array(value)
}

function array (value: unknown[], trail: Trail): unknown[] {
  count(trail, headBytes(value.length))
  const copy: unknown[] = []
  for (let i = 0; i < value.length; i++) {
    trail.keys.push(i)
    copy.push(walk(value[i], trail))
    trail.keys.pop()
  }
  return copy
}

function map (value: object, trail: Trail): Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) {
    const { constructor } = value
    refuse(trail, `an instance of ${typeof constructor === 'function' ? constructor.name : 'a class'}; use a plain object or an array`)
  }
  const keys = sorted(Object.keys(value))
  count(trail, headBytes(keys.length))
  const copy: Record<string, unknown> = {}
  for (const key of keys) {
    trail.keys.push(key)
    if (key === '__proto__') refuse(trail, 'a key that objects cannot carry safely')
    count(trail, textBytes(key, trail))
    copy[key] = walk((value as Record<string, unknown>)[key], trail)
    trail.keys.pop()
  }
  return copy
}

/** Encoded length of a text; refuses half surrogate pairs, which UTF-8 cannot carry. */
function textBytes (text: string, trail: Trail): number {
  const length = utf8Length(text)
  if (length !== text.length && !text.isWellFormed()) refuse(trail, 'text that is not well-formed Unicode')
  return headBytes(length) + length
}

function utf8Length (text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // A surrogate pair is 4 bytes for 2 units.
    if (unit > 0x7f) length += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return length
}

/** dag-cbor's order of keys: shorter first, then bytewise. */
function sorted (keys: string[]): string[] {
  if (keys.length < 2) return keys
  const ascii = keys.every(key => utf8Length(key) === key.length)
  return keys.sort(ascii
    ? (a, b) => a.length - b.length || (a < b ? -1 : 1)
    : (a, b) => utf8Length(a) - utf8Length(b) || byCodePoint(a, b))
}

/** UTF-8 compares as code points do, which is not how UTF-16 units do. */
function byCodePoint (a: string, b: string): number {
  let i = 0
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  // Within a pair, the difference may be in its second half only: then units decide as code points would.
  return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0)
}

function count (trail: Trail, bytes: number): void {
  trail.bytes += bytes
  if (trail.bytes > trail.bytesMax) {
    throw new ValueError(`it is larger than ${trail.bytesMax} bytes`)
  }
}

function refuse (trail: Trail, what: string): never {
  throw new ValueError(`${pathOf(trail.keys)} is ${what}`)
}

/** `it.rows[3].name`, as a person would write it. */
function pathOf (keys: Array<string | number>): string {
  let path = 'it'
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`
    else path += /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 64))}]`
  }
  return path
}

/**
 * The dag-cbor of a value.
 *
 * @throws ValueError as `normalise` does
 */
export const encodeValue = (value: unknown, bytesMax = OUTPUT_BYTES_MAX): Uint8Array => encode(normalise(value, bytesMax).value)

/**
 * The value in dag-cbor bytes, which may come from anyone.
 *
 * @throws ValueError when they are not dag-cbor
 */
export function decodeValue (bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (error) {
    throw new ValueError(`it is not dag-cbor: ${(error as Error).message}`)
  }
}
