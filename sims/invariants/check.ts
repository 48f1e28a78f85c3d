/** Runs the invariants' checkers beside a play and keeps what they find. */
import type { Checker, Invariant } from './checker.ts'
import type { Play } from '../play.ts'
import type { Violation } from '../report/report.ts'
import { INVARIANTS } from './index.ts'

/** Of one invariant so many violations are told; what breaks once breaks often. */
const TOLD_MAX = 10

export interface Checks {
  /** Called after every virtual second. */
  sample: () => void
  /** Called once, when the run is over. */
  end: () => Violation[]
}

/**
 * @param play - before its first event
 * @param invariants - all of them by default
 */
export function check (play: Play, invariants: Invariant[] = INVARIANTS): Checks {
  const violations: Violation[] = []
  const checkers = invariants.map(invariant => {
    let told = 0
    const report = (what: string): void => {
      if (told++ < TOLD_MAX) violations.push({ kind: checker.kind, invariant: checker.name, atMs: play.atMs, what })
    }
    const checker: Checker = invariant(play, report)
    if (checker.watcher !== undefined) play.world.watchers.push(checker.watcher)
    return { checker, report }
  })
  return {
    sample: () => { for (const { checker, report } of checkers) checker.sample?.().forEach(report) },
    end: () => {
      for (const { checker, report } of checkers) checker.end?.().forEach(report)
      return violations
    }
  }
}
