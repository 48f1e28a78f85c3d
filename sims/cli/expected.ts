/** About how long worlds take to play, so that whoever starts the large ones knows when to come back. Never looks at a clock. */
import type { Plan } from '../scenarios/plan.ts'
import { SPEED_MEAN } from '../scenarios/base.ts'
import { formatDuration, formatNumber } from '../report/format.ts'
import { gridLines } from '../report/grid.ts'

/** Processor time that a peer takes in a second of its life, milliseconds: `steady` of 400 peers for 15 min, on cores shared with others. */
const PEER_SECOND_MS = 0.036
/** What a job takes over the physical limit, in the mean, and in partitions at least: one or two each, and those that were lost again. */
const OVER_LIMIT = 1.15
const PARTITIONS_MIN = 5
/** Until everybody knows the result. */
const QUIET_MS = 10_000

/** Processor time that a world takes, milliseconds: right to a factor of two. */
export function expectedMs ({ peers, flash, job, warmUpMs }: Plan): number {
  const there = peers + (flash?.peers ?? 0)
  const jobMs = OVER_LIMIT * Math.max(job.partitions * job.partitionMs / (SPEED_MEAN * there), PARTITIONS_MIN * job.grain * job.partitionMs)
  return there * (warmUpMs + jobMs + QUIET_MS) / 1_000 * PEER_SECOND_MS
}

/**
 * What is about to be played, a line a scenario and size.
 *
 * @param rows - plans of the worlds of each row
 * @param cores - worlds played side by side, but for those that need all the memory
 * @param isAlone - does a world need it?
 * @returns a table and a sentence
 */
export function planLines (rows: Plan[][], cores: number, isAlone: (plan: Plan) => boolean): string[] {
  const timeOf = (plans: Plan[]): number => plans.reduce((sum, plan) => sum + expectedMs(plan), 0)
  const cells = rows.map(plans => [plans[0]?.scenario ?? '', formatNumber(plans[0]?.peers ?? 0), formatNumber(plans.length), formatDuration(timeOf(plans))])
  const aloneMs = timeOf(rows.flat().filter(isAlone))
  const othersMs = timeOf(rows.flat()) - aloneMs
  return [
    ...gridLines([['', 'peers', 'worlds', 'about'], ...cells], 'lrrr'), '',
    `Together about ${formatDuration(othersMs / cores + aloneMs)} on ${cores} cores that do nothing else; ${formatDuration(aloneMs)} of it for those that are played alone, for want of memory.`
  ]
}
