/**
 * Bounds (J3, DESIGN 9): fan-out and connections at thirty peers, a worker deep in the tree that is not connected to
 * its root, and children that stay small while their parent stands still.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { CONNECTIONS_MAX } from '../../protocol/host/network.ts'
import { JOBS, Running, eventsIn, lastJson } from './cli.ts'
import { LightMesh, isProtected } from './light-mesh.ts'
import type { LightPeer } from './light-mesh.ts'
import type { PeerId } from '../../protocol/core/ids.ts'

const FANOUT = 3
const PEERS = 30
/** Hands from the root: three peers are one away, nine two, the others at least three. */
const DEEP = 3
const LOOK_MS = 100
/** A worker that keeps the root for so many looks in a row does so on purpose. */
const KEEPS_MAX = 5
/** Looked at until a tree has grown, and for a while: about five seconds, longer on a busy machine. */
const LOOKS_MIN = 50
const DEEP_MIN = 5
const LOOK_MS_MAX = 80_000

/** Longer than a lease, and than any queue is given. */
const STILL_MS = 12_000
/** Two queues of 8 MiB, and what an engine takes before it cleans up. */
const GROWTH_MAX = 96 * 2 ** 20

const residentBytes = (pid: number): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

describe('bounds at thirty peers with a fan-out of three', function () {
  this.timeout(120_000)
  const mesh = new LightMesh(10)
  let root: LightPeer

  /** The largest seen so far. */
  const most = { children: 0, connections: 0 }
  /** Workers seen deep in the tree. */
  const deep = new Set<PeerId>()
  /** For how many looks in a row such a worker has kept the root: changing hands takes a moment. */
  const keeps = new Map<PeerId, number>()
  const found: string[] = []
  let looks = 0

  before(async () => {
    root = await mesh.add(0)
    for (let i = 1; i < PEERS; i++) await mesh.add(1)
  })

  after(async () => { await mesh.stop() })

  /** Who coordinates whom, from what each has granted; the root is no hand away from itself. */
  function handsFromRoot (): Map<PeerId, number> {
    const hands = new Map<PeerId, number>([[root.peer.id, 0]])
    for (const [peer, distance] of hands) {
      const granter = mesh.peers.find(light => light.peer.id === peer)
      for (const helper of granter?.network.granted.values() ?? []) if (!hands.has(helper)) hands.set(helper, distance + 1)
    }
    return hands
  }

  async function look (): Promise<void> {
    for (const { peer, network, libp2p } of mesh.peers) {
      const helpers = new Set(network.granted.values())
      if (helpers.size > FANOUT) found.push(`${peer.id} coordinates ${[...network.granted].map(([path, holder]) => `${path} ${holder}`).join(', ')}`)
      most.children = Math.max(most.children, helpers.size)
      most.connections = Math.max(most.connections, libp2p.getConnections().length)
    }
    const hands = handsFromRoot()
    for (const worker of mesh.peers) {
      const isDeep = (hands.get(worker.peer.id) ?? 0) >= DEEP
      if (isDeep) deep.add(worker.peer.id)
      const isKeeping = isDeep && (worker.network.kept.includes(root.peer.id) || await isProtected(worker, root.peer.id))
      const times = isKeeping ? (keeps.get(worker.peer.id) ?? 0) + 1 : 0
      keeps.set(worker.peer.id, times)
      if (times === KEEPS_MAX) found.push(`${worker.peer.id} keeps the root, ${hands.get(worker.peer.id)} hands away`)
    }
  }

  it('[J3] hold while a job runs', async () => {
    const job = await mesh.submit(root, { partitions: FANOUT ** 11, fanout: FANOUT, grain: 1 })
    for (const late = Date.now() + LOOK_MS_MAX; looks < LOOKS_MIN || deep.size < DEEP_MIN; looks++) {
      if (Date.now() > late) break
      await look()
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
    await root.peer.cancel(job)
    console.log(`      at most ${most.children} children, ${most.connections} connections; ${deep.size} workers ${DEEP} hands from the root or more`)
    expect(found).to.deep.equal([])
    expect(most.children).to.be.within(1, FANOUT)
    expect(most.connections).to.be.within(1, CONNECTIONS_MAX)
    expect(deep.size).to.be.at.least(DEEP_MIN)
  })
})

describe('children whose parent stands still', function () {
  this.timeout(90_000)
  const dir = mkdtempSync(join(tmpdir(), 'millionfold-bounds-'))

  after(() => { rmSync(dir, { recursive: true, force: true }) })

  it('do not grow while they wait for it, and the result is exact', async () => {
    const log = join(dir, 'events')
    const running = new Running(['run', join(JOBS, 'padded.ts'), '--peers', '2', '--partitions', '12000', '--fanout', '4', '--json', '--events', log])
    await running.says(/of 12,000 partitions/)
    const started = eventsIn(log).filter(({ type, pid }) => type === 'peer-started' && pid !== running.pid)
    const pids = started.map(({ pid }) => pid as number)
    expect(pids.length).to.equal(2)
    const before = pids.map(residentBytes)
    let grown = 0
    running.child.kill('SIGSTOP')
    for (const until = Date.now() + STILL_MS; Date.now() < until;) {
      for (const [i, pid] of pids.entries()) grown = Math.max(grown, residentBytes(pid) - (before[i] as number))
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
    running.child.kill('SIGCONT')
    const ended = await running.ended
    console.log(`      grew by at most ${Math.round(grown / 2 ** 20)} MiB; ${eventsIn(log).filter(({ type }) => type === 'failover').length} failovers`)
    expect(ended.code, ended.err).to.equal(0)
    expect(lastJson(ended)['result']).to.include({ sum: 12_000 * 11_999 / 2 })
    expect(grown).to.be.below(GROWTH_MAX)
  })
})
