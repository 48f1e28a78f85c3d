/**
 * Leases that nothing comes of (C5): how long a holder may get nothing done, and what one that does not is given afterwards. Whoever asks for work may be one
 * of many identities of one attacker (Douceur 2002, "The Sybil attack"), so what a peer merely says buys it no time: who has shown nothing is on
 * trial. Invariant: a lease ends only here by time; work that was begun under it still counts when it comes late (C4).
 */
import type { Child, Context, Job, Position } from './state.ts'
import type { Load } from './message.ts'
import type { PeerId } from './ids.ts'
import { isVoted } from './court.ts'
import { msPerPartition } from './speed.ts'

/** Peers whose standing is remembered in a job. A guess: four times the largest default fan-out. */
const STANDINGS_MAX = 64
/** Doublings at most. */
const DOUBLED_MAX = 6
/** Usual leaves that a holder on trial may take: one lognormal peer in nine is slower (SCENARIOS: sigma 0.7), and its work is not lost. */
const TRIAL_LEAVES = 3
/** Usual leaves for a holder that has shown something, and own ones as far as it told its speed. */
const USUAL_LEAVES = 4
const OWN_LEAVES = 2
/** V3: a bite counts after a voter has ended what it had under way and then this one: each may take as long as the bite. */
const VOTED_TIMES = 3

/** Has the holder of a child got nothing done for too long? */
export function isStalled (cx: Context, job: Job, position: Position, child: Child): boolean {
  const idleMs = cx.now - child.progressMs
  return idleMs > cx.config.trialMsMin / 2 && idleMs > patienceMs(cx, job, position, child)
}

function patienceMs (cx: Context, job: Job, position: Position, child: Child): number {
  // V5: who takes others for liars and cannot show it lets nobody vote with it, and so gets nothing done, whatever it did before.
  if (child.holder !== null && job.court?.slanderers.has(child.holder) === true) return cx.config.trialMsMin
  return bitePatienceMs(cx, job, position, child) * (isVoted(job.spec.trust) ? VOTED_TIMES : 1)
}

function bitePatienceMs (cx: Context, job: Job, position: Position, child: Child): number {
  const usualMs = usualLeafMs(cx, job, position, child)
  const { stalls } = child
  // A second one in a row may be of the same attacker: it is given half. The third may show that leaves here take longer than elsewhere.
  const often = 2 ** Math.min(DOUBLED_MAX, stalls === 0 || usualMs === 0 ? stalls : stalls - 2)
  if (isOnTrial(job, child)) return often * Math.max(cx.config.trialMsMin, TRIAL_LEAVES * usualMs)
  const ownMs = child.load === null ? 0 : Math.min(cx.config.leafMsMax, leafMs(job, child.load))
  return Math.max(1, often) * Math.max(cx.config.stallMsMin, USUAL_LEAVES * usualMs, OWN_LEAVES * ownMs)
}

/** Has its holder got nothing done yet, neither since this grant nor ever here? */
const isOnTrial = (job: Job, child: Child): boolean =>
  child.progressMs === child.grantedMs && (child.holder === null || job.standings.get(child.holder)?.state !== 'worker')

const leafMs = (job: Job, { rate, helpers }: Load): number =>
  rate === 0 ? 0 : 1000 * job.spec.grain * Math.max(1, helpers) / rate

/** What a leaf takes others here: the median of this peer's own and those that holders told who have shown something; 0 while nobody knows. */
function usualLeafMs (cx: Context, job: Job, position: Position, asked: Child): number {
  const known = position.children.flatMap(child => {
    if (child === asked || child.state !== 'leased' || child.holder === cx.id || child.load === null || isOnTrial(job, child)) return []
    const ms = Math.min(cx.config.leafMsMax, leafMs(job, child.load))
    return ms === 0 ? [] : [ms]
  })
  const own = job.spec.grain * msPerPartition(job.speed)
  if (own > 0) known.push(own)
  known.sort((a, b) => a - b)
  return known[Math.floor(known.length / 2)] ?? 0
}

/** The lease of a child ends because nothing came of it. */
export function becomeStalled (cx: Context, job: Job, child: Child): void {
  child.stalls++
  if (child.holder === null) return
  const before = job.standings.get(child.holder)
  const strikes = before?.state === 'idler' ? before.strikes + 1 : 1
  const barredMs = cx.config.stallMsMin * 2 ** Math.min(DOUBLED_MAX, strikes - 1)
  remember(job, child.holder, { state: 'idler', strikes, untilMs: cx.now + barredMs })
}

/** Who let a child stall is given nothing here for a while, each time for twice as long. */
export function isBarred (cx: Context, job: Job, peer: PeerId): boolean {
  const standing = job.standings.get(peer)
  return standing !== undefined && standing.state === 'idler' && standing.untilMs > cx.now
}

/** A value came from this peer: it works. */
export function becomeWorker (job: Job, peer: PeerId): void {
  if (job.standings.get(peer)?.state !== 'worker') remember(job, peer, { state: 'worker', strikes: 0, untilMs: 0 })
}

function remember (job: Job, peer: PeerId, standing: Standing): void {
  job.standings.delete(peer)
  job.standings.set(peer, standing)
  for (const oldest of job.standings.keys()) {
    if (job.standings.size <= STANDINGS_MAX) return
    job.standings.delete(oldest)
  }
}

/** What a coordinator has seen of a peer: it brought a value, or let children stall so often, and is given none until then. */
export interface Standing { state: 'worker' | 'idler', strikes: number, untilMs: number }
