/**
 * What a trust policy promises (V1) and costs: the share of wrong partitions that it lets pass, its ε, when a share f of the peers collude, and the
 * work it adds. Upper bounds; S8 holds the simulator against them.
 */
import type { Trust } from '../../protocol/core/job.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'

export interface Threat {
  /** Shares of peers that tell the same wrong values of all they compute, and that do so once they are trusted. */
  liars: number
  turncoats: number
  /** Lists of partitions (V2) that one peer computes of the job, and bites it makes for one coordinator. */
  lists: number
  bites: number
  /** Lists recomputed of a value that a coordinator folded. */
  samples: number
}

/**
 * A wrong bite passes votes only where all of the first `quorum` voters collude, since voters that differ are judged by recomputing: f^m, the
 * first term of the binomial tail that Sarmenta gives for majority voting ("Sabotage-tolerance mechanisms for volunteer computing", 2001).
 */
export const votesRisk = (f: number, quorum: number): number => f ** quorum

/** A lie in a share w of the lists escapes k random samples of them with (1 − w)^k (Du et al., "Uncheatable grid computing", 2004). */
export const escapeRisk = (w: number, k: number): number => (1 - w) ** k

/** Spot-checked at a rate q a liar that is then cast out gets 1/q lists through at most, of the n that it would compute (Sarmenta 2001, blacklisting). */
export const auditRisk = (f: number, rate: number, n: number): number => f * Math.min(1, 1 / (rate * n))

/**
 * A peer with s confirmed values in a row is checked with probability 1/s, so a turncoat gets s − 1 bites through on average. s grows by one
 * confirmed value at a time, so after b bites it is sqrt(after² + 2(b − after)).
 */
export const adaptiveRisk = (t: number, after: number, bites: number): number => t * Math.min(1, standingAfter(after, bites) / Math.max(1, bites))

const standingAfter = (after: number, bites: number): number => Math.sqrt(after ** 2 + 2 * Math.max(0, bites - after))

/**
 * What a lying coordinator gets past its parent's audit by making a share w of what it hands up wrong is w(1 − w)^k, at most where w = 1/(k + 1);
 * a share f of coordinators lie.
 */
export const coordinatorRisk = (f: number, samples: number): number => f * escapeRisk(1 / (samples + 1), samples) / (samples + 1)

/** ε: the largest share of wrong partitions to expect in a result. */
export function riskOf (trust: Trust, { liars, turncoats, lists, bites, samples }: Threat): number {
  const above = coordinatorRisk(liars, samples)
  switch (trust.type) {
    case 'none': return 1
    case 'votes': return votesRisk(liars + turncoats, trust.quorum) + above
    case 'adaptive': return votesRisk(liars + turncoats, 2) + adaptiveRisk(turncoats, trust.after, bites) + above
    case 'audit': return auditRisk(liars + turncoats, trust.rate, lists) + above
    default: return unreachable(trust)
  }
}

/** Work beyond computing everything once, as a share of that: voters; those that are not yet trusted; samples of all levels (V7). */
export function overheadOf (trust: Trust, bites: number): number {
  switch (trust.type) {
    case 'none': return 0
    case 'votes': return trust.quorum - 1
    case 'adaptive': return Math.min(1, standingAfter(trust.after, bites) / Math.max(1, bites))
    case 'audit': return 2 * trust.rate
    default: return unreachable(trust)
  }
}
