/**
 * Who did what (K1, K3), as it travels: receipts beside `accepted`, and a value's credit beside its statistics, outside its digest.
 * The core carries both and decides when work is certified; what a receipt says is signed and checked by the host
 * (protocol/host/credit), since signing takes a key.
 */
import type { Cid, Path, PeerId } from './ids.ts'
import type { Child, Context, Job, Position } from './state.ts'
import type { Value } from './job.ts'

/** Partitions, as `from, to, from, to…` without the last ones: ascending, disjoint, and never touching. */
export type Runs = readonly number[]

/** A coordinator's word that it accepted a peer's work (K1). The job is that of the message or table it stands in. */
export interface Receipt {
  /** The mesh, or empty where it is open. */
  mesh: string
  /** Where the value was accepted; all runs lie within it. */
  path: Path
  runs: Runs
  /** Sandbox time of these partitions, whole milliseconds. */
  ms: number
  /** How the job wanted it verified. */
  trust: string
  producer: PeerId
  issuer: PeerId
  /** By the issuer's key, over all of this and the job. */
  signature: Uint8Array
}

/** Work that nobody has certified yet. */
export interface Share { runs: Runs, ms: number }

/** Receipts of a subtree that are too many to stand beside its value: a block of them (K3). */
export interface Sheet { path: Path, cid: Cid }

/** Who did what below a collected value (K3). What is neither own nor in a receipt is nobody's. */
export interface Credit {
  /** What its producer computed itself: certified by the coordinator above, once it is accepted there. */
  own: Share
  receipts: Receipt[]
  sheets: Sheet[]
}

/** Is there something of the producer's own to certify in this value (K1)? */
export const isWorth = ({ bite, credit }: Value): boolean => bite || (credit !== null && credit.own.runs.length > 0)

/**
 * K4: nobody computed for longer than the lease lasted, once for each of its cores; a bite runs on one. Time beyond is not believed.
 * Whoever had no lease here is believed the time for which this peer has known the job.
 */
export function boundTime (cx: Context, job: Job, position: Position, child: Child, value: Value): Value {
  if (value.by === cx.id) return value
  const isLeased = child.holder === value.by || child.reruns.includes(value.by)
  // Leases that came with the position are older than it.
  const leaseMs = cx.now - (isLeased && child.grantedMs > position.since ? child.grantedMs : job.sinceMs)
  if (value.bite) {
    const { stats } = value
    return stats.computeMs <= leaseMs ? value : { ...value, stats: { ...stats, computeMs: leaseMs } }
  }
  const { credit } = value
  const mostMs = Math.floor(leaseMs * cx.config.coresMax)
  if (credit === null || credit.own.ms <= mostMs) return value
  return { ...value, credit: { ...credit, own: { ...credit.own, ms: mostMs } } }
}
