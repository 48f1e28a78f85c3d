/** Inputs: spooled as they come, read for a range only (DESIGN 4, content). */
import { expect } from 'chai'
import { decode } from '@ipld/dag-cbor'
import { cidOfDag } from '../cid.ts'
import { readInputs, spoolInputs } from '../inputs.ts'
import { ValueError } from '../value.ts'
import type { Cid } from '../../core/ids.ts'

class Store {
  readonly blocks = new Map<Cid, Uint8Array>()
  readonly asked: Cid[] = []
  readonly put = async (cid: Cid, bytes: Uint8Array): Promise<void> => {
    expect(cid).to.equal(cidOfDag(bytes))
    this.blocks.set(cid, bytes)
  }

  readonly get = async (cid: Cid): Promise<Uint8Array> => {
    this.asked.push(cid)
    return this.blocks.get(cid)!
  }
}

async function values (store: Store, cid: Cid, from: number, to: number): Promise<unknown[]> {
  const found: unknown[] = []
  let next = from
  for await (const chunk of readInputs(store.get, cid, from, to)) {
    expect(chunk.from).to.equal(next)
    found.push(...decode<{ l: unknown[] }>(chunk.bytes).l.slice(chunk.skip, chunk.skip + chunk.count))
    next += chunk.count
  }
  expect(next).to.equal(to)
  return found
}

describe('inputs', () => {
  it('come back in order, for any range', async () => {
    const store = new Store()
    const { cid, count } = await spoolInputs(Array.from({ length: 20_000 }, (_, i) => i), store.put)
    expect(count).to.equal(20_000)
    for (const [from, to] of [[0, 20_000], [0, 1], [4095, 4097], [19_999, 20_000], [5000, 5000], [8192, 12_288]] as const) {
      expect(await values(store, cid!, from, to)).to.deep.equal(Array.from({ length: to - from }, (_, i) => from + i))
    }
  })

  it('are fetched only where they are needed', async () => {
    const store = new Store()
    const { cid } = await spoolInputs(Array.from({ length: 40_000 }, (_, i) => i), store.put)
    await values(store, cid!, 10_000, 10_010)
    expect(store.asked).to.have.length(2)
  })

  it('take any iterable, and one input or none', async () => {
    const store = new Store()
    const lines = (async function * () { yield 'only' })()
    const one = await spoolInputs(lines, store.put)
    expect(await values(store, one.cid!, 0, 1)).to.deep.equal(['only'])
    expect(await spoolInputs([], store.put)).to.deep.equal({ cid: null, count: 0 })
  })

  it('are the same blocks for the same inputs', async () => {
    const spool = async (): Promise<Cid | null> => (await spoolInputs(Array.from({ length: 9000 }, (_, i) => ({ i })), new Store().put)).cid
    expect(await spool()).to.equal(await spool())
  })

  it('are stored while they come, a chunk at a time', async () => {
    const store = new Store()
    let ahead = 0
    let stored = 0
    const source = (function * () {
      for (let i = 0; i < 50_000; i++) {
        ahead = Math.max(ahead, i - stored)
        yield 'x'.repeat(100)
      }
    })()
    await spoolInputs(source, store.put, count => { stored = count })
    expect(ahead).to.be.at.most(4096)
    for (const bytes of store.blocks.values()) expect(bytes.length).to.be.below(2 ** 20)
  })

  it('grow into levels of links', async () => {
    const store = new Store()
    const large = 'x'.repeat(2 ** 18)
    const { cid, count } = await spoolInputs((function * () { for (let i = 0; i < 2100; i++) yield i % 2 === 0 ? large : i })(), async (id, bytes) => {
      // Kept small: only what is not a large text.
      store.blocks.set(id, bytes)
    })
    expect(count).to.equal(2100)
    expect(await values(store, cid!, 2099, 2100)).to.deep.equal([2099])
    expect(store.asked).to.have.length(3)
  }).timeout(30_000)

  it('that cannot be sent are named', async () => {
    const error: unknown = await spoolInputs([1, { a: undefined }], new Store().put).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(ValueError).with.property('message', 'input 1 cannot be sent: it.a is undefined; use null')
  })

  it('that are missing are an error', async () => {
    const store = new Store()
    const { cid } = await spoolInputs([1, 2], store.put)
    const error: unknown = await values(store, cid!, 0, 3).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(ValueError).with.property('message', 'there is no input for partition 2')
  })
})
