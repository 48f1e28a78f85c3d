/**
 * Whom a peer knows: where peers can be dialled that anybody named, and of those it has had to do with, whether they are connected and
 * when they were last heard. Most are only named, so the two are kept apart.
 */
import type { Contact, PeerId } from './ids.ts'
import type { Context } from './state.ts'

export interface Link { connected: boolean, heardMs: number }

/** Remember where a peer can be dialled. */
export function learn (cx: Context, { peer, addrs }: Contact): void {
  if (peer === cx.id) return
  const known = cx.addresses.get(peer)
  if (known === addrs || (known !== undefined && addrs.length === 0)) return
  if (known === undefined && cx.addresses.size >= cx.config.linksMax) forgetOne(cx)
  cx.addresses.set(peer, addrs)
}

/** Anybody may name peers without end. Connections are few, so the search is short. */
function forgetOne (cx: Context): void {
  for (const peer of cx.addresses.keys()) {
    if (isConnected(cx, peer)) continue
    cx.addresses.delete(peer)
    cx.links.delete(peer)
    return
  }
}

/** A peer that is known says something. */
export function hearFrom (cx: Context, peer: PeerId): void {
  const link = cx.links.get(peer)
  if (link !== undefined) link.heardMs = cx.now
  else if (cx.addresses.has(peer)) cx.links.set(peer, { connected: false, heardMs: cx.now })
}

/** @returns whether it is another peer */
export function becomeConnected (cx: Context, contact: Contact): boolean {
  if (contact.peer === cx.id) return false
  learn(cx, contact)
  cx.links.set(contact.peer, { connected: true, heardMs: cx.now })
  return true
}

export function becomeDisconnected (cx: Context, peer: PeerId): void {
  const link = cx.links.get(peer)
  if (link !== undefined) link.connected = false
}

export const isConnected = (cx: Context, peer: PeerId): boolean => cx.links.get(peer)?.connected ?? false

/** Peers this one is connected to, in the order in which it learnt of them. */
export const connectedPeers = (cx: Context): PeerId[] => [...cx.addresses.keys()].filter(peer => isConnected(cx, peer))

export const addrsOf = (cx: Context, peer: PeerId): string[] => cx.addresses.get(peer) ?? []
