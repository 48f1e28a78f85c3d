/**
 * Where peers can be dialled, gathered from what peers tell each other, so that a message can be sent to one
 * that was only heard of. Addresses are hints: whoever answers a dial still has to prove its id. Those that a peer told
 * itself over a connection count before hearsay, until they fail, so that nobody can be talked out of reach (X4). Bounded;
 * the peer that was named least recently is forgotten first.
 */
import { METERS_KEPT } from './limits.ts'
import type { Contact, PeerId } from '../core/ids.ts'
import type { Message } from '../core/message.ts'

/** A job's tree neighbours are tens; this holds those of many jobs in about a megabyte. A guess. */
const CONTACTS_KEPT = 4096
/** Peers that were connected: as many as the network counts rates of. */
const PROVEN_KEPT = METERS_KEPT

export class AddressBook {
  readonly #addrs = new Map<PeerId, string[]>()
  readonly #proven = new Map<PeerId, string[]>()

  /** Remember addresses; a contact without any changes nothing. */
  learn (contacts: Contact[]): void {
    for (const { peer, addrs } of contacts) {
      if (addrs.length > 0) keep(this.#addrs, peer, addrs, CONTACTS_KEPT)
    }
  }

  /** The peer told these itself. */
  prove ({ peer, addrs }: Contact): void {
    if (addrs.length > 0) keep(this.#proven, peer, addrs, PROVEN_KEPT)
  }

  /** It does not answer there any more: hearsay may know better. */
  disprove (peer: PeerId): void {
    this.#proven.delete(peer)
  }

  /** Known addresses; none when nobody named any. */
  addrsOf (peer: PeerId): string[] {
    return this.#proven.get(peer) ?? this.#addrs.get(peer) ?? []
  }
}

function keep (map: Map<PeerId, string[]>, peer: PeerId, addrs: string[], kept: number): void {
  map.delete(peer)
  map.set(peer, addrs)
  if (map.size <= kept) return
  const oldest = map.keys().next().value
  if (oldest !== undefined) map.delete(oldest)
}

/** The peers a message names together with addresses. */
export function contactsIn (message: Message): Contact[] {
  switch (message.type) {
    case 'jobs': return message.jobs.flatMap(({ members, outcome }) => outcome?.type === 'done' ? [...members, ...outcome.holders] : members)
    case 'join': return [message.joiner]
    case 'offer': return [message.coordinator]
    case 'rerun':
    case 'recruit': return [message.coordinator]
    case 'voter': return [message.voter]
    case 'claim': return [message.peer]
    case 'refused': return message.ask === null ? [] : [message.ask]
    case 'heard': return message.now === null ? [] : [message.now]
    case 'grant': return contactsIn(message.state)
    case 'state': return [message.coordinator, ...message.heirs, ...message.up]
    default: return []
  }
}
