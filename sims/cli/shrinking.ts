/** `--shrink`: makes a world that failed smaller (../shrink.ts), tells how it goes, writes the plan and says how to play it. */
import type { Plan } from '../scenarios/plan.ts'
import type { Progress } from './progress.ts'
import type { Report, Violation } from '../report/report.ts'
import type { Request } from './request.ts'
import type { Task } from './task.ts'
import { formatMany } from '../report/format.ts'
import { lanesFor } from './memory.ts'
import { planText } from './plan-file.ts'
import { Player } from './player.ts'
import { replayOf } from './origin.ts'
import { shrink } from '../shrink.ts'
import { worldText } from './progress.ts'
import { writeText } from './files.ts'

/** Where the smaller plan goes when nobody says; a scenario's name in a plan that was edited may be anything. */
export const outOf = ({ out }: Request, { plan }: Task): string => out ?? `millionfold-sim-${plan.scenario.replaceAll(/[^\w-]/g, '_')}-${plan.seed}.json`

/** What a smaller world must break too: the worst of what the whole one did. */
export const worstOf = ({ violations }: Report): Violation | undefined => violations.find(({ kind }) => kind === 'safety') ?? violations[0]

/** When a world breaks the same invariant (or as the first does, never finishes), milliseconds after submission; null when it does not. */
function brokeAtMs (target: Violation | undefined, { violations, wallVirtualMs }: Report, { untilMs }: Plan): number | null {
  if (target === undefined) return wallVirtualMs < 0 ? untilMs : null
  return violations.find(({ invariant }) => invariant === target.invariant)?.atMs ?? null
}

/** @param report - of the task; it failed */
export async function shrinkTask (request: Request, { record: _, ...task }: Task, report: Report, progress: Progress): Promise<void> {
  const target = worstOf(report)
  const out = outOf(request, task)
  const player = new Player(lanesFor([task.plan]).heapBytes)
  let trial = 0
  let smallest = task.plan
  const breaksAtMs = async (plan: Plan): Promise<number | null> => {
    trial++
    const played = await player.play({ ...task, plan }, pulse => { progress.show(`trial ${trial}: ${sizeOf(smallest)}; ${worldText(pulse)}`) })
    return brokeAtMs(target, played.report, plan)
  }
  try {
    const shrunk = await shrink({
      plan: task.plan, kind: target?.kind ?? 'liveness', brokeAtMs: brokeAtMs(target, report, task.plan) as number, breaksAtMs,
      onTrial: ({ plan, number, how, isSmaller }) => {
        smallest = plan
        if (isSmaller) progress.say(`trial ${number} fails ${how}: ${sizeOf(plan)}`)
      }
    })
    writeText(out, planText(shrunk.plan))
    progress.say(`From ${sizeOf(task.plan)} to ${sizeOf(shrunk.plan)} in ${formatMany(shrunk.trials, 'trial')}: ${target?.invariant ?? 'it never finishes'} still. Play it with`)
    progress.say(`  ${replayOf({ plan: out, trace: request.trace, latency: request.latency })}`)
  } finally {
    await player.end()
  }
}

const sizeOf = ({ peers, job, faults }: Plan): string =>
  `${formatMany(peers, 'peer')}, ${formatMany(job.partitions, 'partition')} and ${formatMany(faults.length, 'fault')}`
