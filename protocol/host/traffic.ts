/**
 * Counts what a peer sends and drops (DESIGN 7: `messages` and `bytes` are encoded control messages without
 * values and blocks).
 */
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
 * @returns the control messages and bytes among them; zeros for values
 */
export function countSent (counters: Counters, { message, copies, bytes }: Sent): { messages: number, bytes: number } {
  const isControl = message.type !== 'value' && message.type !== 'hold'
  const messages = isControl ? copies : 0
  const controlBytes = isControl ? bytes - copies * valueBytes(message) : 0
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

export function countDropped (counters: Counters, reason: string): void {
  const known = counters.dropped.size < REASONS_MAX || counters.dropped.has(reason) ? reason : 'other'
  counters.dropped.set(known, (counters.dropped.get(known) ?? 0) + 1)
}
