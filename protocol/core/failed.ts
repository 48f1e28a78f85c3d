/**
 * E1: a path that fails is tried at two other peers before the job fails with its reason. The reports go
 * up to a coordinator that has other members; those compute the path without authority, as in the tail.
 */
import type { Context, FailureRecord, Job } from './state.ts'
import type { FailedMessage } from './message.ts'
import type { Failure } from './job.ts'
import type { Contact, Path, PeerId } from './ids.ts'
import { NEVER_MS } from './state.ts'
import { ROOT, isWithin, parentOf } from './geometry.ts'
import { audienceOf, becomeOver, spread } from './root.ts'
import { contactOf, drop, notify, self, send } from './context.ts'
import { becomeStalled } from './stalled.ts'
import { failVoter } from './voted.ts'
import { freeChild } from './leased.ts'
import { homeView } from './viewed.ts'
import { isVoted } from './court.ts'
import { learn } from './links.ts'
import { membersOf } from './heirs.ts'
import { sizeOfPath } from './load.ts'

/** The sandbox could not compute or collect a path. */
export function onComputeFailed (cx: Context, job: Job, why: Failure): void {
  if (job.outcome !== null) return
  const bite = job.bites.get(why.path)
  job.bites.delete(why.path)
  cx.busyUntilMs = NEVER_MS
  notify(cx, { type: 'failed', job: job.id, path: why.path, why })
  if (bite !== undefined && bite.rerunFor !== null && bite.rerunFor.peer !== cx.id) {
    return send(cx, bite.rerunFor.peer, { type: 'failed', job: job.id, why, tried: [cx.id] })
  }
  const position = job.positions.get(why.path)
  if (position?.work === 'whole') position.work = 'split'
  job.rolling = 'due'
  weigh(cx, job, why, cx.id, [])
}

export function onFailed (cx: Context, job: Job, from: PeerId, message: FailedMessage): void {
  const { why, tried } = message
  if (sizeOfPath(job, why.path) === 0) return drop(cx, from, 'failure of a path that does not exist')
  if (job.failures.size >= cx.config.failuresMax && !job.failures.has(why.path)) return drop(cx, from, 'too many failures')
  const isVoter = failVoter(job, why.path, from)
  const isAsked = isVoter || (job.failures.get(why.path)?.asked.has(from) ?? false) || job.positions.get(why.path)?.lent.includes(from) === true
  if (!isAsked && !holdsAbove(job, from, why.path)) return drop(cx, from, 'failure of a path that is not the sender\'s')
  weigh(cx, job, why, from, tried)
}

/** Does this peer hold a child here that the path lies in? */
const holdsAbove = (job: Job, peer: PeerId, path: Path): boolean =>
  [...job.positions.values()].some(({ children }) => children.some(child => child.holder === peer && isWithin(path, child.path)))

/**
 * Try elsewhere, pass the report up, or give the job up. Whoever reports counts once, whatever it says of
 * others: one liar alone cannot end a job that has other members.
 */
export function weigh (cx: Context, job: Job, why: Failure, reporter: PeerId, tried: PeerId[]): void {
  if (isKnownValue(job, why)) return
  const record = job.failures.get(why.path) ?? { why, tried: new Set(), spent: new Set(), asked: new Set(), askedMs: 0 }
  job.failures.set(why.path, record)
  record.tried.add(reporter)
  for (const peer of [reporter, ...tried]) record.spent.add(peer)
  tryElsewhere(cx, job, record)
}

/** A peer that was asked to try is gone without an answer: another is asked. */
export function onTakerGone (cx: Context, job: Job, peer: PeerId): void {
  for (const record of job.failures.values()) {
    if (!record.asked.delete(peer) || record.tried.has(peer)) continue
    record.spent.add(peer)
    tryElsewhere(cx, job, record)
  }
}

function tryElsewhere (cx: Context, job: Job, record: FailureRecord): void {
  const { why } = record
  if (why.kind === 'trust' && regive(cx, job, record)) return
  const other = why.kind !== 'trust' && record.tried.size < cx.config.triesMax ? otherTaker(cx, job, record.spent) : undefined
  if (other === cx.id) return retryHere(cx, job, why)
  if (other !== undefined) {
    return askToTry(cx, job, record, other)
  }
  const up = homeView(job)
  if (job.positions.has(ROOT) || up === undefined) return giveUp(cx, job, why)
  send(cx, up.state.coordinator.peer, { type: 'failed', job: job.id, why, tried: [...record.spent] })
}

/** V3: voters below do not agree, as far as their coordinator says: another takes its place, until as many have said so of any path. @returns whether there is one */
function regive (cx: Context, job: Job, { why, tried }: FailureRecord): boolean {
  const sayers = new Set([...job.failures.values()].flatMap(other => other.why.kind === 'trust' ? [...other.tried] : []))
  if (sayers.size >= cx.config.triesMax || job.positions.has(parentOf(why.path) ?? ROOT)) return false
  for (const position of job.positions.values()) {
    const child = position.children.find(({ path }) => isWithin(why.path, path))
    if (child?.state !== 'leased' || child.holder === null || !tried.has(child.holder)) continue
    if (otherTaker(cx, job, sayers) === undefined) return false
    becomeStalled(cx, job, child)
    freeChild(cx, job, position, child)
    return true
  }
  return false
}

/** V3: what failed below can be computed by this peer, whose vote only the coordinator there counts: it asks anew. */
export function tellTaker (cx: Context, job: Job, path: Path, taker: PeerId): void {
  if (job.failures.get(path)?.asked.has(taker) !== true) return
  send(cx, taker, { type: 'ended', job: job.id, path })
  passTaker(cx, job, path, contactOf(cx, taker))
}

/** Down to the coordinator of the path, which asks this peer. */
export function passTaker (cx: Context, job: Job, path: Path, taker: Contact): void {
  const record = job.failures.get(path)
  if (!job.positions.has(parentOf(path) ?? ROOT)) {
    const holder = holderTowards(job, path)
    if (holder !== null && holder !== cx.id) send(cx, holder, { type: 'voter', job: job.id, path, voter: taker })
  } else if (record !== undefined && taker.peer !== cx.id && !record.tried.has(taker.peer)) {
    learn(cx, taker)
    askToTry(cx, job, record, taker.peer)
  }
}

function holderTowards (job: Job, path: Path): PeerId | null {
  for (let at = parentOf(path); at !== null; at = parentOf(at)) {
    const child = job.positions.get(at)?.children.find(candidate => isWithin(path, candidate.path))
    if (child !== undefined) return child.holder
  }
  return null
}

function askToTry (cx: Context, job: Job, record: FailureRecord, peer: PeerId): void {
  record.asked.add(peer)
  record.askedMs = cx.now
  send(cx, peer, { type: 'rerun', job: job.id, to: peer, via: [], path: record.why.path, coordinator: self(cx) })
}

/** A peer may have had too much to do when it was asked, or its run ended with other work of its, or its vote been lost: it is asked again. */
export function askAgain (cx: Context, job: Job, above: Path): void {
  for (const record of job.failures.values()) {
    const { why: { path }, asked, tried, askedMs } = record
    // Where values are voted on only the path's own coordinator counts them (V3).
    if (isVoted(job.spec.trust) ? (parentOf(path) ?? ROOT) !== above : !isWithin(path, above)) continue
    if (job.court?.trials.has(path) === true || cx.now - askedMs < cx.config.leaseMs) continue
    for (const peer of asked) if (!tried.has(peer)) askToTry(cx, job, record, peer)
  }
}

/** Another peer's run may have succeeded meanwhile. */
const isKnownValue = (job: Job, why: Failure): boolean =>
  [...job.ledger.keys()].some(path => isWithin(why.path, path))

/** A member; or one whose work here is done, as all others' may be at the end of a job; or this peer. */
function otherTaker (cx: Context, job: Job, spent: Set<PeerId>): PeerId | undefined {
  const positions = [...job.positions.values()]
  const members = positions.flatMap(position => [...membersOf(cx, position), ...position.lent])
  const former = positions.flatMap(({ children }) => children.flatMap(({ state, holder }) => state === 'done' && holder !== null ? [holder] : []))
  const other = [...members, ...former].find(peer => !spent.has(peer) && peer !== cx.id)
  if (other !== undefined) return other
  return cx.cores > 0 && !spent.has(cx.id) ? cx.id : undefined
}

function retryHere (cx: Context, job: Job, why: Failure): void {
  if (job.bites.has(why.path)) return
  job.bites.set(why.path, { path: why.path, size: 0, startedMs: null, rerunFor: self(cx) })
  cx.busyUntilMs = NEVER_MS
  cx.effects.push({ type: 'compute', job: job.id, path: why.path })
}

/** At the root: the job fails, and everybody hears of it. */
export function giveUp (cx: Context, job: Job, why: Failure): void {
  const audience = audienceOf(cx, job)
  becomeOver(cx, job, { type: 'failed', why })
  spread(cx, job, audience)
}
