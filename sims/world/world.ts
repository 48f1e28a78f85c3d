/**
 * One simulated world: performs the effects of thousands of cores in virtual time and feeds back what happens, in the order of one
 * queue. It follows the driver's contract of protocol/README.md as the real host does, and never changes what a core says (an
 * adversary does, by name). All chance comes from the seed, split by concern; the stream of events is hashed as it goes.
 */
import type { JobId, PeerId } from '../../protocol/core/ids.ts'
import type { Config } from '../../protocol/core/config.ts'
import type { Event } from './event-queue.ts'
import type { HostCosts } from './host-costs.ts'
import type { Input } from '../../protocol/core/input.ts'
import type { Computed, JobSpec, Value } from '../../protocol/core/job.ts'
import type { Latency } from '../models/latency.ts'
import type { Link } from './links.ts'
import type { Message, Topic } from '../../protocol/core/message.ts'
import type { NetworkPlan } from './network.ts'
import type { Node } from './node.ts'
import type { Pace, Run } from './sandbox.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { Slot } from './timers.ts'
import { Dht } from './dht.ts'
import { EventQueue } from './event-queue.ts'
import { Gossip } from './gossip.ts'
import { Links } from './links.ts'
import { Network } from './network.ts'
import { Oracle } from './fold.ts'
import { Peer } from '../../protocol/core/peer.ts'
import { NO_SALT } from '../../protocol/core/salt.ts'
import { Verifier } from './verifier.ts'
import { Tally } from './tally.ts'
import { Watchers } from './watchers.ts'
import { endRun, runMs, startRuns } from './sandbox.ts'
import { fireSlot } from './timers.ts'
import { configure } from '../../protocol/core/config.ts'
import { controlBytes, sizeOfMessage } from './sizes.ts'
import { perform } from './effects.ts'
import { rangeOf } from '../../protocol/core/geometry.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'

export interface WorldInit {
  seed: number
  random: Random
  network: NetworkPlan
  latency: Latency
  config?: Partial<Config>
  pace: Pace
  costs: HostCosts
  /** Milliseconds of a tick. */
  tickMs: number
}

const SALT_BYTES = 16

export class World {
  readonly queue: EventQueue
  readonly network: Network
  readonly links: Links
  readonly gossip: Gossip
  readonly dht: Dht
  readonly tally = new Tally()
  readonly nodes: Node[] = []
  /** Those that are there, in no order that means anything. */
  readonly live: Node[] = []
  readonly config: Config
  readonly watchers = new Watchers()
  readonly init: WorldInit
  /** What those that are not there know: nothing. */
  readonly nobody: Peer
  readonly #byId = new Map<PeerId, Node>()
  /** The message measured last: gossip sends one to many. */
  #measured: Message | null = null
  #bytes = 0
  readonly #jobs = new Map<JobId, { spec: JobSpec, oracle: Oracle, verifier: Verifier | null }>()
  readonly #salts: Random

  constructor (init: WorldInit) {
    this.init = init
    this.config = configure(init.config)
    this.nobody = new Peer({ id: 'nobody' as PeerId, config: this.config, seed: 0 })
    this.queue = new EventQueue(init.tickMs)
    this.network = new Network(init.network, init.latency, init.random, () => this.queue.nowMs)
    this.links = new Links(this, this.network)
    this.gossip = new Gossip(this, init.random)
    this.dht = new Dht(this, init.random)
    this.#salts = init.random.split('salts')
  }

  get nowMs (): number {
    return this.queue.nowMs
  }

  byId (id: PeerId): Node | undefined {
    return this.#byId.get(id)
  }

  /** Make a machine known to the world; it is off until it comes. */
  enter (node: Node): void {
    this.nodes.push(node)
    this.#byId.set(node.id, node)
  }

  addJob (id: JobId, spec: JobSpec): void {
    const oracle = new Oracle(spec.partitions)
    this.#jobs.set(id, { spec, oracle, verifier: spec.trust.type === 'none' ? null : new Verifier(spec, oracle) })
  }

  specOf (id: JobId): JobSpec {
    return (this.#jobs.get(id) as { spec: JobSpec }).spec
  }

  oracleOf (id: JobId): Oracle {
    return (this.#jobs.get(id) as { oracle: Oracle }).oracle
  }

  /** Who looks at values (V7); null where everything is believed. */
  verifierOf (id: JobId): Verifier | null {
    return this.#jobs.get(id)?.verifier ?? null
  }

  /** A bite, or a fold of these parts, is done: its node says what it came to. */
  made (node: Node, job: JobId, right: Computed, ms: number, parts: Value[] | null): Input {
    const verifier = this.verifierOf(job)
    const value = node.adversary?.make?.(right, parts === null) ?? right
    this.watchers.made(node, value)
    if (verifier === null) return { type: 'computed', job, value, ms, commitment: null, salt: NO_SALT }
    const salt = new Uint8Array(SALT_BYTES)
    for (let i = 0; i < SALT_BYTES; i++) salt[i] = this.#salts.below(256)
    return { type: 'computed', job, value, ms, commitment: verifier.commit(node.id, value, parts), salt }
  }

  /** Run until an event after `untilMs` or until `isOver`, asked after every event. */
  run (untilMs: number, isOver: () => boolean = () => false): void {
    while (!isOver()) {
      const event = this.queue.pop(untilMs)
      if (event === null) return
      this.#happen(event)
      this.queue.recycle(event)
    }
  }

  later (ms: number, act: () => void): void {
    this.queue.push(ms, 'action', null, 0, act, null, null)
  }

  /** Feed an input after a time, unless the node is gone by then. */
  input (node: Node, ms: number, input: Input): void {
    this.queue.push(ms, 'input', node, node.life, input, null, null)
  }

  /** Hand an input to a core now and do what it says. */
  feed (node: Node, input: Input): void {
    if (node.state === 'off') return
    if (node.state === 'paused') {
      node.inbox.push(input)
      return
    }
    let effects = node.core.handle(input, this.queue.nowMs + node.skewMs)
    if (node.adversary !== null) effects = node.adversary.bend(node, effects, this.queue.nowMs)
    for (const effect of effects) perform(this, node, effect)
  }

  /** A message over a link that is up. */
  transmit (from: Node, to: Node, link: Link, message: Message, topic: Topic | null): void {
    const bytes = this.count(from, to, message)
    const isToB = link.b === to
    const isFirst = (isToB ? link.arrivesAtB : link.arrivesAtA) === 0
    // A stream is opened first: a round trip to agree on the protocol.
    const openMs = isFirst ? this.init.costs.streamMs + 2 * this.network.delayMs(from, to, 0) : 0
    const ms = openMs + this.network.wayMs(from, to, link, bytes)
    const { plan } = this.network
    if (this.network.isCut(from, to) || this.network.happens(plan.vanish)) return
    if (this.network.happens(plan.corrupt)) return this.tally.drop('garbage')
    if (this.network.happens(plan.duplicate)) this.arrive(from, to, message, topic, ms + this.network.overtakenMs())
    if (this.network.happens(plan.reorder)) return this.arrive(from, to, message, topic, ms + this.network.overtakenMs())
    const at = Math.max(this.queue.tickIn(ms), isToB ? link.arrivesAtB : link.arrivesAtA)
    if (isToB) link.arrivesAtB = at
    else link.arrivesAtA = at
    this.queue.pushAt(at, 'message', to, to.life, from, message, topic)
  }

  /** One hop of gossip. @returns its delay, milliseconds; null when it does not arrive */
  transmitGossip (from: Node, by: Node, to: Node, link: Link, message: Message, topic: Topic, afterMs: number): number | null {
    const bytes = this.count(by, to, message)
    const ms = this.network.wayMs(by, to, link, bytes)
    const { plan } = this.network
    if (this.network.isCut(by, to) || this.network.happens(plan.vanish) || this.network.happens(plan.corrupt)) return null
    if (this.network.happens(plan.duplicate)) this.arrive(from, to, message, topic, afterMs + ms + this.network.overtakenMs())
    this.arrive(from, to, message, topic, afterMs + ms)
    return ms
  }

  arrive (from: Node, to: Node, message: Message, topic: Topic | null, ms: number): void {
    this.queue.push(ms, 'message', to, to.life, from, message, topic)
  }

  /** Count a message as its sender's. @returns its bytes */
  count (from: Node, to: Node, message: Message): number {
    const bytes = this.#sizeOf(message)
    this.tally.count(message.type, bytes)
    from.sentMessages++
    from.sentBytes += bytes
    const control = controlBytes(message, bytes)
    this.tally.controlBytes += control
    if (control > 0) from.core.countTraffic(1, control)
    this.watchers.sent(from, to, message, bytes)
    return bytes
  }

  #sizeOf (message: Message): number {
    if (message !== this.#measured) {
      this.#measured = message
      this.#bytes = sizeOfMessage(message)
    }
    return this.#bytes
  }

  #happen (event: Event): void {
    const { node } = event
    if (node !== null && (node.life !== event.life || node.state === 'off')) return
    this.tally.happen(event)
    switch (event.kind) {
      case 'message': return this.#onMessage(node as Node, event)
      case 'drain': return this.#drain(node as Node)
      case 'timer': return this.#onTimer(node as Node, event)
      case 'computed': return this.#onComputed(node as Node, event)
      case 'input': return this.feed(node as Node, event.a as Input)
      case 'dialled': return this.links.onDialled(event.a as Link, event.b as number)
      case 'action': return (event.a as () => void)()
      default: return unreachable(event.kind)
    }
  }

  /** A host handles messages one after the other. */
  #onMessage (node: Node, event: Event): void {
    const input: Input = { type: 'message', from: (event.a as Node).id, message: event.b as Message, topic: event.c as Topic | null }
    const nowMs = this.queue.nowMs
    if (node.inbox.length > 0 || node.busyUntilMs > nowMs) {
      if (node.inbox.length === 0 && node.state === 'live') this.queue.push(node.busyUntilMs - nowMs, 'drain', node, node.life, null, null, null)
      node.inbox.push(input)
      return
    }
    node.busyUntilMs = nowMs + this.init.costs.messageMs
    this.feed(node, input)
  }

  #drain (node: Node): void {
    if (node.state !== 'live') return
    // What its one thread manages in a tick, at least one.
    const n = Math.min(node.inbox.length, Math.max(1, Math.floor(this.init.tickMs / Math.max(0.001, this.init.costs.messageMs))))
    for (const input of node.inbox.splice(0, n)) this.feed(node, input)
    node.busyUntilMs = this.queue.nowMs + n * this.init.costs.messageMs
    if (node.inbox.length > 0) this.queue.push(node.busyUntilMs - this.queue.nowMs, 'drain', node, node.life, null, null, null)
  }

  /** Stops without a word; nothing it is sent is lost. */
  pause (node: Node): void {
    node.state = 'paused'
    this.watchers.paused(node)
  }

  /** Goes on after a pause: what came meanwhile is handled first. */
  wake (node: Node): void {
    node.state = 'live'
    this.watchers.woken(node)
    if (node.inbox.length > 0) this.queue.push(0, 'drain', node, node.life, null, null, null)
  }

  #onTimer (node: Node, event: Event): void {
    const timer = fireSlot(this.queue, node, event.a as Slot, event)
    if (timer !== null) this.feed(node, { type: 'timer', timer })
  }

  #onComputed (node: Node, event: Event): void {
    const run = event.a as Run
    if (!endRun(node, run, event)) return
    startRuns(this.queue, node, this.init.pace)
    const { spec, oracle } = { spec: this.specOf(run.job), oracle: this.oracleOf(run.job) }
    const range = rangeOf(spec, run.path)
    if (range === null) throw new Error(`compute of ${run.path}, which does not exist`)
    const value = oracle.value(run.path, range)
    this.watchers.computed(node, run, value)
    this.feed(node, this.made(node, run.job, value, runMs(node, run, this.init.pace), null))
  }
}
