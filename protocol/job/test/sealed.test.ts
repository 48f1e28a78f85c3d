/** Sealed params and inputs (A8): what can be read, by whom, and where the plain text is not. */
import { MemoryBlockstore } from 'blockstore-core'
import { expect } from 'chai'
import { CID } from 'multiformats/cid'
import { decode } from '@ipld/dag-cbor'
import { listOf } from '../../client/result.ts'
import { prepareJob } from '../../client/prepare-job.ts'
import { newSeal, opener, opening } from '../sealed.ts'
import { readInputs } from '../inputs.ts'
import type { Cid } from '../../core/ids.ts'
import type { JobModule } from '../module.ts'
import type { JobShape, PreparedJob } from '../../client/prepare-job.ts'

const SECRET = 'the-patient-is-0xBEEF'
const KEY = new Uint8Array(32).fill(7)
const MODULE: JobModule = { name: 'sealed', compute: (_, input: unknown) => input }

interface Made { job: PreparedJob, blocks: Map<string, Uint8Array> }

async function made (shape: JobShape, module = MODULE, inputs: unknown[] | null = Array.from({ length: 10_000 }, (_, at) => `${SECRET} ${at}`)): Promise<Made> {
  const store = new MemoryBlockstore()
  const job = await prepareJob({ bundle: Uint8Array.of(1), module, collects: false }, { who: SECRET }, inputs, { ...shape, ...inputs === null ? { partitions: 1 } : {} }, store)
  const blocks = new Map<string, Uint8Array>()
  for await (const { cid, bytes } of store.getAll()) {
    const parts: Uint8Array[] = []
    for await (const part of bytes) parts.push(part)
    blocks.set(cid.toString(), parts[0] as Uint8Array)
  }
  return { job, blocks }
}

/** MemoryBlockstore keys blocks by their hash. */
const blockOf = ({ blocks }: Made, cid: Cid): Uint8Array =>
  [...blocks].find(([key]) => CID.parse(key).multihash.bytes.join() === CID.parse(cid).multihash.bytes.join())?.[1] as Uint8Array
const isPlain = ({ blocks }: Made): boolean => [...blocks.values()].some(block => Buffer.from(block).includes(SECRET))
const inputsOf = async (it: Made, key: Uint8Array | null): Promise<unknown[]> => {
  const { spec } = it.job
  const chunks = await listOf(readInputs(opening(spec, key, async cid => blockOf(it, cid)), spec.inputs as Cid, 0, spec.partitions))
  return chunks.flatMap(({ bytes }) => (decode<{ l: unknown[] }>(bytes)).l)
}

describe('sealed', () => {
  it('params and inputs are in no block, and whoever has the reading key reads them (A8)', async () => {
    const [open, sealed] = [await made({}), await made({ sealed: true, readingKey: KEY })]
    expect([isPlain(open), isPlain(sealed)]).to.deep.equal([true, false])
    expect(open.job.spec.sealed).to.equal(null)
    expect(await inputsOf(sealed, KEY)).to.deep.equal(await inputsOf(open, null))
    expect(decode(opener(sealed.job.spec, KEY)(blockOf(sealed, sealed.job.spec.params)))).to.deep.equal({ who: SECRET })
    // The key is nowhere either, and no two jobs have the same.
    const other = await made({ sealed: true, readingKey: KEY })
    expect(other.job.job).to.not.equal(sealed.job.job)
    expect(() => opener({ sealed: other.job.spec.sealed }, KEY)(blockOf(sealed, sealed.job.spec.params))).to.throw('cannot be read')
  })

  it('nobody else does: without a key, with another mesh\'s, or of changed bytes (A8)', async () => {
    const sealed = await made({ sealed: true, readingKey: KEY })
    const { spec } = sealed.job
    expect(() => opener(spec, null)).to.throw('its params and inputs are sealed, and this peer is in no private mesh')
    expect(() => opener(spec, new Uint8Array(32))).to.throw('what is sealed in this job cannot be read with the key of this mesh')
    const params = blockOf(sealed, spec.params)
    for (const at of [5, 30, params.length - 1]) {
      const changed = params.slice()
      changed[at]! ^= 1
      expect(() => opener(spec, KEY)(changed), String(at)).to.throw()
    }
    // A job's key cannot be passed off as a block, nor a block as a key.
    const seal = newSeal(KEY)
    expect(() => opener({ sealed: seal.sealed }, KEY)(newSeal(KEY).block(Uint8Array.of(1)))).to.throw('cannot be read')
  })

  it('a module may ask for it, and an open mesh refuses in one sentence (A8)', async () => {
    const module = { ...MODULE, sealed: true }
    expect((await made({ readingKey: KEY }, module, null)).job.spec.sealed?.length).to.equal(72)
    expect((await made({ readingKey: KEY, sealed: false }, module, null)).job.spec.sealed).to.equal(null)
    expect(await made({}, module).then(() => '', (error: Error) => error.message)).to.equal('Sealing needs a private mesh, since in an open one everybody is admitted: give an invitation, or run the job unsealed.')
  })

  it('params of an open job that look like sealed ones are params (A8)', async () => {
    const block = newSeal(KEY).block(Uint8Array.of(1))
    expect(opener({ sealed: null }, KEY)(block)).to.equal(block)
  })
})
