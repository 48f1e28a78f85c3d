/** Parts of the sandboxes' runtime that can be held against what the platform has. */
import { expect } from 'chai'
import fc from 'fast-check'
import { SeededRandom, SEED_COLLECT, SEED_PARTITION } from '../runtime/random.ts'
import { mapStack } from '../stack.ts'

const native = { TextEncoder, TextDecoder }

/** Our codecs, which install themselves only where there are none. */
async function ours (): Promise<typeof native> {
  const scope = globalThis as unknown as Record<string, unknown>
  delete scope['TextEncoder']
  delete scope['TextDecoder']
  try {
    await import('../runtime/text.ts')
    return { TextEncoder: globalThis.TextEncoder, TextDecoder: globalThis.TextDecoder }
  } finally {
    Object.assign(globalThis, native)
  }
}

describe('the runtime\'s text codecs', () => {
  let codecs: typeof native

  before(async () => { codecs = await ours() })

  it('encode as the platform does', () => {
    expect(codecs.TextEncoder).not.to.equal(native.TextEncoder)
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.integer({ min: 0, max: 0xffff })).map(units => String.fromCharCode(...units)))
    fc.assert(fc.property(text, value => {
      expect([...new codecs.TextEncoder().encode(value)]).to.deep.equal([...new native.TextEncoder().encode(value)])
    }), { numRuns: 500 })
  })

  it('decode any bytes as the platform does, whole or in pieces', () => {
    const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf, 0xef, 0xbb, 0xbf, 0xc2))
    fc.assert(fc.property(fc.array(byte).map(list => Uint8Array.from(list)), fc.nat(20), (bytes, cut) => {
      const [mine, theirs] = [new codecs.TextDecoder(), new native.TextDecoder()]
      expect(mine.decode(bytes)).to.equal(theirs.decode(bytes))
      const pieces = (decoder: TextDecoder): string => decoder.decode(bytes.subarray(0, cut), { stream: true }) + decoder.decode(bytes.subarray(cut))
      expect(pieces(mine)).to.equal(pieces(theirs))
    }), { numRuns: 1000 })
  })

  it('refuse what is not UTF-8 when asked to', () => {
    expect(() => new codecs.TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(0xff))).to.throw(TypeError)
    expect(() => new codecs.TextDecoder('latin1')).to.throw(RangeError, 'UTF-8 only')
  })
})

describe('the runtime\'s random numbers', () => {
  const seed = Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
  const draw = (purpose: number, from: number, to: number, count = 4): number[] => {
    const random = new SeededRandom(seed)
    random.restart(purpose, from, to)
    return Array.from({ length: count }, () => random.next())
  }

  it('are the same for the same partition and others for every other', () => {
    expect(draw(SEED_PARTITION, 7, 7)).to.deep.equal(draw(SEED_PARTITION, 7, 7))
    const firsts = [...Array(2000).keys(), 2 ** 32, 2 ** 33, 2 ** 40 - 1].map(p => draw(SEED_PARTITION, p, p, 1)[0])
    expect(new Set(firsts).size).to.equal(2003)
    expect(draw(SEED_COLLECT, 0, 4)).not.to.deep.equal(draw(SEED_COLLECT, 0, 16))
    expect(draw(SEED_COLLECT, 7, 7)).not.to.deep.equal(draw(SEED_PARTITION, 7, 7))
  })

  it('are spread evenly over [0, 1), also the first of neighbours', () => {
    const firsts = Array.from({ length: 10_000 }, (_, p) => draw(SEED_PARTITION, p, p, 1)[0]!)
    for (const numbers of [firsts, draw(SEED_PARTITION, 0, 0, 10_000)]) {
      const buckets = new Array<number>(10).fill(0)
      for (const number of numbers) buckets[Math.floor(number * 10)]!++
      // Chi squared with 9 degrees of freedom: 27.9 is exceeded once in a thousand; the seed is fixed.
      expect(buckets.reduce((sum, hits) => sum + (hits - 1000) ** 2 / 1000, 0)).to.be.below(27.9)
    }
  })
})

describe('stacks', () => {
  it('without a map keep the frames of the bundle and no others', () => {
    const stack = 'Error: x\n    at compute (job.mjs:3:9)\n    at run (millionfold.js:1:1)\n    at async job.mjs:7:1\n    at node:internal/x:1:1'
    expect(mapStack(stack, new Uint8Array())).to.equal('    at compute (job.mjs:3:9)\n    at async job.mjs:7:1'.replace('at async job', 'at job'))
  })

  it('from anyone do not hold the reader up', () => {
    const start = performance.now()
    expect(mapStack(`    at ${'( '.repeat(100_000)}\n`.repeat(50), new TextEncoder().encode('//# sourceMappingURL=data:application/json;base64,@@@'))).to.equal('')
    expect(performance.now() - start).to.be.below(500)
  })
})
