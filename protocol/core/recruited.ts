/**
 * Who votes (V3): members that have not, this peer itself, and where there are none of them, whom those above name. Chosen by the one who
 * counts, at random by speed, so that nobody chooses itself. Where the whole job has too few distinct peers it waits and says so, or fails at
 * its deadline.
 */
import type { Contact, PeerId } from './ids.ts'
import type { Context, Job } from './state.ts'
import type { Poll } from './court.ts'
import type { JoinMessage, RecruitMessage, VoterMessage } from './message.ts'
import { ROOT, parentOf } from './geometry.ts'
import { advance, hasUnchosen, loseVoter } from './voted.ts'
import { childAt } from './position.ts'
import { contactOf, drop, notify, self, send, setTimer } from './context.ts'
import { deadlineOf, isVoted, quorumOf, votersMax } from './court.ts'
import { giveUp, passTaker } from './failed.ts'
import { homeView } from './viewed.ts'
import { isBite } from './routed.ts'
import { learn } from './links.ts'
import { ownRate, shownLoad, sizeOfPath } from './load.ts'
import { startBite } from './leased.ts'

/** A voter has so many times what it should take, before another is asked. A guess. */
export const PATIENCE = 4

/** Ask for as many votes as are missing. */
export function recruit (cx: Context, job: Job, poll: Poll): void {
  setTimer(cx, 'verify', job.id, ROOT, cx.config.renewMs)
  const values = [...poll.votes.values()]
  const isSplit = poll.state === 'revealing' && values.every(({ value }) => value !== null) && values.length >= poll.quorum
  let missing = (isSplit ? 1 : poll.quorum - values.length) - countAwaited(cx, poll)
  while (missing > 0 && values.length + countAwaited(cx, poll) < votersMax(job.spec.trust)) {
    const not = new Set([...poll.votes.keys(), ...poll.asked.keys(), ...poll.spent, ...job.failures.get(poll.path)?.spent ?? []])
    const voter = holderAtWork(cx, job, poll, not) ?? draw(cx, job, poll, not)
    if (voter === undefined) return recruitAbove(cx, job, poll)
    // Nobody else is left: one vote after the other, so that whoever comes by can take the rest.
    if (voter === cx.id && isVoting(job, cx.id)) {
      poll.recruitedMs = cx.now
      return
    }
    ask(cx, job, poll, contactOf(cx, voter))
    missing--
  }
  poll.recruitedMs = null
}

/** This peer has given a vote that it asked itself for: the next that waits for one is looked after at once. */
export function recruitNext (cx: Context, job: Job): void {
  for (const trial of [...job.court?.trials.values() ?? []]) {
    if (isVoting(job, cx.id)) return
    if (trial.type === 'poll' && trial.state === 'open' && trial.recruitedMs !== null && !isNamed(trial, cx.id)) recruit(cx, job, trial)
  }
}

/** Does this peer compute a vote that it asked itself for? */
const isVoting = (job: Job, self: PeerId): boolean => [...job.bites.values()].some(({ rerunFor }) => rerunFor?.peer === self)

/**
 * Whose bite it is may be computing it, where one that was given it as well was faster (J5): nobody need begin it. Not beside a vote that nobody asked
 * for: the two could be one attacker's.
 */
function holderAtWork (cx: Context, job: Job, poll: Poll, not: Set<PeerId>): PeerId | undefined {
  const { path } = poll
  const above = job.positions.get(parentOf(path) ?? ROOT)
  const child = above === undefined ? undefined : childAt(above, path)
  if (child?.state !== 'leased' || child.holder === null || not.has(child.holder) || hasUnchosen(poll) || !isBite(cx, job, child)) return undefined
  return child.holder
}

/** Those asked that may still answer in time. */
const countAwaited = (cx: Context, { asked }: Poll): number => [...asked.values()].filter(untilMs => untilMs > cx.now).length

function ask (cx: Context, job: Job, poll: Poll, voter: Contact, rate = rateOf(cx, job, voter.peer)): void {
  becomeEnough(cx, job)
  poll.asked.set(voter.peer, cx.now + patienceMs(cx, job, poll, rate))
  if (voter.peer !== cx.id) return send(cx, voter.peer, { type: 'rerun', job: job.id, to: voter.peer, via: [], path: poll.path, coordinator: self(cx) })
  if (!job.bites.has(poll.path)) startBite(cx, job, poll.path, self(cx))
}

/** What it should take a peer of this rate, and a bite that may run there first. */
function patienceMs (cx: Context, job: Job, { path }: Poll, rate: number): number {
  return 2 * cx.config.leaseMs + PATIENCE * (cx.config.biteMsMax + (rate > 0 ? sizeOfPath(job, path) / rate * 1000 : 0))
}

/** Partitions a second, as far as it told; 0 while unknown. */
function rateOf (cx: Context, job: Job, peer: PeerId): number {
  if (peer === cx.id) return ownRate(cx, job)
  let rate = 0
  for (const { children } of job.positions.values()) {
    for (const { holder, load } of children) if (holder === peer && load !== null) rate = Math.max(rate, load.rate / Math.max(1, load.helpers))
  }
  return rate
}

/**
 * A member or this peer, at random, those more often that are faster and have been asked for less. Whoever takes others for liars without
 * being able to show it would not vote with them: it is asked when nobody else is there.
 */
function draw (cx: Context, job: Job, poll: Poll | null, not: Set<PeerId>): PeerId | undefined {
  const members = membersFor(cx, job).filter(peer => !not.has(peer))
  const heeded = members.filter(peer => job.court?.slanderers.has(peer) !== true)
  const candidates = heeded.length > 0 ? heeded : members
  const rates = candidates.map(peer => rateOf(cx, job, peer))
  const known = rates.filter(rate => rate > 0)
  const usual = known.length === 0 ? 1 : known.reduce((sum, rate) => sum + rate, 0) / known.length
  const weights = candidates.map((peer, i) => (rates[i] === 0 ? usual : rates[i] as number) / (1 + askedOf(job, peer)))
  let at = cx.random.next() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, weight] of weights.entries()) {
    at -= weight
    if (at <= 0) return candidates[i]
  }
  return candidates[candidates.length - 1]
}

function membersFor (cx: Context, job: Job): PeerId[] {
  const members = new Set<PeerId>(cx.cores > 0 ? [cx.id] : [])
  for (const { children } of job.positions.values()) {
    for (const { state, holder } of children) if (state === 'leased' && holder !== null && holder !== cx.id) members.add(holder)
  }
  return [...members]
}

/** Votes that a peer was asked for here and has not given. */
function askedOf (job: Job, peer: PeerId): number {
  let asked = 0
  for (const trial of job.court?.trials.values() ?? []) if (trial.type === 'poll' && trial.asked.has(peer)) asked++
  return asked
}

/** Nobody here is left to ask: those above may know others. */
function recruitAbove (cx: Context, job: Job, poll: Poll): void {
  if (poll.recruitedMs !== null && cx.now - poll.recruitedMs < cx.config.leaseMs) return
  poll.recruitedMs = cx.now
  const not = [...new Set([cx.id, ...poll.votes.keys(), ...poll.asked.keys(), ...poll.spent])].slice(0, NAMED_MAX)
  if (job.positions.has(ROOT)) becomeShort(cx, job)
  else pass(cx, job, { type: 'recruit', job: job.id, path: poll.path, coordinator: self(cx), not })
}

/** As many a message may name (protocol/host/wire). */
const NAMED_MAX = 64

/** Up, or at the root: nobody in the whole job is left. */
function pass (cx: Context, job: Job, message: RecruitMessage): void {
  const up = homeView(job)
  if (up !== undefined && !job.positions.has(ROOT)) return send(cx, up.state.coordinator.peer, message)
  if (!job.positions.has(ROOT)) return
  const { path, coordinator, not } = message
  const { court } = job
  if (court !== null && (court.wants.has(path) || court.wants.size < WANTS_MAX)) court.wants.set(path, { coordinator, not, untilMs: cx.now + 2 * cx.config.leaseMs })
  becomeShort(cx, job)
}

/** Wants remembered at the root; who gets none asks again. A guess. */
const WANTS_MAX = 1024

/** V3: a peer without work comes by: it may vote here, and for those below, on as many bites at once as a position has. @returns whether it was asked */
export function recruitJoiner (cx: Context, job: Job, { joiner, rate }: JoinMessage): boolean {
  const { court, spec: { fanout } } = job
  if (court === null) return false
  let asked = 0
  for (const trial of court.trials.values()) {
    if (trial.type !== 'poll' || trial.recruitedMs === null || isNamed(trial, joiner.peer)) continue
    if (asked++ === fanout) return true
    trial.recruitedMs = null
    ask(cx, job, trial, joiner, rate)
  }
  for (const [path, { coordinator, not, untilMs }] of court.wants) {
    if (untilMs <= cx.now) court.wants.delete(path)
    else if (coordinator.peer !== joiner.peer && !not.includes(joiner.peer)) {
      if (asked++ === fanout) return true
      court.wants.delete(path)
      becomeEnough(cx, job)
      send(cx, coordinator.peer, { type: 'voter', job: job.id, path, voter: joiner })
    }
  }
  return asked > 0
}

const isNamed = ({ votes, asked, spent }: Poll, peer: PeerId): boolean => votes.has(peer) || asked.has(peer) || spent.has(peer)

/** Somebody below wants a voter. */
export function onRecruit (cx: Context, job: Job, from: PeerId, message: RecruitMessage): void {
  if (!isVoted(job.spec.trust)) return drop(cx, from, 'voter for a job without votes')
  const { path, coordinator } = message
  learn(cx, coordinator)
  const voter = draw(cx, job, null, new Set([...message.not, coordinator.peer, ...job.court?.liars.keys() ?? []]))
  if (voter === undefined) return pass(cx, job, message)
  becomeEnough(cx, job)
  send(cx, coordinator.peer, { type: 'voter', job: job.id, path, voter: contactOf(cx, voter) })
}

/** One above names a voter. */
export function onVoter (cx: Context, job: Job, from: PeerId, { path, voter }: VoterMessage): void {
  const poll = job.court?.trials.get(path)
  // E1: one that can compute what failed here.
  if (poll === undefined && job.met.has(from) && job.failures.has(path)) return passTaker(cx, job, path, voter)
  if (poll?.type !== 'poll' || poll.recruitedMs === null || !job.met.has(from)) return drop(cx, from, 'voter that nobody asked for')
  if (voter.peer === cx.id || isNamed(poll, voter.peer) || job.court?.liars.has(voter.peer) === true) return
  poll.recruitedMs = null
  learn(cx, voter)
  ask(cx, job, poll, voter)
}

/** V3: the root knows of nobody else. */
function becomeShort (cx: Context, job: Job): void {
  const { court, spec: { trust } } = job
  const root = job.positions.get(ROOT)
  if (court === null || root === undefined) return
  setTimer(cx, 'verify', job.id, ROOT, cx.config.renewMs)
  if (court.shortMs !== null) return
  court.shortMs = cx.now
  notify(cx, { type: 'short', job: job.id, need: quorumOf(trust), have: haveOf(cx, job) })
}

const haveOf = (cx: Context, job: Job): number => {
  const root = job.positions.get(ROOT)
  return root === undefined ? 0 : Math.min(quorumOf(job.spec.trust) - 1, shownLoad(cx, job, root).helpers)
}

function becomeEnough (cx: Context, job: Job): void {
  const { court, spec: { trust } } = job
  if (court === null || court.shortMs === null) return
  court.shortMs = null
  notify(cx, { type: 'short', job: job.id, need: quorumOf(trust), have: quorumOf(trust) })
}

/** Look after all polls: voters that are late or gone, and too few of them. */
export function onVerifyTimer (cx: Context, job: Job): void {
  const { court } = job
  if (court === null || job.outcome !== null) return
  if (isShortTooLong(cx, job)) return becomeTooShort(cx, job)
  for (const trial of [...court.trials.values()]) {
    if (trial.type !== 'poll' || court.trials.get(trial.path) !== trial) continue
    for (const [peer, { value, askedMs }] of [...trial.votes]) {
      if (value === null && askedMs !== null && cx.now - askedMs > cx.config.leaseMs) loseVoter(cx, job, trial, peer, false)
    }
    if (court.trials.get(trial.path) === trial) advance(cx, job, trial)
  }
  if (court.trials.size > 0 || court.shortMs !== null) setTimer(cx, 'verify', job.id, ROOT, cx.config.renewMs)
}

function isShortTooLong (cx: Context, job: Job): boolean {
  const sinceMs = job.court?.shortMs ?? null
  const deadlineMs = deadlineOf(job.spec.trust)
  return sinceMs !== null && deadlineMs > 0 && cx.now - sinceMs >= deadlineMs
}

function becomeTooShort (cx: Context, job: Job): void {
  const need = quorumOf(job.spec.trust)
  const message = `the job wants ${need} distinct peers to agree on each value, and after ${deadlineOf(job.spec.trust) / 1000} s there were ${haveOf(cx, job)}: start more peers, or ask for fewer votes`
  giveUp(cx, job, { kind: 'trust', path: ROOT, partition: -1, message, stack: '' })
}

/** A peer is gone: whoever counts on it asks others. */
export function onVoterGone (cx: Context, job: Job, peer: PeerId): void {
  const { court } = job
  if (court === null) return
  for (const trial of [...court.trials.values()]) if (trial.type === 'poll') loseVoter(cx, job, trial, peer, false)
}
