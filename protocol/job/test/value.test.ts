/** Values: what dag-cbor carries, in the form it has after a trip, and one sentence for what it does not. */
import { decode, encode } from '@ipld/dag-cbor'
import { expect } from 'chai'
import fc from 'fast-check'
import { decodeValue, encodeValue, normalise, OUTPUT_BYTES_MAX, ValueError } from '../value.ts'

const { value: anyValue } = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'small' },
    fc.constant(null), fc.boolean(), fc.double({ noDefaultInfinity: true, noNaN: true }), fc.integer(), fc.maxSafeInteger(),
    fc.bigInt(-(2n ** 64n), 2n ** 64n - 1n), fc.string({ unit: 'binary' }), fc.uint8Array(),
    fc.array(tie('value')), fc.dictionary(fc.string({ unit: 'binary' }).filter(key => key !== '__proto__'), tie('value')))
}))

/** Key order counts. */
const shape = (value: unknown): string => JSON.stringify(value, (_, it: unknown) =>
  typeof it === 'bigint' ? `${it}n` : Object.is(it, -0) ? '-0' : it instanceof Uint8Array ? ['bytes', ...it] : it)

describe('values', () => {
  it('have the form and size that a trip over the wire gives them (G3)', () => {
    fc.assert(fc.property(anyValue, value => {
      const bytes = encode(value)
      const normal = normalise(value)
      expect(shape(normal.value)).to.equal(shape(decode(bytes)))
      expect(normal.bytes).to.equal(bytes.length)
      expect(encodeValue(value)).to.deep.equal(bytes)
      expect(shape(decodeValue(bytes))).to.equal(shape(normal.value))
    }), { numRuns: 500 })
  })

  it('are copies', () => {
    const bytes = Uint8Array.of(1)
    const list = [bytes]
    const copy = normalise(list).value as Uint8Array[]
    bytes[0] = 2
    expect(copy).to.deep.equal([Uint8Array.of(1)])
  })

  it('order keys by bytes, not by UTF-16 units', () => {
    const value = { '\uffff': 1, '😀': 2, b: 3, aa: 4, '\u{1f601}': 5 }
    expect(Object.keys(normalise(value).value as object)).to.deep.equal(Object.keys(decode<object>(encode(value))))
  })

  class Point { x = 1 }
  const cycle: { next?: unknown } = {}
  cycle.next = { back: [cycle] }
  const faults: Array<[string, unknown, string]> = [
    ['undefined', undefined, 'it is undefined; use null'],
    ['undefined deep inside', { rows: [{ 'a b': [0, undefined] }] }, 'it.rows[0]["a b"][1] is undefined; use null'],
    ['a hole', [1, , 2], 'it[1] is undefined; use null'],
    ['a function', { f: () => 1 }, 'it.f is a function'],
    ['a symbol', [Symbol('x')], 'it[0] is a symbol'],
    ['NaN', { x: NaN }, 'it.x is NaN, which is not a finite number'],
    ['Infinity', -Infinity, 'it is -Infinity, which is not a finite number'],
    ['a large bigint', 2n ** 64n, 'it is a bigint of more than 64 bits'],
    ['a cycle', cycle, 'is part of a cycle'],
    ['a Map', { m: new Map() }, 'it.m is an instance of Map; use a plain object or an array'],
    ['a Date', new Date(0), 'it is an instance of Date; use a plain object or an array'],
    ['an object of a class', [new Point()], 'it[0] is an instance of Point; use a plain object or an array'],
    ['a promise', Promise.resolve(1), 'it is an instance of Promise; use a plain object or an array'],
    ['other typed arrays', { d: new Float64Array(2) }, 'it.d is a Float64Array; send the Uint8Array over its buffer'],
    ['half a surrogate pair', 'a\ud800', 'it is text that is not well-formed Unicode'],
    ['__proto__ as a key', JSON.parse('{"__proto__": 1}'), 'it.__proto__ is a key that objects cannot carry safely'],
    ['too many bytes', new Uint8Array(OUTPUT_BYTES_MAX), `it is larger than ${OUTPUT_BYTES_MAX} bytes`]
  ]
  for (const [what, value, message] of faults) {
    it(`refuse ${what}`, () => {
      expect(() => normalise(value)).to.throw(ValueError, message)
    })
  }

  it('refuse nesting without end', () => {
    let value: unknown = 1
    for (let i = 0; i < 10_000; i++) value = [value]
    expect(() => normalise(value)).to.throw(ValueError, 'nested deeper than 256 levels')
  })

  it('from anyone are decoded or refused, never thrown otherwise', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        decodeValue(bytes)
      } catch (error) {
        expect(error).to.be.instanceOf(ValueError)
      }
    }), { numRuns: 1000 })
  })
})
