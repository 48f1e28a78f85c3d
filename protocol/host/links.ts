/**
 * Connected peers that speak the direct protocol, and the streams between them and this one: a peer is up once
 * identify, or a stream it opened, shows that it speaks; messages go out through one bounded outbox each and come
 * in over few streams (DESIGN 4, direct streams). Garbage is dropped and counted, repeated garbage ends the
 * connection.
 */
import { AddressBook } from './contacts.ts'
import { FRAME_BYTES_MAX, QUEUE_BYTES_MAX } from './network.ts'
import { FrameSplitter, frameOf } from './frames.ts'
import { Outbox } from './outbox.ts'
import { STRIKES_MAX } from './limits.ts'
import { checkSender } from './wire/senders.ts'
import { decodeMessage, encodeMessage } from './wire/codec.ts'
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { withPeer } from './addrs.ts'
import type { Connection, IdentifyResult, Libp2p, PeerId as Libp2pPeerId, Stream } from '@libp2p/interface'
import type { Door } from './admission/door.ts'
import type { Guard } from './guard.ts'
import type { Message } from '../core/message.ts'
import type { NetworkEvent } from './network.ts'
import type { PeerId } from '../core/ids.ts'

export const DIRECT_PROTOCOL = '/millionfold/1/direct'

/** What links need of the way in; see admission/door.ts. */
export type LinkDoor = Pick<Door, 'passed' | 'whyNot'>

/** DESIGN: dial and open deadlines. A refused connection answers at once. */
const DIAL_MS_MAX = 3_000
/** Identify follows a connection within a round trip; a client that never identifies is taken as it is. */
const IDENTIFY_MS_MAX = 1_000
/** One is used; the others are for a stream that is being replaced. */
const STREAMS_MAX = 4
/** What may arrive on a stream that is paused: the muxer's largest window, and again as much to be safe. */
const READ_BYTES_MAX = 32 * 1024 * 1024

export class Links {
  readonly book = new AddressBook()
  readonly #node: Libp2p
  readonly #door: LinkDoor
  readonly #protocol: string
  readonly #emit: (event: NetworkEvent) => void
  readonly #guard: Guard
  readonly #up = new Set<PeerId>()
  readonly #outboxes = new Map<PeerId, Outbox>()
  readonly #identified = new Map<PeerId, PromiseWithResolvers<void>>()

  /** @param protocol - the direct protocol's name in this mesh */
  constructor (node: Libp2p, door: LinkDoor, guard: Guard, protocol: string, emit: (event: NetworkEvent) => void) {
    this.#node = node
    this.#door = door
    this.#guard = guard
    this.#protocol = protocol
    this.#emit = emit
  }

  async start (): Promise<void> {
    this.#node.addEventListener('peer:identify', this.#onIdentify)
    this.#node.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#node.addEventListener('connection:open', this.#onConnection)
    await this.#node.handle(this.#protocol, (stream, connection) => { void this.#onStream(stream, connection) }, {
      maxInboundStreams: STREAMS_MAX,
      maxOutboundStreams: STREAMS_MAX,
      runOnLimitedConnection: true
    })
  }

  stop (): void {
    this.#node.removeEventListener('peer:identify', this.#onIdentify)
    this.#node.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#node.removeEventListener('connection:open', this.#onConnection)
    for (const outbox of this.#outboxes.values()) outbox.close()
    this.#outboxes.clear()
  }

  isUp (peer: PeerId): boolean {
    return this.#up.has(peer)
  }

  up (): PeerId[] {
    return [...this.#up]
  }

  /** @throws Error when the message breaks a limit of the wire */
  send (to: PeerId, message: Message): void {
    const bytes = encodeMessage(message)
    if (bytes.length > FRAME_BYTES_MAX) throw new Error('a message is too long to be sent')
    if (!this.#guard.maySend(to, message.type)) throw new Error(`too many messages of type ${message.type} to be sent`)
    this.#outboxOf(to).push(frameOf(bytes), message.type)
    queueMicrotask(() => { this.#emit({ type: 'sent', message, copies: 1, bytes: bytes.length }) })
  }

  get isIdle (): boolean {
    return [...this.#outboxes.values()].every(outbox => outbox.isIdle)
  }

  /** Bytes waiting to be written to a peer. */
  queued (peer: PeerId): number {
    return this.#outboxes.get(peer)?.bytes ?? 0
  }

  /**
   * Connect to a peer.
   *
   * @param addrs - where; none to use what is known of it
   * @returns once it is up
   * @throws Error when it is not within the deadline
   */
  async dial (peer: PeerId, addrs: string[]): Promise<void> {
    if (this.#up.has(peer)) return
    const signal = AbortSignal.timeout(DIAL_MS_MAX)
    const target = addrs.length > 0 ? addrs.map(addr => multiaddr(withPeer(addr, peer))) : peerIdFromString(peer)
    try {
      await this.#door.passed(await this.#node.dial(target, { signal }))
    } catch (error) {
      this.book.disprove(peer)
      throw error
    }
    await this.#whenUp(peer)
  }

  /** Resolves once the peer is up, or has not come up within the deadline. */
  async #whenUp (peer: PeerId): Promise<void> {
    await this.#whenIdentified(peer)
    if (this.#up.has(peer)) return
    const connection = this.connectionTo(peer)
    throw (connection === undefined ? null : await this.#door.whyNot(connection)) ?? new Error('it does not speak this protocol')
  }

  async #whenIdentified (peer: PeerId): Promise<void> {
    if (this.#up.has(peer)) return
    let identified = this.#identified.get(peer)
    if (identified === undefined) {
      identified = Promise.withResolvers<void>()
      this.#identified.set(peer, identified)
      setTimeout(identified.resolve, IDENTIFY_MS_MAX)
    }
    await identified.promise
    this.#identified.delete(peer)
  }

  readonly #onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    const peer = detail.peerId.toString() as PeerId
    if (detail.protocols.includes(this.#protocol)) {
      const addrs = detail.listenAddrs.map(addr => withPeer(addr.toString(), peer))
      this.#becomeUp(detail.peerId, addrs)
    }
    this.#identified.get(peer)?.resolve()
  }

  readonly #onDisconnect = ({ detail }: CustomEvent<Libp2pPeerId>): void => {
    const peer = detail.toString() as PeerId
    this.#closeOutbox(peer)
    if (this.#up.delete(peer)) this.#emit({ type: 'disconnected', peer })
  }

  /**
   * Peers that met through a relay talk directly as soon as they can: the relay may go, and has limits. And whoever
   * connects anew may have been restarted.
   */
  readonly #onConnection = ({ detail }: CustomEvent<Connection>): void => {
    if (detail.limits === undefined) this.#outboxes.get(detail.remotePeer.toString() as PeerId)?.move()
  }

  #becomeUp (id: Libp2pPeerId, addrs: string[]): void {
    const peer = id.toString() as PeerId
    const isNew = !this.#up.has(peer)
    const isFound = addrs.length > 0 && this.book.addrsOf(peer).length === 0
    this.book.prove({ peer, addrs })
    if (this.#node.getConnections(id).length === 0 || !(isNew || isFound)) return
    this.#up.add(peer)
    this.#emit({ type: 'connected', peer, addrs: this.book.addrsOf(peer) })
  }

  async #onStream (stream: Stream, connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString() as PeerId
    await this.#whenIdentified(peer)
    this.#becomeUp(connection.remotePeer, [])
    const splitter = new FrameSplitter(FRAME_BYTES_MAX)
    stream.maxReadBufferLength = READ_BYTES_MAX
    stream.addEventListener('message', ({ data }) => {
      try {
        this.#rest(stream, this.#guard.countBytes(peer, data.byteLength))
        for (const frame of splitter.push(data)) this.#onFrame(peer, frame)
      } catch (error) {
        stream.abort(error as Error)
        this.#strike(peer, (error as Error).message, STRIKES_MAX / 2)
      }
    })
    stream.addEventListener('remoteCloseWrite', () => { stream.close().catch(() => { stream.abort(new Error('not closed in time')) }) })
  }

  /** Read no more of a stream for so many milliseconds: its peer has sent more than it may (X2), and waits. */
  #rest (stream: Stream, ms: number): void {
    if (ms === 0 || stream.readStatus !== 'readable') return
    stream.pause()
    setTimeout(() => { if (stream.readStatus === 'paused') stream.resume() }, ms)
  }

  #onFrame (peer: PeerId, frame: Uint8Array): void {
    if (!this.#up.has(peer) || this.#guard.isOut(peer)) return
    const decoded = decodeMessage(frame)
    const reason = decoded.message === null ? decoded.reason : checkSender(peer, decoded.message, null)
    if (decoded.message === null || reason !== null) return this.#strike(peer, reason ?? 'not a message', 1)
    if (!this.#guard.mayDirect(peer, decoded.message.type)) return this.over(peer, `too many messages of type ${decoded.message.type}`)
    this.#emit({ type: 'message', from: peer, message: decoded.message, topic: null })
  }

  /** Count what no honest peer sends; enough of it ends the connection. */
  strike (peer: PeerId, reason: string): void {
    this.#strike(peer, reason, 1)
  }

  /** Count what is over a peer's limits (X2); going on ends the connection too. */
  over (peer: PeerId, reason: string): void {
    this.#emit({ type: 'dropped', peer, reason })
    if (this.#guard.over(peer)) this.cut(peer, 'it sends too much')
  }

  #strike (peer: PeerId, reason: string, weight: number): void {
    this.#emit({ type: 'dropped', peer, reason })
    if (this.#guard.strike(peer, weight)) this.cut(peer, 'it sends garbage')
  }

  /** Close every connection to a peer, at once. */
  cut (peer: PeerId, why: string): void {
    for (const connection of this.#node.getConnections(peerIdFromString(peer))) connection.abort(new Error(why))
  }

  #closeOutbox (peer: PeerId): void {
    this.#outboxes.get(peer)?.close()
    this.#outboxes.delete(peer)
  }

  #outboxOf (peer: PeerId): Outbox {
    const known = this.#outboxes.get(peer)
    if (known !== undefined) return known
    const outbox = new Outbox({
      bytesMax: QUEUE_BYTES_MAX,
      open: async () => await this.#open(peer),
      onDropped: () => { this.#emit({ type: 'dropped', peer, reason: 'a queue is full' }) },
      onUnopened: () => { this.#onUnopened(peer, outbox) },
      onGivenUp: reason => {
        this.#forget(peer, outbox)
        this.#emit({ type: 'dropped', peer, reason })
        this.cut(peer, reason)
      }
    })
    this.#outboxes.set(peer, outbox)
    return outbox
  }

  #forget (peer: PeerId, outbox: Outbox): void {
    if (this.#outboxes.get(peer) === outbox) this.#outboxes.delete(peer)
  }

  #onUnopened (peer: PeerId, outbox: Outbox): void {
    this.#forget(peer, outbox)
    // Connected, but it takes no stream: as good as gone.
    if (this.#up.has(peer)) this.cut(peer, 'it takes no stream')
    else this.#emit({ type: 'unreachable', peer })
  }

  #isConnected (peer: PeerId): boolean {
    return this.#node.getConnections(peerIdFromString(peer)).length > 0
  }

  async #dialKnown (peer: PeerId): Promise<void> {
    const addrs = this.book.addrsOf(peer)
    if (addrs.length === 0) throw new Error('no address is known')
    await this.dial(peer, addrs)
  }

  async #open (peer: PeerId): Promise<Stream> {
    if (this.#isConnected(peer)) await this.#whenUp(peer)
    else await this.#dialKnown(peer)
    for (let connection = this.connectionTo(peer); connection !== undefined; connection = this.connectionTo(peer)) {
      try {
        return await connection.newStream(this.#protocol, { signal: AbortSignal.timeout(DIAL_MS_MAX), runOnLimitedConnection: true })
      } catch (error) {
        connection.abort(error as Error)
        if (this.connectionTo(peer) === undefined) throw error
      }
    }
    throw new Error('not connected')
  }

  /** The newest connection, a direct one before relayed ones: a peer that was restarted leaves dead ones behind. */
  connectionTo (peer: PeerId): Connection | undefined {
    const rank = ({ limits, timeline }: Connection): number => (limits === undefined ? 1e15 : 0) + timeline.open
    return this.#node.getConnections(peerIdFromString(peer)).filter(({ status }) => status === 'open').sort((a, b) => rank(b) - rank(a))[0]
  }
}
