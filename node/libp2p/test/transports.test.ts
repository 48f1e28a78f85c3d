/** Peers meet over every transport a Node peer listens on, on loopback, and through a relay. */
import { expect } from 'chai'
import { Libp2pNetwork } from '../../../protocol/host/libp2p-network.ts'
import { Recorder } from '../../../protocol/host/test/recorder.ts'
import { JOB, rawBlock } from '../../../protocol/host/test/samples.ts'
import { createNodeLibp2p } from '../node.ts'
import type { NodeLibp2pInit } from '../node.ts'
import type { Station } from '../../../protocol/host/test/recorder.ts'

const QUIET: NodeLibp2pInit = { listen: [], identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' }

describe('transports', function () {
  this.timeout(40_000)
  const running: Libp2pNetwork[] = []
  afterEach(async () => { await Promise.all(running.splice(0).map(async network => { await network.stop() })) })

  async function open (init: Partial<NodeLibp2pInit>): Promise<Station> {
    const { libp2p } = await createNodeLibp2p({ ...QUIET, ...init })
    const network = new Libp2pNetwork(libp2p)
    const seen = new Recorder()
    running.push(network)
    await network.start(seen)
    return { network, seen }
  }

  const transports = [
    ['TCP', '/ip4/127.0.0.1/tcp/0'],
    ['WebSocket', '/ip4/127.0.0.1/tcp/0/ws'],
    ['WebRTC-direct', '/ip4/127.0.0.1/udp/0/webrtc-direct']
  ] as const

  for (const [name, listen] of transports) {
    it(`carries messages and blocks over ${name}`, async () => {
      const [a, b] = [await open({ listen: [listen] }), await open({ listen: [listen] })]
      const block = rawBlock(new Uint8Array(300_000).fill(3))
      b.seen.blocks.set(block.cid, block.bytes)
      expect(await a.network.connect(b.network.addrs()[0] as string)).to.equal(b.network.id)
      for (let id = 0; id < 50; id++) a.network.send(b.network.id, { type: 'query', id, jobs: [JOB], tables: false })
      await b.seen.gotMessages(50)
      expect(b.seen.messages().map(message => message.type === 'query' ? message.id : -1)).to.deep.equal(Array.from({ length: 50 }, (_, id) => id))
      for await (const { bytes } of a.network.fetchBlocks([block.cid], b.network.id, new AbortController().signal)) {
        expect(bytes).to.deep.equal(block.bytes)
      }
    })
  }

  it('loads WebSocket when a peer without listeners dials it', async () => {
    const [a, b] = [await open({}), await open({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })]
    expect(await a.network.connect(b.network.addrs()[0] as string)).to.equal(b.network.id)
  })

  it('finds peers of the LAN', async function () {
    const [a, b] = [await open({ listen: ['/ip4/0.0.0.0/tcp/0'], mdns: true }), await open({ listen: ['/ip4/0.0.0.0/tcp/0'], mdns: true })]
    try {
      await a.seen.saw('connected', b.network.id)
    } catch {
      // Some machines, containers above all, pass on no multicast.
      this.skip()
    }
  })

  it('says in one sentence why it cannot listen', async () => {
    const a = await open({ listen: ['/ip4/127.0.0.1/tcp/0'] })
    const taken = /tcp\/\d+/.exec(a.network.addrs()[0] as string)?.[0]
    const faultOf = async (listen: string): Promise<string> => await open({ listen: [listen] }).then(() => '', (error: Error) => error.message)
    expect(await faultOf(`/ip4/127.0.0.1/${taken}`)).to.equal(`Cannot listen on /ip4/127.0.0.1/${taken}: the port is in use, so choose another.`)
    expect(await faultOf('/ip4/203.0.113.9/tcp/0')).to.match(/^Cannot listen on .*: this machine does not have that address\.$/)
    expect(await faultOf('port 80')).to.equal('port 80 is not an address such as /ip4/192.0.2.1/tcp/22580.')
  })

  it('reaches a peer that cannot be dialled through a relay', async () => {
    const relay = await open({ listen: ['/ip4/127.0.0.1/tcp/0'], relay: true })
    const relayAddr = relay.network.addrs()[0] as string
    const hidden = await open({ listen: [`${relayAddr}/p2p-circuit`] })
    await hidden.seen.until('a relayed address', () => hidden.network.addrs().length > 0)
    const caller = await open({})
    expect(await caller.network.connect(hidden.network.addrs()[0] as string)).to.equal(hidden.network.id)
    caller.network.send(hidden.network.id, { type: 'query', id: 1, jobs: [], tables: false })
    await hidden.seen.gotMessages(1)
  })

  it('finds the providers of a job in the DHT', async () => {
    const hub = await open({ listen: ['/ip4/127.0.0.1/tcp/0'], dht: 'lan' })
    const [provider, seeker] = [await open({ listen: ['/ip4/127.0.0.1/tcp/0'], dht: 'lan' }), await open({ listen: ['/ip4/127.0.0.1/tcp/0'], dht: 'lan' })]
    for (const { network } of [provider, seeker]) await network.connect(hub.network.addrs()[0] as string)
    const isFound = (): boolean => seeker.seen.of('members').some(({ contacts }) => contacts.some(({ peer }) => peer === provider.network.id))
    const ask = (): void => {
      provider.network.provide(JOB)
      seeker.network.findMembers(JOB)
    }
    ask()
    const again = setInterval(ask, 1_000)
    try {
      await seeker.seen.until('the provider', isFound)
    } finally {
      clearInterval(again)
    }
  })
})
