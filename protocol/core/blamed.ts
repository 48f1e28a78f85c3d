/**
 * Liars (V5): a value that was proved wrong is evidence that anybody can check by recomputing one partition or one fold. Whoever finds it out
 * drops what the liar made and is not folded yet, takes its places away, gives it nothing more and tells those it works with, and the root's
 * members. An accusation is believed only once it is proved here; one that proves nothing costs the accuser its voice. Honest peers are never
 * blamed, because they never sign what recomputing would not give.
 */
import type { Accusation, Court } from './court.ts'
import type { BlameMessage, ClaimMessage, Message } from './message.ts'
import type { Child, Context, Job, Position } from './state.ts'
import type { Lie, Value } from './job.ts'
import type { Path, PeerId } from './ids.ts'
import { freeOf } from './verified.ts'
import { ROOT, isWithin, parentOf } from './geometry.ts'
import { audienceOf } from './root.ts'
import { becomeIdle } from './claimed.ts'
import { clearTimer, drop, notify, publish, send, unsettle } from './context.ts'
import { dropView } from './viewed.ts'
import { endWork, freeChild } from './leased.ts'
import { loseVoter } from './voted.ts'
import { touch } from './position.ts'

/** Peers said to lie whose evidence is kept until they matter here, and accusers heard of each. Guesses. */
const ACCUSED_MAX = 64
const ACCUSERS_MAX = 4

/** Recomputing has shown it: to this peer itself. */
export function convict (cx: Context, job: Job, lie: Lie): void {
  if (!becomeLiar(cx, job, lie)) return
  const message: BlameMessage = { type: 'blame', job: job.id, peer: lie.peer, evidence: lie.evidence, within: null }
  publish(cx, { job: job.id, path: ROOT }, message)
  tellMembers(cx, job, message, cx.id)
  // It is heard no more: who did not mean to lie should not take this peer for dead.
  send(cx, lie.peer, message)
}

/** Whoever works with this peer, above or below, may meet the liar next. */
function tellMembers (cx: Context, job: Job, message: BlameMessage, except: PeerId): void {
  for (const peer of audienceOf(cx, job)) if (peer !== message.peer && peer !== except) send(cx, peer, message)
}

/** V7: a peer whose value of a path holds another's lie; or the liar itself. */
export function tellOfLie (cx: Context, job: Job, to: PeerId, { peer, evidence }: Lie, within: Path | null): void {
  send(cx, to, { type: 'blame', job: job.id, peer, evidence, within })
}

/** @returns false when that was known, or is said of this peer itself */
function becomeLiar (cx: Context, job: Job, lie: Lie): boolean {
  const { court } = job
  const { peer } = lie
  if (court === null || peer === cx.id) return false
  const isNews = !court.liars.has(peer)
  court.liars.set(peer, lie)
  if (isNews) notify(cx, { type: 'blamed', job: job.id, peer, path: lie.path, partition: lie.partition })
  court.accused.delete(peer)
  court.standing.delete(peer)
  for (const trial of [...court.trials.values()]) {
    if (court.trials.get(trial.path) !== trial) continue
    if (trial.type === 'poll') loseVoter(cx, job, trial, peer, true)
    else if (trial.value.by === peer) court.trials.delete(trial.path)
  }
  for (const position of [...job.positions.values()]) dropWork(cx, job, position, peer)
  for (const [at, { value }] of [...job.ledger]) if (value.by === peer && !job.positions.has(parentOf(at) ?? ROOT)) job.ledger.delete(at)
  job.hints = job.hints.filter(hint => hint.peer !== peer)
  job.met.delete(peer)
  unsettle(job)
  return isNews
}

/** V5: somebody who does not know yet hands over what a liar made. */
export function refuseLiars (cx: Context, job: Job, { path, by }: Value, from: PeerId): void {
  drop(cx, from, 'value of a peer that lied')
  const lie = job.court?.liars.get(by)
  if (lie === undefined || from === by || from === cx.id) return
  tellOfLie(cx, job, from, lie, path)
  freeOf(cx, job, path, from)
}

/** What the liar made of this position and is not folded into an accepted value is done again; what it holds is somebody else's. */
function dropWork (cx: Context, job: Job, position: Position, peer: PeerId): void {
  // Its whole value was handed over, and is owed above.
  let isChanged = position.work === 'valued' && job.owed.get(position.path)?.value.by === peer
  for (const child of position.children) {
    const entry = job.ledger.get(child.path)
    if (child.state === 'leased' && child.holder === peer) {
      freeChild(cx, job, position, child)
      child.reservedFor = null
    }
    if (child.state !== 'done' || entry?.value.by !== peer) continue
    freeDone(job, child)
    isChanged = true
  }
  if (!isChanged) return
  if (position.work === 'collecting' || position.work === 'valued') reopen(job, position)
  touch(cx, job, position)
}

/** V7: the coordinator above found the lie in a value of this peer, who had believed it: what holds it is done again. */
function redo (cx: Context, job: Job, { path }: Lie, within: Path): void {
  // Kept for others, and handed over in place of working on it.
  if (!job.positions.has(within) && !job.positions.has(parentOf(within) ?? ROOT)) job.ledger.delete(within)
  for (const position of [...job.positions.values()]) {
    if (position.work !== 'valued' || !isWithin(path, position.path) || !job.owed.has(position.path)) continue
    const child = position.children.find(candidate => isWithin(path, candidate.path))
    // A fold of its own, or one whose parts are dropped already.
    if (child === undefined) continue
    freeDone(job, child)
    reopen(job, position)
    touch(cx, job, position)
  }
}

function freeDone (job: Job, child: Child): void {
  job.ledger.delete(child.path)
  child.state = 'free'
  child.holder = null
}

/** Its own value held the lie, and is not accepted above yet. */
function reopen (job: Job, position: Position): void {
  position.work = 'split'
  job.ledger.delete(position.path)
  job.owed.delete(position.path)
  job.court?.salts.delete(position.path)
}

/** Somebody says that another lied. */
export function onBlame (cx: Context, job: Job, from: PeerId, { peer, evidence, within }: BlameMessage): void {
  const { court } = job
  if (court === null) return drop(cx, from, 'blame in a job without trust')
  // One above that does not take a value tells why, each time.
  const isRefused = within !== null && (job.owed.has(within) || job.ledger.has(within)) && isAbove(job, from)
  if (peer !== cx.id && court.liars.has(peer) && !isRefused) return
  if (court.slanderers.has(from)) return drop(cx, from, 'blame by a peer whose blame proved nothing')
  const heard = court.accused.get(peer) ?? []
  const said = heard.find(other => other.from === from)
  if (said === undefined && heard.length >= ACCUSERS_MAX) return
  if (said !== undefined && !isRefused) return
  if (said !== undefined) said.within = within
  else court.accused.set(peer, [...heard, { from, evidence, within }])
  if (court.accused.size > ACCUSED_MAX) court.accused.delete(court.accused.keys().next().value as PeerId)
  if (peer === cx.id || isNear(job, peer) || isRefused) proveNext(cx, job, peer)
}

/** Does this peer work with the accused: has it a place, a value or a vote here, or is it a coordinator above? */
function isNear (job: Job, peer: PeerId): boolean {
  for (const { children } of job.positions.values()) {
    for (const { path, holder } of children) if (holder === peer || job.ledger.get(path)?.value.by === peer) return true
  }
  for (const { state } of job.views.values()) if (state.coordinator.peer === peer) return true
  for (const trial of job.court?.trials.values() ?? []) if (trial.type === 'poll' ? trial.votes.has(peer) || trial.asked.has(peer) : trial.value.by === peer) return true
  return false
}

/** A coordinator above says why it does not take this peer's value. */
function isAbove (job: Job, from: PeerId): boolean {
  for (const { state } of job.views.values()) if (state.coordinator.peer === from) return true
  return false
}

/** The accused comes near: what is said of it is looked at now. */
function meetAccused (cx: Context, job: Job, peer: PeerId): void {
  if (job.court !== null && job.court.accused.has(peer)) proveNext(cx, job, peer)
}

/** A gossiped claim is heard by all that listen, and decided by few: by whoever holds the path, may grant it or would take it (C3). */
const isJudge = ({ positions, views }: Job, { path }: ClaimMessage): boolean =>
  positions.has(path) || positions.has(parentOf(path) ?? ROOT) || views.get(path)?.doubt === 'electing'

/** One proof at a time: each costs a partition, which an accuser must not get for nothing. */
function proveNext (cx: Context, job: Job, peer: PeerId): void {
  const { court } = job
  const accusation = court?.accused.get(peer)?.[0]
  if (court === null || court.proving !== null || accusation === undefined) return
  court.proving = { peer, accusation }
  cx.effects.push({ type: 'prove', job: job.id, evidence: accusation.evidence })
}

export function onProved (cx: Context, job: Job, lie: Lie | null): void {
  const { court } = job
  if (court === null || court.proving === null) return
  const { peer, accusation } = court.proving
  court.proving = null
  if (lie !== null && lie.peer === peer && peer === cx.id) return becomeExpelled(cx, job, court, lie)
  if (lie !== null && lie.peer === peer) {
    const { from, evidence, within } = accusation
    court.accused.delete(peer)
    if (becomeLiar(cx, job, lie)) tellMembers(cx, job, { type: 'blame', job: job.id, peer, evidence, within: null }, from)
    if (within !== null && isAbove(job, from)) redo(cx, job, lie, within)
  } else becomeSlanderer(cx, court, accusation)
  for (const accused of court.accused.keys()) if (isNear(job, accused)) return proveNext(cx, job, accused)
}

/** V5: this machine made wrong values: it leaves the job to others, or it would claim the places of those that do not hear it any more. */
function becomeExpelled (cx: Context, job: Job, court: Court, { path, partition }: Lie): void {
  court.own = 'expelled'
  court.trials.clear()
  notify(cx, { type: 'blamed', job: job.id, peer: cx.id, path, partition })
  endWork(cx, job, ROOT)
  for (const view of [...job.views.values()]) dropView(cx, job, view)
  for (const name of ['hold', 'join', 'verify'] as const) clearTimer(cx, name, job.id, ROOT)
  job.owed.clear()
  job.ledger.clear()
  job.state = 'known'
  becomeIdle(cx, job)
}

/** V5: nothing it says of others is looked at again. */
function becomeSlanderer (cx: Context, court: Court, { from }: Accusation): void {
  court.slanderers.add(from)
  drop(cx, from, 'blame that proves nothing')
  for (const [peer, heard] of [...court.accused]) {
    const others = heard.filter(other => other.from !== from)
    if (others.length === 0) court.accused.delete(peer)
    else court.accused.set(peer, others)
  }
}

/** Does what this peer says count? Whoever is said to lie is looked at when it comes near. */
export function isHeard (cx: Context, job: Job, peer: PeerId, message: Message): boolean {
  if (message.type !== 'claim' || isJudge(job, message)) meetAccused(cx, job, peer)
  return !isLiar(job, peer) && job.court?.own !== 'expelled'
}

/** Who asks for a place that it will not get is told why, and may leave. */
export function answerLiar (cx: Context, job: Job, to: PeerId, { type }: Message): void {
  drop(cx, to, 'message of a peer that lied')
  const lie = job.court?.liars.get(to)
  if (lie !== undefined && (type === 'claim' || type === 'join' || type === 'renew')) tellOfLie(cx, job, to, lie, null)
}

/** V5: does this peer look at what is said of itself? Until it knows, it takes nobody's place: it may only not be heard any more. */
export const isAccused = (cx: Context, { court }: Job): boolean => court !== null && court.proving?.peer === cx.id

/** V5: is nothing taken from this peer, and nothing given to it? */
export const isLiar = (job: Job, peer: PeerId): boolean => job.court !== null && job.court.liars.has(peer)
