/**
 * What members bring a coordinator of the values they keep (R4, C7): what it lacks and somebody can use now. A value below a child that nobody works on stays
 * where it is until somebody does. Invariant: what a coordinator keeps hangs on its own children, not on all that was ever done
 * below them (SCENARIOS: memory O(F + depth)).
 */
import type { Context, Job } from './state.ts'
import type { Path, PeerId } from './ids.ts'
import type { ChildState, StateMessage } from './message.ts'
import type { Value } from './job.ts'
import { childOf, isBelow, parentOf } from './geometry.ts'
import { send } from './context.ts'
import { valuesWithin } from './claimed.ts'

/** What was known of a path's children until now. */
type Known = { children: ReadonlyArray<Pick<ChildState, 'digit' | 'holder'>> }

/**
 * A state came. A new coordinator is brought what it keeps itself: values of its path and of its children. Every one is brought what those need
 * that its children were granted to since: it passes that down. Who held a child before has what is below it. A new coordinator's child that somebody
 * else was known to hold is one of two: its holders settle that between themselves, and whoever yields hands over what is below (C7).
 */
export function bringValues (cx: Context, job: Job, before: Known, state: StateMessage, isNew: boolean): void {
  if (job.ledger.size === 0) return
  const worked = newlyWorked(before, state, isNew)
  if (!isNew && worked.length === 0) return
  const { path: above, coordinator } = state
  const values = valuesWithin(job, above).filter(({ path }) => {
    const isNeeded = path === above || parentOf(path) === above ? isNew : worked.some(child => isBelow(path, child))
    return isNeeded && !isBelowOwn(job, path) && !isVote(job, path, above)
  })
  bring(cx, job, coordinator.peer, values)
}

/** In messages of a bounded size. */
export function bring (cx: Context, job: Job, to: PeerId, values: Value[]): void {
  for (let i = 0; i < values.length; i += cx.config.holdBatch) {
    send(cx, to, { type: 'hold', job: job.id, values: values.slice(i, i + cx.config.holdBatch) })
  }
}

/** Children that somebody holds who, as far as was known, did not before, and under a new coordinator nobody did; both lists are in order. */
function newlyWorked ({ children: known }: Known, { path, children }: StateMessage, isNew: boolean): Path[] {
  const worked: Path[] = []
  let at = 0
  for (const { digit, holder } of children) {
    while (at < known.length && (known[at] as Known['children'][number]).digit < digit) at++
    if (holder === null) continue
    const old = known[at]
    if (old?.digit !== digit || old.holder === null || (old.holder !== holder && !isNew)) worked.push(childOf(path, digit))
  }
  return worked
}

/** V3: what this peer is bound to is told by its commitment first. */
const isVote = (job: Job, path: Path, above: Path): boolean =>
  job.court !== null && parentOf(path) === above && job.owed.has(path) && job.court.salts.has(path)

/** What lies below its own positions it goes on looking after itself. */
function isBelowOwn (job: Job, path: Path): boolean {
  for (let at = parentOf(path); at !== null; at = parentOf(at)) if (job.positions.has(at)) return true
  return false
}
