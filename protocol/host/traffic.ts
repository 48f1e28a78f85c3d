/**
 * Counts what a peer sends and drops (DESIGN 7: `messages` and `bytes` are encoded control messages without
 * values and blocks; who did what below a value, K3, stands beside it and counts).
 */
import { credit as creditType } from './wire/credit.ts'
import { encode } from './wire/schema.ts'
import { encodeMessage } from './wire/codec.ts'
import type { Message } from '../core/message.ts'
import type { NetworkEvent } from './network.ts'

/** What a MeshPeer has sent and dropped since it was made. */
export interface Counters {
  /** Control messages sent, each copy of a published one counted. */
  messages: number
  /** Encoded bytes of those. */
  bytes: number
  /** Messages dropped, by reason. */
  dropped: Map<string, number>
}

/** Reasons come from a closed set, but this bounds them should one ever hold what a peer sent. */
const REASONS_MAX = 256

type Sent = Extract<NetworkEvent, { type: 'sent' }>

/**
 * Count one message's copies.
 *
 * @returns the control messages and bytes among them; of values only the credit beside them
 */
export function countSent (counters: Counters, { message, copies, bytes }: Sent): { messages: number, bytes: number } {
  const isControl = message.type !== 'value' && message.type !== 'hold'
  const messages = isControl ? copies : 0
  const controlBytes = copies * creditBytes(message) + (isControl ? bytes - copies * valueBytes(message) : 0)
  counters.messages += messages
  counters.bytes += controlBytes
  return { messages, bytes: controlBytes }
}

/** Bytes of the values that a grant carries along. */
function valueBytes (message: Message): number {
  if (message.type !== 'grant' || message.values.length === 0) return 0
  const { job, values } = message
  return encodeMessage({ type: 'hold', job, values }).length
}

/** Bytes of receipts and shares beside the values that a message carries; most carry none. */
function creditBytes (message: Message): number {
  const values = message.type === 'value' ? [message.value] : message.type === 'hold' || message.type === 'grant' ? message.values : []
  return values.reduce((sum, { credit }) => sum + (credit === null ? 0 : encode(creditType, credit).length), 0)
}

export function countDropped (counters: Counters, reason: string): void {
  const known = counters.dropped.size < REASONS_MAX || counters.dropped.has(reason) ? reason : 'other'
  counters.dropped.set(known, (counters.dropped.get(known) ?? 0) + 1)
}
