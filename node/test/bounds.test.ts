/**
 * Bounds (J3, DESIGN 9): fan-out and connections at thirty peers, a worker deep in the tree that is not connected to
 * its root, and queues that stay small when a parent does not read.
 */
import { decode } from '@ipld/dag-cbor'
import { expect } from 'chai'
import { CONNECTIONS_MAX } from '../../protocol/host/network.ts'
import { LightMesh, isProtected } from './light-mesh.ts'
import { depthOf } from '../../protocol/core/geometry.ts'
import type { LightPeer } from './light-mesh.ts'
import type { Path, PeerId } from '../../protocol/core/ids.ts'

const FANOUT = 3
const PEERS = 30
/** Three peers hold the root's children, nine those below, the other seventeen are at least three levels down. */
const DEEP = 3
const LOOK_MS = 100

describe('bounds at thirty peers with a fan-out of three', function () {
  this.timeout(120_000)
  const mesh = new LightMesh(20)
  let root: LightPeer

  /** The largest seen so far. */
  const most = { children: 0, connections: 0 }
  /** Workers seen deep in the tree. */
  const deep = new Set<PeerId>()
  const found: string[] = []

  before(async () => {
    root = await mesh.add(0)
    for (let i = 1; i < PEERS; i++) await mesh.add(1)
  })

  after(async () => { await mesh.stop() })

  /** Who holds a child of whom, from the paths coordinators tell of. */
  async function look (): Promise<void> {
    const paths = new Map<PeerId, Path[]>()
    for (const { peer, network, libp2p } of mesh.peers) {
      const children = new Set([...network.children.values()].flatMap(holders => [...holders]))
      most.children = Math.max(most.children, children.size)
      most.connections = Math.max(most.connections, libp2p.getConnections().length)
      for (const [path, holders] of network.children) for (const holder of holders) paths.set(holder, [...paths.get(holder) ?? [], path])
      if (children.size > FANOUT) found.push(`${peer.id.slice(-4)} ${[...network.children].map(([path, holders]) => `${path}:${holders.size}`).join(' ')}`)
    }
    for (const worker of mesh.peers) {
      const above = paths.get(worker.peer.id) ?? []
      const isDeep = above.length > 0 && above.every(path => depthOf(path) >= DEEP - 1) && worker.network.kept.length > 0
      if (!isDeep) continue
      deep.add(worker.peer.id)
      if (worker.network.kept.includes(root.peer.id) || await isProtected(worker, root.peer.id)) found.push(`deep worker keeps the root: ${above.join(' ')}`)
    }
  }

  it('[J3] hold while a job runs, and the result is exact', async () => {
    const partitions = FANOUT ** 8
    const { done } = await mesh.submit(root, { partitions, fanout: FANOUT, grain: 1 })
    let isOver = false
    const ended = done.finally(() => { isOver = true })
    while (!isOver) {
      await look()
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
    expect(decode((await ended).bytes as Uint8Array)).to.equal(partitions * (partitions - 1) / 2)
    console.log(`      at most ${most.children} children, ${most.connections} connections; ${deep.size} workers at depth ${DEEP} or more`)
    console.log([...new Set(found)].slice(0, 30).join('\n'))
    expect(most.children).to.be.within(1, FANOUT)
    expect(most.connections).to.be.within(1, CONNECTIONS_MAX)
    expect(deep.size).to.be.at.least(3)
  })
})
