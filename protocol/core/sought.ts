/**
 * A root that was elected may not be the only one: where most of a mesh vanishes, those that are left may be parts that know nothing of each other, and
 * whoever has work asks nobody. So it looks for members it is not connected to (C7): one that knows how the job ended says so (R5), a rival
 * settles which of them stays. Invariant: a message and a look-up a turn, whatever anybody names.
 */
import type { Context, Job, Position } from './state.ts'
import type { Contact } from './ids.ts'
import { isConnected } from './links.ts'
import { send } from './context.ts'
import { stateOf } from './position.ts'

/** The root's first term: its submitter's, who was not elected. */
const FIRST_TERM = 1

export function seekOthers (cx: Context, job: Job, root: Position): void {
  if ((root.fence[0] as number) <= FIRST_TERM) return
  if (cx.now - Math.max(root.since, root.chasedMs) < cx.config.othersMs) return
  root.chasedMs = cx.now
  const other = drawOther(cx, job)
  if (other !== undefined) send(cx, other.peer, stateOf(cx, job, root))
  cx.effects.push({ type: 'find-members', job: job.id })
}

/** One of those that somebody named, by chance: the first of them may be gone without an answer. */
function drawOther (cx: Context, job: Job): Contact | undefined {
  const others = job.hints.filter(({ peer }) => peer !== cx.id && !isConnected(cx, peer))
  return others.length === 0 ? undefined : others[cx.random.below(others.length)]
}
