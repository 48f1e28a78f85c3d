/** What is counted while a world runs, and the hash of its events. Sums only; quantiles and shares are the report's. */
import type { Event, EventKind } from './event-queue.ts'
import type { Message } from '../../protocol/core/message.ts'
import type { Traffic } from '../report/report.ts'

const KINDS: Record<EventKind, number> = { message: 1, drain: 2, timer: 3, computed: 4, input: 5, dialled: 6, action: 7 }

export class Tally {
  /** Events that happened, and messages handled among them. */
  events = 0
  readonly byType = new Map<string, Traffic>()
  /** Bytes of messages without the values they carry (sizes.ts). */
  controlBytes = 0
  readonly drops = new Map<string, number>()
  /** Sandbox time of runs that were stopped, milliseconds. */
  cancelledMs = 0
  #low = 0x811c9dc5
  #high = 0x9e3779b9

  count (type: string, bytes: number): void {
    const traffic = this.byType.get(type)
    if (traffic === undefined) this.byType.set(type, { messages: 1, bytes })
    else {
      traffic.messages++
      traffic.bytes += bytes
    }
  }

  drop (reason: string): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1)
  }

  /** An event happens: it is part of the hash with its time, node, kind and, for messages, type and sender. */
  happen (event: Event): void {
    this.events++
    const message = event.kind === 'message' ? (event.b as Message).type.length * 31 + (event.a as { index: number }).index : 0
    this.#mix(event.tick)
    this.#mix(((event.node?.index ?? -1) << 3) | KINDS[event.kind])
    this.#mix(message)
  }

  #mix (word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x01000193)
    this.#high = Math.imul(this.#high ^ (this.#low >>> 15) ^ word, 0x85ebca6b)
  }

  /** 64 bits as hex. */
  get hash (): string {
    return [this.#high, this.#low].map(half => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
