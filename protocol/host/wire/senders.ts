/**
 * Who may say what: a claim is made by the peer it names, a grant and a published state by the coordinator they
 * name. Connections and gossip signatures prove who sent a message; this holds it against what is inside.
 */
import type { Message, MessageType, Topic } from '../../core/message.ts'
import type { PeerId } from '../../core/ids.ts'

/** What is ever published; everything else travels over direct streams. */
const GOSSIPED: readonly MessageType[] = ['jobs', 'claim', 'state', 'beat', 'blame']

/**
 * What is wrong with a message from this peer on this topic (null: over a direct stream), or null.
 */
export function checkSender (from: PeerId, message: Message, topic: Topic | null): string | null {
  if (topic !== null) {
    if (!GOSSIPED.includes(message.type)) return 'a message that is never published'
    const job = 'job' in message ? message.job : null
    if (job !== topic.job) return 'a message on another job\'s topic'
    if ((message.type === 'state' || message.type === 'beat') && message.path !== topic.path) return 'a state on another path\'s topic'
    if (message.type === 'state' && message.coordinator.peer !== from) return 'a state that its coordinator did not send'
  }
  if (message.type === 'claim' && message.peer.peer !== from) return 'a claim that its claimer did not send'
  if (message.type === 'grant' && message.state.coordinator.peer !== from) return 'a grant that its coordinator did not send'
  return null
}
