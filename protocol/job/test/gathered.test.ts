/** Gathered values: deterministic from outputs and geometry alone, read back in order (G3). */
import { encode } from '@ipld/dag-cbor'
import { expect } from 'chai'
import fc from 'fast-check'
import { ROOT } from '../../core/geometry.ts'
import { cidOfDag, linkTo } from '../cid.ts'
import { gatherInner, gatherLeaf, gatherRange, LIST_BYTES_MAX, nodeOf, readChunks, readGathered } from '../gathered.ts'
import { encodeValue, ValueError } from '../value.ts'
import { gatheredOf, jobOf, listOf } from './sandbox-kit.ts'
import type { Cid } from '../../core/ids.ts'
import type { Encoded, Gathered } from '../gathered.ts'

function encoded (outputs: unknown[]): Encoded {
  const parts = outputs.map(output => encodeValue(output))
  const ends: number[] = []
  for (const part of parts) ends.push((ends.at(-1) ?? 0) + part.length)
  return { bytes: Buffer.concat(parts), ends }
}

const all = async (value: Gathered, more: Gathered[] = []): Promise<unknown[]> => {
  const blocks = new Map<Cid, Uint8Array>()
  for (const { bytes, blocks: below } of [value, ...more]) {
    blocks.set(cidOfDag(bytes), bytes)
    for (const block of below) blocks.set(block.cid, block.bytes)
  }
  return await listOf(readGathered(async cid => blocks.get(cid)!, cidOfDag(value.bytes)))
}

describe('gathered values', () => {
  it('of few bytes are one block of plain dag-cbor', () => {
    const { bytes, links, blocks, count } = gatherLeaf(encoded([1, 'a', null]))
    expect(bytes).to.deep.equal(encode({ l: [1, 'a', null] }))
    expect({ links, blocks, count }).to.deep.equal({ links: false, blocks: [], count: 3 })
  })

  it('are the same whether gathered at once or level by level (G3)', async () => {
    const geometry = fc.record({ partitions: fc.integer({ min: 1, max: 400 }), fanout: fc.integer({ min: 2, max: 9 }), grain: fc.integer({ min: 1, max: 60 }) })
    await fc.assert(fc.asyncProperty(geometry, fc.constantFrom(1, 300, 3000, 40_000), async (changes, size) => {
      const { spec } = jobOf('export const compute = p => p\n', changes)
      const output = (p: number): string => 'x'.repeat((p * 7919) % size) + p
      const outputs = Array.from({ length: spec.partitions }, (_, p) => output(p))
      const atOnce = gatherRange(spec, { from: 0, to: spec.partitions }, encoded(outputs))
      const byLevel = gatheredOf(spec, ROOT, output)
      expect(atOnce.bytes).to.deep.equal(byLevel.bytes)
      expect(atOnce).to.include({ links: byLevel.links, count: spec.partitions })
      expect(await all(atOnce)).to.deep.equal(outputs)
    }), { numRuns: 25 })
  })

  it('hold 64 KiB and not a byte more in one block', () => {
    const fill = LIST_BYTES_MAX - 3 - 1 - 3
    expect(gatherLeaf(encoded([new Uint8Array(fill)])).bytes).to.have.length(LIST_BYTES_MAX)
    expect(gatherLeaf(encoded([new Uint8Array(fill)])).links).to.equal(false)
    const two = gatherLeaf(encoded([new Uint8Array(fill), 1]))
    expect(two.links).to.equal(true)
    expect(two.blocks).to.have.length(2)
  })

  it('keep an output that is larger than a list in a block of its own', async () => {
    const outputs = [1, new Uint8Array(200_000), 2]
    const value = gatherLeaf(encoded(outputs))
    expect(value.blocks.map(({ bytes }) => bytes.length)).to.deep.equal([5, 200_009, 5])
    expect(await all(value)).to.deep.equal(outputs)
  })

  it('group links when there are many, so that no block is large', async () => {
    const outputs = Array.from({ length: 1100 }, (_, i) => new Uint8Array(40_000).fill(i))
    const value = gatherLeaf(encoded(outputs))
    expect(value.bytes.length).to.be.below(1000)
    expect(await all(value)).to.have.length(1100)
  }).timeout(20_000)

  it('pass children on without reading them when these are large', async () => {
    const children = [gatherLeaf(encoded(Array.from({ length: 9 }, () => 'y'.repeat(9000)))), gatherLeaf(encoded([1, 2]))]
    const value = gatherInner(children.map(({ bytes }) => bytes))
    expect(value).to.include({ links: true, count: 11 })
    expect((await all(value, children)).at(-1)).to.equal(2)
  })

  it('are read only where a range needs them', async () => {
    const outputs = Array.from({ length: 100 }, (_, i) => `${i}${'z'.repeat(10_000)}`)
    const value = gatherLeaf(encoded(outputs))
    const blocks = new Map(value.blocks.map(({ cid, bytes }) => [cid, bytes]))
    blocks.set(cidOfDag(value.bytes), value.bytes)
    const asked: Cid[] = []
    const get = async (cid: Cid): Promise<Uint8Array> => { asked.push(cid); return blocks.get(cid)! }
    const chunks = await listOf(readChunks(get, cidOfDag(value.bytes), 13, 14))
    expect(chunks).to.have.length(1)
    expect(asked).to.have.length(2)
    expect(chunks[0]!.from).to.be.at.most(13)
  })

  it('that are none are refused', async () => {
    const bad = [encode([1]), encode({ l: 1 }), encode({ c: [[1, 2]] }), encode({ x: [] }), Uint8Array.of(0xa1), new Uint8Array()]
    for (const bytes of bad) {
      expect(() => nodeOf(bytes)).to.throw(ValueError)
      expect(() => gatherInner([bytes])).to.throw(ValueError)
    }
  })

  it('that lie about counts, or never end, are refused', async () => {
    const leaf = encode({ l: [1] })
    const lie = encode({ c: [[linkTo(cidOfDag(leaf)), 2]] })
    const read = async (get: (cid: Cid) => Promise<Uint8Array>): Promise<unknown> =>
      await listOf(readGathered(get, cidOfDag(lie))).catch((error: unknown) => error)
    expect(await read(async cid => cid === cidOfDag(leaf) ? leaf : lie)).to.be.instanceOf(ValueError)
    expect(await read(async () => lie)).to.be.instanceOf(ValueError)
  })
})
