/**
 * Hostile bytes that know their form: valid encodings with what an attacker would change (bits, lengths, cuts, slices
 * twice, parts of another), and bombs of dag-cbor and protobuf, whose few bytes promise much. Test helper.
 */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'

type Change = (bytes: Uint8Array) => Uint8Array

const within = (at: number, { length }: Uint8Array): number => length === 0 ? 0 : at % length

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(part => [...part]))

/** Numbers at which encodings change their form. */
const EDGES = [0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x7f, 0x80, 0x9b, 0x9f, 0xbb, 0xd8, 0xf6, 0xfb, 0xff]

const change: Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]): Change => bytes => bytes.length === 0 ? bytes : bytes.with(within(at, bytes), (bytes[within(at, bytes)] as number) ^ 1 << bit)),
  fc.tuple(fc.nat(), fc.constantFrom(...EDGES)).map(([at, byte]): Change => bytes => bytes.length === 0 ? bytes : bytes.with(within(at, bytes), byte)),
  fc.nat().map((at): Change => bytes => bytes.slice(0, within(at, bytes))),
  fc.tuple(fc.nat(), fc.nat(40)).map(([at, count]): Change => bytes => joined(bytes.slice(0, within(at, bytes)), bytes.slice(within(at, bytes) + count))),
  fc.tuple(fc.nat(), fc.nat(), fc.nat(200)).map(([from, to, count]): Change => bytes => joined(bytes.slice(0, within(to, bytes)), bytes.slice(within(from, bytes), within(from, bytes) + count), bytes.slice(within(to, bytes)))),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 12 })).map(([at, more]): Change => bytes => joined(bytes.slice(0, within(at, bytes)), more, bytes.slice(within(at, bytes)))),
  // A length of nearly 2^28 and one of 2^63, as varints.
  fc.tuple(fc.nat(), fc.constantFrom([0xff, 0xff, 0xff, 0x7f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])).map(([at, varint]): Change => bytes => joined(bytes.slice(0, within(at, bytes)), Uint8Array.from(varint), bytes.slice(within(at, bytes) + 1)))
)

const repeated = (byte: number, count: number): Uint8Array => new Uint8Array(count).fill(byte)

/** Few bytes that ask a careless reader for gigabytes, for a stack without end, or for a long time. */
export const BOMBS: ReadonlyArray<readonly [what: string, bytes: Uint8Array]> = [
  ['a list of 2^63 items', Uint8Array.of(0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  ['a map of 2^53 entries', Uint8Array.of(0xbb, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  ['bytes of 4 GiB', Uint8Array.of(0x5a, 0xff, 0xff, 0xff, 0xff)],
  ['text of 2^53', Uint8Array.of(0x7b, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  ['lists in lists, 100,000 deep', repeated(0x81, 100_000)],
  ['maps in maps, 50,000 deep', Uint8Array.from({ length: 150_000 }, (_, i) => [0xa1, 0x61, 0x61][i % 3] as number)],
  ['tags on tags', joined(repeated(0xd8, 1), repeated(0xd8, 100_000))],
  ['a list without an end', joined(Uint8Array.of(0x9f), repeated(0x80, 100_000))],
  ['64 thousand empty lists', joined(Uint8Array.of(0x9a, 0, 0, 0xff, 0xff), repeated(0x80, 65_535))],
  ['a bignum of 64 KiB', joined(Uint8Array.of(0xc2, 0x59, 0xff, 0xff), repeated(0xff, 65_535))],
  ['fields in fields, 10,000 deep', Uint8Array.from({ length: 20_000 }, (_, i) => i % 2 === 0 ? 0x0a : 0x7f)],
  ['one field 100,000 times', Uint8Array.from({ length: 200_000 }, (_, i) => i % 2 === 0 ? 0x12 : 0x00)],
  ['groups, which protobuf once had', repeated(0x0b, 50_000)],
  ['field numbers of 2^29', Uint8Array.from({ length: 60_000 }, (_, i) => [0xfa, 0xff, 0xff, 0xff, 0x0f, 0x00][i % 6] as number)]
]

const bomb = fc.constantFrom(...BOMBS).map(([, bytes]) => bytes)

/** Mostly damaged ones of these, some as they are, some with another's middle, some bombs, some noise. */
export function mutated (valid: Arbitrary<Uint8Array>): Arbitrary<Uint8Array> {
  const changed = fc.tuple(valid, fc.array(change, { minLength: 1, maxLength: 5 })).map(([bytes, changes]) => changes.reduce((at, next) => next(at), bytes))
  const spliced = fc.tuple(valid, valid, fc.nat(), fc.nat()).map(([a, b, at, from]) => joined(a.slice(0, within(at, a)), b.slice(within(from, b))))
  const loaded = fc.tuple(valid, bomb, fc.nat()).map(([bytes, more, at]) => joined(bytes.slice(0, within(at, bytes)), more))
  return fc.oneof(
    { weight: 12, arbitrary: changed }, { weight: 3, arbitrary: spliced }, { weight: 2, arbitrary: valid },
    { weight: 1, arbitrary: loaded }, { weight: 1, arbitrary: bomb }, { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }) }
  )
}
