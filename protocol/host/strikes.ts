/**
 * Who sent what no honest peer sends, how often, and who is kept out for it (X3). Strikes fade, so that a rare mistake
 * never adds up; they outlive the connection, so that coming back does not clear them. Bounded: the peer that was
 * struck least recently is forgotten first. Keys are free, so this stops a peer that misbehaves, not a person.
 */
import { FORGIVEN_PER_SECOND, OUTCAST_MS_MAX, OUTCAST_MS_MIN, RECORDS_KEPT, STRIKES_MAX } from './limits.ts'
import type { PeerId } from '../core/ids.ts'

interface Record { count: number, ms: number, untilMs: number, times: number }

export class Strikes {
  readonly #records = new Map<PeerId, Record>()

  get size (): number {
    return this.#records.size
  }

  /**
   * Count one.
   *
   * @param weight - how many it counts for
   * @returns true when it is enough: the peer is out for a while
   */
  add (peer: PeerId, weight: number, nowMs: number): boolean {
    const record = this.#records.get(peer) ?? { count: 0, ms: nowMs, untilMs: -Infinity, times: 0 }
    this.#records.delete(peer)
    this.#records.set(peer, record)
    record.count = faded(record, nowMs) + weight
    record.ms = nowMs
    this.#forgetOldest()
    if (record.count <= STRIKES_MAX - 1) return false
    record.untilMs = nowMs + Math.min(OUTCAST_MS_MAX, OUTCAST_MS_MIN * 2 ** record.times)
    record.count = 0
    record.times++
    return true
  }

  /** Is this peer kept out at the moment? */
  isOut (peer: PeerId, nowMs: number): boolean {
    return (this.#records.get(peer)?.untilMs ?? -Infinity) > nowMs
  }

  /** Strikes that count at the moment. */
  of (peer: PeerId, nowMs: number): number {
    const record = this.#records.get(peer)
    return record === undefined ? 0 : faded(record, nowMs)
  }

  #forgetOldest (): void {
    if (this.#records.size <= RECORDS_KEPT) return
    const oldest = this.#records.keys().next().value
    if (oldest !== undefined) this.#records.delete(oldest)
  }
}

const faded = ({ count, ms }: Record, nowMs: number): number => Math.max(0, count - (nowMs - ms) / 1000 * FORGIVEN_PER_SECOND)
