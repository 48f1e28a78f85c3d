/** When the world has come to rest, all that hold a result hold the same. */
import type { Cid } from '../../protocol/core/ids.ts'
import type { Invariant } from './checker.ts'
import { jobOf } from './rotation.ts'

export const equalRoot: Invariant = play => ({
  name: 'equal-root',
  kind: 'safety',
  end: () => {
    const holders = new Map<Cid, string>()
    for (const node of play.world.live) {
      const outcome = jobOf(play, node)?.outcome
      if (outcome?.type === 'done' && !holders.has(outcome.value.cid)) holders.set(outcome.value.cid, node.id)
    }
    return holders.size < 2 ? [] : [[...holders].map(([cid, holder]) => `${holder} holds "${cid}"`).join(', ')]
  }
})
