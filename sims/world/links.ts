/**
 * Connections between nodes: dialled (through a relay and a punched hole where there is a NAT), capped, pruned as libp2p prunes them,
 * closed with notice when a process ends and without when a machine vanishes. Messages of one link keep their order.
 */
import type { Message } from '../../protocol/core/message.ts'
import type { Network } from './network.ts'
import type { Node } from './node.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { World } from './world.ts'
import { pair } from './network.ts'
import { NONE } from '../../protocol/core/state.ts'

export interface Link {
  readonly a: Node
  readonly b: Node
  state: 'dialling' | 'up' | 'down'
  /** Is it carried by a relay because no hole could be punched? */
  relayed: boolean
  /** In which tick the last message arrives, from a to b and back; 0 before the first. */
  arrivesAtB: number
  arrivesAtA: number
  /** Does the end protect it from pruning (J3)? */
  keptByA: boolean
  keptByB: boolean
  upMs: number
  /** Messages that wait for it to be up. */
  waiting: ReadonlyArray<{ from: Node, message: Message }>
}

/** As protocol/host has them: caps of J3, and deadlines of a dial. */
export const CONNECTIONS_MAX = 64
export const TAB_CONNECTIONS_MAX = 32
const DIAL_MS_MAX = 3_000
/** A machine that is gone without a word is noticed by the transport after this. A guess: QUIC's and WebRTC's idle time-out. */
const LOST_MS = 30_000
/** Neighbours that cannot be reached are dialled again after this wait, doubled each time up to the last (protocol/host/neighbours.ts). */
const RETRY_MS_MIN = 500
const RETRY_MS_MAX = 15_000
/** A peer that has lost all its connections finds another in the DHT or on its network after this (libp2p-network.ts). A guess. */
const DISCOVERY_MS = 10_000
/** A new connection is left alone for so long: whoever asks for work is answered first. */
export const GRACE_MS = 2_000

export class Links {
  readonly #world: World
  readonly #network: Network
  readonly #random: Random
  /** The most that anybody had up at once, and could keep. */
  most = 0
  /** The next wait for a neighbour that was lost, by pair. */
  readonly #retryMs = new Map<number, number>()

  constructor (world: World, network: Network) {
    this.#world = world
    this.#network = network
    this.#random = world.init.random.split('discovery')
  }

  /** Send over the link to a peer; dial it first. */
  send (from: Node, to: Node, message: Message): void {
    const link = from.links.get(to) ?? this.dial(from, to)
    if (link.state === 'up') this.#world.transmit(from, to, link, message, null)
    else link.waiting = link.waiting.concat({ from, message })
  }

  dial (from: Node, to: Node): Link {
    const known = from.links.get(to)
    if (known !== undefined) return known
    const link: Link = { a: from, b: to, state: 'dialling', relayed: false, arrivesAtA: 0, arrivesAtB: 0, keptByA: false, keptByB: false, upMs: 0, waiting: NONE }
    from.links.set(to, link)
    const isThere = to.state !== 'off' && !this.#network.isCut(from, to)
    // Both dial at once: the later joins the earlier.
    const { ms, relayed } = this.#network.dialMs(from, to)
    link.relayed = relayed
    const isSilent = !isThere && this.#network.isSilent(from, to)
    const { costs } = this.#world.init
    const tripMs = 2 * this.#network.delayMs(from, to, 0)
    this.#world.queue.push(isSilent ? DIAL_MS_MAX : isThere ? ms + costs.dialMs : tripMs + costs.refusedMs, 'dialled', from, from.life, link, to.life, null)
    return link
  }

  onDialled (link: Link, toLife: number): void {
    const { a, b } = link
    if (a.links.get(b) !== link || link.state !== 'dialling') return
    const crossed = b.links.get(a)
    const isOpen = b.state === 'live' && b.life === toLife && !this.#network.isCut(a, b) && this.#hasRoom(b)
    if (crossed !== undefined && crossed !== link && crossed.state === 'up') return
    if (!isOpen) {
      a.links.delete(b)
      link.state = 'down'
      this.#retry(a, b)
      this.#discoverIfAlone(a)
      return this.#world.feed(a, { type: 'unreachable', peer: b.id })
    }
    // A dial from the other side that is still under way becomes this one.
    if (crossed !== undefined && crossed !== link) {
      link.waiting = link.waiting.concat(crossed.waiting)
      link.keptByB = crossed.keptByA
      crossed.state = 'down'
    }
    b.links.set(a, link)
    link.state = 'up'
    link.upMs = this.#world.nowMs
    for (const [node, other] of [[a, b], [b, a]] as const) {
      if (this.#retryMs.size > 0) this.#retryMs.delete(pair(node, other))
      if (this.#isNeighbour(node, other)) this.keep(node, other, true)
      this.#world.input(node, 0, { type: 'connected', peer: other.id, addrs: other.addrs })
    }
    const { waiting } = link
    link.waiting = NONE
    for (const { from, message } of waiting) this.#world.transmit(from, from === a ? b : a, link, message, null)
    for (const node of [a, b]) {
      this.#prune(node)
      this.#note(node)
    }
  }

  #note ({ links }: Node): void {
    if (links.size <= this.most) return
    let up = 0
    for (const { state } of links.values()) if (state === 'up') up++
    this.most = Math.max(this.most, up)
  }

  /** Protect a connection from pruning, or no longer. */
  keep (node: Node, other: Node, isKept: boolean): void {
    const link = node.links.get(other)
    if (link === undefined) return
    if (link.a === node) link.keptByA = isKept
    else link.keptByB = isKept
  }

  /** A node's tree neighbours are these now (J3). */
  setNeighbours (node: Node, before: Node[], after: Node[]): void {
    for (const other of before) if (!after.includes(other)) this.keep(node, other, false)
    for (const other of after) {
      if (!node.links.has(other)) this.dial(node, other)
      this.keep(node, other, true)
    }
  }

  /** Everything of a node that is gone: with a word to the others, or without. */
  closeAll (node: Node, isSilent: boolean): void {
    for (const [other, link] of node.links) this.close(link, node, isSilent ? LOST_MS : this.#world.init.costs.closeMs + this.#network.delayMs(node, other, 0))
    node.links.clear()
  }

  /** One end closes; the other hears of it after `ms`, behind what was sent before. */
  close (link: Link, by: Node, ms: number): void {
    const other = link.a === by ? link.b : link.a
    const wasUp = link.state === 'up'
    link.state = 'down'
    by.links.delete(other)
    if (other.links.get(by) !== link) return
    other.links.delete(by)
    if (!wasUp) return
    const { queue } = this.#world
    const at = Math.max(queue.tickIn(ms), link.a === by ? link.arrivesAtB : link.arrivesAtA)
    queue.pushAt(at, 'input', other, other.life, { type: 'disconnected', peer: by.id }, null, null)
    this.#retry(other, by)
    this.#discoverIfAlone(other)
  }

  /** Who is connected to nobody dials somebody it hears of, again and again. */
  #discoverIfAlone (node: Node): void {
    if (node.links.size > 0) return
    const { life } = node
    this.#world.later(DISCOVERY_MS, () => {
      const other = this.#world.live[this.#random.below(this.#world.live.length)]
      if (node.state === 'off' || node.life !== life || node.links.size > 0 || other === undefined) return
      if (other === node) this.#discoverIfAlone(node)
      else this.dial(node, other)
    })
  }

  /** Neighbours are redialled until the core names others. */
  #retry (node: Node, other: Node): void {
    if (!this.#isNeighbour(node, other)) return
    const { life } = node
    const key = pair(node, other)
    const waitMs = this.#retryMs.get(key) ?? RETRY_MS_MIN
    this.#retryMs.set(key, Math.min(RETRY_MS_MAX, 2 * waitMs))
    this.#world.later(waitMs, () => {
      if (node.state !== 'off' && node.life === life && this.#isNeighbour(node, other)) this.keepDialled(node, other)
      else this.#retryMs.delete(key)
    })
  }

  keepDialled (node: Node, other: Node): void {
    if (!node.links.has(other)) this.dial(node, other)
    this.keep(node, other, true)
  }

  #isNeighbour (node: Node, other: Node): boolean {
    for (const neighbours of node.neighbours.values()) if (neighbours.includes(other)) return true
    return false
  }

  #max (node: Node): number {
    return node.kind === 'tab' ? TAB_CONNECTIONS_MAX : CONNECTIONS_MAX
  }

  /** Is there a connection less than may be, or one that may go? */
  #hasRoom (node: Node): boolean {
    return node.links.size < this.#max(node) || this.#spare(node) !== null
  }

  /** Above the cap the oldest that nobody protects go. */
  #prune (node: Node): void {
    while (node.links.size > this.#max(node)) {
      const link = this.#spare(node)
      if (link === null) return
      const other = otherEnd(link, node)
      this.close(link, node, this.#network.delayMs(node, other, 0))
      this.#world.input(node, 0, { type: 'disconnected', peer: other.id })
    }
  }

  /** The oldest connection that this end does not protect and that has had its time. */
  #spare (node: Node): Link | null {
    for (const link of node.links.values()) {
      const isKept = link.a === node ? link.keptByA : link.keptByB
      if (!isKept && link.state === 'up' && link.upMs + GRACE_MS <= this.#world.nowMs) return link
    }
    return null
  }
}

/** Who is on the other end. */
export const otherEnd = (link: Link, node: Node): Node => link.a === node ? link.b : link.a
