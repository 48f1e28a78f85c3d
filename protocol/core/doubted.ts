/**
 * Silence or a lost connection -> doubt -> trust, another coordinator, or an election (C6). A disconnect is a hint: redial and
 * ask somebody else; only if nobody hears the coordinator is another elected (elected.ts). Invariant: who loses nothing
 * with a position does not elect.
 */
import type { AskMessage, HeardMessage } from './message.ts'
import type { Child, Context, Job, View } from './state.ts'
import type { Contact, Path, PeerId } from './ids.ts'
import { childAt } from './position.ts'
import { clearTimer, contactOf, self, send, setTimer } from './context.ts'
import { isConnected, learn } from './links.ts'
import { dropView, worksBelow } from './viewed.ts'
import { elect } from './elected.ts'
import { endWork } from './leased.ts'
import { isWithin, parentOf } from './geometry.ts'
import { tellOwed } from './owed.ts'

/** The connection to a coordinator closed, or its turn to speak passed. */
export function suspect (cx: Context, job: Job, view: View, isLost: boolean): void {
  if (view.doubt !== 'none') return
  if (!hasStake(job, view)) return forgetView(cx, job, view)
  if (isLost) {
    // A dial to nobody takes seconds to fail; whoever else lost the connection knows at once.
    redial(cx, job, view)
  } else askOthers(cx, job, view)
}

export function onSilenceTimer (cx: Context, job: Job, path: Path): void {
  const view = job.views.get(path)
  if (view !== undefined) suspect(cx, job, view, false)
}

/** Does this peer lose anything with the position above: work below it, or values that it keeps for it? */
function hasStake (job: Job, view: View): boolean {
  if (worksBelow(job, view)) return true
  for (const kept of job.ledger.keys()) if (isWithin(kept, view.path)) return true
  return false
}

/** A position that ended, or whose members look after it: those above it know where there is work. */
function forgetView (cx: Context, job: Job, view: View): void {
  const { coordinator, up, heirs } = view.state
  const near = [...up, ...heirs].filter(({ peer }) => peer !== coordinator.peer && peer !== cx.id)
  const others = job.hints.filter(hint => !near.some(({ peer }) => peer === hint.peer))
  job.hints = [...near, ...others, coordinator].slice(0, 8)
  dropView(cx, job, view)
}

/** Try to reach it, and ask somebody meanwhile. */
function redial (cx: Context, job: Job, view: View): void {
  view.doubt = 'redialling'
  cx.effects.push({ type: 'dial', contact: contactOf(cx, view.state.coordinator.peer) })
  ask(cx, job, view, chooseWitness(cx, job, view))
}

/** Could not be redialled, or was silent: does anybody else hear it? */
export function askOthers (cx: Context, job: Job, view: View): void {
  if (!hasStake(job, view)) return forgetView(cx, job, view)
  const witness = chooseWitness(cx, job, view)
  if (witness === undefined) return elect(cx, job, view)
  view.doubt = 'asking'
  ask(cx, job, view, witness)
}

function ask (cx: Context, job: Job, view: View, witness: PeerId | undefined): void {
  if (witness !== undefined) send(cx, witness, { type: 'ask', job: job.id, path: view.path, peer: view.state.coordinator.peer })
  // A dial takes three round trips before the question's own.
  const isNear = witness === undefined || isConnected(cx, witness)
  setTimer(cx, 'ask', job.id, view.path, (isNear ? 1 : 3) * cx.config.askMs)
}

/**
 * `up` below the root, another member at it; one that is connected if possible. Who only keeps values asks above, where it is known
 * whether the position has ended.
 */
function chooseWitness (cx: Context, job: Job, view: View): PeerId | undefined {
  const { state } = view
  const members = state.children.flatMap(child => child.holder === null ? [] : [child.holder])
  const [above, ...others] = state.up.map(contact => contact.peer)
  const all = [...(above === undefined ? [] : [above]), ...members, ...state.heirs.map(contact => contact.peer), ...others]
  const candidates = all.filter(peer => peer !== cx.id && peer !== state.coordinator.peer)
  const near = worksBelow(job, view) ? candidates.find(peer => isConnected(cx, peer)) : undefined
  return near ?? candidates[0]
}

export function onAsk (cx: Context, job: Job, from: PeerId, message: AskMessage): void {
  if (isDoneHere(job, message.path)) return send(cx, from, { type: 'ended', job: job.id, path: message.path })
  const { path, peer } = message
  const holder = holderOf(cx, job, path)
  const heard = { type: 'heard', job: job.id, path, peer } as const
  if (holder === 'nobody') return send(cx, from, { ...heard, ms: -1, now: null })
  if (holder !== 'unknown' && holder !== peer && holder !== from) return send(cx, from, { ...heard, ms: -1, now: contactOf(cx, holder) })
  const link = cx.links.get(peer)
  // Who never knew it cannot tell.
  if (link === undefined) return
  // A member tells when it last heard it as the coordinator; it may live on as something else.
  const heardMs = job.views.get(path)?.heardMs ?? childAtPath(job, path)?.heardMs ?? link.heardMs
  send(cx, from, { ...heard, ms: link.connected ? Math.max(0, Math.round(cx.now - heardMs)) : -1, now: null })
}

/** Who holds a path, as this peer believes. */
function holderOf (cx: Context, job: Job, path: Path): PeerId | 'nobody' | 'unknown' {
  if (job.positions.has(path)) return cx.id
  const child = childAtPath(job, path)
  if (child !== undefined) return child.holder ?? 'nobody'
  return job.views.get(path)?.state.coordinator.peer ?? 'unknown'
}

function childAtPath (job: Job, path: Path): Child | undefined {
  const parent = parentOf(path)
  const above = parent === null ? undefined : job.positions.get(parent)
  return above === undefined ? undefined : childAt(above, path)
}

/** Is the path's value, or that of one above it, known here? */
function isDoneHere (job: Job, path: Path): boolean {
  for (let at: Path | null = path; at !== null; at = parentOf(at)) {
    const entry = job.ledger.get(at)
    if (entry !== undefined && entry.state !== 'fetching') return true
  }
  return false
}

/** C4, the answer to a question above: the position has ended, and the values kept for it are part of another. */
export function onPositionEnded (cx: Context, job: Job, from: PeerId, path: Path): boolean {
  const view = job.views.get(path)
  if (view === undefined || !isDoubted(view) || !view.state.up.some(({ peer }) => peer === from)) return false
  endWork(cx, job, path)
  for (const kept of [...job.ledger.keys()]) if (kept !== path && isWithin(kept, path)) job.ledger.delete(kept)
  for (const owed of [...job.owed.keys()]) if (isWithin(owed, path)) job.owed.delete(owed)
  forgetView(cx, job, view)
  return true
}

export function onHeard (cx: Context, job: Job, message: HeardMessage): void {
  const view = job.views.get(message.path)
  if (view === undefined || !isDoubted(view) || view.state.coordinator.peer !== message.peer) return
  if (message.now !== null && message.now.peer !== cx.id) return turnTo(cx, job, view, message.now)
  const isHeard = message.ms >= 0 && message.ms < cx.config.leaseMs
  if (!isHeard) return elect(cx, job, view)
  // Somebody still hears it: it may have died this very moment, so try again soon.
  view.doubt = 'redialling'
  setTimer(cx, 'ask', job.id, view.path, cx.config.askMs)
}

/** Somebody else holds the position above: this peer's work and values go there, and its state comes back. */
function turnTo (cx: Context, job: Job, view: View, coordinator: Contact): void {
  learn(cx, coordinator)
  for (const position of job.positions.values()) {
    if (parentOf(position.path) !== view.path) continue
    send(cx, coordinator.peer, { type: 'claim', job: job.id, path: position.path, fence: position.fence, peer: self(cx) })
  }
  for (const [path, owed] of job.owed) {
    if (parentOf(path) === view.path) tellOwed(cx, job, owed, coordinator.peer)
  }
  view.doubt = 'none'
  clearTimer(cx, 'ask', job.id, view.path)
  setTimer(cx, 'silence', job.id, view.path, cx.config.leaseMs)
}

const isDoubted = ({ doubt }: View): boolean => doubt === 'asking' || doubt === 'redialling'

export function onAskTimer (cx: Context, job: Job, path: Path): void {
  const view = job.views.get(path)
  if (view === undefined) return
  if (view.doubt === 'asking') return elect(cx, job, view)
  if (view.doubt === 'redialling') redial(cx, job, view)
}

/** It answers after all. */
export function trust (cx: Context, job: Job, view: View): void {
  if (view.doubt === 'none') return
  view.doubt = 'none'
  clearTimer(cx, 'ask', job.id, view.path)
  clearTimer(cx, 'elect', job.id, view.path)
  setTimer(cx, 'silence', job.id, view.path, cx.config.leaseMs)
}
