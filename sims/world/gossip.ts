/**
 * A model of gossipsub as protocol/host sets it up: a publisher floods to the subscribers it is connected to, who pass on to those
 * they are connected to; on the mesh's one big topic a message takes as many hops as a mesh of its degree needs. A new subscription
 * carries its first message after the other end has heard of it.
 */
import type { JobId, Path } from '../../protocol/core/ids.ts'
import type { Message, Topic } from '../../protocol/core/message.ts'
import type { Node } from './node.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { World } from './world.ts'

/** Hops that a message may take in a subtree's topic: publisher, common neighbour, member, and one to spare. */
const HOPS_MAX = 3
/** Peers that one passes a message of the mesh's topic on to: gossipsub's D here. */
const DEGREE = 16
/** Handling one gossiped message, validation and signature included, milliseconds (measured: DESIGN 4). */
const HOP_MS = 0.5

export class Gossip {
  readonly #world: World
  readonly #random: Random
  /** Members of subtrees' topics, and since when. */
  readonly #topics = new Map<JobId, Map<Path, Map<Node, number>>>()

  constructor (world: World, random: Random) {
    this.#world = world
    this.#random = random.split('gossip')
  }

  subscribe (node: Node, { job, path }: Topic): void {
    if (job === null) return
    let paths = this.#topics.get(job)
    if (paths === undefined) this.#topics.set(job, paths = new Map())
    let members = paths.get(path)
    if (members === undefined) paths.set(path, members = new Map())
    if (!members.has(node)) {
      members.set(node, this.#world.nowMs)
      node.topics.add(members)
    }
  }

  unsubscribe (node: Node, { job, path }: Topic): void {
    if (job === null) return
    const members = this.#topics.get(job)?.get(path)
    if (members === undefined) return
    members.delete(node)
    node.topics.delete(members)
    if (members.size === 0) this.#topics.get(job)?.delete(path)
  }

  /** A node that is gone. */
  forget (node: Node): void {
    for (const members of node.topics) members.delete(node)
    node.topics.clear()
  }

  /** Members of the topic hear it, as far as connections between them reach. */
  publish (from: Node, topic: Topic, message: Message): void {
    if (topic.job === null) return this.#flood(from, topic, message)
    const members = this.#topics.get(topic.job)?.get(topic.path)
    if (members === undefined || members.size < 2) return
    const reached = new Set<Node>([from])
    let front: Array<{ node: Node, ms: number }> = [{ node: from, ms: 0 }]
    for (let hop = 0; hop < HOPS_MAX && front.length > 0 && reached.size < members.size; hop++) {
      const next: Array<{ node: Node, ms: number }> = []
      for (const { node, ms } of front) this.#passOn(from, node, ms, members, reached, next, topic, message)
      front = next
    }
  }

  #passOn (from: Node, by: Node, ms: number, members: Map<Node, number>, reached: Set<Node>, next: Array<{ node: Node, ms: number }>, topic: Topic, message: Message): void {
    for (const [member, sinceMs] of members) {
      if (reached.has(member)) continue
      const link = by.links.get(member)
      if (link === undefined || link.state !== 'up') continue
      // Its subscription has not been heard of yet.
      const tripMs = this.#world.network.delayMs(by, member, 0)
      if (this.#world.nowMs + ms < sinceMs + tripMs) continue
      const wayMs = this.#world.transmitGossip(from, by, member, link, message, topic, ms)
      // Who did not get it does not pass it on, but may get it from somebody else.
      if (wayMs === null) continue
      reached.add(member)
      next.push({ node: member, ms: ms + HOP_MS + wayMs })
    }
  }

  /** The mesh's own topic: everybody hears it, most of them after the last hop. */
  #flood (from: Node, topic: Topic, message: Message): void {
    const { live } = this.#world
    const hops = Math.max(1, Math.ceil(Math.log(Math.max(2, live.length)) / Math.log(DEGREE)))
    for (const node of live) {
      if (node === from || this.#world.network.isCut(from, node)) continue
      const isNear = this.#random.next() < DEGREE / live.length
      const steps = isNear ? 1 : hops
      let ms = steps * HOP_MS
      for (let step = 0; step < steps; step++) ms += this.#world.network.delayMs(from, node, 0) * (0.5 + this.#random.next())
      // Whoever passes it on to this peer is as likely to be it as any: each counts one copy.
      this.#world.count(node, node, message)
      this.#world.arrive(from, node, message, topic, ms)
    }
  }
}
