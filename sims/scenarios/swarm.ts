/**
 * S10, swarm: everything is drawn from the seed, each kind of fault on or off by a coin and as strong as chance has it (TigerBeetle's
 * swarm testing; Groce et al. 2012, "Swarm testing"). Faults end; then the job must be done within twice its limit.
 */
import type { ComputePlan, JobPlan, Population } from './plan.ts'
import type { Distribution } from '../models/distribution.ts'
import type { Fault } from './fault.ts'
import type { Random } from '../../protocol/core/random.ts'
import type { Scenario } from './scenario.ts'
import { DEFAULT_PLAN, jobOf } from './base.ts'
import { SESSIONS } from '../models/distribution.ts'
import { between, coinOf, drawNoise, drawSome, drawWhom, isHeads, oneOf, stream } from './draw.ts'

const LIMIT_MS = 3 * 60_000
/** Faults come from here on: before it a job that loses its submitter may be lost for good (R5). */
const FROM_MS = 20_000
/** Faults are over after this share of the time that the job takes at the limit. */
const FAULTY_SHARE = 0.5
/** A job that is not done so many limits after healing, and this much later, is stuck. */
const STUCK = 6
const STUCK_MS = 5 * 60_000
const MINUTE_MS = 60_000
/** Shares of all peers that are killed one by one, and that go in one moment. */
const KILLED_SHARE_MAX = 0.05
const EXODUS_MAX = 0.7

export const swarm: Scenario = {
  name: 'swarm',
  title: 'everything drawn from the seed',
  peers: 200,
  make: (seed, peers, limitMs = LIMIT_MS) => {
    const healMs = Math.max(2 * FROM_MS, FAULTY_SHARE * limitMs)
    const submitter = stream(seed, 'submitter')
    const faults = drawFaults(stream(seed, 'faults'), peers, healMs)
    return {
      ...DEFAULT_PLAN,
      scenario: 'swarm',
      seed,
      peers,
      job: drawJob(stream(seed, 'job'), peers, limitMs),
      populations: drawPopulations(stream(seed, 'populations')),
      latency: oneOf(stream(seed, 'latency'), ['world', 'loopback'] as const),
      compute: drawCompute(stream(seed, 'compute')),
      faults,
      meshDegree: 1 + stream(seed, 'mesh').below(4),
      submitterLeavesMs: isHeads(submitter) ? between(submitter, FROM_MS, healMs) : null,
      skewMs: coinOf(stream(seed, 'clocks'), 5 * MINUTE_MS),
      untilMs: healMs + STUCK * limitMs / survivors(faults, peers) + STUCK_MS,
      bounds: { healedX: 2 }
    }
  }
}

function drawJob (random: Random, peers: number, limitMs: number): JobPlan {
  const partitionMs = Math.round(200 * 50 ** random.next())
  const job = jobOf({ peers, limitMs, partitionMs })
  const leaves = peers * between(random, 20, 100)
  return { ...job, fanout: 2 + random.below(15), grain: Math.max(1, Math.round(job.partitions / leaves)) }
}

function drawPopulations (random: Random): Population[] {
  const weights = Array.from({ length: 1 + random.below(3) }, () => 0.1 + random.next())
  const sum = weights.reduce((a, b) => a + b)
  return weights.map(weight => {
    const polite = random.next()
    const population: Population = {
      share: weight / sum, kind: oneOf(random, ['node', 'tab'] as const), session: drawTime(random), gap: drawTime(random), polite, silent: (1 - polite) * random.next()
    }
    return population.kind === 'tab' && isHeads(random) ? { ...population, tabs: { hidden: random.next(), frozen: between(random, 0, 0.2) } } : population
  })
}

/** How long somebody stays, or stays away. */
const drawTime = (random: Random): Distribution =>
  oneOf<Distribution>(random, [{ type: 'never' }, { type: 'exponential', meanMs: between(random, 1, 20) * MINUTE_MS }, SESSIONS.redhat])

const drawCompute = (random: Random): ComputePlan =>
  ({ speedSigma: random.next(), slow: coinOf(random, 0.1), slowSpeed: between(random, 0.05, 0.5), hang: coinOf(random, 0.02) })

/** All over by then. Some of all peers stay: a job whose members are all gone is lost whatever the protocol does. */
function drawFaults (random: Random, peers: number, healMs: number): Fault[] {
  const span = { fromMs: FROM_MS, toMs: healMs }
  const some = (type: Fault['type'], most: number, make: (random: Random, atMs: number, forMs: number) => Fault): Fault[] => {
    const draws = random.split(type)
    return drawSome(draws, most, span, (atMs, forMs) => make(draws, atMs, forMs))
  }
  return [
    ...some('kill', Math.ceil(peers * KILLED_SHARE_MAX), (draws, atMs) => ({ type: 'kill', atMs, whom: drawWhom(draws) })),
    ...some('exodus', 1, (draws, atMs) => ({ type: 'exodus', atMs, share: between(draws, 0.1, EXODUS_MAX), silent: isHeads(draws) })),
    ...some('split', 2, (draws, atMs, forMs) => ({ type: 'split', atMs, forMs, share: draws.next() })),
    ...some('one-way', 5, (draws, atMs, forMs) => ({ type: 'one-way', atMs, forMs, whom: drawWhom(draws), share: draws.next() })),
    ...some('clog', 5, (draws, atMs, forMs) => ({ type: 'clog', atMs, forMs, whom: drawWhom(draws), delayMs: Math.round(between(draws, 100, 3_000)) })),
    ...some('pause', 10, (draws, atMs, forMs) => ({ type: 'pause', atMs, forMs, whom: drawWhom(draws) })),
    ...some('restart', 10, (draws, atMs, forMs) => ({ type: 'restart', atMs, forMs, whom: drawWhom(draws) })),
    ...some('throttle', 20, (draws, atMs, forMs) => ({ type: 'throttle', atMs, forMs, whom: drawWhom(draws), stepMs: 1_000 })),
    ...some('noise', 2, (draws, atMs, forMs) => ({ type: 'noise', atMs, forMs, network: drawNoise(draws) }))
  ].sort((a, b) => a.atMs - b.atMs)
}

/** The share of peers that faults leave, about. */
function survivors (faults: Fault[], peers: number): number {
  const killed = faults.filter(({ type }) => type === 'kill').length / peers
  return faults.reduce((left, fault) => fault.type === 'exodus' ? left * (1 - fault.share) : left, 1 - killed)
}
