/**
 * The port between a mesh peer and whatever carries its messages: libp2p (libp2p-network.ts) or a room
 * in memory (memory-network.ts). It moves messages, keeps connections and fetches single blocks; it
 * decides nothing about jobs. One acceptance suite (test/network-suite.ts) holds for every implementation.
 * It never throws at its user for what the network does: what goes wrong arrives as a NetworkEvent.
 */
import type { Cid, Contact, JobId, Path, PeerId } from '../core/ids.ts'
import type { Message, Topic } from '../core/message.ts'

/** What a network tells its peer. Events are delivered one after another, never from inside a call into the network. */
export type NetworkEvent =
  /** The own dialable addresses, at start and whenever they change. */
  | { type: 'listening', addrs: string[] }
  /** A peer that speaks the direct protocol is connected. Comes before any message of it. */
  | { type: 'connected', peer: PeerId, addrs: string[] }
  /** The last connection to it closed, or it was cut off because it did not read. */
  | { type: 'disconnected', peer: PeerId }
  /** A dial failed. */
  | { type: 'unreachable', peer: PeerId }
  /** A checked message; `topic` is null when it came over a direct stream. `from` is proven: the connection's peer or the signer. */
  | { type: 'message', from: PeerId, message: Message, topic: Topic | null }
  /** The answer to `findMembers`. */
  | { type: 'members', job: JobId, contacts: Contact[] }
  /** Copies of one message handed to the transport, and their encoded bytes in all. */
  | { type: 'sent', message: Message, copies: number, bytes: number }
  /** Something was dropped: a malformed message, or one that did not fit into a queue. */
  | { type: 'dropped', peer: PeerId, reason: string }

/** Where the network reports, and what it serves blocks from. */
export interface NetworkUser {
  onEvent: (event: NetworkEvent) => void
  /** A stored block's bytes, or null; asked when another peer fetches it. */
  readBlock: (cid: Cid) => Promise<Uint8Array | null>
  /** The nodes of a bite that this peer committed to, down to some partitions; null when it shows none. */
  open: (from: PeerId, request: OpenRequest) => Promise<Uint8Array[] | null>
  /** May this peer say that? What is wrong, or null; a published message with a fault is not passed on. All may say everything by default. */
  faultIn?: (from: PeerId, message: Message) => string | null
}

/** A bite's maker is asked to open its commitment at some partitions (V4). */
export interface OpenRequest {
  job: JobId
  path: Path
  /** Of the commitment. */
  root: Cid
  /** At most `OPENED_MAX`. */
  partitions: number[]
}

/** One block as another peer sent it: `bytes` is null when it does not have it. The digest has been checked. */
export interface FetchedBlock { cid: Cid, bytes: Uint8Array | null }

export interface Network {
  /** The own id, known before `start`. */
  readonly id: PeerId
  /** The own dialable multiaddrs, each ending in `/p2p/<id>`. */
  addrs (): string[]
  /**
   * Listen and connect; may be called once.
   *
   * @throws Error in one sentence when no address can be listened on
   */
  start (user: NetworkUser): Promise<void>
  /** Close everything; nothing is reported afterwards. */
  stop (): Promise<void>

  /**
   * Queue a message to one peer. Messages to one peer arrive in order or not at all. The peer is dialled when it is
   * not connected and an address is known; when that fails the queue is dropped and `unreachable` reported.
   */
  send (to: PeerId, message: Message): void
  /** Resolve when everything queued has been written, or after `ms` milliseconds. */
  flush (ms: number): Promise<void>
  publish (topic: Topic, message: Message): void
  subscribe (topic: Topic): void
  unsubscribe (topic: Topic): void

  /** Remember where peers can be dialled; costs nothing and connects nobody. */
  learn (contacts: Contact[]): void
  /** The whole set of peers to keep connected for a job (J3); an empty set lets all go. */
  neighbours (job: JobId, contacts: Contact[]): void
  /** Try to connect now; answered by `connected` (again, when it already is) or `unreachable`. */
  dial (contact: Contact): void
  /**
   * Connect to an address a person typed.
   *
   * @param addr - a multiaddr
   * @returns the peer found there, once it is known to speak the protocol
   * @throws Error in one sentence when it does not answer
   */
  connect (addr: string): Promise<PeerId>
  /** Peers that are connected now. */
  connected (): PeerId[]

  /** Look up who provides a job; answered by `members`. */
  findMembers (job: JobId): void
  /** Tell the DHT that this peer knows about the job. */
  provide (job: JobId): void

  /**
   * Ask one peer for blocks, in order, each verified.
   *
   * @param cids - at most `BLOCKS_PER_REQUEST_MAX`
   * @throws Error when the peer cannot be asked, is too slow or sends what was not asked for; blocks yielded before are good
   */
  fetchBlocks (cids: Cid[], from: PeerId, signal: AbortSignal): AsyncIterable<FetchedBlock>

  /**
   * Ask a peer to open what it committed to.
   *
   * @returns its nodes, unchecked; null when it shows none
   * @throws Error when the peer cannot be asked or is too slow
   */
  open (request: OpenRequest, to: PeerId, signal: AbortSignal): Promise<Uint8Array[] | null>
}

/** Partitions in one request to open. A guess. */
export const OPENED_MAX = 64

/** A request fits one frame and one round trip serves many small blocks. A guess. */
export const BLOCKS_PER_REQUEST_MAX = 128

/** DESIGN's blocks: what browsers' data channels and bitswap peers also take. */
export const BLOCK_BYTES_MAX = 2 * 1024 * 1024

/** A direct frame: 64 values of 16 KiB fit many times over. Larger ones end the stream. */
export const FRAME_BYTES_MAX = 4 * 1024 * 1024

/** A gossip message: every member of a topic hears it, so it stays small. */
export const GOSSIP_BYTES_MAX = 64 * 1024

/** Bytes queued to one peer: two of the largest frames. Beyond it the peer is cut off. */
export const QUEUE_BYTES_MAX = 8 * 1024 * 1024

/** J3: connections of a peer. */
export const CONNECTIONS_MAX = 64
