/** What can be switched off in a world, one thing at a time. Each switch gives the plan without it; a plan that had it off already comes back as it was. */
import type { ComputePlan, Plan, Population } from '../scenarios/plan.ts'
import type { NetworkPlan } from '../world/network.ts'

export interface Switch {
  /** What is off afterwards, for progress. */
  name: string
  off: (plan: Plan) => Plan
}

const everyPopulation = (change: Partial<Population>) => (plan: Plan): Plan =>
  ({ ...plan, populations: plan.populations.map(population => ({ ...population, ...change })) })

/** In the usual network and in that of the moments when it is worse. */
const inNetwork = (name: string, change: Partial<NetworkPlan>): Switch => ({
  name,
  off: plan => ({
    ...plan,
    network: { ...plan.network, ...change },
    faults: plan.faults.map(fault => fault.type === 'noise' ? { ...fault, network: less(fault.network, change) } : fault)
  })
})

const less = <T extends object>(from: T, keys: object): T => Object.fromEntries(Object.entries(from).filter(([key]) => !(key in keys))) as T

const inCompute = (name: string, change: Partial<ComputePlan>): Switch => ({ name, off: plan => ({ ...plan, compute: { ...plan.compute, ...change } }) })

/** Everybody is of the first kind. */
function likeTheFirst (plan: Plan): Plan {
  const [first] = plan.populations
  return first === undefined || plan.populations.length === 1 ? plan : { ...plan, populations: [{ ...first, share: 1 }] }
}

const SWITCHES: Switch[] = [
  { name: 'churn', off: everyPopulation({ session: { type: 'never' }, gap: { type: 'never' } }) },
  { name: 'goodbyes', off: everyPopulation({ polite: 0 }) },
  { name: 'silent departures', off: everyPopulation({ silent: 0 }) },
  { name: 'other kinds of peers', off: likeTheFirst },
  { name: 'hidden tabs', off: everyPopulation({ tabs: undefined }) },
  { name: 'cheating', off: everyPopulation({ adversary: undefined }) },
  { name: 'wrong clocks', off: plan => ({ ...plan, skewMs: 0 }) },
  { name: 'the swing over the day', off: plan => ({ ...plan, diurnal: null }) },
  { name: 'the crowd', off: plan => ({ ...plan, flash: null }) },
  { name: 'the submitter\'s leaving', off: plan => ({ ...plan, submitterLeavesMs: null }) },
  inNetwork('vanishing messages', { vanish: 0 }),
  inNetwork('duplicate messages', { duplicate: 0 }),
  inNetwork('overtaking', { reorder: 0 }),
  inNetwork('corruption', { corrupt: 0 }),
  inNetwork('packet loss', { loss: 0 }),
  inNetwork('jitter', { jitterSigma: 0 }),
  inNetwork('line speeds', { upMbit: 0, downMbit: 0 }),
  inNetwork('failed hole punching', { punch: 1 }),
  { name: 'distances', off: plan => ({ ...plan, latency: 'loopback' }) },
  inCompute('slow peers', { slow: 0 }),
  inCompute('peers that hang', { hang: 0 }),
  inCompute('differences of speed', { speedSigma: 0 })
]

/** All switches of a plan: those of every world, and its own limits of the protocol. */
export function switchesOf (plan: Plan): Switch[] {
  const limits = Object.keys(plan.config).map((key): Switch => ({
    name: `its own ${key}`,
    off: now => ({ ...now, config: less(now.config, { [key]: null }) })
  }))
  return [...SWITCHES, ...limits]
}
