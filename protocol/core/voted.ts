/**
 * Votes (V3): peers that were asked commit to what they computed, all reveal it when enough have, and as many equal values as the policy wants
 * make one that counts. Values that differ are judged: whoever lied is blamed. Copying an answer wins nothing, because nobody's value is told
 * before one's own is fixed, and a digest holds its voter's name. A peer with a record of valid values is asked alone, most of the time
 * (adaptive replication: Anderson, "BOINC: A Platform for Volunteer Computing", 2020); records are this peer's own, so no claim raises them.
 */
import type { CommitMessage } from './message.ts'
import type { Context, Job } from './state.ts'
import type { Path, PeerId } from './ids.ts'
import type { Poll, Vote } from './court.ts'
import type { Input } from './input.ts'
import type { Value } from './job.ts'
import { ROOT, parentOf } from './geometry.ts'
import { admit } from './rolled-up.ts'
import { bytesToHex } from '@noble/hashes/utils.js'
import { chanceOf } from './audited.ts'
import { childAt } from './position.ts'
import { convict } from './blamed.ts'
import { createPoll, isVoted, quorumOf, votersMax } from './court.ts'
import { digestOf, isSameDigest } from './salt.ts'
import { drop, send } from './context.ts'
import { recruit } from './recruited.ts'
import { replyAccepted } from './accepted.ts'
import { boundTime } from './credit.ts'
import { tellTaker, weigh } from './failed.ts'

const DIGEST_BYTES = 32

/** Somebody has computed a path that is answered for here, and is bound to its value. */
export function onCommit (cx: Context, job: Job, from: PeerId, { path, digest }: CommitMessage): void {
  if (!isVoted(job.spec.trust) || digest.length !== DIGEST_BYTES) return drop(cx, from, 'commitment that nobody asked for')
  const above = job.positions.get(parentOf(path) ?? ROOT)
  const child = above === undefined ? undefined : childAt(above, path)
  // A job that is one leaf is voted on by its root.
  if (above === undefined) return tellTaker(cx, job, path, from)
  if (child === undefined && path !== ROOT) return
  if (child === undefined ? job.ledger.has(path) : child.state === 'done') return send(cx, from, { type: 'ended', job: job.id, path })
  // Its voters do not agree.
  if (job.failures.get(path)?.why.kind === 'trust') return
  const poll = pollFor(cx, job, path, from, bytesToHex(digest))
  if (poll === null) return
  const known = poll.votes.get(from)
  // Said again because an answer was lost; another digest after that is too late.
  if (known !== undefined) return remindVoter(cx, job, poll, from, known)
  poll.votes.set(from, { digest, value: null, from, askedMs: null, isChosen: isChosen(cx, job, path, poll, from) })
  poll.asked.delete(from)
  advance(cx, job, poll)
}

/** It has as long as before: one that says again and again what it is bound to, and never more, would hold up the others. */
function remindVoter (cx: Context, job: Job, { path }: Poll, peer: PeerId, { value, askedMs }: Vote): void {
  if (value === null && askedMs !== null) send(cx, peer, { type: 'reveal', job: job.id, path })
}

/** The poll a vote belongs to; null when this peer may not vote in it. */
function pollFor (cx: Context, job: Job, path: Path, from: PeerId, about: string, isHanded = false): Poll | null {
  const { court } = job
  const trial = court?.trials.get(path)
  if (court === null || trial?.type === 'check') return null
  const isKnown = trial?.votes.has(from) === true || isChosen(cx, job, path, trial, from)
  if (!isKnown && !isHanded && !isAtWork(job, path, from, trial)) {
    drop(cx, from, 'vote of a peer that was not asked')
    return null
  }
  // It may be asked yet.
  if (!isKnown && trial !== undefined && hasUnchosen(trial)) return null
  if (trial !== undefined) return trial
  const poll = createPoll(path, isTakenAtItsWord(cx, job, path, from, about) ? 1 : quorumOf(job.spec.trust))
  court.trials.set(path, poll)
  return poll
}

/** Was it asked to vote, or to try what failed elsewhere (E1)? */
const isChosen = (cx: Context, job: Job, path: Path, poll: Poll | undefined, peer: PeerId): boolean =>
  peer === cx.id || poll?.asked.has(peer) === true ||
  (poll?.spent.has(peer) !== true && (job.failures.get(path)?.asked.has(peer) === true || isRunning(job, path, peer)))

/** In the tail a joiner is given some bite that is waited for, or a job's only leaf (J5). */
const isRunning = (job: Job, path: Path, peer: PeerId): boolean =>
  job.positions.get(path)?.lent.includes(peer) === true ||
  job.positions.get(parentOf(path) ?? ROOT)?.children.find(child => child.path === path)?.reruns.includes(peer) === true

/** One voter may have chosen itself, or an attacker's names could agree with each other. */
export const hasUnchosen = ({ votes }: Poll): boolean => [...votes.values()].some(vote => !vote.isChosen)

/** Its holder, and who was it last, have votes nobody asked them for. */
function isAtWork (job: Job, path: Path, from: PeerId, poll: Poll | undefined): boolean {
  const above = job.positions.get(parentOf(path) ?? ROOT)
  const child = above === undefined ? undefined : childAt(above, path)
  if (child === undefined || poll?.spent.has(from) === true) return false
  return child.holder === from || child.last === from
}

/** V3, adaptive: a peer of n valid values in a row, n large enough, is checked with probability 1/n. */
function isTakenAtItsWord (cx: Context, job: Job, path: Path, from: PeerId, about: string): boolean {
  const { trust } = job.spec
  if (trust.type !== 'adaptive') return false
  const valid = validBy(cx, job, from, trust.after)
  return valid >= trust.after && chanceOf(cx, job, path, `${from} ${about}`).next() >= 1 / valid
}

/** V3: votes that a bite of this peer will want beside its own, whatever chance says. */
export function votersWanted (cx: Context, job: Job, peer: PeerId): number {
  const { trust } = job.spec
  if (trust.type === 'votes') return trust.quorum - 1
  return trust.type === 'adaptive' && validBy(cx, job, peer, trust.after) < trust.after ? 1 : 0
}

/**
 * Of this job, and of earlier ones with the same code, as BOINC counts by version of an application. Those spare a peer its first pairings and no more:
 * who submits many small jobs could have its friends confirmed in them.
 */
function validBy (cx: Context, job: Job, peer: PeerId, after: number): number {
  let earlier = 0
  for (const { record, spec } of cx.jobs.values()) {
    if (record !== null && spec.bundle === job.spec.bundle) earlier += record.get(peer) ?? 0
  }
  return Math.min(after, earlier) + (job.court?.standing.get(peer) ?? 0)
}

/** A vote's value: revealed, made here, of a voter that leaves, or handed over by one that once took it: then its voter needs no other's leave. */
export function onVote (cx: Context, job: Job, value: Value, from: PeerId, salt: Uint8Array, isHanded = value.by !== from): void {
  const { by } = value
  const poll = pollFor(cx, job, value.path, by, value.cid, isHanded)
  if (poll === null) return
  const vote = poll.votes.get(by)
  if (vote === undefined) {
    // Nobody's value is known yet, so it is no copy.
    if (by !== cx.id && hasRevealed(poll)) return drop(cx, from, 'value that was not committed to')
    poll.votes.set(by, { digest: null, value, from, askedMs: null, isChosen: isChosen(cx, job, value.path, poll, by) })
  } else if (vote.value !== null) return
  else if (by === from && vote.digest !== null && !isSameDigest(digestOf(job.id, value, salt), vote.digest)) {
    poll.votes.delete(by)
    poll.spent.add(by)
    drop(cx, from, 'value other than the one committed to')
  } else vote.value = value
  poll.asked.delete(by)
  advance(cx, job, poll)
}

const hasRevealed = (poll: Poll): boolean => [...poll.votes.values()].some(({ value }) => value !== null)

/** What comes next: more voters, their values, a judgement, or the end. */
export function advance (cx: Context, job: Job, poll: Poll): void {
  if (poll.state === 'judging') return
  if (poll.votes.size < poll.quorum && poll.state === 'open') return recruit(cx, job, poll)
  poll.state = 'revealing'
  let isWaiting = false
  for (const [peer, vote] of poll.votes) {
    if (vote.value !== null) continue
    isWaiting = true
    if (vote.askedMs === null) askToReveal(cx, job, poll, peer, vote)
  }
  if (isWaiting) return recruit(cx, job, poll)
  const values = valuesOf(poll)
  if (isSplit(poll, values)) return values.every(value => poll.judged.includes(value)) ? recruit(cx, job, poll) : judge(cx, job, poll, values)
  if (values.length >= poll.quorum) return becomeAgreed(cx, job, poll, values)
  recruit(cx, job, poll)
}

function askToReveal (cx: Context, job: Job, { path }: Poll, peer: PeerId, vote: Vote): void {
  vote.askedMs = cx.now
  send(cx, peer, { type: 'reveal', job: job.id, path })
}

const valuesOf = (poll: Poll): Value[] => [...poll.votes.values()].flatMap(({ value }) => value ?? [])

const isSplit = ({ isEqual }: Poll, values: Value[]): boolean => !isEqual && values.some(({ cid }) => cid !== values[0]?.cid)

/** Someone is wrong, or the job's outputs differ in their last bits. */
function judge (cx: Context, job: Job, poll: Poll, values: Value[]): void {
  poll.state = 'judging'
  cx.effects.push({ type: 'judge', job: job.id, path: poll.path, values })
}

export function onJudged (cx: Context, job: Job, { path, equal: isEqual, verdicts }: Extract<Input, { type: 'judged' }>): void {
  const poll = job.court?.trials.get(path)
  if (poll?.type !== 'poll' || poll.state !== 'judging') return
  poll.state = 'revealing'
  poll.isEqual = isEqual
  for (const { by, verdict } of verdicts) {
    if (verdict.type === 'valid') continue
    poll.votes.delete(by)
    poll.spent.add(by)
    if (verdict.type === 'lie') convict(cx, job, verdict.lie)
  }
  // A conviction may have ended it.
  if (job.court?.trials.get(path) !== poll) return
  const values = valuesOf(poll)
  if (isSplit(poll, values)) {
    if (values.length >= votersMax(job.spec.trust)) return becomeUndecided(cx, job, poll)
    poll.judged = values
  }
  advance(cx, job, poll)
}

/** Honest peers do not agree: the job is no function of its spec. */
function becomeUndecided (cx: Context, job: Job, poll: Poll): void {
  const values = poll.votes.size
  closePoll(cx, job, poll)
  const message = `${values} peers came to different values, and none of them lied: let the job export equal(a, b), or make it compute the same everywhere`
  weigh(cx, job, { kind: 'trust', path: poll.path, partition: -1, message, stack: '' }, cx.id, [])
}

/** Enough equal values: the holder's counts, or else the first. */
function becomeAgreed (cx: Context, job: Job, poll: Poll, values: Value[]): void {
  const { court } = job
  const above = job.positions.get(parentOf(poll.path) ?? ROOT)
  const child = above === undefined ? undefined : childAt(above, poll.path)
  const holder = child?.holder
  const value = values.find(({ by }) => by === holder) ?? values[0] as Value
  const from = poll.votes.get(value.by)?.from ?? value.by
  closePoll(cx, job, poll)
  if (values.length > 1) for (const { by } of values) court?.standing.set(by, (court.standing.get(by) ?? 0) + 1)
  for (const each of values) {
    // K1: whoever agreed has worked, too.
    const vote = above === undefined || child === undefined ? each : boundTime(cx, job, above, child, each)
    if (each.by !== value.by && each.by !== cx.id) replyAccepted(cx, job, each.by, poll.path, vote)
  }
  admit(cx, job, value, from)
}

/** Whoever was asked need not go on. */
export function closePoll (cx: Context, job: Job, { path, asked }: Poll): void {
  job.court?.trials.delete(path)
  for (const peer of asked.keys()) send(cx, peer, { type: 'ended', job: job.id, path })
}

/** E1: a voter could not compute it. @returns whether it was asked to */
export function failVoter (job: Job, path: Path, peer: PeerId): boolean {
  const trial = job.court?.trials.get(path)
  if (trial?.type !== 'poll' || !trial.asked.delete(peer)) return false
  trial.spent.add(peer)
  return true
}

/** A voter is gone, or lied: what it has not revealed, and what it is asked for, comes from somebody else. */
export function loseVoter (cx: Context, job: Job, poll: Poll, peer: PeerId, isLiar: boolean): void {
  const vote = poll.votes.get(peer)
  const isAsked = poll.asked.delete(peer)
  if (isLiar) poll.spent.add(peer)
  if (vote !== undefined && (isLiar || vote.value === null)) poll.votes.delete(peer)
  else if (!isAsked) return
  if (poll.votes.size === 0 && poll.asked.size === 0) job.court?.trials.delete(poll.path)
  else advance(cx, job, poll)
}
