/** Once the job is done, everybody that is there learns how it ended, however far from the root. */
import type { Invariant } from './checker.ts'
import { jobOf } from './rotation.ts'

/** Whoever came this short a time ago may not have heard yet, milliseconds. */
const HEARS_MS = 10_000
const NAMED_MAX = 5

export const everyoneLearns: Invariant = play => ({
  name: 'everyone-learns',
  kind: 'liveness',
  end: () => {
    const { world, doneMs } = play
    if (doneMs < 0) return []
    const unaware = world.live.filter(node => node.state === 'live' && world.nowMs - node.cameMs >= HEARS_MS && jobOf(play, node)?.outcome == null)
    if (unaware.length === 0) return []
    return [`${unaware.length} of ${world.live.length} peers do not know that the job is over: ${unaware.slice(0, NAMED_MAX).map(node => node.id).join(', ')}`]
  }
})
