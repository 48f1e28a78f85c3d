/**
 * Peers that come and go: an alternating renewal process in equilibrium (Cox 1962, "Renewal Theory", chapter 7), so
 * that a steady world is steady from its first moment. Those there at the submission have residual stays; whoever
 * leaves comes back after a gap; those away at the submission arrive for the first time at the rate N / E[stay], thinned by the
 * share of gaps that are longer. Each concern draws from its own stream: switching one off leaves the rest as it was.
 */
import type { Random } from '../../protocol/core/random.ts'
import { assert } from '../../protocol/core/unreachable.ts'
import { cdf, mean, residual, sample } from './distribution.ts'
import type { Distribution } from './distribution.ts'
import type { Session } from './session.ts'

export interface ChurnPlan {
  /** Peers there at once, on average; so many are there at the submission. */
  peers: number
  /** How long a peer stays. */
  session: Distribution
  /** How long it stays away before it comes back under its number; never: it does not come back. */
  gap: Distribution
  /** Nobody comes at this virtual time or later, milliseconds; stays may last longer. */
  untilMs: number
  /** Arrivals go up and down like a sine, which starts at its middle and rises; amplitude 0.6 is ±60 %. */
  diurnal?: { periodMs: number, amplitude: number }
  /** A crowd of newcomers, at random moments between atMs and atMs + overMs. */
  flash?: { atMs: number, overMs: number, peers: number }
  /** The first peers come evenly spread over this time instead of being there, and the rest of the world with them. Default 0. */
  startOverMs?: number
}

/** When those come that are there already, milliseconds. */
export const PRESENT_MS = -1

/**
 * The sessions of a steady population. Numbers 0 to peers - 1 are those of the start, then come the first-timers,
 * then the flash crowd.
 *
 * @param plan - who comes and goes
 * @param random - the world's stream; equal plans and seeds give equal sessions
 * @returns sorted by onMs, then by peer; a peer's own sessions do not overlap
 */
export function sessionsOf (plan: ChurnPlan, random: Random): Session[] {
  assert(Number.isFinite(plan.untilMs), 'a plan of churn ends')
  assert(mean(plan.session) > 0, 'sessions last longer than 0 ms')
  assert(Math.abs(plan.diurnal?.amplitude ?? 0) <= 1, 'a rate of arrivals is not below 0')
  const sessions: Session[] = []
  addPresent(plan, random, sessions)
  const next = addFirstTimers(plan, random, sessions)
  addFlash(plan, random, next, sessions)
  return sessions.sort((a, b) => a.onMs - b.onMs || a.peer - b.peer)
}

/** Those that are there at the submission, or come evenly spread over the start. */
function addPresent (plan: ChurnPlan, random: Random, sessions: Session[]): void {
  const { peers, startOverMs = 0 } = plan
  const stays = random.split('present')
  for (let peer = 0; peer < peers; peer++) {
    const stayMs = residual(plan.session, stays)
    const fromMs = startOverMs * peer / peers
    addStays(plan, random, { peer, onMs: startOverMs === 0 ? PRESENT_MS : fromMs, offMs: fromMs + stayMs }, `present ${peer}`, sessions)
  }
}

/**
 * Those that were away at the submission. Their gaps' residual lives have the density P(gap > t) / E[gap]; times
 * N E[gap] / E[stay] of them, this is a Poisson process of rate N / E[stay] of which P(gap > t) is kept.
 *
 * @returns the first number not taken
 */
function addFirstTimers (plan: ChurnPlan, random: Random, sessions: Session[]): number {
  const { startOverMs = 0 } = plan
  const everyMs = mean(plan.session) / plan.peers
  const arrivals = random.split('arrivals')
  const shifts = random.split('arrivals/shift')
  const stays = random.split('arrivals/stays')
  const one: Distribution = { type: 'exponential', meanMs: everyMs }
  // Gaps count at most one diurnal period more than the clock does.
  const endMs = plan.untilMs + (plan.diurnal?.periodMs ?? 0)
  let next = plan.peers
  let kept = 0
  for (let awayMs = sample(one, arrivals); awayMs < endMs; awayMs += sample(one, arrivals)) {
    // A world that starts bit by bit is a sum of small steady ones, each started at its own time.
    const fromMs = startOverMs * shifts.next()
    if (arrivals.next() < cdf(plan.gap, awayMs)) continue
    const stayMs = sample(plan.session, stays)
    const onMs = comesAt(plan, fromMs, awayMs)
    const name = `arrivals ${kept++}`
    if (onMs < plan.untilMs) addStays(plan, random, { peer: next++, onMs, offMs: onMs + stayMs }, name, sessions)
  }
  return next
}

/** A crowd that comes on top of the steady population. */
function addFlash (plan: ChurnPlan, random: Random, next: number, sessions: Session[]): void {
  if (plan.flash === undefined) return
  const { atMs, overMs, peers } = plan.flash
  const arrivals = random.split('flash')
  for (let i = 0; i < peers; i++) {
    const onMs = atMs + overMs * arrivals.next()
    const stayMs = sample(plan.session, arrivals)
    if (onMs < plan.untilMs) addStays(plan, random, { peer: next + i, onMs, offMs: onMs + stayMs }, `flash ${i}`, sessions)
  }
}

/** A peer's first session and all its later ones. Those have a stream for each peer, so that one comeback more moves no other peer. */
function addStays (plan: ChurnPlan, random: Random, first: Session, name: string, sessions: Session[]): void {
  // A stay too short for the clock to tell its ends apart is none.
  if (first.offMs > first.onMs) sessions.push(first)
  if (plan.gap.type === 'never' || first.offMs >= plan.untilMs) return
  const comebacks = random.split(name)
  let { offMs } = first
  for (;;) {
    const onMs = comesAt(plan, offMs, sample(plan.gap, comebacks))
    if (onMs >= plan.untilMs) return
    offMs = onMs + sample(plan.session, comebacks)
    if (offMs > onMs) sessions.push({ peer: first.peer, onMs, offMs })
  }
}

/** How much time gaps have counted at a virtual time: the integral of the diurnal rate, whose mean is 1. */
function countedMs ({ periodMs, amplitude }: { periodMs: number, amplitude: number }, ms: number): number {
  const turn = periodMs / (2 * Math.PI)
  return ms + amplitude * turn * (1 - Math.cos(ms / turn))
}

/**
 * When a peer comes that is away from `fromMs` for a gap. The day's rise and fall speeds all gaps up and slows them
 * down: the time change that makes a Poisson process uneven (Cinlar 1975, "Introduction to Stochastic Processes"),
 * which unlike thinning holds for comebacks too and draws nothing.
 */
function comesAt ({ diurnal }: ChurnPlan, fromMs: number, gapMs: number): number {
  if (diurnal === undefined || gapMs === Infinity) return fromMs + gapMs
  const goal = countedMs(diurnal, fromMs) + gapMs
  const reach = Math.abs(diurnal.amplitude) * diurnal.periodMs / Math.PI
  let [low, high] = [Math.max(fromMs, goal - reach), goal + reach]
  while (high - low > 1e-3) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (countedMs(diurnal, middle) < goal) low = middle
    else high = middle
  }
  return high
}
