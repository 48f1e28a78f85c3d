/** One world from its plan to its report: prepared, measured, checked while it runs, and told. Never reads a clock or a file. */
import type { Latency } from './models/latency.ts'
import type { Plan } from './scenarios/plan.ts'
import type { Play } from './play.ts'
import type { Report, Violation } from './report/report.ts'
import type { Session } from './models/session.ts'
import { BadInput } from './bad-input.ts'
import { measure, reportOf } from './metrics.ts'
import { prepare, run } from './play.ts'
import { check } from './invariants/check.ts'

export interface Simulation {
  plan: Plan
  /** Stays read from a trace, instead of the plan's populations. */
  trace?: Session[]
  latency?: Latency
  /** Called with the world before its first event: for whoever wants to listen too. */
  onPrepared?: (play: Play) => void
  /** Called after every virtual second. */
  onStep?: (play: Play) => void
  /** The wall clock, milliseconds. */
  now: () => number
  /** The command that plays the same world again, and the commit it runs at; told in the report. */
  replay?: string
  commit?: string
}

/** Of a crash, so many calls are told. */
const CALLS_TOLD = 3

/** Play a plan. Equal plans, traces and latencies give equal reports, but for the wall clock's part. */
export function simulate ({ plan, trace, latency, onPrepared, onStep, now, replay = '', commit = '' }: Simulation): Report {
  const fromMs = now()
  const play = prepare({ plan, ...(trace === undefined ? {} : { trace }), ...(latency === undefined ? {} : { latency }) })
  const metrics = measure(play)
  const checks = check(play)
  onPrepared?.(play)
  const crash = crashOf(play, () => {
    run(play, () => {
      metrics.sample()
      checks.sample()
      onStep?.(play)
    })
  })
  return reportOf(play, metrics, { violations: crash ?? checks.end(), wallMs: now() - fromMs, replay, commit })
}

/** An error of a core or of the world is a broken invariant like another: told with its seed, and shrunk. @returns null when there is none */
function crashOf (play: Play, act: () => void): Violation[] | null {
  try {
    act()
    return null
  } catch (error) {
    if (!(error instanceof Error) || error instanceof BadInput) throw error
    const [, ...calls] = (error.stack ?? '').split('\n').map(line => line.trim())
    const where = calls.slice(0, CALLS_TOLD).map(call => call.replace(/file:.*\/(?=(protocol|sims)\/)/, ''))
    return [{ kind: 'safety', invariant: 'no-crash', atMs: play.atMs, what: [error.message, ...where].join(', ') }]
  }
}

/** @returns 3 when something wrong happened, 4 when something that should have happened did not, else 0 */
export function exitCodeOf ({ violations, wallVirtualMs }: Report): 0 | 3 | 4 {
  if (violations.some(({ kind }) => kind === 'safety')) return 3
  return violations.length > 0 || wallVirtualMs < 0 ? 4 : 0
}
