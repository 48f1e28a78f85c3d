/**
 * Floods over real libp2p on loopback, within every single limit of the wire and far above what one peer may ask (X2 to
 * X4): they are dropped and counted, whoever goes on is cut off and not let in again, memory stays where it was, and an
 * honest peer is served meanwhile.
 */
import { expect } from 'chai'
import { multiaddr } from '@multiformats/multiaddr'
import { BLOCKS_PROTOCOL } from '../../../protocol/host/block-exchange.ts'
import { CONNECTIONS_MAX } from '../../../protocol/host/network.ts'
import { CONNECTIONS_EACH_MAX, GRACE_MS, MESSAGE_RATES, TOPIC_BYTES_EACH } from '../../../protocol/host/limits.ts'
import { HostileClient } from '../../test/hostile-client.ts'
import { heldBytes } from '../../test/heap.ts'
import { LISTEN_LOOPBACK, createNodeLibp2p } from '../node.ts'
import { Libp2pNetwork } from '../../../protocol/host/libp2p-network.ts'
import { Recorder } from '../../../protocol/host/test/recorder.ts'
import { JOB, at, peerOf, rawBlock } from '../../../protocol/host/test/samples.ts'
import { encodeMessage } from '../../../protocol/host/wire/codec.ts'
import { topicName } from '../../../protocol/host/gossip.ts'
import type { Libp2p } from '@libp2p/interface'
import type { MeshServices } from '../../../protocol/host/services.ts'
import type { Message } from '../../../protocol/core/message.ts'
import type { PeerId } from '../../../protocol/core/ids.ts'

const QUIET = { identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' as const }
const TOPIC = { job: JOB, path: at('1.3') }
/** A libp2p node has about 9 MB, and each flood leaves two. */
const GROWTH_MAX = 32 * 2 ** 20

interface Victim { network: Libp2pNetwork, libp2p: Libp2p<MeshServices>, seen: Recorder, addr: string }

describe('floods', function () {
  this.timeout(60_000)
  const victims: Victim[] = []
  const clients: HostileClient[] = []

  afterEach(async () => {
    await Promise.all(clients.splice(0).map(async client => { await client.close() }))
    await Promise.all(victims.splice(0).map(async ({ network }) => { await network.stop() }))
  })

  async function aVictim (): Promise<Victim> {
    const { libp2p, guard, connectionsMax } = await createNodeLibp2p({ ...QUIET, listen: LISTEN_LOOPBACK })
    const network = new Libp2pNetwork(libp2p, { guard, connectionsMax })
    const seen = new Recorder()
    await network.start(seen)
    const victim = { network, libp2p, seen, addr: network.addrs()[0] as string }
    victims.push(victim)
    return victim
  }

  async function dial (victim: Victim): Promise<HostileClient> {
    const client = await HostileClient.dial(victim.addr)
    clients.push(client)
    return client
  }

  /** Say something again and again until cut off. */
  async function flood (client: HostileClient, message: (i: number) => Message): Promise<number> {
    let sent = 0
    try {
      while (client.isConnected && sent < 100_000) await client.send(...Array.from({ length: 50 }, () => message(sent++)))
    } catch { /* it was cut off */ }
    await client.until('cut off', () => !client.isConnected)
    return sent
  }

  /** Another peer is heard and given a block within moments. */
  async function serves (victim: Victim): Promise<void> {
    const honest = await aVictim()
    const block = rawBlock(Uint8Array.of(victims.length))
    victim.seen.blocks.set(block.cid, block.bytes)
    await honest.network.connect(victim.addr)
    honest.network.send(victim.network.id, { type: 'query', id: 7_777, jobs: [], tables: false })
    await victim.seen.until('the honest question', () => victim.seen.of('message').some(({ from }) => from === honest.network.id))
    for await (const { bytes } of honest.network.fetchBlocks([block.cid], victim.network.id, new AbortController().signal)) expect(bytes).to.deep.equal(block.bytes)
  }

  const reasonsOf = ({ seen }: Victim, peer: PeerId): string[] => seen.of('dropped').filter(event => event.peer === peer).map(({ reason }) => reason)

  it('[X2, X3] of questions, joins, claims and asks: dropped, counted, cut off, not let in again; others are served', async () => {
    const victim = await aVictim()
    const floods: Array<(client: HostileClient) => (i: number) => Message> = [
      () => i => ({ type: 'query', id: i, jobs: [], tables: true }),
      () => i => ({ type: 'join', job: JOB, joiner: { peer: peerOf(`joiner ${i % 100}`), addrs: [] }, rate: 1, hops: 1, phase: 'up', via: [] }),
      client => i => ({ type: 'claim', job: JOB, path: at('1'), fence: [1, i], peer: { peer: client.id, addrs: [] } }),
      () => () => ({ type: 'ask', job: JOB, path: at('1'), peer: peerOf('anybody') }),
      () => () => ({ type: 'jobs', jobs: [] })
    ]
    const before = heldBytes()
    // One after the other: all of them and their victim share this process's core.
    for (const make of floods) {
      const client = await dial(victim)
      const message = make(client)
      await flood(client, message)
      await serves(victim)
      const heard = victim.seen.of('message').filter(({ from }) => from === client.id).length
      const { burst, perSecond } = MESSAGE_RATES[message(0).type === 'query' ? 'query' : message(0).type === 'join' ? 'join' : message(0).type === 'jobs' ? 'news' : 'authority']
      expect(heard, message(0).type).to.be.within(burst, burst + 20 * perSecond)
      expect(reasonsOf(victim, client.id)).to.include(`too many messages of type ${message(0).type}`)
      const refused = await client.libp2p.dial(multiaddr(victim.addr)).then(async connection => {
        await client.until('closed again', () => connection.status !== 'open')
        return 'closed'
      }, () => 'refused')
      expect(refused).to.be.oneOf(['refused', 'closed'])
      expect(victim.libp2p.getConnections(client.libp2p.peerId)).to.deep.equal([])
    }
    expect(heldBytes() - before).to.be.below(floods.length * GROWTH_MAX)
  })

  it('[X2] a thousand joiners that one neighbour passes on at once are all heard', async () => {
    const victim = await aVictim()
    const client = await dial(victim)
    await client.send(...Array.from({ length: 1_000 }, (_, i): Message =>
      ({ type: 'join', job: JOB, joiner: { peer: peerOf(`joiner ${i}`), addrs: ['/ip4/192.0.2.1/tcp/1'] }, rate: 1, hops: 1, phase: 'up', via: [] })))
    await victim.seen.gotMessages(1_000)
    expect(victim.seen.of('dropped')).to.deep.equal([])
  })

  it('[X2, X3] of gossip by its own signer: passed on no more, and its neighbour cuts it off', async () => {
    const victim = await aVictim()
    victim.network.subscribe(TOPIC)
    const client = await dial(victim)
    const { pubsub } = client.libp2p.services
    pubsub.subscribe(topicName(TOPIC))
    await client.until('a mesh', () => pubsub.getSubscribers(topicName(TOPIC)).length > 0)
    for (let i = 1; i < 20_000 && client.isConnected; i++) {
      const claim = encodeMessage({ type: 'claim', job: JOB, path: at('1.3'), fence: [1, 1, i], peer: { peer: client.id, addrs: [] } })
      await pubsub.publish(topicName(TOPIC), claim).catch(() => {})
    }
    await client.until('cut off', () => !client.isConnected)
    expect(reasonsOf(victim, client.id)).to.include('too many published messages')
    await serves(victim)
  })

  it('[X4] of topics: a neighbour takes up a bounded part of the list', async () => {
    const victim = await aVictim()
    const client = await dial(victim)
    const { pubsub } = client.libp2p.services
    victim.network.subscribe(TOPIC)
    await client.until('a mesh', () => pubsub.getSubscribers(topicName(TOPIC)).length > 0)
    for (let i = 0; i < 3_000; i++) pubsub.subscribe(`/millionfold/1/no such job ${i}/root`)
    const topics = (victim.libp2p.services.pubsub as unknown as { topics: Map<string, unknown> }).topics
    const most = TOPIC_BYTES_EACH / 1_024
    await client.until('topics', () => topics.size > most / 2)
    await serves(victim)
    expect(topics.size).to.be.at.most(most)
  })

  it('[X2] of requests for blocks, on every stream there may be', async () => {
    const victim = await aVictim()
    const client = await dial(victim)
    const before = heldBytes()
    let opened = 0
    for (let i = 0; i < 5_000 && client.isConnected; i++) {
      await client.open(BLOCKS_PROTOCOL).then(stream => { opened++; stream.abort(new Error('next')) }, () => {})
    }
    await client.until('cut off', () => !client.isConnected)
    expect(opened).to.be.below(5_000)
    expect(reasonsOf(victim, client.id)).to.include('too many requests')
    expect(heldBytes() - before).to.be.below(GROWTH_MAX)
    await serves(victim)
  })

  it('[X4] of connections of one peer: it keeps a few', async () => {
    const victim = await aVictim()
    const client = await dial(victim)
    for (let i = 0; i < 3 * CONNECTIONS_EACH_MAX; i++) await client.libp2p.dial(multiaddr(victim.addr), { force: true }).catch(() => {})
    await victim.seen.until('some are closed', () => reasonsOf(victim, client.id).includes('too many connections of one peer'))
    await client.until('few are left', () => victim.libp2p.getConnections(client.libp2p.peerId).length <= CONNECTIONS_EACH_MAX)
    await serves(victim)
  })

  it('[J3, X4] the 65th connection makes room: the oldest that nobody protects goes, the tree\'s stay', async () => {
    const victim = await aVictim()
    const [kept, oldest] = [await dial(victim), await dial(victim)]
    victim.network.neighbours(JOB, [{ peer: kept.id, addrs: [] }])
    while (clients.length < CONNECTIONS_MAX) await Promise.all(Array.from({ length: 8 }, async () => { if (clients.length < CONNECTIONS_MAX) await dial(victim) }))
    await victim.seen.until('all are there', () => victim.libp2p.getConnections().length >= CONNECTIONS_MAX)
    const lastMs = Math.max(...victim.libp2p.getConnections().map(({ timeline }) => timeline.open))
    await kept.until('all have had their time', () => Date.now() > lastMs + GRACE_MS)
    const surplus = victim.libp2p.getConnections().length - CONNECTIONS_MAX
    expect(surplus).to.be.at.most(0)
    const newcomer = await dial(victim)
    await victim.seen.until('room', () => reasonsOf(victim, oldest.id).includes('its connection made room'))
    await oldest.until('the oldest is let go', () => !oldest.isConnected)
    await newcomer.send({ type: 'query', id: 1, jobs: [], tables: false })
    await victim.seen.until('the newcomer is heard', () => victim.seen.of('message').some(({ from }) => from === newcomer.id))
    expect(kept.isConnected).to.equal(true)
    expect(victim.libp2p.getConnections().length).to.be.at.most(CONNECTIONS_MAX)
  })
})
