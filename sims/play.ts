/**
 * Plays a plan: makes the world, lets peers come and go, submits the job, lets the faults happen, and runs until the job is
 * done and quiet, or out of time. What it comes to is measured by watchers (metrics.ts, invariants/); nothing here judges.
 */
import type { Cid, JobId } from '../protocol/core/ids.ts'
import type { JobSpec } from '../protocol/core/job.ts'
import type { Latency } from './models/latency.ts'
import type { Node } from './world/node.ts'
import type { Plan, Population } from './scenarios/plan.ts'
import type { Random } from '../protocol/core/random.ts'
import type { Session } from './models/session.ts'
import { NODE_HOST } from './world/host-costs.ts'
import { World } from './world/world.ts'
import { adversaryOf, groundName, isIdle } from './adversaries/index.ts'
import { chance } from './models/hash.ts'
import { come, createNode, drawDeparture, go } from './world/population.ts'
import { createRandom } from '../protocol/core/random.ts'
import { liveAsTab } from './world/tabs.ts'
import { loopbackLatency, syntheticLatency } from './models/latency.ts'
import { schedule } from './world/faults.ts'
import { sessionsOf } from './models/churn.ts'
import { speedOf } from './models/speed.ts'

/** One volunteer's stay, and of which kind it is. */
export interface Stay extends Session { population: Population }

export interface Play {
  plan: Plan
  world: World
  random: Random
  job: JobId
  spec: JobSpec
  submitter: Node
  /** World time of the submission, milliseconds. */
  startMs: number
  stays: Stay[]
  /** Nodes of the volunteers that have come, by number. */
  volunteers: Node[]
  /** Milliseconds after submission when somebody first learnt the result; -1 before. */
  doneMs: number
  /** How far the run is, in milliseconds after submission. */
  readonly atMs: number
}

export interface PlayInit {
  plan: Plan
  /** Stays read from a trace, instead of the plan's populations. */
  trace?: Session[]
  latency?: Latency
}

/** After the result is known the world runs on for this long, until all that are there know it. */
const QUIET_MS = 60_000
/** Where results are looked at before they are believed, the slowest peer takes as long for four partitions. */
const LOOK_PARTITIONS = 40
const STEP_MS = 1_000
/** Which draw of a peer its clock's error is (models/hash.ts). */
const SKEW = 104

/** Everything before the first event. */
export function prepare ({ plan, trace, latency }: PlayInit): Play {
  const random = createRandom(plan.seed, 'sims')
  const isLoopback = plan.latency === 'loopback'
  const cities = latency ?? (isLoopback ? loopbackLatency() : syntheticLatency(createRandom(1, 'cities')))
  const world = new World({
    seed: plan.seed, random, network: plan.network, latency: cities, config: plan.config,
    pace: { partitionMs: plan.job.partitionMs, startMs: isLoopback ? 20 : 300 }, costs: NODE_HOST, tickMs: isLoopback ? 0.1 : 1
  })
  const spec: JobSpec = {
    name: plan.scenario, partitions: plan.job.partitions, fanout: plan.job.fanout, grain: plan.job.grain, bundle: 'bundle' as Cid, params: 'params' as Cid,
    inputs: null, collect: true, timeoutMs: 3_600_000, expiryMs: 7 * 86_400_000, trust: plan.job.trust ?? { type: 'none' }, equal: false, sealed: null, nonce: ''
  }
  const job = 'job' as JobId
  world.addJob(job, spec)
  const submitter = createNode(world, random.split('submitter'), { name: 'submitter', kind: 'node', cores: 0, speed: 1, isLoopback, isOpen: true, cities: cities.cities })
  const startMs = plan.warmUpMs + 3_000
  const play: Play = {
    plan, world, random, job, spec, submitter, startMs, stays: trace === undefined ? drawStays(plan, random) : staysOf(plan, trace), volunteers: [], doneMs: -1,
    get atMs () { return world.nowMs - startMs }
  }
  world.watchers.push({
    onNotice: (node, notice) => { if (notice.type === 'done' && play.doneMs < 0 && isTrusted(play, node)) play.doneMs = play.atMs }
  })
  return play
}

/** Does it say when the job is done? Where peers lie the submitter does, unless it leaves. */
export const isTrusted = ({ plan, spec, submitter }: Play, node: Node): boolean =>
  spec.trust.type === 'none' || (plan.submitterLeavesMs === null ? node === submitter : node.adversary === null)

function drawStays (plan: Plan, random: Random): Stay[] {
  const stays: Stay[] = []
  let first = 0
  for (const [i, population] of plan.populations.entries()) {
    const sessions = sessionsOf({
      peers: Math.round(plan.peers * population.share), session: population.session, gap: population.gap, untilMs: plan.untilMs,
      ...(plan.diurnal === null ? {} : { diurnal: plan.diurnal }),
      ...(plan.flash === null || i > 0 ? {} : { flash: plan.flash })
    }, random.split(`churn ${i}`))
    let last = first
    for (const session of sessions) {
      stays.push({ ...session, peer: first + session.peer, population })
      last = Math.max(last, first + session.peer + 1)
    }
    first = last
  }
  return stays.sort((a, b) => a.onMs - b.onMs || a.peer - b.peer)
}

const staysOf = (plan: Plan, trace: Session[]): Stay[] =>
  trace.map(session => ({ ...session, population: plan.populations[0] as Population }))

/** The machine of a volunteer that comes for the first time. */
function createVolunteer ({ plan, world, job, spec }: Play, { peer, population }: Stay, random: Random): Node {
  const { adversary, kind } = population
  const node = createNode(world, random, {
    name: adversary === 'sybil' ? groundName(job, peer, spec.fanout) : `p${peer}`, kind, cores: 1, speed: isIdle(adversary) ? 0 : speedOf(plan.compute, plan.seed, peer),
    isLoopback: plan.latency === 'loopback', cities: world.init.latency.cities
  })
  // A whole number where clocks are right, so that times stay whole numbers, which engines keep small.
  node.skewMs = plan.skewMs === 0 ? 0 : plan.skewMs * (2 * chance(plan.seed, peer, SKEW) - 1)
  if (adversary !== undefined) node.adversary = adversaryOf(adversary)
  return node
}

/** Lets one stay after the other begin, so that the queue never holds more than the next. */
function arrivals (play: Play): void {
  const { world, stays, plan, startMs } = play
  const random = play.random.split('population')
  const ends = play.random.split('departures')
  const tabs = play.random.split('tabs')
  const present = stays.findIndex(stay => stay.onMs >= 0)
  const initial = present < 0 ? stays.length : present
  let next = 0
  const dueMs = (stay: Stay, i: number): number => stay.onMs < 0 ? plan.warmUpMs * i / initial : startMs + stay.onMs
  const arrive = (): void => {
    for (; next < stays.length; next++) {
      const stay = stays[next] as Stay
      const waitMs = dueMs(stay, next) - world.nowMs
      if (waitMs > 0) {
        world.later(waitMs, arrive)
        return
      }
      begin(stay)
    }
  }
  const begin = (stay: Stay): void => {
    const node = play.volunteers[stay.peer] ??= createVolunteer(play, stay, random)
    const departure = drawDeparture(stay.population, ends)
    if (node.state !== 'off') return
    come(world, node, plan.meshDegree, random)
    if (stay.population.tabs !== undefined) liveAsTab(world, node, stay.population.tabs, tabs)
    const { life } = node
    const leftMs = startMs + stay.offMs - world.nowMs
    if (startMs + stay.offMs < startMs + plan.untilMs) world.later(Math.max(0, leftMs), () => { if (node.life === life) go(world, node, departure) })
  }
  arrive()
}

/**
 * Run it all.
 *
 * @param onStep - called after every virtual second
 * @returns whether everybody that is there learnt the result in time
 */
export function run (play: Play, onStep: (play: Play) => void = () => {}): boolean {
  const { world, plan, startMs } = play
  come(world, play.submitter, 0, play.random.split('submitter'))
  arrivals(play)
  world.run(startMs)
  world.feed(play.submitter, { type: 'submit', job: play.job, spec: play.spec, proof: null })
  if (plan.submitterLeavesMs !== null) world.later(plan.submitterLeavesMs, () => go(world, play.submitter, 'close'))
  schedule(play)
  for (let untilMs = STEP_MS; play.doneMs < 0 && untilMs <= plan.untilMs; untilMs += STEP_MS) {
    world.run(startMs + untilMs)
    onStep(play)
  }
  if (play.doneMs < 0) return false
  const quietMs = QUIET_MS + (play.spec.trust.type === 'none' ? 0 : LOOK_PARTITIONS * play.plan.job.partitionMs)
  for (let passedMs = 0; passedMs < quietMs && !isKnownByAll(play); passedMs += STEP_MS) world.run(world.nowMs + STEP_MS)
  return isKnownByAll(play)
}

/** Do all that have been there for a while know how the job ended? */
function isKnownByAll ({ world, job }: Play): boolean {
  return world.live.every(node => node.state !== 'live' || world.nowMs - node.cameMs < 10_000 || node.core.jobs.get(job)?.outcome != null)
}
