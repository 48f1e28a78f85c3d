/**
 * Raw libp2p clients that do not keep the protocol: what they send is dropped and counted, enough of it ends their
 * connection, and the peer lives on for others.
 */
import { expect } from 'chai'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { BLOCKS_PROTOCOL } from '../../../protocol/host/block-exchange.ts'
import { DIRECT_PROTOCOL } from '../../../protocol/host/links.ts'
import { FRAME_BYTES_MAX } from '../../../protocol/host/network.ts'
import { Libp2pNetwork } from '../../../protocol/host/libp2p-network.ts'
import { Recorder } from '../../../protocol/host/test/recorder.ts'
import { JOB, at, contactOf, peerOf, rawBlock, valueOf } from '../../../protocol/host/test/samples.ts'
import { LISTEN_LOOPBACK, createNodeLibp2p } from '../node.ts'
import { encodeMessage } from '../../../protocol/host/wire/codec.ts'
import { frameOf } from '../../../protocol/host/frames.ts'
import { topicName } from '../../../protocol/host/gossip.ts'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { MeshServices } from '../../../protocol/host/services.ts'
import type { Message } from '../../../protocol/core/message.ts'
import type { Station } from '../../../protocol/host/test/recorder.ts'
import { NO_SALT } from '../../../protocol/core/salt.ts'

const init = { identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' as const }
const topic = { job: JOB, path: at('1.3') }

describe('hostile clients', function () {
  this.timeout(40_000)
  let victim: Station
  let client: Libp2p<MeshServices>

  beforeEach(async () => {
    const { libp2p } = await createNodeLibp2p({ ...init, listen: LISTEN_LOOPBACK })
    const network = new Libp2pNetwork(libp2p)
    victim = { network, seen: new Recorder() }
    await network.start(victim.seen)
    client = (await createNodeLibp2p({ ...init, listen: [] })).libp2p
    await client.start()
    await client.dial(multiaddr(victim.network.addrs()[0]))
  })

  afterEach(async () => {
    await client.stop()
    await livesOn()
    await victim.network.stop()
  })

  const open = async (protocol: string): Promise<Stream> => await client.dialProtocol(peerIdFromString(victim.network.id), protocol)
  const reasons = (): string[] => victim.seen.of('dropped').map(({ reason }) => reason)
  const dropped = async (count: number): Promise<void> => { await victim.seen.until(`${count} dropped`, () => reasons().length >= count) }
  const isCutOff = async (): Promise<void> => { await victim.seen.saw('disconnected', client.peerId.toString() as never) }

  /** Another peer is served as if nothing had been. */
  async function livesOn (): Promise<void> {
    const { libp2p } = await createNodeLibp2p({ ...init, listen: [] })
    const honest = { network: new Libp2pNetwork(libp2p), seen: new Recorder() }
    await honest.network.start(honest.seen)
    const before = victim.seen.messages().length
    const block = rawBlock(Uint8Array.of(before))
    victim.seen.blocks.set(block.cid, block.bytes)
    try {
      await honest.network.connect(victim.network.addrs()[0] as string)
      honest.network.send(victim.network.id, { type: 'query', id: 1, jobs: [], tables: false })
      await victim.seen.gotMessages(before + 1)
      for await (const { bytes } of honest.network.fetchBlocks([block.cid], victim.network.id, new AbortController().signal)) expect(bytes).to.deep.equal(block.bytes)
    } finally {
      await honest.network.stop()
    }
  }

  it('a few frames of garbage are dropped; what follows is still heard', async () => {
    const stream = await open(DIRECT_PROTOCOL)
    for (const garbage of [[], [0xff], [1, 2, 3, 4, 5]]) stream.send(frameOf(Uint8Array.from(garbage)))
    stream.send(frameOf(encodeMessage({ type: 'query', id: 7, jobs: [], tables: false })))
    await victim.seen.gotMessages(1)
    expect(reasons().length).to.equal(3)
  })

  it('much garbage ends the connection', async () => {
    const stream = await open(DIRECT_PROTOCOL)
    for (let i = 0; i < 100; i++) stream.send(frameOf(Uint8Array.of(0xff, i)))
    await isCutOff()
    expect(reasons().length).to.equal(8)
  })

  it('a frame announced as too long ends its stream, the second the connection', async () => {
    for (let i = 0; i < 2; i++) {
      const stream = await open(DIRECT_PROTOCOL)
      stream.send(frameOf(new Uint8Array(FRAME_BYTES_MAX + 1)).subarray(0, 100))
      await dropped(i + 1)
    }
    await isCutOff()
    expect(reasons()).to.deep.equal(['a frame is too long', 'a frame is too long'])
  })

  it('a length that never ends is a frame that is too long', async () => {
    const stream = await open(DIRECT_PROTOCOL)
    stream.send(new Uint8Array(64).fill(0xff))
    await dropped(1)
    expect(reasons()).to.deep.equal(['a frame is too long'])
  })

  it('direct claims in another\'s name, and values that are not what they say, are dropped', async () => {
    const stream = await open(DIRECT_PROTOCOL)
    const forged: Message[] = [
      { type: 'claim', job: JOB, path: at('1'), fence: [1, 1], peer: contactOf('victim') },
      { type: 'value', job: JOB, value: { ...valueOf(at('1'), 1), bytes: Uint8Array.of(9) }, salt: NO_SALT },
      { type: 'value', job: JOB, value: { ...valueOf(at('1'), 1), count: 0 }, salt: NO_SALT }
    ]
    for (const message of forged) stream.send(frameOf(encodeMessage(message)))
    await dropped(forged.length)
    expect(victim.seen.messages()).to.deep.equal([])
  })

  it('published claims of another peer are rejected, and so is garbage on a topic', async () => {
    victim.network.subscribe(topic)
    client.services.pubsub.subscribe(topicName(topic))
    const forged = encodeMessage({ type: 'claim', job: JOB, path: at('1.3'), fence: [1, 1, 1], peer: { peer: peerOf('victim'), addrs: [] } })
    const publish = (): void => { for (const data of [forged, Uint8Array.of(1, 2, 3)]) void client.services.pubsub.publish(topicName(topic), data) }
    const cutOff = new Promise<void>(resolve => { client.addEventListener('peer:disconnect', () => { resolve() }, { once: true }) })
    const again = setInterval(publish, 200)
    try {
      await cutOff
    } finally {
      clearInterval(again)
    }
    expect(victim.seen.messages()).to.deep.equal([])
    expect(reasons()).to.include('a claim that its claimer did not send')
  })

  it('requests for blocks that are none are ended', async () => {
    for (const garbage of [Uint8Array.of(0xff, 0xff), frameOf(Uint8Array.of(10, 3, 1, 2, 3)), new Uint8Array(50_000).fill(0x80)]) {
      const stream = await open(BLOCKS_PROTOCOL)
      const ended = new Promise<void>(resolve => { stream.addEventListener('close', () => { resolve() }) })
      stream.send(garbage)
      if (garbage.length === 2) stream.abort(new Error('gone'))
      await ended
    }
  })
})
