/**
 * A coordinator that is much slower than its members leaves the place to them (V7): it has to look at what they bring, and all above would
 * wait for that. It leaves as whoever stops does (C8), with all that it knows, and looks for work anew. Invariant: never at the root.
 */
import type { Context, Job, Position } from './state.ts'
import type { Load } from './message.ts'
import { ROOT } from './geometry.ts'
import { hasMembers } from './heirs.ts'
import { leaveJob } from './left.ts'
import { ownRate } from './load.ts'
import { viewAbove } from './context.ts'

/** So many times as slow as its members are on average. A guess: one lognormal peer in twenty (SCENARIOS: sigma 0.7). */
const SLOWER = 4

/** Will others wait for what this peer has to look at? `load` is the position's. */
export function shouldResign (cx: Context, job: Job, position: Position, load: Load): boolean {
  if (job.court === null || position.path === ROOT || position.state !== 'granted' || position.work !== 'split' || !hasMembers(cx, position)) return false
  const own = ownRate(cx, job)
  const others = load.helpers - 1
  return own > 0 && others > 0 && (load.rate - own) / others > SLOWER * own
}

export function resign (cx: Context, job: Job, position: Position): void {
  const above = viewAbove(job, position.path)?.state.coordinator
  leaveJob(cx, job)
  if (above !== undefined) job.hints = [above, ...job.hints.filter(({ peer }) => peer !== above.peer)].slice(0, 8)
}
