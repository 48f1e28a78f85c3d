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
import { childOf, isWithin, parentOf, rangeOf, sizeOf } from '../../protocol/core/geometry.ts'
import type { ComputeRequest, Output } from '../../protocol/job/sandbox.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { Contact, JobId, Path, PeerId } from '../../protocol/core/ids.ts'
import type { JobSpec } from '../../protocol/core/job.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Message, Topic } from '../../protocol/core/message.ts'
import type { NetworkUser } from '../../protocol/host/network.ts'
import type { MeshServices } from '../../protocol/host/services.ts'

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

/** The network of a peer, with a note of what passes. */
class NotedNetwork extends Libp2pNetwork {
  /** Children this peer has granted to others and has no value of yet. */
  readonly granted = new Map<Path, PeerId>()
  /** The neighbours its core asks for. */
  kept: PeerId[] = []

  override async start (user: NetworkUser): Promise<void> {
    await super.start({
      ...user,
      onEvent: event => {
        if (event.type === 'message') this.#onMessage(event.from, event.message)
        user.onEvent(event)
      }
    })
  }

  override send (to: PeerId, message: Message): void {
    if (message.type === 'grant') {
      this.#own(parentOf(message.path))
      this.granted.set(message.path, to)
    }
    if (message.type === 'ended') this.#end(message.path)
    super.send(to, message)
  }

  override publish (topic: Topic, message: Message): void {
    if (message.type === 'state') {
      this.#own(message.path)
      this.#endBelow(message.path)
      for (const { digit, state, holder } of message.children) {
        if (state === 'leased' && holder !== null && holder !== this.id) this.granted.set(childOf(message.path, digit), holder)
      }
    }
    super.publish(topic, message)
  }

  override unsubscribe (topic: Topic): void {
    this.#endBelow(topic.path)
    super.unsubscribe(topic)
  }

  override neighbours (job: JobId, contacts: Contact[]): void {
    this.kept = contacts.map(({ peer }) => peer)
    super.neighbours(job, contacts)
  }

  #onMessage (from: PeerId, message: Message): void {
    if (message.type === 'value') this.#end(message.value.path)
    if (message.type === 'hold') for (const { path } of message.values) this.#end(path)
    if (message.type === 'leave') for (const [path, holder] of this.granted) if (holder === from) this.granted.delete(path)
  }

  /** What this peer speaks for is its own, with all above up to where it was given. */
  #own (path: Path | null): void {
    for (let own = path; own !== null; own = parentOf(own)) this.granted.delete(own)
  }

  #end (path: Path): void {
    for (const child of [...this.granted.keys()]) if (isWithin(child, path)) this.granted.delete(child)
  }

  #endBelow (path: Path): void {
    for (const child of [...this.granted.keys()]) if (parentOf(child) === path) this.granted.delete(child)
  }
}

export interface LightPeer { peer: MeshPeer, network: NotedNetwork, libp2p: Libp2p<MeshServices> }

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
  async submit ({ peer }: LightPeer, changes: Partial<JobSpec>): Promise<JobId> {
    const [bundle, params] = [rawBlock(Uint8Array.of(1)), dagBlock({})]
    for (const { cid, bytes } of [bundle, params]) await peer.blocks.put(CID.parse(cid), bytes)
    return await peer.submit({ ...SPEC, bundle: bundle.cid, params: params.cid, ...changes })
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
