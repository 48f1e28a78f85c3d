/**
 * The cast of a state: whom it names, and in which places (C6). It changes seldom, while states come at every change, so a member looks
 * at all of it only then.
 */
import type { ChildState, StateMessage } from './message.ts'
import type { Contact } from './ids.ts'

/** Most states tell of progress only: the same peers in the same places need no second look. */
export function isSameCast (a: StateMessage, b: StateMessage): boolean {
  if (a.children.length !== b.children.length || !isSameContact(a.coordinator, b.coordinator)) return false
  for (let i = 0; i < a.children.length; i++) if ((a.children[i] as ChildState).holder !== (b.children[i] as ChildState).holder) return false
  return isSameList(a.heirs, b.heirs) && isSameList(a.up, b.up)
}

const isSameList = (a: Contact[], b: Contact[]): boolean => a.length === b.length && a.every((contact, i) => isSameContact(contact, b[i] as Contact))

const isSameContact = (a: Contact, b: Contact): boolean =>
  a.peer === b.peer && (a.addrs === b.addrs || (a.addrs.length === b.addrs.length && a.addrs.every((addr, i) => addr === b.addrs[i])))
