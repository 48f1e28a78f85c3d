/** The Network in memory, held to the suite. */
import { MemoryNetwork, MemoryRoom, memoryAddr } from '../memory-network.ts'
import { Recorder } from './recorder.ts'
import { networkSuite } from './network-suite.ts'
import { peerOf } from './samples.ts'

networkSuite('memory', async () => {
  const room = new MemoryRoom()
  const open: MemoryNetwork[] = []
  return {
    open: async () => {
      const network = new MemoryNetwork(room, peerOf(`peer ${open.length}`))
      const seen = new Recorder()
      open.push(network)
      await network.start(seen)
      return { network, seen }
    },
    close: async () => { for (const network of open) await network.stop() },
    setReading: ({ network }, isReading) => { (network as MemoryNetwork).setReading(isReading) },
    queued: ({ network }, peer) => (network as MemoryNetwork).queued(peer),
    nobody: () => ({ peer: peerOf('nobody'), addrs: [memoryAddr(peerOf('nobody'))] })
  }
})
