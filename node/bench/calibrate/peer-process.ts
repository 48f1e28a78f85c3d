/**
 * One real peer of a calibration, a process of its own: libp2p over TCP on loopback, the real host and core, and a sandbox that
 * sleeps. It does what its parent says over the channel, tells of its notices, and ends with its parent.
 */
import module from 'node:module'
import { CID } from 'multiformats/cid'
import type { Counted, FromPeer, PeerRole, ToPeer } from './orders.ts'
import type { Cid, PeerId } from '../../../protocol/core/ids.ts'
import type { JobSpec } from '../../../protocol/core/job.ts'
import type { Notice } from '../../../protocol/core/notice.ts'
import type { Trial } from './trial.ts'

module.enableCompileCache()
const { MemoryBlockstore } = await import('blockstore-core')
const { LISTEN_LOOPBACK, createNodeLibp2p } = await import('../../libp2p/node.ts')
const { CountedNetwork } = await import('./counted-network.ts')
const { MeshPeer } = await import('../../../protocol/host/mesh-peer.ts')
const { Oracle } = await import('../../../sims/world/fold.ts')
const { SleepingSandbox, resultOf, textIn } = await import('./sleeping-sandbox.ts')
const { cidOfDag, cidOfRaw } = await import('../../../protocol/job/cid.ts')
const { encode } = await import('@ipld/dag-cbor')

/** A guess. */
const JOIN_TRIES = 5

const { trial, cores, seed } = JSON.parse(process.argv[2] ?? '') as PeerRole
const oracle = new Oracle(trial.job.partitions)
const tell = (message: FromPeer): void => { process.send?.(message, undefined, undefined, () => { /* a parent that is gone is seen by `disconnect` */ }) }

process.on('disconnect', () => process.exit())

// As volunteers of `millionfold run` are made: no DHT, no look at the local network.
const { libp2p, sign, verify } = await createNodeLibp2p({ listen: LISTEN_LOOPBACK, identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' })
const network = new CountedNetwork(libp2p, (paths) => { tell({ type: 'coordinates', paths }) })
const sandbox = new SleepingSandbox(trial, oracle)
const peer = new MeshPeer({ network, blocks: new MemoryBlockstore(), sandbox, cores, seed, sign, verify })

const takeovers: Counted['takeovers'] = []
let lost = { timeMs: 0, cpuMs: 0 }
network.onLost = () => { lost = { timeMs: Date.now(), cpuMs: cpuMs() } }

peer.onNotice((notice) => {
  const now = { timeMs: Date.now(), cpuMs: cpuMs() }
  if (notice.type === 'failover') takeovers.push({ ms: now.timeMs - lost.timeMs, cpuMs: now.cpuMs - lost.cpuMs })
  if (notice.type === 'done') tell({ type: 'noted', ...now, notice: withoutValue(notice), isExact: isExact(notice) })
  if (notice.type === 'submitted' || notice.type === 'leased' || notice.type === 'failover') tell({ type: 'noted', ...now, notice, isExact: true })
})

process.on('message', (order: ToPeer) => {
  switch (order.type) {
    case 'dial': return void join(order.addr).catch((error: unknown) => { throw error })
    case 'submit': return void submit(trial).catch((error: unknown) => { throw error })
    case 'count': return tell({ type: 'counted', counted: counted() })
  }
})

await peer.start()
tell({ type: 'started', peer: peer.id, addr: peer.addrs()[0] as string })

/** A busy machine may be too slow for a connection's deadlines, as in node/peer.ts. */
async function join (addr: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await peer.connect(addr)
      return tell({ type: 'joined' })
    } catch (error) {
      if (tries === JOIN_TRIES) throw error
    }
  }
}

async function submit ({ job }: Trial): Promise<void> {
  const [bundle, params] = [Uint8Array.of(1), encode({})]
  const [bundleCid, paramsCid] = [cidOfRaw(bundle), cidOfDag(params)]
  await peer.blocks.put(CID.parse(bundleCid), bundle)
  await peer.blocks.put(CID.parse(paramsCid), params)
  const spec: JobSpec = {
    name: 'calibrate', ...job, bundle: bundleCid, params: paramsCid, inputs: null, collect: true, timeoutMs: 3_600_000, expiryMs: 86_400_000, trust: { type: 'none' }, equal: false, sealed: null, nonce: ''
  }
  await peer.submit(spec)
}

function cpuMs (): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function counted (): Counted {
  const { sent, direct, heard } = network
  return { sent, direct, heard, computed: sandbox.computed, cpuMs: cpuMs(), lateMs: sandbox.lateMs, takeovers }
}

type Done = Extract<Notice, { type: 'done' }>

const isExact = ({ value }: Done): boolean => value.bytes !== null && textIn(value.bytes) === resultOf(oracle, trial.job.partitions)

/** Bytes do not go over the channel as they are. */
const withoutValue = (notice: Done): Done => ({ ...notice, value: { ...notice.value, bytes: null, cid: '' as Cid, by: '' as PeerId }, holders: [] })
