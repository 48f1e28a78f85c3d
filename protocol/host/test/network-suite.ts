/**
 * What every Network must do (STYLE rule 13). Run by test/memory-network.test.ts and by the libp2p one, so that
 * what holds in the small world of unit tests holds on sockets too.
 */
import { expect } from 'chai'
import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { BlockFetcher } from '../block-fetcher.ts'
import { QUEUE_BYTES_MAX } from '../network.ts'
import { ANNOUNCEMENT, JOB, LOAD, ROOT, STATE, at, dagBlock, peerOf, rawBlock, valueOf } from './samples.ts'
import type { Block } from './samples.ts'
import type { Cid, PeerId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { Station } from './recorder.ts'
import { NO_SALT } from '../../core/salt.ts'

export interface NetworkWorld {
  /** A started network. */
  open (): Promise<Station>
  /** Stop all. */
  close (): Promise<void>
  /** Make a peer stop reading what comes over its connections, or go on. */
  setReading (station: Station, isReading: boolean): void
  /** Bytes that wait to be sent to a peer. */
  queued (station: Station, peer: PeerId): number
  /** A contact nobody answers at. */
  nobody (): { peer: PeerId, addrs: string[] }
}

const signal = new AbortController().signal
const query = (id: number): Message => ({ type: 'query', id, jobs: [], tables: false })
const topic = { job: JOB, path: at('1.3') }

/** Everything a group of tests needs of the world that `beforeEach` made. */
interface Suite {
  open: () => Promise<Station>
  pair: () => Promise<[Station, Station]>
  world: () => NetworkWorld
}

export function networkSuite (name: string, create: () => Promise<NetworkWorld>): void {
  describe(`network suite: ${name}`, () => {
    let world: NetworkWorld
    beforeEach(async () => { world = await create() })
    afterEach(async () => { await world.close() })

    const suite: Suite = {
      world: () => world,
      open: async () => await world.open(),
      pair: async () => {
        const [a, b] = [await world.open(), await world.open()]
        await a.network.connect(b.network.addrs()[0] as string)
        await Promise.all([a.seen.saw('connected', b.network.id), b.seen.saw('connected', a.network.id)])
        return [a, b]
      }
    }
    connections(suite)
    neighbours(suite)
    messages(suite)
    gossip(suite)
    discovery(suite)
    blocks(suite)
    openings(suite)
    backPressure(suite)
  })
}

function connections ({ open, pair, world }: Suite): void {
  it('reports its own addresses, each with its id', async () => {
    const { network, seen } = await open()
    await seen.until('listening', () => seen.of('listening').length > 0)
    const addrs = seen.of('listening')[0]?.addrs ?? []
    expect(addrs).to.deep.equal(network.addrs()).and.not.be.empty
    for (const addr of addrs) expect(addr).to.match(new RegExp(`/p2p/${network.id}$`))
  })

  it('connects to an address and tells both sides', async () => {
    const [a, b] = await pair()
    expect(a.network.connected()).to.deep.equal([b.network.id])
    expect(b.network.connected()).to.deep.equal([a.network.id])
  })

  it('reports a peer that cannot be dialled, at once', async () => {
    const a = await open()
    const nobody = world().nobody()
    const started = performance.now()
    a.network.dial(nobody)
    await a.seen.saw('unreachable', nobody.peer)
    expect(performance.now() - started).to.be.lessThan(3_500)
  })

  it('answers a dial to a connected peer', async () => {
    const [a, b] = await pair()
    const before = a.seen.of('connected').length
    a.network.dial({ peer: b.network.id, addrs: [] })
    await a.seen.until('connected again', () => a.seen.of('connected').length > before)
  })

  it('fails to connect in one sentence', async () => {
    const a = await open()
    const error = await a.network.connect(world().nobody().addrs[0] as string).then(() => null, (error: Error) => error)
    expect(error?.message).to.match(/^No peer answers at .*\.$/)
  })

  it('reports a lost connection', async () => {
    const [a, b] = await pair()
    await b.network.stop()
    await a.seen.saw('disconnected', b.network.id)
    expect(a.network.connected()).to.deep.equal([])
  })
}

function neighbours ({ open, world }: Suite): void {
  it('keeps neighbours connected and dials them again when lost', async () => {
    const [a, b] = [await open(), await open()]
    a.network.neighbours(JOB, [{ peer: b.network.id, addrs: b.network.addrs() }])
    await a.seen.saw('connected', b.network.id)
    const nobody = world().nobody()
    a.network.neighbours(JOB, [{ peer: b.network.id, addrs: b.network.addrs() }, nobody])
    await a.seen.saw('unreachable', nobody.peer)
    a.network.neighbours(JOB, [])
    expect(a.network.connected()).to.deep.equal([b.network.id])
  })
}

function messages ({ open, pair }: Suite): void {
  it('delivers messages in the order they were sent, with their sender, after `connected`', async () => {
    const [a, b] = await pair()
    for (let id = 0; id < 300; id++) a.network.send(b.network.id, query(id))
    await b.seen.gotMessages(300)
    expect(b.seen.messages().map(message => message.type === 'query' ? message.id : -1)).to.deep.equal(Array.from({ length: 300 }, (_, id) => id))
    expect(b.seen.of('message').every(({ from, topic }) => from === a.network.id && topic === null)).to.equal(true)
    expect(b.seen.events.findIndex(({ type }) => type === 'connected')).to.be.lessThan(b.seen.events.findIndex(({ type }) => type === 'message'))
    await a.seen.until('300 sent', () => a.seen.of('sent').length === 300)
  })

  it('dials a peer it has an address of when there is something to send', async () => {
    const [a, b] = [await open(), await open()]
    a.network.learn([{ peer: b.network.id, addrs: b.network.addrs() }])
    a.network.send(b.network.id, query(1))
    await b.seen.gotMessages(1)
  })

  it('reports a message to a peer nobody knows an address of as unreachable', async () => {
    const a = await open()
    a.network.send(peerOf('stranger'), query(1))
    await a.seen.saw('unreachable', peerOf('stranger'))
  })

  it('drops and counts a direct claim in another\'s name; the peer lives on', async () => {
    const [a, b] = await pair()
    a.network.send(b.network.id, { type: 'claim', job: JOB, path: at('1'), fence: [1, 1], peer: { peer: peerOf('victim'), addrs: [] } })
    a.network.send(b.network.id, query(1))
    await b.seen.gotMessages(1)
    expect(b.seen.of('dropped').map(({ reason }) => reason)).to.deep.equal(['a claim that its claimer did not send'])
  })

  it('refuses to send what is too long', async () => {
    const [a, b] = await pair()
    const values = Array.from({ length: 300 }, (_, i) => valueOf(at('1'), { i, pad: new Uint8Array(16_000) }))
    a.network.send(b.network.id, { type: 'hold', job: JOB, values })
    await a.seen.until('dropped', () => a.seen.of('dropped').length === 1)
    a.network.send(b.network.id, query(1))
    await b.seen.gotMessages(1)
    expect(b.seen.messages()[0]?.type).to.equal('query')
  })
}

function gossip ({ open, pair }: Suite): void {
  it('brings gossip to subscribers of its topic, signed by its publisher, and to nobody else', async () => {
    const [a, b] = await pair()
    const c = await open()
    await c.network.connect(a.network.addrs()[0] as string)
    for (const { network } of [a, b]) network.subscribe(topic)
    c.network.subscribe({ job: JOB, path: at('2') })
    for (const { network } of [a, b, c]) network.subscribe({ job: null, path: ROOT })
    const state = { ...STATE, coordinator: { peer: a.network.id, addrs: [] } }
    await repeat(b, () => { a.network.publish(topic, state) }, message => message.type === 'state')
    await repeat(c, () => { a.network.publish({ job: null, path: ROOT }, { type: 'jobs', jobs: [ANNOUNCEMENT] }) }, message => message.type === 'jobs')
    expect(b.seen.of('message').find(({ message }) => message.type === 'state')).to.deep.include({ from: a.network.id, topic, message: state })
    expect(c.seen.messages().some(({ type }) => type === 'state')).to.equal(false)
  })

  it('rejects published claims and states that another peer signed, and types that are never published', async () => {
    const [a, b] = await pair()
    for (const { network } of [a, b]) network.subscribe(topic)
    const claim: Message = { type: 'claim', job: JOB, path: at('1.3.2'), fence: [1, 0, 7, 1], peer: { peer: a.network.id, addrs: [] } }
    const misplaced: Message = { type: 'beat', job: JOB, path: at('1'), fence: [1, 0], version: 2, since: 1, load: LOAD, nextMs: 2_000 }
    const forged: Message[] = [{ ...claim, peer: { peer: peerOf('victim'), addrs: [] } }, STATE, misplaced, { type: 'leave', job: JOB }]
    for (const message of forged) a.network.publish(topic, message)
    await repeat(b, () => { a.network.publish(topic, claim) }, message => message.type === 'claim')
    await repeat(b, () => { for (const message of forged) a.network.publish(topic, message) }, () => b.seen.of('dropped').length >= forged.length)
    expect(b.seen.messages().every(message => message.type === 'claim' && message.peer.peer === a.network.id)).to.equal(true)
  })
}

function discovery ({ open }: Suite): void {
  it('finds nobody where nobody provides', async () => {
    const a = await open()
    a.network.findMembers(JOB)
    await a.seen.until('members', () => a.seen.of('members').length === 1)
    expect(a.seen.of('members')[0]).to.deep.equal({ type: 'members', job: JOB, contacts: [] })
  })
}

function openings ({ pair }: Suite): void {
  it('brings a request to open to a peer, with who asks, and its nodes back (V4)', async () => {
    const [a, b] = await pair()
    const request = { job: JOB, path: at('1.3'), root: rawBlock(Uint8Array.of(5)).cid, partitions: [7, 2 ** 39] }
    expect(await a.network.open(request, b.network.id, signal)).to.equal(null)
    const asked: unknown[] = []
    const nodes = [Uint8Array.of(1, 2), new Uint8Array(70_000).fill(3)]
    b.seen.open = async (from, what) => {
      asked.push([from, what])
      return nodes
    }
    expect(await a.network.open(request, b.network.id, signal)).to.deep.equal(nodes)
    expect(asked).to.deep.equal([[a.network.id, request]])
    b.seen.open = async () => [new Uint8Array(2 ** 21), new Uint8Array(2 ** 21)]
    expect(await a.network.open(request, b.network.id, signal)).to.equal(null)
  })
}

function blocks ({ open, pair }: Suite): void {
  it('fetches blocks in order, says which are missing, and verifies', async () => {
    const [a, b] = await pair()
    const blocks = [rawBlock(Uint8Array.of(1)), rawBlock(new Uint8Array(1_500_000).fill(7)), dagBlock({ a: 1 })]
    for (const { cid, bytes } of blocks) b.seen.blocks.set(cid, bytes)
    const missing = rawBlock(Uint8Array.of(9)).cid
    const wanted = [...blocks.map(({ cid }) => cid), missing]
    const got: Array<[Cid, number]> = []
    for await (const { cid, bytes } of a.network.fetchBlocks(wanted, b.network.id, signal)) got.push([cid, bytes?.length ?? -1])
    expect(got).to.deep.equal([...blocks.map(({ cid, bytes }) => [cid, bytes.length]), [missing, -1]])

    b.seen.blocks.set(missing, Uint8Array.of(8))
    const error = await drain(a.network.fetchBlocks([missing], b.network.id, signal)).then(() => null, (error: Error) => error)
    expect(error?.message).to.equal('a block is not what its content id says')
  })

  it('fetches everything below a content id, each block once, from whoever has it', async () => {
    const [a, b] = await pair()
    const c = await open()
    await a.network.connect(c.network.addrs()[0] as string)
    const leaves = Array.from({ length: 300 }, (_, i) => rawBlock(Uint8Array.of(i & 255, i >> 8)))
    const root = dagBlock({ c: leaves.map(({ cid }) => [CID.parse(cid), 1]) })
    leaves.forEach(({ cid, bytes }, i) => { (i % 2 === 0 ? b : c).seen.blocks.set(cid, bytes) })
    c.seen.blocks.set(root.cid, root.bytes)
    const store = new MemoryBlockstore()
    const stored: Cid[] = []
    const fetcher = new BlockFetcher(a.network, store, cid => stored.push(cid))
    const from = [b.network.id, c.network.id]
    await Promise.all([fetcher.tree(root.cid, from, signal), fetcher.tree(root.cid, from, signal), fetcher.get(root.cid, () => from, signal)])
    expect(stored.length).to.equal(301)
    expect(new Set(stored).size).to.equal(301)
    const missing = dagBlock({ c: [[CID.parse(dagBlock('nowhere').cid), 1]] })
    c.seen.blocks.set(missing.cid, missing.bytes)
    const error = await fetcher.tree(missing.cid, from, signal).then(() => null, (error: Error) => error)
    expect(error?.name).to.equal('UnfetchableError')
  })
}

function backPressure ({ pair, world }: Suite): void {
  it('keeps what waits for a slow reader bounded, drops what is said again, and gives it up in the end', async function () {
    this.timeout(60_000)
    const [a, b] = await pair()
    a.network.send(b.network.id, query(0))
    await b.seen.gotMessages(1)
    world().setReading(b, false)
    const value: Block = dagBlock(new Uint8Array(16_000))
    const hold: Message = { type: 'value', job: JOB, value: { ...valueOf(at('1'), 0), cid: value.cid, bytes: value.bytes }, salt: NO_SALT }
    const renew: Message = { type: 'renew', job: JOB, path: at('1'), fence: [1, 1], done: 5, load: LOAD, seen: 1 }
    for (let i = 0; a.seen.of('disconnected').length === 0 && i < 200_000; i++) {
      a.network.send(b.network.id, i % 2 === 0 ? hold : renew)
      expect(world().queued(a, b.network.id)).to.be.lessThan(QUEUE_BYTES_MAX + 300_000)
      if (i % 50 === 0) await new Promise(resolve => setTimeout(resolve))
    }
    await a.seen.saw('disconnected', b.network.id)
    expect(a.seen.of('dropped').some(({ reason }) => reason === 'a queue is full')).to.equal(true)
    world().setReading(b, true)
  })
}

/** Publish until it is heard: gossip needs a moment to learn who subscribes, and promises nothing before. */
async function repeat (hearer: Station, publish: () => void, isIt: (message: Message) => boolean): Promise<void> {
  publish()
  const again = setInterval(publish, 200)
  try {
    await hearer.seen.until('a published message', () => hearer.seen.messages().some(isIt))
  } finally {
    clearInterval(again)
  }
}

async function drain (blocks: AsyncIterable<unknown>): Promise<void> {
  for await (const block of blocks) void block
}
