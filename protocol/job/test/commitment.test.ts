/** Commitments (V2): what they depend on, what they open, and that nothing else fits them. */
import { expect } from 'chai'
import fc from 'fast-check'
import { GAUGE_LENGTH } from '../runtime/gauge.ts'
import { JobRunner } from '../runtime/job-runner.ts'
import { Opening } from '../commitment/opening.ts'
import { ROOT, isLeaf, rangeOf, sizeOf } from '../../core/geometry.ts'
import { Scribe } from '../commitment/scribe.ts'
import { SeededRandom } from '../runtime/random.ts'
import { childPaths, SUM, jobOf } from './sandbox-kit.ts'
import { cidOfDag } from '../cid.ts'
import { committedTo, outputIn } from './commitment-kit.ts'
import { encodeValue } from '../value.ts'
import { ITEM_BYTES_MAX, innerNode, listNode, nodeFrom } from '../commitment/nodes.ts'
import { nodeAt, openingOf, rootOf } from '../commitment/pack.ts'
import type { Cid, Path } from '../../core/ids.ts'
import type { JobSpec } from '../../core/job.ts'
import type { Pack } from '../commitment/pack.ts'

const sum = (values: unknown[]): number => (values as number[]).reduce((total, value) => total + value, 0)
const square = (p: number): number => p * p

const geometry = fc.record({
  partitions: fc.integer({ min: 1, max: 2000 }), fanout: fc.integer({ min: 2, max: 128 }), grain: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 200, max: 900 }))
})

const specOf = (changes: Partial<JobSpec>): JobSpec => jobOf(`export const compute = p => p\n${SUM}`, { ...changes, trust: { type: 'audit', rate: 0.1 } }).spec

/** Fold a path in this process, by the sandboxes' own code. */
async function packOf (spec: JobSpec, path: Path, compute: (partition: number) => unknown, collect = sum as (values: unknown[]) => unknown): Promise<Pack> {
  const runner = await JobRunner.open({
    module: { compute, collect },
    geometry: spec,
    collects: true,
    commits: ITEM_BYTES_MAX,
    takesInputs: false,
    params: encodeValue(null),
    gauge: new Float64Array(GAUGE_LENGTH),
    random: new SeededRandom(new Uint32Array(8)),
    keeper: { sleep: async () => {}, resume: async () => {} }
  })
  const { value } = await runner.compute(rangeOf(spec, path)!, null).next()
  return (value as { nodes: Pack }).nodes
}

const rootIn = (pack: Pack): Cid => cidOfDag(rootOf(pack))

describe('a commitment', () => {
  it('is what its definition says on any geometry, and takes no other way for a path within a larger bite (V2)', async () => {
    await fc.assert(fc.asyncProperty(geometry, async changes => {
      const spec = specOf(changes)
      const whole = await packOf(spec, ROOT, square)
      expect(rootIn(whole)).to.equal(committedTo(spec, ROOT, square, sum).root)
      if (isLeaf(spec, rangeOf(spec, ROOT)!)) return
      const top = nodeFrom(rootOf(whole))
      const roots = await Promise.all(childPaths(spec, ROOT).map(async path => rootIn(await packOf(spec, path, square))))
      expect(top?.type === 'inner' && top.children.map(({ digest }) => rootOfDigest(whole, digest))).to.deep.equal(roots)
    }), { numRuns: 12 })
  })

  it('is another when any output is (V2)', async () => {
    await fc.assert(fc.asyncProperty(geometry, fc.nat(), async (changes, at) => {
      const spec = specOf(changes)
      const wrong = at % spec.partitions
      // A fold that hides which output was changed.
      const hide = (): number => 0
      const honest = await packOf(spec, ROOT, square, hide)
      const lie = await packOf(spec, ROOT, p => p === wrong ? -1 : square(p), hide)
      expect(rootIn(lie)).not.to.equal(rootIn(honest))
    }), { numRuns: 40 })
  })

  it('opens at every partition, and only to what it was made over (V4)', async () => {
    await fc.assert(fc.asyncProperty(geometry, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), async (changes, ats) => {
      const spec = specOf(changes)
      const pack = await packOf(spec, ROOT, square)
      const partitions = ats.map(at => at % spec.partitions)
      const nodes = openingOf(pack, spec, rangeOf(spec, ROOT)!, partitions)
      expect(new Set(nodes).size).to.equal(nodes.length)
      const named = { cid: rootIn(pack), root: rootIn(pack) }
      for (const partition of partitions) expect(outputIn(spec, named, nodes, partition)).to.equal(square(partition))
    }), { numRuns: 40 })
  })

  it('is not opened by nodes that were tampered with (V4)', async () => {
    await fc.assert(fc.asyncProperty(geometry, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (changes, at, where, bits) => {
      const spec = specOf(changes)
      const pack = await packOf(spec, ROOT, square)
      const partition = at % spec.partitions
      const nodes = openingOf(pack, spec, rangeOf(spec, ROOT)!, [partition]).map(node => node.slice())
      const node = nodes[where % nodes.length]!
      node[(where >>> 8) % node.length]! ^= bits
      expect(new Opening(nodes).way(spec, rootIn(pack), rangeOf(spec, ROOT)!, partition).end).to.equal('missing')
    }), { numRuns: 60 })
  })

  it('of the wrong shape is found out (V4)', async () => {
    const spec = specOf({ partitions: 100, fanout: 4, grain: 5 })
    const other = await packOf(specOf({ partitions: 100, fanout: 5, grain: 5 }), ROOT, square)
    expect(new Opening(openingOf(other, { partitions: 100, fanout: 5, grain: 5 }, { from: 0, to: 100 }, [3])).way(spec, rootIn(other), { from: 0, to: 100 }, 3).end).to.equal('misshapen')
    expect(() => openingOf(other, spec, { from: 0, to: 100 }, [3])).to.throw('not of this path')
  })

  it('is written as dag-cbor writes it, whatever the numbers (V2)', () => {
    const scribe = new Scribe()
    const whole = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -300, max: 300 }), fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -24, -25, -256, -257, -(2 ** 32), -(2 ** 32) - 1))
    fc.assert(fc.property(fc.array(whole, { maxLength: 256 }), items => {
      expect(scribe.list(items)).to.deep.equal(listNode(items))
      const digests = items.slice(0, 128).map((_, i) => new Uint8Array(32).fill(i))
      expect(scribe.inner(items.slice(0, 128), digests)).to.deep.equal(innerNode(items.slice(0, 128).map((item, i) => ({ item, digest: digests[i]! }))))
    }), { numRuns: 300 })
    for (const other of [1.5, 'x', null, 2 ** 53]) expect(scribe.list([1, other])).to.equal(null)
  })

  it('is one node behind the other, however many, without what could not be written (V2)', () => {
    const scribe = new Scribe()
    for (let round = 0; round < 2; round++) {
      const nodes: Uint8Array[] = []
      for (let i = 0; i < 2000; i++) {
        const items = Array.from({ length: i % 257 }, (_, k) => k * i)
        expect(scribe.list([...items.slice(1), 'x'])).to.equal(null)
        nodes.push((i % 3 === 0 ? scribe.add(listNode(items)) : scribe.list(items)!).slice())
      }
      const pack = scribe.take()
      expect(Array.from({ length: pack.ends.length }, (_, i) => nodeAt(pack, i))).to.deep.equal(nodes)
      scribe.list([1])
      scribe.clear()
    }
  })

  it('reads what comes from anyone', () => {
    fc.assert(fc.property(fc.uint8Array(), bytes => {
      nodeFrom(bytes)
      new Opening([bytes]).way(specOf({}), cidOfDag(bytes), { from: 0, to: 10 }, 3)
    }), { numRuns: 300 })
  })

  it('takes a few bytes a partition, and an opening of many partitions a few kilobytes', async () => {
    const spec = specOf({ partitions: 100_000, fanout: 16, grain: 25 })
    const pack = await packOf(spec, ROOT, square)
    const opening = openingOf(pack, spec, rangeOf(spec, ROOT)!, [77_777])
    const bytes = opening.reduce((total, node) => total + node.length, 0)
    expect(pack.bytes.length / sizeOf(rangeOf(spec, ROOT)!)).to.be.below(32)
    expect(bytes).to.be.below(4096)
  })
})

/** The content id of the node with this digest; null when there is none. */
function rootOfDigest (pack: Pack, digest: Uint8Array): Cid | null {
  const node = new Opening(Array.from({ length: pack.ends.length }, (_, i) => nodeAt(pack, i))).node(digest)
  return node === null ? null : cidOfDag(node)
}
