/**
 * A small in-memory world with virtual time: it performs the core's effects among dozens of peers, from a
 * seed, with losses, duplicates, re-orderings, kills, pauses and splits. It never changes the core's
 * behaviour: what runs here is what runs in the peers. The full simulator is another part.
 */
import type { Cid, JobId, Path, PeerId } from '../ids.ts'
import type { Computed, Failure, JobSpec, Value } from '../job.ts'
import type { Effect } from '../effect.ts'
import type { Input } from '../input.ts'
import type { Message } from '../message.ts'
import type { Notice } from '../notice.ts'
import type { Random } from '../random.ts'
import { Peer } from '../peer.ts'
import { configure } from '../config.ts'
import { createRandom } from '../random.ts'
import { Verifier } from './verifier.ts'
import { foldOracle, encodeFold, foldOf, lieOf } from './oracle.ts'
import { NO_SALT } from '../salt.ts'
import { rangeOf, sizeOf } from '../geometry.ts'
import { timerKey } from '../timer.ts'
import type { Node, WorldInit } from './world-node.ts'
import { keep, restoredFrom } from './world-store.ts'
import { EventQueue } from './event-queue.ts'

export type { Node, WorldInit } from './world-node.ts'

export class World {
  readonly nodes: Node[] = []
  readonly notices: Array<{ at: number, peer: PeerId, notice: Notice }> = []
  readonly drops: string[] = []
  /** Partitions computed, by path of the bite, to find work done twice. */
  readonly computed: Array<{ at: number, peer: PeerId, job: JobId, path: Path }> = []
  readonly sent = new Map<string, number>()
  /** What peers were certified for. */
  readonly certified: Array<Effect & { type: 'certify' }> = []
  now = 0
  private readonly queue = new EventQueue()
  private readonly byId = new Map<PeerId, Node>()
  private readonly random: Random
  private readonly init: Required<Omit<WorldInit, 'config' | 'failing' | 'keeps' | 'lying' | 'isVarying'>> & WorldInit
  private readonly specs = new Map<JobId, JobSpec>()
  readonly verifiers = new Map<JobId, Verifier>()
  private serial = 0

  constructor (init: WorldInit) {
    this.init = { delayMs: [1, 20], loss: 0, duplication: 0, partitionMs: 1, ...init }
    this.random = createRandom(init.seed, 'world')
  }

  add (cores = 1, speed = 1): Node {
    const id = `peer${this.nodes.length}` as PeerId
    const peer = this.aPeer(id)
    const node: Node = {
      id, peer, state: 'live', speed, links: new Set(), topics: new Set(), timers: new Map(), computing: new Map(),
      busyUntilMs: 0, group: 0, backlog: [], neighbours: new Map(), cores, store: new Map()
    }
    this.nodes.push(node)
    this.byId.set(id, node)
    this.start(node)
    return node
  }

  private aPeer (id: PeerId): Peer {
    return new Peer({ id, seed: this.init.seed, config: configure(this.init.config), keeps: this.init.keeps ?? false })
  }

  private start (node: Node): void {
    node.topics.add('jobs')
    this.feed(node, { type: 'listening', addrs: [`/memory/${node.id}`] })
    for (const restored of restoredFrom(node.store)) this.feed(node, { type: 'restore', restored })
    this.feed(node, { type: 'capacity', cores: node.cores })
  }

  /** A killed peer's process starts again with its store. */
  restart (node: Node): void {
    for (const part of [node.topics, node.timers, node.computing, node.neighbours, node.links]) part.clear()
    node.busyUntilMs = 0
    node.peer = this.aPeer(node.id)
    node.state = 'live'
    this.start(node)
  }

  /** Connect every later peer to the first, as a bootstrap address would. */
  bootstrap (): void {
    for (const node of this.nodes.slice(1)) this.connect(node, this.nodes[0] as Node)
  }

  submit (node: Node, spec: JobSpec): JobId {
    const job = `job-${JSON.stringify([spec.partitions, spec.fanout, spec.grain, spec.nonce, ...(spec.trust.type === 'none' ? [] : [spec.trust])])}` as JobId
    this.specs.set(job, spec)
    if (spec.trust.type !== 'none' && !this.verifiers.has(job)) this.verifiers.set(job, new Verifier(spec, this.init.isVarying))
    this.feed(node, { type: 'submit', job, spec, proof: null })
    return job
  }

  feed (node: Node, input: Input): void {
    if (node.state === 'dead') return
    if (node.state === 'paused') { node.backlog.push(input); return }
    for (const effect of node.peer.handle(input, this.now)) this.perform(node, effect)
  }

  kill (node: Node): void {
    node.state = 'dead'
    for (const other of [...node.links]) this.unlink(node, this.get(other))
  }

  leave (node: Node): void {
    this.feed(node, { type: 'leave' })
    this.later(50, () => { this.kill(node) })
  }

  pause (node: Node): void { node.state = 'paused' }

  resume (node: Node): void {
    node.state = 'live'
    for (const input of node.backlog.splice(0)) this.feed(node, input)
  }

  /** Put peers into groups that cannot hear each other; 0 for all heals. */
  split (groupOf: (node: Node) => number): void {
    for (const node of this.nodes) node.group = groupOf(node)
    for (const node of this.nodes) {
      for (const other of [...node.links]) {
        if (this.get(other).group !== node.group) this.unlink(node, this.get(other))
      }
    }
  }

  /** Run until `isOver` holds or virtual time is up; false when it is up. */
  run (untilMs: number, isOver: () => boolean = () => false): boolean {
    while (!isOver()) {
      const event = this.queue.pop(untilMs)
      if (event === undefined) { this.now = untilMs; return isOver() }
      this.now = Math.max(this.now, event.at)
      event.act()
    }
    return true
  }

  later (ms: number, act: () => void): void { this.queue.push(this.now + ms, act) }

  get (id: PeerId): Node { return this.byId.get(id) as Node }

  connect (a: Node, b: Node): void {
    if (a === b || a.links.has(b.id) || a.state === 'dead' || b.state === 'dead' || a.group !== b.group) return
    a.links.add(b.id)
    b.links.add(a.id)
    const delay = this.delay()
    this.later(delay, () => { if (a.links.has(b.id)) this.feed(a, { type: 'connected', peer: b.id, addrs: [`/memory/${b.id}`] }) })
    this.later(delay, () => { if (a.links.has(b.id)) this.feed(b, { type: 'connected', peer: a.id, addrs: [`/memory/${a.id}`] }) })
  }

  private unlink (a: Node, b: Node): void {
    a.links.delete(b.id)
    b.links.delete(a.id)
    for (const [node, other] of [[a, b], [b, a]] as const) {
      this.later(this.delay(), () => { this.feed(node, { type: 'disconnected', peer: other.id }) })
    }
  }

  private delay (): number {
    const [low, high] = this.init.delayMs
    return low + this.random.next() * (high - low)
  }

  private perform (node: Node, effect: Effect): void {
    switch (effect.type) {
      case 'send': return this.sendDirect(node, effect.to, effect.message)
      case 'certify': this.certified.push(effect); return this.sendDirect(node, effect.to, effect.message)
      case 'publish': return this.gossip(node, effect)
      case 'subscribe': node.topics.add(topicKey(effect.topic)); return
      case 'unsubscribe': node.topics.delete(topicKey(effect.topic)); return
      case 'neighbours':
        node.neighbours.set(effect.job, effect.contacts.length)
        for (const contact of effect.contacts) this.connect(node, this.get(contact.peer))
        return
      case 'dial': return this.dial(node, effect.contact.peer)
      case 'set-timer': return this.setTimer(node, effect)
      case 'clear-timer': node.timers.delete(timerKey(effect.timer)); return
      case 'compute': return this.compute(node, effect.job, effect.path)
      case 'collect': return this.collect(node, effect.job, effect.path, effect.values)
      case 'cancel-compute': node.computing.delete(`${effect.job} ${effect.path}`); return
      case 'fetch': return this.fetch(node, effect.job, effect.cid, effect.from)
      case 'find-members': return this.findMembers(node, effect.job)
      case 'notice': this.notices.push({ at: this.now, peer: node.id, notice: effect.notice }); return
      case 'drop': this.drops.push(effect.reason); return
      case 'store': return keep(node.store, effect.changes)
      case 'check': case 'judge': case 'prove': return this.later(2 * this.delay(), () => { this.feed(node, (this.verifiers.get(effect.job) as Verifier).answer(effect)) })
      case 'provide': case 'forget':
    }
  }

  private deliver (from: Node, to: Node, message: Message, topic: Input & { type: 'message' } | null): void {
    this.sent.set(message.type, (this.sent.get(message.type) ?? 0) + 1)
    if (this.random.next() < this.init.loss) return
    const copies = this.random.next() < this.init.duplication ? 2 : 1
    for (let i = 0; i < copies; i++) {
      this.later(this.delay(), () => {
        if (from.group === to.group) this.feed(to, topic ?? { type: 'message', from: from.id, message, topic: null })
      })
    }
  }

  private sendDirect (from: Node, to: PeerId, message: Message): void {
    const target = this.byId.get(to)
    if (target === undefined) return
    if (!from.links.has(to)) {
      if (target.state === 'dead' || target.group !== from.group) {
        this.later(this.delay(), () => { this.feed(from, { type: 'unreachable', peer: to }) })
        return
      }
      this.connect(from, target)
    }
    this.deliver(from, target, message, null)
  }

  private gossip (from: Node, effect: Effect & { type: 'publish' }): void {
    const key = topicKey(effect.topic)
    for (const node of this.nodes) {
      if (node === from || node.state === 'dead' || !node.topics.has(key)) continue
      this.deliver(from, node, effect.message, { type: 'message', from: from.id, message: effect.message, topic: effect.topic })
    }
  }

  private dial (node: Node, to: PeerId): void {
    const target = this.byId.get(to)
    const isReachable = target !== undefined && target.state !== 'dead' && target.group === node.group
    this.later(this.delay(), () => {
      if (!isReachable) return this.feed(node, { type: 'unreachable', peer: to })
      if (node.links.has(to)) return this.feed(node, { type: 'connected', peer: to, addrs: [`/memory/${to}`] })
      this.connect(node, target)
    })
  }

  private setTimer (node: Node, effect: Effect & { type: 'set-timer' }): void {
    const key = timerKey(effect.timer)
    const serial = ++this.serial
    node.timers.set(key, serial)
    this.later(effect.ms, () => {
      if (node.timers.get(key) !== serial) return
      node.timers.delete(key)
      this.feed(node, { type: 'timer', timer: effect.timer })
    })
  }

  private compute (node: Node, job: JobId, path: Path): void {
    const spec = this.specs.get(job) as JobSpec
    const range = rangeOf(spec, path)
    if (range === null) throw new Error(`compute of ${path}, which does not exist`)
    const ms = sizeOf(range) * this.init.partitionMs / node.speed
    node.busyUntilMs = Math.max(this.now, node.busyUntilMs) + ms
    const serial = ++this.serial
    const key = `${job} ${path}`
    node.computing.set(key, serial)
    this.later(node.busyUntilMs - this.now, () => {
      if (node.computing.get(key) !== serial || node.state === 'dead') return
      node.computing.delete(key)
      const bad = this.firstFailure(range.from, range.to, node.id)
      if (bad >= 0) return this.feed(node, { type: 'compute-failed', job, why: failure(path, bad) })
      this.computed.push({ at: this.now, peer: node.id, job, path })
      this.made(node, job, foldOracle(spec, path), ms, null)
    })
  }

  /** A bite, or a fold of these parts, is done. */
  private made (node: Node, job: JobId, right: Computed, ms: number, parts: Value[] | null): void {
    const isLie = this.init.lying?.(node.id, right.path, parts === null) === true
    const value = isLie ? lieOf(right) : right
    const commitment = this.verifiers.get(job)?.commit(node.id, value, parts) ?? null
    const salt = commitment === null ? NO_SALT : Uint8Array.from({ length: 16 }, () => this.random.below(256))
    this.feed(node, { type: 'computed', job, value, ms, commitment, salt })
  }

  private firstFailure (from: number, to: number, peer: PeerId): number {
    if (this.init.failing === undefined) return -1
    for (let i = from; i < to; i++) if (this.init.failing(i, peer)) return i
    return -1
  }

  private collect (node: Node, job: JobId, path: Path, values: Value[]): void {
    const value = encodeFold(path, foldOf(values))
    this.later(1, () => { if (node.state !== 'dead') this.made(node, job, value, 1, values) })
  }

  private fetch (node: Node, job: JobId, cid: Cid, from: PeerId[]): void {
    const isThere = from.some(id => { const other = this.byId.get(id); return other?.state === 'live' && other.group === node.group })
    this.later(2 * this.delay(), () => { this.feed(node, { type: isThere ? 'fetched' : 'unfetchable', job, cid }) })
  }

  private findMembers (node: Node, job: JobId): void {
    const members = this.nodes.filter(other => other !== node && other.state === 'live' && other.group === node.group && other.peer.jobs.get(job)?.state === 'member')
    const contacts = members.slice(0, 4).map(({ id }) => ({ peer: id, addrs: [`/memory/${id}`] }))
    this.later(100, () => { this.feed(node, { type: 'members', job, contacts }) })
  }
}

const topicKey = (topic: { job: JobId | null, path: Path }): string => topic.job === null ? 'jobs' : `${topic.job} ${topic.path}`

const failure = (path: Path, partition: number): Failure =>
  ({ kind: 'threw', path, partition, message: `partition ${partition} throws`, stack: '' })
