/**
 * Who keeps copies of a position's values and takes over when its coordinator is lost (C6, R2): its members first, and where there are
 * too few, peers of the position above. Chosen anew at every change, so nothing here searches farther than it must.
 */
import type { Contact, PeerId } from './ids.ts'
import type { Context, Job, Position } from './state.ts'
import { contactOf, self } from './context.ts'
import { addrsOf } from './links.ts'
import type { StateMessage } from './message.ts'

/** Distinct other peers that hold a child here. A few: searching the list is cheaper than keeping a set. */
export function membersOf (cx: Context, position: Position): PeerId[] {
  const members: PeerId[] = []
  for (const { state, holder } of position.children) {
    if (state === 'leased' && holder !== null && holder !== cx.id && !members.includes(holder)) members.push(holder)
  }
  return members
}

/** Does anybody else hold a child here? */
export function hasMembers (cx: Context, position: Position): boolean {
  for (const { state, holder } of position.children) if (state === 'leased' && holder !== null && holder !== cx.id) return true
  return false
}

/** Distinct others over all positions that this peer holds in a job (J3). */
export function helpersOf (cx: Context, job: Job): PeerId[] {
  const helpers: PeerId[] = []
  for (const position of job.positions.values()) {
    for (const member of membersOf(cx, position)) if (!helpers.includes(member)) helpers.push(member)
  }
  return helpers
}

/** The parent's coordinator and its heirs; empty at the root. */
export function upOf (cx: Context, job: Job, position: Position): Contact[] {
  if (position.parent === null) return []
  const own = job.positions.get(position.parent)
  if (own !== undefined) return [self(cx), ...own.heirs.map(peer => contactOf(cx, peer))]
  const view = job.views.get(position.parent)
  return view === undefined ? [] : [view.state.coordinator, ...view.state.heirs]
}

/** Their names alone. */
export function peersAbove (cx: Context, job: Job, position: Position): PeerId[] {
  if (position.parent === null) return []
  const own = job.positions.get(position.parent)
  if (own !== undefined) return [cx.id, ...own.heirs]
  const state = job.views.get(position.parent)?.state
  return state === undefined ? [] : [state.coordinator.peer, ...state.heirs.map(heir => heir.peer)]
}

/** C6: members first, those that can be dialled before others, then by age here; gaps filled from above. */
export function chooseHeirs (cx: Context, job: Job, position: Position): PeerId[] {
  const heirs = membersByAge(cx, position)
  if (heirs.length >= cx.config.heirs) return heirs.slice(0, cx.config.heirs)
  const above = peersAbove(cx, job, position)
  for (const peer of above) {
    if (heirs.length >= cx.config.heirs) break
    if (peer === above[0] || isMemberAbove(job, position, peer)) addOther(cx, heirs, peer)
  }
  // Whoever fills a gap above fills one here only where copies would be missing: nobody needs all ancestors (J3).
  for (const peer of above) if (heirs.length < cx.config.copies - 1) addOther(cx, heirs, peer)
  return heirs
}

function addOther (cx: Context, peers: PeerId[], peer: PeerId): void {
  if (peer !== cx.id && !peers.includes(peer)) peers.push(peer)
}

function membersByAge (cx: Context, position: Position): PeerId[] {
  const members = membersOf(cx, position)
  if (members.length < 2) return members
  const ranked = members.map(peer => ({ peer, hasAddrs: addrsOf(cx, peer).length > 0, sinceMs: grantedTo(position, peer) }))
  return ranked
    .sort((a, b) => Number(b.hasAddrs) - Number(a.hasAddrs) || a.sinceMs - b.sinceMs || (a.peer < b.peer ? -1 : 1))
    .map(({ peer }) => peer)
}

/** When a peer was first granted a child here. */
function grantedTo (position: Position, peer: PeerId): number {
  let sinceMs = Infinity
  for (const { holder, grantedMs } of position.children) if (holder === peer) sinceMs = Math.min(sinceMs, grantedMs)
  return sinceMs
}

/** Does this peer hold a child of the parent's position, rather than fill a gap among its heirs? */
function isMemberAbove (job: Job, { parent }: Position, peer: PeerId): boolean {
  if (parent === null) return false
  const own = job.positions.get(parent)
  if (own !== undefined) return own.children.some(({ state, holder }) => state === 'leased' && holder === peer)
  return holdsChild(job.views.get(parent)?.state, peer)
}

/** Is this peer named in a state as holder of a child? */
export const holdsChild = (state: StateMessage | undefined, peer: PeerId): boolean =>
  state?.children.some(child => child.holder === peer) ?? false
