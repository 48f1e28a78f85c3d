/** The Network over real libp2p nodes on loopback, held to the suite. */
import { DIRECT_PROTOCOL } from '../../../protocol/host/links.ts'
import { Libp2pNetwork } from '../../../protocol/host/libp2p-network.ts'
import { Recorder } from '../../../protocol/host/test/recorder.ts'
import { createNodeLibp2p, LISTEN_LOOPBACK } from '../node.ts'
import { ephemeralKey } from '../identity.ts'
import { networkSuite } from '../../../protocol/host/test/network-suite.ts'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Libp2p } from '@libp2p/interface'
import type { PeerId } from '../../../protocol/core/ids.ts'

const nobodysId = peerIdFromPrivateKey(await ephemeralKey()).toString() as PeerId

networkSuite('libp2p over TCP', async () => {
  const nodes = new Map<Libp2pNetwork, Libp2p>()
  return {
    open: async () => {
      const { libp2p } = await createNodeLibp2p({ listen: LISTEN_LOOPBACK, identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' })
      const network = new Libp2pNetwork(libp2p)
      const seen = new Recorder()
      nodes.set(network, libp2p)
      await network.start(seen)
      return { network, seen }
    },
    close: async () => { await Promise.all([...nodes.keys()].map(async network => { await network.stop() })) },
    setReading: ({ network }, isReading) => {
      const connections = nodes.get(network as Libp2pNetwork)?.getConnections() ?? []
      for (const stream of connections.flatMap(({ streams }) => streams)) {
        if (stream.protocol !== DIRECT_PROTOCOL || stream.direction !== 'inbound' || stream.status !== 'open') continue
        if (isReading) stream.resume()
        else stream.pause()
      }
    },
    queued: ({ network }, peer) => (network as Libp2pNetwork).queued(peer),
    nobody: () => ({ peer: nobodysId, addrs: [`/ip4/127.0.0.1/tcp/9/p2p/${nobodysId}`] })
  }
})
