/**
 * A model of Kademlia look-ups: provider records that outlive their holders, found after as many hops as the mesh's size needs, each a
 * round trip or, at a peer that is gone, a time-out.
 */
import type { JobId } from '../../protocol/core/ids.ts'
import type { Node } from './node.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { World } from './world.ts'

interface Record { node: Node, atMs: number }

/** Records kept under one key, and found by one look-up: kad-dht's k, and protocol/host's FOUND_MAX. */
const RECORDS_MAX = 20
const FOUND_MAX = 8
/** Records expire after this (libp2p's default). */
const RECORD_MS = 48 * 3_600_000
/** Bits that one hop gets nearer, with three look-ups in parallel and buckets of 20. Measured on IPFS: 4 hops among 10,000s (Trautwein 2022). */
const BITS_A_HOP = 4
/** A hop to a peer that is gone. */
const TIMEOUT_MS = 1_500
const LOOKUP_MS_MAX = 5_000

export class Dht {
  readonly #world: World
  readonly #random: Random
  readonly #records = new Map<JobId, Record[]>()
  /** Share of routing table entries that are stale. */
  stale = 0.1

  constructor (world: World, random: Random) {
    this.#world = world
    this.#random = random.split('dht')
  }

  provide (node: Node, job: JobId): void {
    const known = (this.#records.get(job) ?? []).filter(record => record.node !== node)
    known.push({ node, atMs: this.#world.nowMs })
    this.#records.set(job, known.slice(-RECORDS_MAX))
  }

  find (node: Node, job: JobId): void {
    const ms = this.#lookUpMs(node)
    this.#world.later(ms, () => {
      if (node.state === 'off') return
      const records = (this.#records.get(job) ?? []).filter(record => this.#world.nowMs - record.atMs < RECORD_MS && record.node !== node && !this.#world.network.isCut(node, record.node))
      const found: Node[] = []
      for (let n = Math.min(FOUND_MAX, records.length); n > 0; n--) {
        const [record] = records.splice(this.#random.below(records.length), 1) as [Record]
        found.push(record.node)
      }
      this.#world.feed(node, { type: 'members', job, contacts: found.map(({ id, addrs }) => ({ peer: id, addrs })) })
    })
  }

  #lookUpMs (node: Node): number {
    const { live } = this.#world
    const hops = Math.max(1, Math.ceil(Math.log2(Math.max(2, live.length)) / BITS_A_HOP))
    let ms = 0
    for (let hop = 0; hop < hops; hop++) {
      const other = live[this.#random.below(live.length)] as Node
      ms += this.#random.next() < this.stale ? TIMEOUT_MS / 3 : 2 * this.#world.network.delayMs(node, other, 0)
    }
    return Math.min(LOOKUP_MS_MAX, ms)
  }
}
