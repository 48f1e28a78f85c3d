/** What peers were told the job came to, against the oracle. */
import type { Play } from '../play.ts'
import type { Watcher } from '../world/watchers.ts'
import { isTrusted } from '../play.ts'
import { ROOT } from '../../protocol/core/geometry.ts'

/** Each wrong partition adds one to the sum (adversaries/lie.ts). */
const sumIn = (cid: string): number => Number(cid.split(' ')[2])

export class Results {
  /** Honest peers that learnt a result, and those among them that learnt a wrong one. */
  known = 0
  wrong = 0
  /** Wrong partitions in the result that the submitter got, over all partitions. */
  wrongShare = 0
  readonly watcher: Watcher

  constructor (play: Play) {
    const { world, job, spec } = play
    const { cid } = world.oracleOf(job).value(ROOT, { from: 0, to: spec.partitions })
    this.watcher = {
      onNotice: (node, notice) => {
        // Liars may believe each other.
        if (notice.type !== 'done' || node.adversary !== null) return
        this.known++
        if (notice.value.cid === cid) return
        this.wrong++
        if (isTrusted(play, node)) this.wrongShare = Math.max(this.wrongShare, Math.min(1, Math.abs(sumIn(notice.value.cid) - sumIn(cid)) / spec.partitions))
      }
    }
  }

  /** Did everybody that learnt a result learn the right one, and somebody at all? */
  get isExact (): boolean {
    return this.known > 0 && this.wrong === 0
  }
}
