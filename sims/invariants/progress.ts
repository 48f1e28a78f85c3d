/** The job gets on: no longer than its bound without a partition more in accepted values, while somebody is there who could work. */
import type { Invariant } from './checker.ts'
import { Progress } from '../metrics/progress.ts'

/** Where the plan has no bound: long enough for a lease without progress to end twice (C5), or for so many leaves of a common peer. */
const STALL_MS = 5 * 60_000
const STALL_LEAVES = 20

export const progress: Invariant = play => {
  const { plan, spec, world } = play
  const measured = new Progress(play)
  const limitMs = plan.bounds.stallMs ?? Math.max(STALL_MS, STALL_LEAVES * spec.grain * plan.job.partitionMs)
  let idleSinceMs = 0
  let done = 0
  return {
    name: 'progress',
    kind: 'liveness',
    watcher: measured.watcher,
    sample: () => {
      const canWork = world.live.some(node => node.state === 'live' && node.cores > 0 && node.speed > 0)
      if (measured.done > done || !canWork) {
        done = measured.done
        idleSinceMs = play.atMs
      }
      if (done === spec.partitions || play.atMs - idleSinceMs <= limitMs) return []
      const stalledMs = play.atMs - idleSinceMs
      idleSinceMs = play.atMs
      return [`${done} of ${spec.partitions} partitions were accepted and no more for ${Math.round(stalledMs / 1_000)} s`]
    }
  }
}
