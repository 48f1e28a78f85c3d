/**
 * Room for connections (J3, X4): above the cap the oldest that nobody protects goes, so that a newcomer is heard and may
 * be given work further down; where none may go, the newcomer is refused. The tree's connections, relays this peer is
 * reached by and tabs it relays for are never closed. One peer has a few connections at most. libp2p alone would refuse
 * everybody once it is full, or close the newest.
 */
import { CONNECTIONS_EACH_MAX, GRACE_MS } from './limits.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { PeerId } from '../core/ids.ts'

/** Tags of libp2p that keep a peer: relays and what is relayed. */
const KEPT_TAG = /^(keep-alive|circuit-relay-source)/

export interface RoomInit {
  node: Libp2p
  /** Connections in all. */
  max: number
  /** Do the tree's positions need it? */
  isProtected: (peer: PeerId) => boolean
  /** A connection was closed to make room, or refused for want of it. */
  onClosed: (peer: PeerId, why: string) => void
}

export class Room {
  readonly #init: RoomInit
  #working: Promise<void> = Promise.resolve()

  constructor (init: RoomInit) {
    this.#init = init
  }

  start (): void {
    this.#init.node.addEventListener('connection:open', this.#onOpen)
  }

  stop (): void {
    this.#init.node.removeEventListener('connection:open', this.#onOpen)
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    const { node, max } = this.#init
    if (node.getConnections(detail.remotePeer).length <= CONNECTIONS_EACH_MAX && node.getConnections().length <= max) return
    this.#working = this.#working.then(async () => { await this.#make(detail) }).catch(() => { /* it has stopped */ })
  }

  async #make (newest: Connection): Promise<void> {
    const { node, max } = this.#init
    const own = open(node.getConnections(newest.remotePeer))
    // What a restarted peer left behind is the oldest.
    for (const connection of own.slice(0, Math.max(0, own.length - CONNECTIONS_EACH_MAX))) this.#close(connection, 'too many connections of one peer')
    while (open(node.getConnections()).length > max) {
      const spare = await this.#spare(newest)
      if (spare === null) return this.#close(newest, 'no room for its connection')
      this.#close(spare, 'its connection made room')
    }
  }

  /** The oldest connection that nobody protects and that has had its time. */
  async #spare (newest: Connection): Promise<Connection | null> {
    const { node, isProtected } = this.#init
    const late = Date.now() - GRACE_MS
    for (const connection of open(node.getConnections())) {
      if (connection === newest || connection.timeline.open > late || isProtected(connection.remotePeer.toString() as PeerId)) continue
      if (!await this.#isKept(connection) && connection.status === 'open') return connection
    }
    return null
  }

  async #isKept (connection: Connection): Promise<boolean> {
    try {
      const { tags } = await this.#init.node.peerStore.get(connection.remotePeer)
      return [...tags.keys()].some(tag => KEPT_TAG.test(tag))
    } catch {
      return false
    }
  }

  #close (connection: Connection, why: string): void {
    connection.abort(new Error(why))
    this.#init.onClosed(connection.remotePeer.toString() as PeerId, why)
  }
}

/** Those that are open, the oldest first. */
const open = (connections: Connection[]): Connection[] =>
  connections.filter(({ status }) => status === 'open').sort((a, b) => a.timeline.open - b.timeline.open)
