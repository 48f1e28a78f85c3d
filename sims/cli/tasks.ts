/** Turns what is asked for into worlds to play: finds the scenario, reads the files, makes a plan for each seed. */
import type { Plan } from '../scenarios/plan.ts'
import type { Request } from './request.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { Session } from '../models/session.ts'
import type { Task } from './task.ts'
import { BadInput } from '../bad-input.ts'
import { LIMIT_MS } from '../scenarios/base.ts'
import { SCENARIOS, scenarioOf } from '../scenarios/index.ts'
import { commitOf, replayOf } from './origin.ts'
import { nearest, PEERS_MAX, PEERS_MIN } from './values.ts'
import { parseLatency } from '../models/latency.ts'
import { parsePlan } from './plan-file.ts'
import { parseTrace } from '../models/trace.ts'
import { readText } from './files.ts'

/** A job of few partitions needs time to start too, milliseconds. */
const LIMIT_MS_MIN = 5 * 60_000

/**
 * @param request - with a scenario or a plan
 * @returns one for each seed, in their order
 * @throws BadInput when there is no such scenario or a file cannot be used
 */
export function tasksOf (request: Request): Task[] {
  const { trace: traceFile, latency: latencyFile, record, plan: planFile } = request
  const trace = traceFile === undefined ? undefined : parseTrace(readText(traceFile), traceFile)
  const latency = latencyFile === undefined ? undefined : parseLatency(readText(latencyFile), latencyFile)
  const around = { ...(trace === undefined ? {} : { trace }), ...(latency === undefined ? {} : { latency }), ...(record === undefined ? {} : { record }), commit: commitOf() }
  if (planFile !== undefined) return [{ ...around, plan: parsePlan(readText(planFile), planFile), replay: replayOf(request) }]
  const { seeds, seed = 1, ...all } = request
  const make = plansOf(all, trace)
  return (seeds ?? [seed]).map(seed => {
    const plan = make(seed)
    return { ...around, plan, replay: replayOf({ ...all, seed, peers: plan.peers }) }
  })
}

/** What makes the plan of a seed. */
function plansOf ({ scenario: name = '', peers: asked, partitions, trust }: Request, trace: Session[] | undefined): (seed: number) => Plan {
  const scenario = knownScenario(name)
  if (scenario.name === 'trace' && trace === undefined) throw new BadInput('The scenario trace plays the sessions of a file: give it with --trace FILE.')
  const peers = asked ?? (trace === undefined ? scenario.peers : presentIn(trace))
  const make = (seed: number, limitMs?: number): Plan => {
    const plan = scenario.make(seed, peers, limitMs, trust)
    return trust === undefined ? plan : { ...plan, job: { ...plan.job, trust } }
  }
  if (partitions === undefined) return make
  // The job's length goes with its partitions, and with it whatever the scenario lets happen on its way.
  const usual = scenario.make(0, peers, LIMIT_MS).job.partitions
  const limitMs = Math.max(LIMIT_MS_MIN, LIMIT_MS * partitions / usual)
  return seed => {
    const plan = make(seed, limitMs)
    return { ...plan, job: { ...plan.job, partitions } }
  }
}

function knownScenario (name: string): Scenario {
  const scenario = scenarioOf(name)
  if (scenario !== undefined) return scenario
  const near = nearest(name, SCENARIOS.map(({ name }) => name))
  throw new BadInput(`There is no scenario ${name}${near === null ? '' : `, but one called ${near}`}; millionfold sim lists them.`)
}

/** How many peers a trace has there at once, on average over the time that a usual job takes: what the job's size goes by. */
function presentIn (trace: Session[]): number {
  const ms = trace.reduce((sum, { onMs, offMs }) => sum + Math.max(0, Math.min(LIMIT_MS, offMs) - Math.max(0, onMs)), 0)
  return Math.min(PEERS_MAX, Math.max(PEERS_MIN, Math.round(ms / LIMIT_MS)))
}
