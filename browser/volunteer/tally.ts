/**
 * All that is counted while a volunteer's peers come and go: what was given, how fast, and where pieces are worked on.
 * It only looks at the peer.
 */
import { Ledger } from './ledger.ts'
import { History, Pace } from './pace.ts'
import type { TabPeer } from '../peer/tab-peer.ts'

const KEEP_MS = 15_000

export class Tally {
  readonly ledger: Ledger
  readonly pace = new Pace()
  readonly history = new History()
  #keptMs = 0

  constructor (store?: Storage) {
    this.ledger = new Ledger(store)
  }

  look (peer: TabPeer | undefined, nowMs: number): void {
    if (peer !== undefined) {
      this.ledger.count(peer.given)
      this.pace.look(peer.work(), nowMs)
    }
    this.history.add(this.ledger.visit.cpuMs, nowMs)
    if (nowMs - this.#keptMs >= KEEP_MS) this.#keep(nowMs)
  }

  /** The peer is left: its last figures. */
  close (peer: TabPeer, nowMs: number): void {
    this.ledger.count(peer.given)
    this.ledger.close()
    this.pace.clear()
    this.#keep(nowMs)
  }

  #keep (nowMs: number): void {
    this.#keptMs = nowMs
    this.ledger.keep(nowMs)
  }
}
