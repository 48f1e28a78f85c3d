/**
 * Many light MeshPeers over real libp2p on loopback in this process, with sandboxes that wait and add, and a
 * look at what each tells its network: whom it coordinates, and whom it keeps connected. Test helper.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { MemoryBlockstore } from 'blockstore-core'
import { peerIdFromString } from '@libp2p/peer-id'
import { LISTEN_LOOPBACK, createNodeLibp2p } from '../libp2p/node.ts'
import { Libp2pNetwork } from '../../protocol/host/libp2p-network.ts'
import { MeshPeer } from '../../protocol/host/mesh-peer.ts'
import { PlainSandbox } from '../../protocol/host/test/plain-sandbox.ts'
import { SPEC, dagBlock, rawBlock } from '../../protocol/host/test/samples.ts'
import { rangeOf, sizeOf } from '../../protocol/core/geometry.ts'
import type { ComputeRequest, Output } from '../../protocol/job/sandbox.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { Contact, JobId, Path, PeerId } from '../../protocol/core/ids.ts'
import type { JobSpec, Value } from '../../protocol/core/job.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Message, Topic } from '../../protocol/core/message.ts'
import type { MeshServices } from '../../protocol/host/services.ts'

/** The network of a peer, with a note of what passes. */
class NotedNetwork extends Libp2pNetwork {
  /** By path: other peers that hold a child there, by the last state this peer published. */
  readonly children = new Map<Path, Set<PeerId>>()
  kept: PeerId[] = []

  override publish (topic: Topic, message: Message): void {
    if (message.type === 'state') {
      const holders = message.children.flatMap(({ state, holder }) => state === 'leased' && holder !== null && holder !== this.id ? [holder] : [])
      this.children.set(message.path, new Set(holders))
    }
    super.publish(topic, message)
  }

  override neighbours (job: JobId, contacts: Contact[]): void {
    this.kept = contacts.map(({ peer }) => peer)
    super.neighbours(job, contacts)
  }

  override unsubscribe (topic: Topic): void {
    this.children.delete(topic.path)
    super.unsubscribe(topic)
  }
}

export interface LightPeer { peer: MeshPeer, network: NotedNetwork, libp2p: Libp2p<MeshServices> }

const ADD = { compute: (partition: number) => partition, collect: (outputs: unknown[]) => (outputs as number[]).reduce((a, b) => a + b, 0), delayMs: 0 }

/** Adds indices at so many milliseconds a partition, without a core's work. */
class TimedSandbox extends PlainSandbox {
  readonly #msEach: number

  constructor (msEach: number) {
    super(ADD)
    this.#msEach = msEach
  }

  override async compute (request: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const ms = this.#msEach * sizeOf(rangeOf(request.code.spec, request.path) as Range)
    await sleep(ms, undefined, { signal })
    return { ...await super.compute(request, signal), ms }
  }
}

export class LightMesh {
  readonly peers: LightPeer[] = []
  readonly #msEach: number

  /** @param msEach - milliseconds of a partition */
  constructor (msEach: number) {
    this.#msEach = msEach
  }

  /** One more peer, connected to a few that are there. */
  async add (cores: number): Promise<LightPeer> {
    const { libp2p, sign, verify } = await createNodeLibp2p({ listen: LISTEN_LOOPBACK, identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' })
    const network = new NotedNetwork(libp2p)
    const sandbox = new TimedSandbox(this.#msEach)
    const peer = new MeshPeer({ network, blocks: new MemoryBlockstore(), sandbox, cores, seed: this.peers.length, sign, verify })
    await peer.start()
    const entry = this.peers[Math.floor(this.peers.length / 2)]
    if (entry !== undefined) await peer.connect(entry.peer.addrs()[0] as string)
    const light = { peer, network, libp2p }
    this.peers.push(light)
    return light
  }

  /** Submit a sum of all indices. */
  async submit ({ peer }: LightPeer, changes: Partial<JobSpec>): Promise<{ job: JobId, done: Promise<Value> }> {
    const [bundle, params] = [rawBlock(Uint8Array.of(1)), dagBlock({})]
    for (const { cid, bytes } of [bundle, params]) await peer.blocks.put(CID.parse(cid), bytes)
    const done = new Promise<Value>((resolve, reject) => {
      peer.onNotice(notice => {
        if (notice.type === 'done') resolve(notice.value)
        if (notice.type === 'job-failed') reject(new Error(notice.why.message))
      })
    })
    return { job: await peer.submit({ ...SPEC, bundle: bundle.cid, params: params.cid, ...changes }), done }
  }

  async stop (): Promise<void> {
    await Promise.all(this.peers.splice(0).map(async ({ peer }) => { await peer.leave() }))
  }
}

/** Does a peer protect its connections to another from pruning, as the tree's are? */
export async function isProtected ({ libp2p }: LightPeer, other: PeerId): Promise<boolean> {
  const known = await libp2p.peerStore.get(peerIdFromString(other)).catch(() => null)
  return known?.tags.has('millionfold-tree') ?? false
}
