/**
 * The Network port over a libp2p node, the same in Node and in browsers: direct streams (links.ts), gossip
 * (gossip.ts), the DHT (dht.ts), blocks (block-exchange.ts), openings (open-exchange.ts) and the tree's connections (neighbours.ts). The node
 * is made elsewhere, not yet started, with the services of services.ts.
 */
import { CONNECTIONS_MAX } from './network.ts'
import { Gossip } from './gossip.ts'
import { Guard } from './guard.ts'
import { InvitationError } from './admission/fault.ts'
import { Links } from './links.ts'
import { Neighbours } from './neighbours.ts'
import { Room } from './room.ts'
import { SERVED_EACH_MAX } from './limits.ts'
import { dialFault, listenFault, parseAddr, peerIn, withPeer } from './addrs.ts'
import { Turns } from './turns.ts'
import { findMembers, provideJob } from './dht.ts'
import { prefixOf } from './admission/mesh-name.ts'
import { requestBlocks, serveBlocks } from './block-exchange.ts'
import { requestOpening, serveOpening } from './open-exchange.ts'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Cid, Contact, JobId, PeerId } from '../core/ids.ts'
import type { FetchedBlock, Network, NetworkEvent, NetworkUser, OpenRequest } from './network.ts'
import type { Libp2p, PeerInfo, Stream } from '@libp2p/interface'
import type { MeshServices } from './services.ts'
import type { Message, Topic } from '../core/message.ts'
import type { RevocationExchange } from './admission/revocation-exchange.ts'

/** Requests to one peer at once; others wait. What one stream carries fills a link. */
const REQUESTS_MAX = 4
const REQUESTS_SERVED_MAX = 8
/** Requests served at once over all peers: each may hold a block of 2 MiB. */
const SERVED_MAX = 32
const OPEN_MS_MAX = 5_000
const FLUSH_STEP_MS = 10

/** Peers found by discovery are dialled up to this many connections: enough for gossip and the DHT to go on from. A guess. */
const DISCOVERED_MAX = 8

const TREE_TAG = 'millionfold-tree'

export interface Libp2pNetworkInit {
  /** The one that the node's gater and gossip have; a new one by default, which keeps nobody out at the door. */
  guard?: Guard
  /** Connections in all. */
  connectionsMax?: number
}

export class Libp2pNetwork implements Network {
  readonly id: PeerId
  readonly #node: Libp2p<MeshServices>
  readonly #links: Links
  readonly #neighbours: Neighbours
  readonly #gossip: Gossip
  readonly #revocations: RevocationExchange | null
  readonly #blocksProtocol: string
  readonly #openProtocol: string
  readonly #guard: Guard
  readonly #room: Room
  readonly #requests = new Map<PeerId, Turns>()
  readonly #serving = new Turns(SERVED_MAX)
  readonly #served = new Map<PeerId, Turns>()
  #user: NetworkUser | null = null
  #announced = ''

  /** @param node - not yet started; this network starts and stops it */
  constructor (node: Libp2p<MeshServices>, { guard = new Guard(), connectionsMax = CONNECTIONS_MAX }: Libp2pNetworkInit = {}) {
    this.id = node.peerId.toString() as PeerId
    this.#node = node
    this.#guard = guard
    const { door, identify, pubsub } = node.services
    // The door of a private mesh, which is loaded only there.
    const admission = 'membership' in door ? door : null
    const prefix = prefixOf(admission?.membership.mesh ?? null)
    this.#blocksProtocol = `${prefix}/blocks`
    this.#openProtocol = `${prefix}/open`
    this.#links = new Links(node, door, guard, `${prefix}/direct`, event => { this.#emit(event) })
    this.#revocations = admission?.exchange(node) ?? null
    admission?.onAdmitted(connection => { identify.identify(connection).catch(() => { /* it is gone again */ }) })
    this.#neighbours = new Neighbours({
      isConnected: peer => this.#links.isUp(peer),
      dial: contact => { this.dial(contact) },
      protect: (peer, isProtected) => { this.#protect(peer, isProtected) }
    })
    this.#room = new Room({
      node,
      max: connectionsMax,
      isProtected: peer => this.#neighbours.has(peer),
      onClosed: (peer, why) => { this.#emit({ type: 'dropped', peer, reason: why }) }
    })
    this.#gossip = new Gossip(pubsub, {
      mayPass: (by, from) => this.#mayPass(by, from),
      onMessage: (from, message, topic) => { this.#emit({ type: 'message', from, message, topic }) },
      faultIn: (from, message) => this.#user?.faultIn?.(from, message) ?? null,
      onRejected: (by, reason) => { this.#links.strike(by, reason) },
      onSent: (message, copies, bytes) => { this.#emit({ type: 'sent', message, copies, bytes }) }
    }, admission?.membership.mesh ?? null)
  }

  addrs (): string[] {
    return this.#node.getMultiaddrs().map(addr => withPeer(addr.toString(), this.id))
  }

  async start (user: NetworkUser): Promise<void> {
    this.#user = user
    await this.#links.start()
    await this.#revocations?.start()
    this.#room.start()
    const limits = { maxInboundStreams: REQUESTS_SERVED_MAX, maxOutboundStreams: REQUESTS_SERVED_MAX, runOnLimitedConnection: true }
    await this.#node.handle(this.#blocksProtocol, (stream, { remotePeer }) => {
      void this.#serve(stream, remotePeer.toString() as PeerId, async () => { await serveBlocks(stream, user.readBlock) })
    }, limits)
    await this.#node.handle(this.#openProtocol, (stream, { remotePeer }) => {
      void this.#serve(stream, remotePeer.toString() as PeerId, async peer => { await serveOpening(stream, async request => await user.open(peer, request)) })
    }, limits)
    this.#node.addEventListener('self:peer:update', this.#onSelf)
    this.#node.addEventListener('peer:discovery', this.#onDiscovery)
    try {
      await this.#node.start()
    } catch (error) {
      await this.stop()
      throw new Error(listenFault(error), { cause: error })
    }
    this.#onSelf()
  }

  async stop (): Promise<void> {
    this.#user = null
    this.#node.removeEventListener('self:peer:update', this.#onSelf)
    this.#node.removeEventListener('peer:discovery', this.#onDiscovery)
    this.#neighbours.stop()
    this.#room.stop()
    this.#gossip.stop()
    this.#links.stop()
    await this.#node.stop()
  }

  send (to: PeerId, message: Message): void {
    try {
      this.#links.send(to, message)
    } catch (error) {
      this.#dropped(to, error)
    }
  }

  async flush (ms: number): Promise<void> {
    const deadline = performance.now() + ms
    await this.#revocations?.flush(ms)
    while (!this.#links.isIdle && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, FLUSH_STEP_MS))
  }

  publish (topic: Topic, message: Message): void {
    try {
      this.#gossip.publish(topic, message)
    } catch (error) {
      this.#dropped(this.id, error)
    }
  }

  subscribe (topic: Topic): void {
    this.#gossip.subscribe(topic)
  }

  unsubscribe (topic: Topic): void {
    this.#gossip.unsubscribe(topic)
  }

  learn (contacts: Contact[]): void {
    this.#links.book.learn(contacts)
  }

  neighbours (job: JobId, contacts: Contact[]): void {
    this.learn(contacts)
    this.#neighbours.set(job, contacts.filter(({ peer }) => peer !== this.id))
  }

  dial (contact: Contact): void {
    const { peer } = contact
    this.learn([contact])
    const addrs = this.#links.book.addrsOf(peer)
    if (this.#links.isUp(peer)) {
      queueMicrotask(() => { this.#emit({ type: 'connected', peer, addrs }) })
      return
    }
    this.#links.dial(peer, addrs).catch(() => {
      // It may have dialled here meanwhile.
      this.#emit(this.#links.isUp(peer) ? { type: 'connected', peer, addrs } : { type: 'unreachable', peer })
    })
  }

  async connect (addr: string): Promise<PeerId> {
    const target = parseAddr(addr)
    if (peerIn(target) === this.id) throw new Error(`${addr} is this peer itself.`)
    try {
      this.#node.services.door.check()
      const connection = await this.#node.dial(target, { signal: AbortSignal.timeout(OPEN_MS_MAX) })
      await this.#node.services.door.passed(connection)
      const peer = connection.remotePeer.toString() as PeerId
      await this.#links.dial(peer, [])
      return peer
    } catch (error) {
      if (error instanceof InvitationError) throw error
      throw new Error(`No peer answers at ${addr}: ${dialFault(error)}.`, { cause: error })
    }
  }

  connected (): PeerId[] {
    return this.#links.up()
  }

  findMembers (job: JobId): void {
    void findMembers(this.#node, job).then(contacts => {
      this.learn(contacts)
      this.#emit({ type: 'members', job, contacts })
    })
  }

  provide (job: JobId): void {
    void provideJob(this.#node, job)
  }

  async * fetchBlocks (cids: Cid[], from: PeerId, signal: AbortSignal): AsyncGenerator<FetchedBlock> {
    const turns = this.#requests.get(from) ?? new Turns(REQUESTS_MAX)
    this.#requests.set(from, turns)
    const done = await turns.take()
    try {
      yield * requestBlocks(await this.#stream(this.#blocksProtocol, from, signal), cids, signal)
    } finally {
      done()
      if (turns.isIdle) this.#requests.delete(from)
    }
  }

  async open (request: OpenRequest, to: PeerId, signal: AbortSignal): Promise<Uint8Array[] | null> {
    return await requestOpening(await this.#stream(this.#openProtocol, to, signal), request, signal)
  }

  /** Bytes waiting to be written to a peer; for tests of back-pressure. */
  queued (peer: PeerId): number {
    return this.#links.queued(peer)
  }

  /** X2: one peer has a few places of those that are served at once, so that slow readers do not keep the others from blocks. */
  async #serve (stream: Stream, peer: PeerId, serve: (peer: PeerId) => Promise<void>): Promise<void> {
    if (!this.#guard.mayRequest(peer)) {
      stream.abort(new Error('too many requests'))
      return this.#links.over(peer, 'too many requests')
    }
    const turns = this.#served.get(peer) ?? new Turns(SERVED_EACH_MAX)
    this.#served.set(peer, turns)
    await turns.run(async () => { await this.#serving.run(async () => { await serve(peer) }) })
    if (turns.isIdle) this.#served.delete(peer)
  }

  /** X2: a signer that publishes too much is not passed on; whoever passes on more than this peer itself would take is at fault. */
  #mayPass (by: PeerId, from: PeerId): boolean {
    const may = this.#guard.mayGossip(by, from)
    if (may === 'yes') return true
    if (may === 'passer' || by === from) this.#links.over(by, 'too many published messages')
    else this.#emit({ type: 'dropped', peer: from, reason: `too many published messages ${may === 'all' ? 'in all' : 'of one signer'}` })
    return false
  }

  async #stream (protocol: string, from: PeerId, signal: AbortSignal): Promise<Stream> {
    if (!this.#links.isUp(from)) await this.#links.dial(from, this.#links.book.addrsOf(from))
    const connection = this.#links.connectionTo(from)
    if (connection === undefined) throw new Error('not connected')
    return await connection.newStream(protocol, { signal: AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS_MAX)]), runOnLimitedConnection: true })
  }

  #emit (event: NetworkEvent): void {
    if (event.type === 'connected') this.#neighbours.onConnected(event.peer)
    if (event.type === 'disconnected' || event.type === 'unreachable') this.#neighbours.onLost(event.peer)
    this.#user?.onEvent(event)
  }

  #dropped (peer: PeerId, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    queueMicrotask(() => { this.#emit({ type: 'dropped', peer, reason }) })
  }

  readonly #onSelf = (): void => {
    const addrs = this.addrs()
    if (addrs.join() === this.#announced) return
    this.#announced = addrs.join()
    this.#emit({ type: 'listening', addrs })
  }

  /** Peers that mDNS or the DHT name are dialled while there are few connections. */
  readonly #onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void => {
    if (this.#links.up().length >= DISCOVERED_MAX) return
    const peer = detail.id.toString() as PeerId
    const addrs = detail.multiaddrs.map(addr => withPeer(addr.toString(), peer))
    if (peer !== this.id && addrs.length > 0) this.#links.dial(peer, addrs).catch(() => {})
  }

  #protect (peer: PeerId, isProtected: boolean): void {
    const tags = { [TREE_TAG]: isProtected ? { value: 100 } : undefined }
    this.#node.peerStore.merge(peerIdFromString(peer), { tags }).catch(() => {})
  }
}
