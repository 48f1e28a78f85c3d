/**
 * What a run leaves behind, written down alike by real peers and by the simulator, and the figures that are made of it: so both
 * sides are measured by the same code. Times are milliseconds of the side's own clock.
 */
import type { Notice } from '../../../protocol/core/notice.ts'
import type { Path } from '../../../protocol/core/ids.ts'
import type { Role } from './trial.ts'
import { median } from '../figures.ts'

/** Messages of a type, each copy counted once for who got it, and their encoded bytes. */
export interface Traffic { messages: number, bytes: number }

export type ByType = Record<string, Traffic>

/** A notice of interest. */
export type Noted = Extract<Notice, { type: 'leased' | 'failover' | 'done' }>

export interface NotedAt { timeMs: number, peer: string, notice: Noted }

/** A peer that was ended, and what it coordinated with members below. */
export interface Killed { timeMs: number, peer: string, role: Role, paths: Path[] }

export interface Recording {
  submittedMs: number
  notices: NotedAt[]
  killed: Killed[]
  traffic: ByType
  /** Partitions that sandboxes finished, those computed twice counted twice. */
  computed: number
  partitions: number
  /** Is the root's value the oracle's? */
  isExact: boolean
}

/** What one run came to. Times are milliseconds; null where there is nothing to measure. */
export interface Sample {
  /** From the first lease to done. */
  completionMs: number
  /** From the submission to the first bite of the first, and of the median volunteer. */
  firstLeaseMs: number
  leaseMs: number
  /** From a kill to the successor's `failover`, for the root and for coordinators below. */
  rootFailoverMs: number | null
  coordinatorFailoverMs: number | null
  /** Notices of a takeover, needed or not. */
  failovers: number
  /** Partitions computed more than once, as the root's value says and as the sandboxes say. */
  duplicates: number
  recomputed: number
  messages: number
  bytes: number
  byType: ByType
  isExact: boolean
}

/** @throws Error when the job was never done */
export function sampleOf ({ submittedMs, notices, killed, traffic, computed, partitions, isExact }: Recording): Sample {
  const leases = notices.filter(({ notice }) => notice.type === 'leased').map(({ timeMs }) => timeMs)
  const done = notices.find(({ notice }) => notice.type === 'done')
  if (done?.notice.type !== 'done' || leases.length === 0) throw new Error('the job was never done')
  const failoversMs = (role: Role): number | null => {
    const each = killed.filter((one) => one.role === role).flatMap((one) => failoverMs(one, notices) ?? [])
    return each.length === 0 ? null : median(each)
  }
  return {
    completionMs: done.timeMs - Math.min(...leases),
    firstLeaseMs: Math.min(...leases) - submittedMs,
    leaseMs: median(leases) - submittedMs,
    rootFailoverMs: failoversMs('root'),
    coordinatorFailoverMs: failoversMs('coordinator'),
    failovers: notices.filter(({ notice }) => notice.type === 'failover').length,
    duplicates: done.notice.value.stats.duplicates,
    recomputed: computed - partitions,
    messages: sum(traffic, 'messages'),
    bytes: sum(traffic, 'bytes'),
    byType: traffic,
    isExact
  }
}

/** Until somebody took over one of its paths; null when nobody did. */
function failoverMs ({ timeMs, paths }: Killed, notices: NotedAt[]): number | null {
  const taken = notices.find(({ timeMs: at, notice }) => at >= timeMs && notice.type === 'failover' && paths.includes(notice.path))
  return taken === undefined ? null : taken.timeMs - timeMs
}

const sum = (traffic: ByType, what: keyof Traffic): number => Object.values(traffic).reduce((all, one) => all + one[what], 0)

export function countInto (traffic: ByType, type: string, messages: number, bytes: number): void {
  const known = traffic[type] ??= { messages: 0, bytes: 0 }
  known.messages += messages
  known.bytes += bytes
}
