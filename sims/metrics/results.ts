/** What peers were told the job came to, against the oracle. */
import type { Play } from '../play.ts'
import type { Watcher } from '../world/watchers.ts'
import { ROOT } from '../../protocol/core/geometry.ts'

export class Results {
  /** Peers that learnt a result, and those among them that learnt a wrong one. */
  known = 0
  wrong = 0
  readonly watcher: Watcher

  constructor ({ world, job, spec }: Play) {
    const { cid } = world.oracleOf(job).value(ROOT, { from: 0, to: spec.partitions })
    this.watcher = {
      onNotice: (_node, notice) => {
        if (notice.type !== 'done') return
        this.known++
        if (notice.value.cid !== cid) this.wrong++
      }
    }
  }

  /** Did everybody that learnt a result learn the right one, and somebody at all? */
  get isExact (): boolean {
    return this.known > 0 && this.wrong === 0
  }
}
