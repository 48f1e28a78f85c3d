/** The scenario's bounds against what was measured. */
import type { Bound } from '../report/report.ts'
import type { BoundPlan, Plan } from '../scenarios/plan.ts'

/** What a bound may be about, by the plan's name for it. */
export type Measured = Record<keyof BoundPlan, number>

const NAMES: Record<keyof BoundPlan, string> = {
  xLimit: '× limit',
  firstWorkP99Ms: 'first work p99, ms',
  stallMs: 'longest stall, ms',
  convergedMs: 'healed to one root, ms',
  wrongResults: 'wrong results',
  tailPartitions: '99 to 100 %, partitions'
}

/** @returns one for each bound of the plan, in the order of their names above */
export function boundsOf ({ bounds }: Plan, measured: Measured): Bound[] {
  return (Object.keys(NAMES) as Array<keyof BoundPlan>).flatMap(key => {
    const limit = bounds[key]
    if (limit === undefined) return []
    const value = measured[key]
    return [{ name: NAMES[key], value, limit, holds: value <= limit }]
  })
}
