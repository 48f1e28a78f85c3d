/**
 * How long something lasts: the distributions that measured systems were fitted with, drawn afresh, or met in the
 * middle (the residual life of a renewal process in equilibrium: Cox 1962, "Renewal Theory", chapter 5).
 * Uses Math.log and its like: equal to the last bit on one engine, which the pinned Node is.
 */
import type { Random } from '../../protocol/core/random.ts'
import { unreachable } from '../../protocol/core/unreachable.ts'
import { gamma, sampleGamma } from './gamma.ts'
import { normalCdf, standardNormal } from './normal.ts'

export type Distribution =
  /** P(L > x) = exp(-(x / scaleMs) ** shape). */
  | { type: 'weibull', shape: number, scaleMs: number }
  /** ln(L / unitMs) is normal with mean mu and deviation sigma. */
  | { type: 'lognormal', mu: number, sigma: number, unitMs: number }
  | { type: 'exponential', meanMs: number }
  | { type: 'constant', ms: number }
  /** It does not end: Infinity. */
  | { type: 'never' }

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** How long peers of measured systems stay (kadGap: stay away). SCENARIOS, "Session lengths", names the systems and the fits. */
export const SESSIONS = {
  /** BitTorrent peers of a RedHat image: Stutzbach and Rejaie 2006, "Understanding churn in peer-to-peer networks". */
  redhat: { type: 'weibull', shape: 0.34, scaleMs: 21.3 * MINUTE_MS },
  /** BitTorrent peers of the game FlatOut: Stutzbach and Rejaie 2006. */
  flatout: { type: 'weibull', shape: 0.59, scaleMs: 41.9 * MINUTE_MS },
  /** BitTorrent peers of a Debian image: Stutzbach and Rejaie 2006. */
  debian: { type: 'weibull', shape: 0.38, scaleMs: 42.4 * MINUTE_MS },
  /** How long KAD peers stay away: Steiner, En-Najjary and Biersack 2009, "Long term study of peer behavior in the KAD DHT". */
  kadGap: { type: 'weibull', shape: 0.476, scaleMs: 414 * MINUTE_MS },
  /** Overnet peers; fit as SCENARIOS gives it. */
  overnet: { type: 'weibull', shape: 0.85, scaleMs: 2.04 * HOUR_MS },
  /** Desktop computers of volunteers; fit as SCENARIOS gives it. */
  desktop: { type: 'weibull', shape: 0.55, scaleMs: 35.3 * HOUR_MS },
  /** Ethereum nodes, in ln hours; fit as SCENARIOS gives it. */
  ethereum: { type: 'lognormal', mu: 1.77, sigma: 2, unitMs: HOUR_MS },
  /** IPFS nodes; approximate fit as SCENARIOS gives it. */
  ipfs: { type: 'weibull', shape: 0.52, scaleMs: 1.94 * HOUR_MS },
  /** Kazaa-like: exponential by its median of 2.4 min. */
  kazaa: { type: 'exponential', meanMs: 2.4 * MINUTE_MS / Math.LN2 },
  /** Spot machines, mean 1.68 h. */
  spot: { type: 'exponential', meanMs: 1.68 * HOUR_MS },
  /** Browser tabs of CrowdProcess: a mean of 6 min 50 s; that it is exponential is a guess. */
  crowdprocess: { type: 'exponential', meanMs: 6 * MINUTE_MS + 50 * SECOND_MS }
} as const satisfies Record<string, Distribution>

const sampleExponential = (random: Random): number => -Math.log(1 - random.next())

/** One fresh draw, milliseconds. */
export function sample (d: Distribution, random: Random): number {
  switch (d.type) {
    case 'weibull': return d.scaleMs * sampleExponential(random) ** (1 / d.shape)
    case 'lognormal': return d.unitMs * Math.exp(d.mu + d.sigma * standardNormal(random))
    case 'exponential': return d.meanMs * sampleExponential(random)
    case 'constant': return d.ms
    case 'never': return Infinity
    default: return unreachable(d)
  }
}

/**
 * How much longer a stay lasts that is met at a random moment of a renewal process in equilibrium: a uniform point
 * of a stay drawn by its length. Exact: its density is P(L > x) / E[L].
 *
 * @returns milliseconds
 */
export function residual (d: Distribution, random: Random): number {
  switch (d.type) {
    case 'weibull': {
      // With y = (x / scale) ** shape the density x * f(x) is that of Gamma(1 + 1 / shape) in y.
      const stayMs = d.scaleMs * sampleGamma(1 + 1 / d.shape, random) ** (1 / d.shape)
      return stayMs * (1 - random.next())
    }
    case 'lognormal': return sample({ ...d, mu: d.mu + d.sigma ** 2 }, random) * (1 - random.next())
    // It has no memory.
    case 'exponential': return sample(d, random)
    case 'constant': return d.ms * (1 - random.next())
    case 'never': return Infinity
    default: return unreachable(d)
  }
}

/** The mean, milliseconds. */
export function mean (d: Distribution): number {
  switch (d.type) {
    case 'weibull': return d.scaleMs * gamma(1 + 1 / d.shape)
    case 'lognormal': return d.unitMs * Math.exp(d.mu + d.sigma ** 2 / 2)
    case 'exponential': return d.meanMs
    case 'constant': return d.ms
    case 'never': return Infinity
    default: return unreachable(d)
  }
}

/** P(L <= ms). */
export function cdf (d: Distribution, ms: number): number {
  if (ms < 0) return 0
  switch (d.type) {
    case 'weibull': return -Math.expm1(-((ms / d.scaleMs) ** d.shape))
    case 'lognormal': return normalCdf((Math.log(ms / d.unitMs) - d.mu) / d.sigma)
    case 'exponential': return -Math.expm1(-ms / d.meanMs)
    case 'constant': return ms >= d.ms ? 1 : 0
    case 'never': return 0
    default: return unreachable(d)
  }
}
