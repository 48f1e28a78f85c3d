/**
 * The Network port inside one process: peers of a room reach each other by its rules alone, without sockets, so
 * that whole meshes run in a test in milliseconds. Messages are encoded, checked and queued as on the wire, in
 * order per peer, one turn of the event loop later. Nothing here is a mock: it passes the same suite as libp2p.
 */
import { BLOCK_BYTES_MAX, FRAME_BYTES_MAX, GOSSIP_BYTES_MAX, QUEUE_BYTES_MAX } from './network.ts'
import { SendQueue } from './send-queue.ts'
import { STRIKES_MAX } from './limits.ts'
import { Strikes } from './strikes.ts'
import { checkSender } from './wire/senders.ts'
import { decodeMessage, encodeMessage } from './wire/codec.ts'
import { decode, encode } from './wire/schema.ts'
import { encodeReply } from './open-exchange.ts'
import { isBlock } from './block-exchange.ts'
import { openReply, openRequest } from './wire/opening.ts'
import { topicName } from './gossip.ts'
import type { Cid, Contact, JobId, PeerId } from '../core/ids.ts'
import type { FetchedBlock, Network, NetworkEvent, NetworkUser, OpenRequest } from './network.ts'
import type { Message, Topic } from '../core/message.ts'

/** Who is where, and who has provided what. */
export class MemoryRoom {
  readonly #present = new Map<PeerId, MemoryNetwork>()
  readonly providers = new Map<JobId, Set<PeerId>>()

  enter (network: MemoryNetwork): void {
    this.#present.set(network.id, network)
  }

  exit (network: MemoryNetwork): void {
    this.#present.delete(network.id)
  }

  find (peer: PeerId): MemoryNetwork | undefined {
    return this.#present.get(peer)
  }
}

/** The address of a peer in any room. */
export const memoryAddr = (peer: PeerId): string => `/memory/${peer}/p2p/${peer}`

export class MemoryNetwork implements Network {
  readonly id: PeerId
  readonly #room: MemoryRoom
  readonly #queues = new Map<MemoryNetwork, SendQueue>()
  readonly #topics = new Map<string, Topic>()
  readonly #kept = new Map<JobId, PeerId[]>()
  readonly #strikes = new Strikes()
  #user: NetworkUser | null = null
  #isReading = true

  constructor (room: MemoryRoom, id: PeerId) {
    this.#room = room
    this.id = id
  }

  addrs (): string[] {
    return [memoryAddr(this.id)]
  }

  async start (user: NetworkUser): Promise<void> {
    this.#user = user
    this.#room.enter(this)
    this.#emitLater({ type: 'listening', addrs: this.addrs() })
  }

  async stop (): Promise<void> {
    this.#user = null
    this.#room.exit(this)
    for (const other of [...this.#queues.keys()]) this.#unlink(other)
  }

  send (to: PeerId, message: Message): void {
    const frame = this.#encoded(message, FRAME_BYTES_MAX)
    if (frame === null) return
    const other = this.#linkTo(to)
    if (other === undefined) return this.#emitLater({ type: 'unreachable', peer: to })
    this.#push(other, frame, message.type)
    this.#emitLater({ type: 'sent', message, copies: 1, bytes: frame.length })
  }

  /** Hand over bytes as a hostile peer would. */
  inject (to: PeerId, bytes: Uint8Array): void {
    const other = this.#linkTo(to)
    if (other !== undefined) this.#push(other, bytes, 'jobs')
  }

  async flush (ms: number): Promise<void> {
    const deadline = performance.now() + ms
    while ([...this.#queues.values()].some(queue => !queue.isEmpty) && performance.now() < deadline) await turn()
  }

  publish (topic: Topic, message: Message): void {
    const bytes = this.#encoded(message, GOSSIP_BYTES_MAX)
    if (bytes === null) return
    const hearers = this.#hearersOf(topicName(topic))
    for (const hearer of hearers) setTimeout(() => { hearer.#onFrame(this, bytes, topic) })
    if (hearers.length > 0) this.#emitLater({ type: 'sent', message, copies: hearers.length, bytes: bytes.length * hearers.length })
  }

  subscribe (topic: Topic): void {
    this.#topics.set(topicName(topic), topic)
  }

  unsubscribe (topic: Topic): void {
    this.#topics.delete(topicName(topic))
  }

  learn (): void {
    // Everybody in a room can be found.
  }

  neighbours (job: JobId, contacts: Contact[]): void {
    this.#kept.set(job, contacts.map(({ peer }) => peer))
    for (const contact of contacts) if (!this.#isLinked(contact.peer)) this.dial(contact)
  }

  dial ({ peer }: Contact): void {
    const other = this.#isLinked(peer) ? this.#room.find(peer) : undefined
    if (other !== undefined) this.#emitLater({ type: 'connected', peer, addrs: other.addrs() })
    else if (this.#linkTo(peer) === undefined) this.#emitLater({ type: 'unreachable', peer })
  }

  async connect (addr: string): Promise<PeerId> {
    const peer = addr.slice(addr.lastIndexOf('/') + 1) as PeerId
    if (!addr.startsWith('/memory/')) throw new Error(`${addr} is not an address of a room.`)
    if (this.#linkTo(peer) === undefined) throw new Error(`No peer answers at ${addr}: it is not in the room.`)
    await turn()
    return peer
  }

  connected (): PeerId[] {
    return [...this.#queues.keys()].map(({ id }) => id)
  }

  findMembers (job: JobId): void {
    const contacts = [...this.#room.providers.get(job) ?? []].flatMap(peer => {
      const found = this.#room.find(peer)
      return found === undefined || found === this ? [] : [{ peer, addrs: found.addrs() }]
    })
    this.#emitLater({ type: 'members', job, contacts })
  }

  provide (job: JobId): void {
    const providers = this.#room.providers.get(job) ?? new Set()
    this.#room.providers.set(job, providers.add(this.id))
  }

  async * fetchBlocks (cids: Cid[], from: PeerId, signal: AbortSignal): AsyncGenerator<FetchedBlock> {
    for (const cid of cids) {
      await turn()
      signal.throwIfAborted()
      const other = this.#linkTo(from)
      if (other === undefined) throw new Error(`${from} is not in the room`)
      const bytes = await other.#readBlock(cid)
      if (bytes !== null && (bytes.length > BLOCK_BYTES_MAX || !isBlock(cid, bytes))) throw new Error('a block is not what its content id says')
      yield { cid, bytes }
    }
  }

  async open (request: OpenRequest, to: PeerId, signal: AbortSignal): Promise<Uint8Array[] | null> {
    await turn()
    signal.throwIfAborted()
    const other = this.#linkTo(to)
    if (other === undefined) throw new Error(`${to} is not in the room`)
    const reply = encodeReply(await other.#user?.open(this.id, decode(openRequest, encode(openRequest, request))) ?? null)
    await turn()
    const { shown, nodes } = decode(openReply, reply)
    return shown ? nodes : null
  }

  /** Stop or go on reading what others send; what they sent waits in their queues. */
  setReading (isReading: boolean): void {
    this.#isReading = isReading
    for (const other of this.#queues.keys()) other.#pump(this)
  }

  /** Bytes waiting to be read by a peer. */
  queued (peer: PeerId): number {
    return [...this.#queues].find(([other]) => other.id === peer)?.[1].bytes ?? 0
  }

  /** Close the connection to a peer, as a broken network would. */
  cut (peer: PeerId): void {
    for (const other of [...this.#queues.keys()]) if (other.id === peer) this.#unlink(other)
  }

  async #readBlock (cid: Cid): Promise<Uint8Array | null> {
    return await this.#user?.readBlock(cid) ?? null
  }

  #encoded (message: Message, bytesMax: number): Uint8Array | null {
    try {
      const bytes = encodeMessage(message)
      if (bytes.length <= bytesMax) return bytes
      this.#emitLater({ type: 'dropped', peer: this.id, reason: 'a message is too long to be sent' })
    } catch (error) {
      this.#emitLater({ type: 'dropped', peer: this.id, reason: (error as Error).message })
    }
    return null
  }

  #push (other: MemoryNetwork, frame: Uint8Array, type: Message['type']): void {
    const queue = this.#queues.get(other)
    if (queue === undefined) return
    for (let dropped = queue.push(frame, type); dropped > 0; dropped--) {
      this.#emitLater({ type: 'dropped', peer: other.id, reason: 'a queue is full' })
    }
    if (queue.isOverfull) return this.#unlink(other)
    setTimeout(() => { this.#pump(other) })
  }

  #pump (other: MemoryNetwork): void {
    const queue = this.#queues.get(other)
    if (queue === undefined || !other.#isReading) return
    for (const frame of queue.take(Infinity)) other.#onFrame(this, frame, null)
  }

  #onFrame (from: MemoryNetwork, bytes: Uint8Array, topic: Topic | null): void {
    if (this.#user === null || (topic === null && !this.#queues.has(from))) return
    const decoded = decodeMessage(bytes)
    const reason = bytes.length > FRAME_BYTES_MAX ? 'a frame is too long' : decoded.message === null ? decoded.reason : checkSender(from.id, decoded.message, topic)
    if (reason === null && decoded.message !== null) return this.#emit({ type: 'message', from: from.id, message: decoded.message, topic })
    this.#emit({ type: 'dropped', peer: from.id, reason: reason ?? 'not a message' })
    if (this.#strikes.add(from.id, bytes.length > FRAME_BYTES_MAX ? STRIKES_MAX / 2 : 1, performance.now())) this.#unlink(from)
  }

  /** Everyone connected to this peer through subscribers of the topic. */
  #hearersOf (name: string): MemoryNetwork[] {
    const seen = new Set<MemoryNetwork>([this])
    for (const peer of seen) {
      for (const other of peer.#queues.keys()) if (other.#topics.has(name)) seen.add(other)
    }
    seen.delete(this)
    return [...seen]
  }

  #isLinked (peer: PeerId): boolean {
    return [...this.#queues.keys()].some(({ id }) => id === peer)
  }

  #linkTo (peer: PeerId): MemoryNetwork | undefined {
    const other = this.#room.find(peer)
    if (other === undefined || other === this || this.#user === null) return undefined
    if (this.#queues.has(other)) return other
    this.#queues.set(other, new SendQueue(QUEUE_BYTES_MAX))
    other.#queues.set(this, new SendQueue(QUEUE_BYTES_MAX))
    this.#emitLater({ type: 'connected', peer, addrs: other.addrs() })
    other.#emitLater({ type: 'connected', peer: this.id, addrs: this.addrs() })
    return other
  }

  #unlink (other: MemoryNetwork): void {
    if (!this.#queues.delete(other)) return
    other.#queues.delete(this)
    this.#emitLater({ type: 'disconnected', peer: other.id })
    other.#emitLater({ type: 'disconnected', peer: this.id })
    this.#redial(other.id)
    other.#redial(this.id)
  }

  /** J3: a neighbour that was lost is dialled again. */
  #redial (peer: PeerId): void {
    const isKept = [...this.#kept.values()].some(peers => peers.includes(peer))
    if (isKept) setTimeout(() => { if (this.#user !== null) this.#linkTo(peer) }, 20)
  }

  #emit (event: NetworkEvent): void {
    this.#user?.onEvent(event)
  }

  #emitLater (event: NetworkEvent): void {
    setTimeout(() => { this.#emit(event) })
  }
}

const turn = async (): Promise<void> => { await new Promise(resolve => setTimeout(resolve)) }
