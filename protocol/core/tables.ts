/**
 * What a coordinator tells people who watch a job: its positions, their children, and which partitions are in values
 * here. Bounded, so that nobody is asked for more than a message; it decides nothing.
 */
import type { Context, Job, Position } from './state.ts'
import type { PositionTable, Run } from './message.ts'
import { contactOf } from './context.ts'
import { isWithin, rangeOf } from './geometry.ts'

/** A peer holds a few positions; those nearest to the root are told. A guess. */
const POSITIONS_MAX = 16
/** Runs of one position: a few kilobytes. Beyond it, the first ones are told. A guess. */
const RUNS_MAX = 512

/** The positions this peer holds in a job, nearest to the root first. */
export function tablesOf (cx: Context, job: Job): PositionTable[] {
  if (job.outcome !== null) return []
  return [...job.positions.values()]
    .sort((a, b) => a.fence.length - b.fence.length)
    .slice(0, POSITIONS_MAX)
    .map(position => tableOf(cx, job, position))
}

function tableOf (cx: Context, job: Job, position: Position): PositionTable {
  const { path, fence, level, heirs, children } = position
  return {
    path,
    fence,
    level,
    heirs,
    children: children.map(({ digit, state, term, holder, done }) =>
      ({ digit, state, term, holder: holder === null ? null : contactOf(cx, holder), done })),
    runs: runsOf(job, position)
  }
}

/** Values below a position, joined where neighbours have the same producer. Those below another position held here are told there. */
function runsOf (job: Job, { path }: Position): Run[] {
  const runs: Run[] = []
  for (const { value } of job.ledger.values()) {
    const range = rangeOf(job.spec, value.path)
    if (range !== null && isWithin(value.path, path)) runs.push({ from: range.from, to: range.to, by: value.by })
  }
  runs.sort((a, b) => a.from - b.from || b.to - a.to)
  const joined: Run[] = []
  for (const run of runs) {
    const last = joined.at(-1)
    if (last !== undefined && run.from < last.to) continue
    if (last !== undefined && run.from === last.to && run.by === last.by) last.to = run.to
    else if (joined.length < RUNS_MAX) joined.push(run)
    else break
  }
  return joined
}
