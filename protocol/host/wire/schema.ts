/**
 * Protobuf from tables: a message is described once, field by field, next to the limits of its fields, and the
 * compiler checks the table against the core's interface. The bytes are read and written by protons' runtime;
 * its generator is not used because it emits namespaces (which Node's type stripping refuses), and ten
 * thousand lines. message.proto says the same for people and other languages; a test holds both together.
 * Reading never trusts: every list, string and number has a limit, and what exceeds it throws a WireError,
 * which codec.ts turns into a reason.
 */
import { reader, writer } from 'protons-runtime'
import type { Reader, Writer } from 'protons-runtime'

/** A message that cannot be read; its text is the reason that is counted. */
export class WireError extends Error {
  override name = 'WireError'
}

/** How one kind of value is written and read. `wire` is protobuf's wire type. */
export interface Type<T> {
  wire: 0 | 1 | 2 | 5
  write (out: Writer, value: T): void
  read (input: Reader): T
  /** What an absent field means; throws when it must be there. */
  absent (): T
  /** Values that are not written because their absence means the same. */
  isAbsent (value: T): boolean
  /** Set on messages: without the length in front that a nested one has. */
  body?: undefined | { write (out: Writer, value: T): void, read (input: Reader, length: number): T }
  /** Set on lists: each element is a field of its own (protobuf's unpacked form). */
  repeated?: { write (out: Writer, item: never): void, read (input: Reader): unknown, max: number }
}

const missing = (): never => { throw new WireError('a field is missing') }

/** A type that must be present. */
export function required<T> (wire: 0 | 1 | 2 | 5, write: (out: Writer, value: T) => void, read: (input: Reader) => T): Type<T> {
  return { wire, write, read, absent: missing, isAbsent: () => false }
}

/** A number that protobuf leaves out when it is 0. */
function numeric (wire: 0 | 1 | 5, write: (out: Writer, value: number) => void, read: (input: Reader) => number): Type<number> {
  return { wire, write, read, absent: () => 0, isAbsent: value => value === 0 }
}

/** A whole number of at most `max`. */
export const whole = (max: number): Type<number> => numeric(0, (out, value) => { out.uint64Number(value) }, input => {
  const value = input.uint64Number()
  if (!Number.isSafeInteger(value) || value < 0 || value > max) throw new WireError('a number is out of range')
  return value
})

export const uint32 = whole(0xffffffff)
export const count = whole(Number.MAX_SAFE_INTEGER)

/** A 32-bit hash: always four bytes. */
export const hash32: Type<number> = numeric(5, (out, value) => { out.fixed32(value) }, input => input.fixed32())

/** A finite number from 0 on: a duration or a rate. */
export const amount: Type<number> = numeric(1, (out, value) => { out.double(value) }, input => {
  const value = input.double()
  if (!Number.isFinite(value) || value < 0) throw new WireError('a number is out of range')
  return value
})

/** A whole number from -1 on, one more on the wire. */
export const fromMinusOne: Type<number> = {
  ...numeric(0, (out, value) => { out.uint64Number(value + 1) }, input => count.read(input) - 1),
  absent: () => -1,
  isAbsent: value => value === -1
}

export const bool: Type<boolean> = {
  wire: 0,
  write: (out, value) => { out.bool(value) },
  read: input => input.bool(),
  absent: () => false,
  isAbsent: value => !value
}

/** The longest beginning of a text that has at most `max` bytes. */
function cut (value: string, max: number): string {
  if (value.length * 3 <= max) return value
  const bytes = new TextEncoder().encode(value)
  return bytes.length <= max ? value : new TextDecoder().decode(bytes.subarray(0, max)).replace(/\ufffd$/, '')
}

/** UTF-8 text of at most `max` bytes; longer ones are cut when written. */
export const text = (max: number): Type<string> => ({
  wire: 2,
  write: (out, value) => { out.string(cut(value, max)) },
  read: input => {
    const start = input.pos
    const value = input.string()
    if (input.pos - start > max + 5) throw new WireError('a text is too long')
    return value
  },
  absent: () => '',
  isAbsent: value => value === ''
})

/** One of some names, as its place in the list. */
export const oneOf = <T extends string>(names: readonly T[]): Type<T> => ({
  wire: 0,
  write: (out, value) => { out.uint32(names.indexOf(value)) },
  read: input => names[input.uint32()] ?? missing(),
  absent: () => names[0] as T,
  isAbsent: value => value === names[0]
})

/** Bytes that stand for something: converted both ways; `read` throws a WireError when they stand for nothing. */
export const converted = <T>(max: number, toBytes: (value: T) => Uint8Array, fromBytes: (bytes: Uint8Array) => T): Type<T> =>
  required(2, (out, value) => { out.bytes(toBytes(value)) }, input => {
    const bytes = input.bytes()
    if (bytes.length > max) throw new WireError('a field has too many bytes')
    return fromBytes(bytes)
  })

/** Any bytes, at most `max`; copied, so that a frame is not kept alive by a part of it. */
export const blob = (max: number): Type<Uint8Array> => ({
  ...converted(max, value => value, bytes => bytes.slice()),
  absent: () => new Uint8Array(0),
  isAbsent: value => value.length === 0
})

/** A field that may be null. */
export const nullable = <T>(type: Type<T>): Type<T | null> => ({
  wire: type.wire,
  write: (out, value) => { type.write(out, value as T) },
  read: type.read,
  absent: () => null,
  isAbsent: value => value === null
})

/** A list of at most `max` items. */
export const list = <T>(type: Type<T>, max: number): Type<T[]> => ({
  wire: type.wire,
  write: missing,
  read: missing,
  absent: () => [],
  isAbsent: value => value.length === 0,
  repeated: { write: type.write as (out: Writer, item: never) => void, read: type.read, max }
})

/** Field numbers and types of a message, one for each property of the interface it stands for. */
export type Fields<T> = { [K in keyof T]-?: [number, Type<T[K]>] }

interface Field { name: string, number: number, type: Type<unknown> }

/**
 * A nested message.
 *
 * @param fields - its table
 * @param check - says what is wrong with a message whose fields are each fine, or null
 */
export function struct<T> (fields: Fields<T>, check: (value: T) => string | null = () => null): Type<T> {
  const all: Field[] = []
  const byNumber: Field[] = []
  for (const name in fields) {
    const [number, type] = fields[name]
    const field = { name, number, type: type as Type<unknown> }
    all.push(field)
    byNumber[number] = field
  }
  return message<T>((out, value) => {
    for (const field of all) writeField(out, field, value[field.name as keyof T])
  }, (input, length) => {
    const value: Record<string, unknown> = {}
    readFields(input, length, byNumber, value)
    for (const field of all) {
      if (!(field.name in value)) value[field.name] = field.type.absent()
    }
    const wrong = check(value as T)
    if (wrong !== null) throw new WireError(wrong)
    return value as T
  })
}

function message<T> (write: (out: Writer, value: T) => void, read: (input: Reader, length: number) => T): Type<T> {
  return {
    ...required<T>(2, (out, value) => {
      out.fork()
      write(out, value)
      out.ldelim()
    }, input => read(input, input.uint32())),
    body: { write, read }
  }
}

function writeField (out: Writer, { number, type }: Field, value: unknown): void {
  if (type.isAbsent(value)) return
  const tag = number << 3 | type.wire
  if (type.repeated === undefined) {
    out.uint32(tag)
    type.write(out, value)
    return
  }
  for (const item of value as unknown[]) {
    out.uint32(tag)
    type.repeated.write(out, item as never)
  }
}

function readFields (input: Reader, length: number, fields: Field[], value: Record<string, unknown>): void {
  const end = input.pos + length
  if (end > input.len) throw new WireError('a message is cut short')
  while (input.pos < end) {
    const tag = input.uint32()
    const field = fields[tag >>> 3]
    if (field === undefined) {
      skip(input, tag & 7)
      continue
    }
    if ((tag & 7) !== field.type.wire) throw new WireError('a field has another type')
    value[field.name] = readField(input, field, value[field.name])
  }
  if (input.pos !== end) throw new WireError('a message is cut short')
}

function readField (input: Reader, { type }: Field, before: unknown): unknown {
  if (type.repeated === undefined) return type.read(input)
  const items = (before ?? []) as unknown[]
  if (items.length >= type.repeated.max) throw new WireError('a list is too long')
  items.push(type.repeated.read(input))
  return items
}

/** Unknown fields are later versions' business; groups, which nest without limit, are nobody's. */
function skip (input: Reader, wire: number): void {
  if (wire === 3 || wire === 4) throw new WireError('a field has another type')
  input.skipType(wire)
}

/** Tagged unions: exactly one field is set, and its number says which. */
export function union<T extends { type: string }> (members: { [K in T['type']]: [number, Type<Omit<Extract<T, { type: K }>, 'type'>>] }): Type<T> {
  const fields: Record<string, [number, Type<unknown>]> = {}
  const names = Object.keys(members) as Array<T['type']>
  for (const name of names) fields[name] = [members[name][0], nullable(members[name][1] as Type<unknown>)]
  const one = struct(fields as unknown as Fields<Record<string, unknown>>).body as NonNullable<Type<Record<string, unknown>>['body']>
  return message<T>((out, value) => {
    const set: Record<string, unknown> = {}
    for (const name of names) set[name] = name === value.type ? value : null
    one.write(out, set)
  }, (input, length) => {
    const set = Object.entries(one.read(input, length)).filter(([, value]) => value !== null)
    if (set.length !== 1) throw new WireError('a message is of no known type')
    const [type, value] = set[0] as [string, object]
    return { type, ...value } as T
  })
}

/** A message's bytes. */
export function encode<T> (type: Type<T>, value: T): Uint8Array {
  const out = writer()
  type.body?.write(out, value)
  return out.finish()
}

/**
 * The opposite.
 *
 * @throws WireError when the bytes are not such a message
 */
export function decode<T> (type: Type<T>, bytes: Uint8Array): T {
  try {
    return type.body?.read(reader(bytes), bytes.length) ?? missing()
  } catch (error) {
    // The runtime's own faults are of several kinds.
    throw error instanceof WireError ? error : new WireError('not a message', { cause: error })
  }
}
