/** Specs: one sentence a fault, and the same spec is the same job everywhere (row `submitted`, G1). */
import { encode } from '@ipld/dag-cbor'
import { expect } from 'chai'
import fc from 'fast-check'
import { checkSpec, decodeSpec, encodeSpec, jobIdOf, SpecError } from '../spec.ts'
import { jobOf } from './sandbox-kit.ts'

const { spec } = jobOf('export const compute = p => p\n')

describe('job specs', () => {
  it('of equal content are one job, whatever the order of their fields (submitted)', () => {
    const turned = Object.fromEntries(Object.entries(spec).reverse()) as unknown as typeof spec
    expect(jobIdOf(turned)).to.equal(jobIdOf(spec)).and.to.match(/^bafyrei[a-z2-7]{52}$/)
    expect(jobIdOf({ ...spec, nonce: 'again' })).not.to.equal(jobIdOf(spec))
    expect(jobIdOf({ ...spec, partitions: 11 })).not.to.equal(jobIdOf(spec))
  })

  it('survive their block', () => {
    expect(decodeSpec(encodeSpec(spec))).to.deep.equal(spec)
    const withInputs = { ...spec, inputs: spec.params, partitions: 2 ** 40, fanout: 128, collect: true, name: 'é' }
    expect(decodeSpec(encodeSpec(withInputs))).to.deep.equal(withInputs)
  })

  const faults: Array<[string, object, string]> = [
    ['N = 0', { partitions: 0 }, 'the number of partitions must be at least 1, not 0'],
    ['a negative N', { partitions: -3 }, 'the number of partitions must be at least 1, not -3'],
    ['a fractional N', { partitions: 1.5 }, 'the number of partitions must be a whole number, not 1.5'],
    ['an N too large', { partitions: 2 ** 40 + 1 }, 'the number of partitions must be at most 1099511627776, not 1099511627777'],
    ['N = NaN', { partitions: NaN }, 'the number of partitions must be a number, not NaN'],
    ['N as text', { partitions: '7' }, 'the number of partitions must be a number, not string'],
    ['an infinite N', { partitions: Infinity }, 'the number of partitions must be a whole number, not Infinity'],
    ['F = 1', { fanout: 1 }, 'the fan-out must be at least 2, not 1'],
    ['F = 129', { fanout: 129 }, 'the fan-out must be at most 128, not 129'],
    ['g = 0', { grain: 0 }, 'the grain must be at least 1, not 0'],
    ['no bundle', { bundle: 'x' }, 'the bundle must be a content id'],
    ['no params', { params: null }, 'the params must be a content id'],
    ['bad inputs', { inputs: 5 }, 'the inputs must be a content id'],
    ['a flag of text', { collect: 'yes' }, 'collect must be true or false'],
    ['no time', { timeoutMs: 0 }, 'the timeout in milliseconds must be at least 1, not 0'],
    ['no memory of it', { expiryMs: -1 }, 'the expiry in milliseconds must be at least 1, not -1'],
    ['a long name', { name: 'x'.repeat(65) }, 'the name must have at most 64 characters, not 65'],
    ['a name of bytes', { name: '\ud800' }, 'the name must be well-formed Unicode'],
    ['a nonce of numbers', { nonce: 7 }, 'the nonce must be text, not number']
  ]
  for (const [what, changes, sentence] of faults) {
    it(`with ${what} are refused in one sentence`, () => {
      const faulty = { ...spec, ...changes }
      expect(checkSpec(faulty)).to.equal(sentence)
      expect(() => encodeSpec(faulty)).to.throw(SpecError, sentence)
    })
  }

  it('from anyone are decoded or refused, never thrown otherwise', () => {
    const blocks = fc.oneof(fc.uint8Array(), fc.anything().map(value => {
      try {
        return encode(value)
      } catch {
        return new Uint8Array()
      }
    }))
    fc.assert(fc.property(blocks, bytes => { expect(() => decodeSpec(bytes)).to.throw(SpecError) }))
    expect(checkSpec(null)).to.equal('a job spec must be an object')
  })
})
