/** The scenario's bounds against what was measured. */
import type { Bound } from '../report/report.ts'
import type { BoundPlan, Plan } from '../scenarios/plan.ts'

/** What a bound may be about, by the plan's name for it. */
export type Measured = Record<keyof BoundPlan, number>

interface Rule { name: string, isLeast?: boolean }

const RULES: Record<keyof BoundPlan, Rule> = {
  xLimit: { name: '× limit' },
  recomputedX: { name: '× limit, what was lost done again' },
  healedX: { name: 'after healing, × limit' },
  firstWorkP99Ms: { name: 'first work p99, ms' },
  stallMs: { name: 'longest stall, ms' },
  subtreeStallMs: { name: 'longest stall of a subtree, ms' },
  convergedMs: { name: 'healed to one root, ms' },
  halfAccepted: { name: 'values of the slower half', isLeast: true },
  tailPartitions: { name: '99 to 100 %, partitions' },
  messages: { name: 'messages a peer and second' },
  wrongResults: { name: 'wrong results' },
  wrongShare: { name: 'wrong partitions, share' }
}

/** @returns one for each bound of the plan, in the order above */
export function boundsOf ({ bounds }: Plan, measured: Measured): Bound[] {
  return (Object.keys(RULES) as Array<keyof BoundPlan>).flatMap(key => {
    const limit = bounds[key]
    if (limit === undefined) return []
    const { name, isLeast } = RULES[key]
    const value = measured[key]
    return [{ name, value, limit, holds: isLeast === true ? value >= limit : value <= limit }]
  })
}
