/**
 * What of a peer's notices goes into the event log of `--events FILE` and of a simulation's `--record FILE` (DESIGN 7), so
 * that both write the same. Never writes it: whoever does adds `time` and `peer`.
 */
import type { Notice } from './notice.ts'
import { unreachable } from './unreachable.ts'

/** A line of the log without its time and peer. */
export type LogEvent = { type: string } & Record<string, unknown>

/** The event of a notice, or null for notices that are not logged (progress, hearsay). */
export function eventOf (notice: Notice): LogEvent | null {
  switch (notice.type) {
    case 'submitted': {
      const { job, name, partitions, fanout, grain } = notice
      return { type: 'submitted', job, name, partitions, fanout, grain }
    }
    case 'claim': return { type: 'claim', job: notice.job, path: notice.path, fence: notice.fence }
    case 'coordinator':
      return { type: 'coordinator', job: notice.job, path: notice.path, fence: notice.fence, heirs: notice.heirs }
    case 'value':
      return { type: 'value', job: notice.job, path: notice.path, count: notice.count, from: notice.from, by: notice.by }
    case 'failover':
      return { type: 'failover', job: notice.job, path: notice.path, fence: notice.fence, ms: Math.round(notice.ms) }
    case 'failed': return { type: 'failed', job: notice.job, path: notice.path, why: notice.why }
    case 'job-failed': return { type: 'failed', job: notice.job, path: notice.why.path, why: notice.why, final: true }
    case 'leased': return { type: 'leased', job: notice.job, path: notice.path }
    case 'conflict': return { type: 'conflict', job: notice.job, path: notice.path, peers: notice.peers }
    case 'blamed': return { type: 'blamed', job: notice.job, liar: notice.peer, path: notice.path, partition: notice.partition }
    case 'short': return { type: 'short', job: notice.job, need: notice.need, have: notice.have }
    case 'certified': return { type: 'certified', job: notice.job, path: notice.path, count: notice.count, ms: notice.ms, issuer: notice.issuer }
    case 'cancelled': return { type: 'cancelled', job: notice.job }
    case 'done': return { type: 'done', job: notice.job, cid: notice.value.cid }
    case 'restored': return { type: 'restored', job: notice.job, done: notice.done, partitions: notice.partitions, goods: notice.goods }
    case 'store': return { type: 'store', state: notice.state, why: notice.why }
    case 'credited':
    case 'known':
    case 'progress':
    case 'stocked':
      return null
    default: return unreachable(notice)
  }
}
