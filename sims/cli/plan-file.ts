/** Plans as files: what `--shrink` writes and `--plan` plays. Reading looks at every field, since a plan may have been edited by hand. */
import type { ComputePlan, JobPlan, Plan, Population, TabPlan } from '../scenarios/plan.ts'
import type { Distribution } from '../models/distribution.ts'
import type { Fault } from '../scenarios/fault.ts'
import type { Trust } from '../../protocol/core/job.ts'
import type { NetworkPlan } from '../world/network.ts'
import { ADVERSARIES } from '../adversaries/index.ts'
import { BadInput } from '../bad-input.ts'
import { configure } from '../../protocol/core/config.ts'
import { AFTER_MAX, PARTITIONS_MAX, VOTERS_MAX, PEERS_MAX, PEERS_MIN, SEED_MAX } from './values.ts'

/** @returns null when a value is right, else where in it something is wrong, empty for the value itself */
type Check = (value: unknown) => string | null

const right = (isRight: boolean): string | null => isRight ? null : ''
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const text: Check = value => right(typeof value === 'string')
const flag: Check = value => right(typeof value === 'boolean')
const number: Check = value => right(typeof value === 'number' && Number.isFinite(value))
const notNegative: Check = value => right(number(value) === null && (value as number) >= 0)
const positive: Check = value => right(number(value) === null && (value as number) > 0)
const share: Check = value => right(notNegative(value) === null && (value as number) <= 1)
const whole = (min: number, max: number): Check => value => right(Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
const oneOf = (...names: string[]): Check => value => right(names.includes(value as string))
const orNull = (check: Check): Check => value => value === null ? null : check(value)
const orNothing = (check: Check): Check => value => value === undefined ? null : check(value)

const fields = <T>(checks: { [K in keyof Required<T>]: Check }): Check => value => {
  if (!isObject(value)) return ''
  for (const [key, check] of Object.entries<Check>(checks)) {
    const wrong = check(value[key])
    if (wrong !== null) return `.${key}${wrong}`
  }
  return null
}

const list = (check: Check): Check => value => {
  if (!Array.isArray(value)) return ''
  for (const [i, item] of value.entries()) {
    const wrong = check(item)
    if (wrong !== null) return `[${i}]${wrong}`
  }
  return null
}

/** The same fields, each of which may be left out. */
const optional = <K extends string>(checks: Record<K, Check>): Record<K, Check> =>
  Object.fromEntries(Object.entries<Check>(checks).map(([key, check]) => [key, orNothing(check)])) as Record<K, Check>

/** A member of a closed union, by its `type`. */
const tagged = <T extends { type: string }>(checks: { [K in T['type']]: Check }): Check => value => {
  const type = isObject(value) ? value['type'] : undefined
  return typeof type === 'string' && Object.hasOwn(checks, type) ? checks[type as T['type']](value) : '.type'
}

/** The fields of one member, less its type. */
type Of<T extends { type: string }, K extends T['type']> = Omit<Extract<T, { type: K }>, 'type'>

const distribution = tagged<Distribution>({
  weibull: fields<Of<Distribution, 'weibull'>>({ shape: positive, scaleMs: positive }),
  lognormal: fields<Of<Distribution, 'lognormal'>>({ mu: number, sigma: notNegative, unitMs: positive }),
  exponential: fields<Of<Distribution, 'exponential'>>({ meanMs: positive }),
  constant: fields<Of<Distribution, 'constant'>>({ ms: positive }),
  never: () => null
})

const whom: Check = value => right(oneOf('root', 'coordinator', 'anyone')(value) === null || whole(0, Number.MAX_SAFE_INTEGER)(value) === null)
const NETWORK: { [K in keyof NetworkPlan]: Check } = {
  jitterSigma: notNegative, jitterMs: positive, loss: share, upMbit: notNegative, downMbit: notNegative, punch: share,
  vanish: share, duplicate: share, reorder: share, corrupt: share
}
const brief = { atMs: notNegative, forMs: notNegative }

const fault = tagged<Fault>({
  kill: fields<Of<Fault, 'kill'>>({ atMs: notNegative, whom }),
  exodus: fields<Of<Fault, 'exodus'>>({ atMs: notNegative, share, silent: flag }),
  split: fields<Of<Fault, 'split'>>({ ...brief, share }),
  'one-way': fields<Of<Fault, 'one-way'>>({ ...brief, whom, share }),
  clog: fields<Of<Fault, 'clog'>>({ ...brief, whom, delayMs: notNegative }),
  pause: fields<Of<Fault, 'pause'>>({ ...brief, whom }),
  restart: fields<Of<Fault, 'restart'>>({ ...brief, whom }),
  throttle: fields<Of<Fault, 'throttle'>>({ ...brief, whom, stepMs: notNegative }),
  noise: fields<Of<Fault, 'noise'>>({ ...brief, network: fields<NetworkPlan>(optional(NETWORK)) })
})

const population = fields<Population>({
  share, kind: oneOf('node', 'tab'), session: distribution, gap: distribution, polite: share, silent: share,
  tabs: orNothing(fields<TabPlan>({ hidden: share, frozen: share })), adversary: orNothing(oneOf(...Object.keys(ADVERSARIES)))
})

const trust = tagged<Trust>({
  none: () => null,
  votes: fields<Of<Trust, 'votes'>>({ quorum: whole(2, VOTERS_MAX), voters: whole(2, VOTERS_MAX), deadlineMs: notNegative }),
  adaptive: fields<Of<Trust, 'adaptive'>>({ after: whole(1, AFTER_MAX), deadlineMs: notNegative }),
  audit: fields<Of<Trust, 'audit'>>({ rate: share })
})

/** Limits of the protocol keep relations to each other, which the core knows. */
const config: Check = value => {
  try {
    return right(isObject(value) && configure(value) !== null)
  } catch {
    return ''
  }
}

const plan = fields<Plan>({
  scenario: text,
  seed: whole(0, SEED_MAX),
  peers: whole(PEERS_MIN, PEERS_MAX),
  job: fields<JobPlan>({ partitions: whole(1, PARTITIONS_MAX), fanout: whole(2, 128), grain: whole(1, PARTITIONS_MAX), partitionMs: positive, trust: orNothing(trust) }),
  populations: value => Array.isArray(value) && value.length === 0 ? '' : list(population)(value),
  network: fields<NetworkPlan>(NETWORK),
  latency: oneOf('world', 'loopback'),
  compute: fields<ComputePlan>({ speedSigma: notNegative, slow: share, slowSpeed: notNegative, hang: share }),
  faults: list(fault),
  meshDegree: whole(0, 1_000),
  skewMs: notNegative,
  warmUpMs: notNegative,
  submitterLeavesMs: orNull(notNegative),
  untilMs: positive,
  config,
  bounds: value => isObject(value) ? list(number)(Object.values(value)) : '',
  diurnal: orNull(fields<NonNullable<Plan['diurnal']>>({ periodMs: positive, amplitude: share })),
  flash: orNull(fields<NonNullable<Plan['flash']>>({ atMs: notNegative, overMs: notNegative, peers: whole(0, PEERS_MAX) }))
})

/**
 * @param json - what a file holds
 * @param file - its name, for what is said of it
 * @throws BadInput that names the first field that is wrong
 */
export function parsePlan (json: string, file: string): Plan {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new BadInput(`${file} is no JSON; give a plan, as --shrink writes it.`)
  }
  const wrong = plan(value)
  if (wrong === null) return value as Plan
  throw new BadInput(`${file} is no plan of a world${wrong === '' ? '' : `: ${wrong.slice(1)} is missing or cannot be what it is`}; --shrink writes such a file.`)
}

/** The plan for people too: its parts on lines of their own, a fault a line. */
export function planText (plan: Plan): string {
  const faults = plan.faults.map(each => `    ${JSON.stringify(each)}`).join(',\n')
  const lines = Object.entries(plan).map(([key, value]) => `  ${JSON.stringify(key)}: ${key === 'faults' && plan.faults.length > 0 ? `[\n${faults}\n  ]` : JSON.stringify(value)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}
