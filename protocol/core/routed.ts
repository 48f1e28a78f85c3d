/**
 * Row `joined`, the answering side: a joiner's question passes along tree connections, up to where there is free work and down
 * to where there is most of it per helper; where nothing is free anywhere, down to the bite that will take longest (J2, J5). The answer
 * comes back the same way. Invariant: bounded hops.
 */
import type { Child, Context, Job, Position, View } from './state.ts'
import type { JoinMessage, LaterMessage, OfferMessage, RerunMessage } from './message.ts'
import type { PeerId } from './ids.ts'
import type { Poll } from './court.ts'
import { childAt } from './position.ts'
import { childFence } from './fence.ts'
import { NONE } from './state.ts'
import { ROOT, depthMax } from './geometry.ts'
import { drop, self, send } from './context.ts'
import { freeAt, loadOf, ownRate, remainingBelow, topPositions } from './load.ts'
import { homeView } from './viewed.ts'
import { PATIENCE, recruitJoiner } from './recruited.ts'
import { nextFree } from './claimed.ts'
import { votersMax } from './court.ts'
import { votersWanted } from './voted.ts'

type Answer = OfferMessage | RerunMessage | LaterMessage

/** A joiner's question passes here. */
export function onJoin (cx: Context, job: Job, from: PeerId, message: JoinMessage): void {
  if (message.hops === 0 && message.joiner.peer !== from) return drop(cx, from, 'join for another peer')
  if (message.joiner.peer === cx.id) return
  const asked: JoinMessage = message.joiner.peer === from ? message : { ...message, via: [...message.via, from] }
  // Too far: the way went round among peers with old views.
  if (message.hops > 2 * depthMax(job.spec) + 4) return later(cx, job, asked)
  if (lendWhole(cx, job, asked)) return
  if (message.phase === 'up' && routeUp(cx, job, asked)) return
  if (message.phase !== 'tail' && routeDown(cx, job, asked)) return
  if (recruitJoiner(cx, job, message)) return later(cx, job, asked)
  if (message.phase !== 'down' && routeToTail(cx, job, asked)) return
  if (job.positions.size > 0) return later(cx, job, asked)
  // Without a position or a way up this peer only knows of others; if it does not, it knows no better than the joiner.
  const other = job.hints.find(({ peer }) => peer !== cx.id && peer !== message.joiner.peer && !asked.via.includes(peer))
  if (other !== undefined) forward(cx, asked, other.peer)
}

/** J5: a job of one leaf has no child to give away. Where its coordinator does not compute, joiners run it without authority. */
function lendWhole (cx: Context, job: Job, { joiner, via }: JoinMessage): boolean {
  const root = job.positions.get(ROOT)
  if (cx.cores > 0 || root === undefined || root.children.length > 0 || root.work !== 'split') return false
  // Those that should have finished by now may be gone.
  if (cx.now - root.lentMs > cx.config.stallMsMin + job.spec.timeoutMs * root.size) root.lent = NONE
  if (root.lent.length >= RERUNS_MAX || root.lent.includes(joiner.peer)) return false
  root.lent = root.lent.concat(joiner.peer)
  root.lentMs = cx.now
  return answer(cx, { type: 'rerun', job: job.id, to: joiner.peer, via, path: ROOT, coordinator: self(cx) })
}

/** Those above are asked first while they have children nobody ever had, because these are larger; and when nothing is free here. */
function routeUp (cx: Context, job: Job, message: JoinMessage): boolean {
  const up = homeView(job)
  if (up === undefined || up.doubt !== 'none' || message.via.includes(up.state.coordinator.peer)) return false
  if (up.idleUntilMs !== undefined && up.idleUntilMs > cx.now) return false
  if (!hasUnnamed(up, job) && routeDown(cx, job, message)) return true
  return forward(cx, message, up.state.coordinator.peer)
}

/** @returns whether there is free work here, or below as far as this peer knows */
function routeDown (cx: Context, job: Job, message: JoinMessage): boolean {
  if (offerHere(cx, job, message)) return true
  const below = draw(cx, childrenFor(cx, job, message))
  if (below === undefined) return false
  below.sent++
  return forward(cx, { ...message, phase: 'down' }, below.holder as PeerId)
}

/** Does a state leave any child unnamed, that is free? */
const hasUnnamed = ({ state }: View, job: Job): boolean => state.children.length < Math.min(job.spec.fanout, job.spec.partitions)

function forward (cx: Context, message: JoinMessage, to: PeerId): true {
  send(cx, to, { ...message, hops: message.hops + 1 })
  return true
}

/** Answers go back the way the question came. */
export function answer (cx: Context, message: Answer): true {
  const hop = message.via[message.via.length - 1]
  if (hop === undefined) send(cx, message.to, message)
  else send(cx, hop, { ...message, via: message.via.slice(0, -1) })
  return true
}

/** A free child of a position here, if there is enough work left that a helper pays (J4). */
function offerHere (cx: Context, job: Job, { joiner, via }: JoinMessage): boolean {
  for (const position of topDown(job)) {
    const path = nextFree(cx, job, position, joiner.peer)
    if (path === null || position.state !== 'granted' || !isWorthHelp(cx, job, position)) continue
    const child = childAt(position, path) as Child
    child.reservedFor = joiner.peer
    child.reservedUntilMs = cx.now + cx.config.reserveMs
    return answer(cx, { type: 'offer', job: job.id, to: joiner.peer, via, path, fence: childFence(position.fence, child.term + 1), coordinator: self(cx) })
  }
  return false
}

const topDown = (job: Job): Position[] => [...job.positions.values()].sort((a, b) => a.fence.length - b.fence.length)

function isWorthHelp (cx: Context, job: Job, position: Position): boolean {
  if (cx.cores === 0) return true
  const load = loadOf(cx, job, position)
  return load.rate === 0 || load.remaining / load.rate * 1000 > cx.config.stealMsMin
}

interface Weighted { child: Child, weight: number }

/** J2: children of others with free work, by work per helper, joiners just sent counted as helpers. */
function childrenFor (cx: Context, job: Job, { joiner, via }: JoinMessage): Weighted[] {
  return othersChildren(cx, job, joiner.peer, via).flatMap(child => {
    const { load } = child
    const isOver = load !== null && load.rate > 0 && load.remaining / load.rate * 1000 < cx.config.stealMsMin
    if (isOver || freeAt(job, child) === 0) return []
    return [{ child, weight: (load?.remaining ?? child.size) / Math.max(1, (load?.helpers ?? 1) + child.sent) }]
  })
}

/** Children leased to somebody whom the question has not passed. */
function othersChildren (cx: Context, job: Job, joiner: PeerId, via: PeerId[]): Child[] {
  const children: Child[] = []
  for (const position of job.positions.values()) {
    for (const child of position.children) {
      if (child.state !== 'leased' || child.holder === null || child.holder === cx.id || child.holder === joiner) continue
      if (!via.includes(child.holder)) children.push(child)
    }
  }
  return children
}

/** One of them, weighted at random, so that joiners spread. */
function draw (cx: Context, weights: Weighted[]): Child | undefined {
  let sum = 0
  for (const { weight } of weights) sum += weight
  let at = cx.random.next() * sum
  for (const { child, weight } of weights) {
    at -= weight
    if (at <= 0 && weight > 0) return child
  }
  return undefined
}

/** J5: nothing is free: an outstanding bite that the joiner would finish sooner than its holder, here or in the branch that takes longest. */
function routeToTail (cx: Context, job: Job, message: JoinMessage): boolean {
  const { joiner, via, rate } = message
  const branches = othersChildren(cx, job, joiner.peer, via).flatMap(child => {
    const load = child.load
    if (load === null || load.helpers < 1 || isBite(cx, job, child)) return []
    const leftMs = load.rate > 0 ? load.remaining / load.rate * 1000 : 0
    // Who has not finished a bite yet, or none for long, may never do so, whatever its rate was.
    const quietMs = cx.now - child.progressMs
    const weight = leftMs === 0 || quietMs > cx.config.leaseMs ? Math.max(leftMs, quietMs) : leftMs
    return weight > 2 * cx.config.stealMsMin ? [{ child, weight }] : []
  })
  const bites = bitesFor(cx, job, joiner.peer, rate)
  const child = draw(cx, [...bites, ...branches])
  if (child === undefined) return false
  if (!bites.some(bite => bite.child === child)) return forward(cx, { ...message, phase: 'tail' }, child.holder as PeerId)
  child.reruns = [...child.reruns, joiner.peer].slice(-2 * RERUNS_MAX)
  child.rerunUntilMs = cx.now + cx.config.leaseMs + 2 * child.size / rate * 1000
  return answer(cx, { type: 'rerun', job: job.id, to: joiner.peer, via, path: child.path, coordinator: self(cx) })
}

/** Outstanding bites that a joiner of this rate would finish sooner, by the time they are expected to take yet; or that will want its vote anyhow (V3), by its own time. */
function bitesFor (cx: Context, job: Job, joiner: PeerId, rate: number): Weighted[] {
  const bites: Weighted[] = []
  if (rate === 0) return bites
  for (const position of job.positions.values()) {
    for (const child of position.children) {
      const poll = pollAt(job, child)
      if (child.holder === joiner || (poll === undefined && (child.state !== 'leased' || !isBite(cx, job, child)))) continue
      // Those that should have finished by now may be gone.
      const isTaken = child.reruns.length >= RERUNS_MAX && child.rerunUntilMs > cx.now
      if (isTaken || child.reruns.includes(joiner) || hasVoted(job, child, joiner)) continue
      const ownMs = child.size / rate * 1000
      const weight = poll === undefined ? leftOf(cx, job, child) : voteMs(cx, job, poll)
      if (poll === undefined && isWanting(cx, job, child)) {
        if (ownMs > cx.config.stealMsMin) bites.push({ child, weight: ownMs })
      } else if (weight > 2 * cx.config.stealMsMin && ownMs < weight) bites.push({ child, weight })
    }
  }
  return bites
}

/** V3: its holder is computing it, and its value will surely want more votes than are on their way. */
function isWanting (cx: Context, job: Job, child: Child): boolean {
  const running = child.rerunUntilMs > cx.now ? child.reruns.length : 0
  return child.holder !== null && running < votersWanted(cx, job, child.holder)
}

/** V3: computed by its holder, and not yet by as many others as it needs. */
function pollAt (job: Job, { path }: Child): Poll | undefined {
  const trial = job.court?.trials.get(path)
  return trial?.type === 'poll' && trial.state === 'open' ? trial : undefined
}

/** Milliseconds until the first of those asked is expected to vote, each of whom has PATIENCE times as long; 0 where no more may vote. */
function voteMs (cx: Context, job: Job, { votes, asked }: Poll): number {
  if (asked.size === 0 || votes.size + asked.size >= votersMax(job.spec.trust)) return 0
  return (Math.min(...asked.values()) - cx.now) / PATIENCE
}

/** V3: its run would not be another's, or there are enough. */
function hasVoted (job: Job, { path }: Child, peer: PeerId): boolean {
  const trial = job.court?.trials.get(path)
  return trial !== undefined && (trial.type === 'check' || trial.state !== 'open' || trial.votes.has(peer) || trial.asked.has(peer))
}

/** Is the whole child one outstanding bite, as far as this peer knows? */
export function isBite (cx: Context, job: Job, child: Child): boolean {
  if (child.holder === cx.id) return job.bites.has(child.path)
  return child.size <= job.spec.grain || child.load === null || (child.load.helpers <= 1 && child.load.remaining === child.size)
}

/** J5: as many others may run one bite. A guess. */
const RERUNS_MAX = 2

/** Milliseconds an outstanding child is expected to take yet; what is late is expected to stay late as long again. */
function leftOf (cx: Context, job: Job, child: Child): number {
  const isOwn = child.holder === cx.id
  const rate = isOwn ? ownRate(cx, job) / Math.max(1, cx.cores) : child.load?.rate ?? 0
  if (!isOwn && child.load !== null && child.load.helpers > 1) return 0
  const ageMs = cx.now - (isOwn ? job.bites.get(child.path)?.startedMs ?? cx.now : child.grantedMs)
  if (rate === 0) return ageMs > cx.config.leaseMs ? ageMs : 0
  return Math.abs(child.size / rate * 1000 - ageMs)
}

/** J2: nothing to do now. Those sent away come back one after the other, however many they are. */
function later (cx: Context, job: Job, { joiner, via, phase }: JoinMessage): void {
  // What was free a moment ago is not any more: it is somewhere else.
  const isElsewhere = phase === 'down'
  const waitMs = isElsewhere ? cx.config.joinAgainMs : waitFor(cx, job)
  const turnMs = Math.max(cx.now + waitMs, job.turnMs + (isElsewhere ? cx.config.joinTurnMs : cx.config.idleTurnMs))
  job.turnMs = Math.min(turnMs, cx.now + cx.config.turnMsMax)
  answer(cx, { type: 'later', job: job.id, to: joiner.peer, via, ms: Math.round(job.turnMs - cx.now) })
}

/** The answer to somebody else's question passes here: who else asks within a second need not go the same way. */
export function noteIdleAbove (cx: Context, job: Job, from: PeerId, ms: number): void {
  const up = homeView(job)
  if (up?.state.coordinator.peer === from) up.idleUntilMs = cx.now + Math.min(ms, cx.config.idleAboveMs)
}

/** How long a joiner should wait: about as long as half the work left takes. */
function waitFor (cx: Context, job: Job): number {
  const [top] = topPositions(job)
  if (top === undefined) return cx.config.laterMsMax / 2
  const { rate } = loadOf(cx, job, top)
  const leftMs = rate === 0 ? cx.config.laterMsMax : remainingBelow(cx, job, top) / rate * 500
  return Math.min(cx.config.laterMsMax, Math.max(100, leftMs))
}
