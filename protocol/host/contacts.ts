/**
 * Where peers can be dialled, gathered from what peers tell each other, so that a message can be sent to one
 * that was only heard of. Addresses are hints: whoever answers a dial still has to prove its id. Bounded; the
 * peer that was named least recently is forgotten first.
 */
import type { Contact, PeerId } from '../core/ids.ts'
import type { Message } from '../core/message.ts'

/** A job's tree neighbours are tens; this holds those of many jobs in about a megabyte. A guess. */
const CONTACTS_KEPT = 4096

export class AddressBook {
  readonly #addrs = new Map<PeerId, string[]>()

  /** Remember addresses; a contact without any changes nothing. */
  learn (contacts: Contact[]): void {
    for (const { peer, addrs } of contacts) {
      if (addrs.length === 0) continue
      this.#addrs.delete(peer)
      this.#addrs.set(peer, addrs)
      if (this.#addrs.size <= CONTACTS_KEPT) continue
      const oldest = this.#addrs.keys().next().value
      if (oldest !== undefined) this.#addrs.delete(oldest)
    }
  }

  /** Known addresses; none when nobody named any. */
  addrsOf (peer: PeerId): string[] {
    return this.#addrs.get(peer) ?? []
  }
}

/** The peers a message names together with addresses. */
export function contactsIn (message: Message): Contact[] {
  switch (message.type) {
    case 'jobs': return message.jobs.flatMap(({ members, outcome }) => outcome?.type === 'done' ? [...members, ...outcome.holders] : members)
    case 'join': return [message.joiner]
    case 'offer': return [message.coordinator]
    case 'rerun':
    case 'recruit': return [message.coordinator]
    case 'claim': return [message.peer]
    case 'refused': return message.ask === null ? [] : [message.ask]
    case 'heard': return message.now === null ? [] : [message.now]
    case 'grant': return contactsIn(message.state)
    case 'state': return [message.coordinator, ...message.heirs, ...message.up]
    default: return []
  }
}
