/**
 * How long a message takes between two nodes, and whether it arrives: half the round trip of their cities with a jitter that changes over
 * time, the line's bandwidth, packet loss as the delay of a retransmission (everything travels over streams), splits, one-way cuts,
 * clogs; and for the swarm what no stream does: messages that vanish, come twice, overtake each other or arrive as garbage.
 */
import type { Latency } from '../models/latency.ts'
import type { Link } from './links.ts'
import type { Node } from './node.ts'
import type { Random } from '../../protocol/core/random.ts'
import { mix } from '../models/hash.ts'

export interface NetworkPlan {
  /** Sigma of the lognormal jitter, and how long one draw of it lasts for a pair of cities, milliseconds. */
  jitterSigma: number
  jitterMs: number
  /** Probability that a packet is lost and sent again. */
  loss: number
  /** Median line speeds, Mbit/s; 0 is infinite. */
  upMbit: number
  downMbit: number
  /** Probability that a hole can be punched between two peers behind NATs. */
  punch: number
  /** Probabilities a message: vanishes, comes twice, is overtaken, arrives as garbage. */
  vanish: number
  duplicate: number
  reorder: number
  corrupt: number
}

export const PERFECT: NetworkPlan = {
  jitterSigma: 0, jitterMs: 10_000, loss: 0, upMbit: 0, downMbit: 0, punch: 1, vanish: 0, duplicate: 0, reorder: 0, corrupt: 0
}

/** SCENARIOS, "Default world". */
export const WORLD_NETWORK: NetworkPlan = {
  jitterSigma: 0.2, jitterMs: 10_000, loss: 0.01, upMbit: 20, downMbit: 36, punch: 0.7, vanish: 0, duplicate: 0, reorder: 0, corrupt: 0
}

const PACKET_BYTES = 1_200
/** The smallest retransmission time-out of TCP on Linux, milliseconds. */
const RTO_MS = 200
/** Round trips until two peers know each other: TCP, the choice of noise, noise, identify (4.1 measured through a delaying proxy); through a relay two more. */
const DIAL_TRIPS = 4
const RELAY_TRIPS = 2
/** Draws of the jitter that are made once. */
const JITTERS = 4096

export class Network {
  /** What holds now: the world's plan and the noises over it. */
  plan: NetworkPlan
  /** Groups that cannot hear each other; everybody in group 0 when whole. */
  groupOf: ((node: Node) => number) | null = null
  /** Pairs whose messages go one way only, or neither: `from to` by index. */
  readonly cuts = new Set<number>()
  /** Extra delay of a pair while it is clogged, milliseconds. */
  readonly clogs = new Map<number, number>()
  readonly #basis: NetworkPlan
  readonly #noises = new Set<Partial<NetworkPlan>>()
  readonly #latency: Latency
  readonly #random: Random
  readonly #jitters: Float64Array
  readonly #now: () => number

  constructor (plan: NetworkPlan, latency: Latency, random: Random, now: () => number) {
    this.plan = this.#basis = plan
    this.#latency = latency
    this.#random = random.split('network')
    this.#now = now
    const draws = random.split('jitter')
    this.#jitters = new Float64Array(JITTERS).map(() => Math.exp(plan.jitterSigma * normal(draws)))
  }

  /** The network is worse from now on; of two that differ the later holds. */
  disturb (noise: Partial<NetworkPlan>): void {
    this.#noises.add(noise)
    this.plan = Object.assign({}, this.#basis, ...this.#noises) as NetworkPlan
  }

  /** No longer. */
  calm (noise: Partial<NetworkPlan>): void {
    this.#noises.delete(noise)
    this.plan = Object.assign({}, this.#basis, ...this.#noises) as NetworkPlan
  }

  /** One-way delay of `bytes` from one node to another, milliseconds, without loss. */
  delayMs (from: Node, to: Node, bytes: number): number {
    const { upMbit, downMbit, jitterSigma, jitterMs } = this.plan
    const trip = this.#latency.rttMs[from.city * this.#latency.cities + to.city] as number
    let ms = trip / 2
    if (jitterSigma > 0) {
      const epoch = Math.floor(this.#now() / jitterMs)
      ms *= this.#jitters[mix(from.city, to.city, epoch) & (JITTERS - 1)] as number
    }
    if (upMbit > 0) ms += bytes * 0.008 / downMbit
    return ms
  }

  /** The way of one message over a link: its delay, at the end of what waits for the sender's line. */
  wayMs (from: Node, to: Node, link: Link | null, bytes: number): number {
    const { plan } = this
    let ms = this.delayMs(from, to, bytes)
    // A relay is somewhere between: the way is half as long again.
    if (link?.relayed === true) ms *= 1.5
    if (plan.upMbit > 0) {
      const startMs = Math.max(from.lineFreeMs, this.#now())
      from.lineFreeMs = startMs + bytes * 0.008 / plan.upMbit
      ms += from.lineFreeMs - this.#now()
    }
    const packets = 1 + Math.floor(bytes / PACKET_BYTES)
    for (let p = 0; p < packets && plan.loss > 0; p++) {
      for (let rto = RTO_MS + 2 * ms; this.#random.next() < plan.loss; rto *= 2) ms += rto
    }
    const clog = this.clogs.size === 0 ? undefined : this.clogs.get(pair(from, to))
    return clog === undefined ? ms : ms + clog
  }

  /** Chance of the swarm: does this happen to a message now? */
  happens (probability: number): boolean {
    return probability > 0 && this.#random.next() < probability
  }

  /** A random extra delay for what is overtaken, milliseconds. */
  overtakenMs (): number {
    return this.#random.next() * 500
  }

  isCut (from: Node, to: Node): boolean {
    if (this.groupOf !== null && this.groupOf(from) !== this.groupOf(to)) return true
    return this.cuts.size > 0 && this.cuts.has(pair(from, to))
  }

  /** Does a dial get no answer at all, not even a refusal? */
  isSilent (from: Node, to: Node): boolean {
    return this.isCut(from, to) || !to.refuses || to.nat === 'restricted'
  }

  /** How long a dial takes, and what comes of it; the same for a pair every time. */
  dialMs (from: Node, to: Node): { ms: number, relayed: boolean } {
    const trip = 2 * this.delayMs(from, to, 0)
    if (to.nat === 'open') return { ms: DIAL_TRIPS * trip, relayed: false }
    const isPunched = from.nat === 'open' || mix(from.index, to.index, 7) / 2 ** 32 < this.plan.punch
    return { ms: (DIAL_TRIPS + RELAY_TRIPS) * trip, relayed: !isPunched }
  }
}

/** An ordered pair of nodes as one number. */
export const pair = (from: Node, to: Node): number => from.index * 2 ** 26 + to.index

/** Box and Muller 1958. */
function normal (random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}
