/**
 * Auditing a finished job (V4): random partitions of it are computed anew in the own sandbox, and everything folded above them, from the
 * value of its root down, is folded again. It needs nobody's word: what makers do not open is computed as a whole. It works after the
 * job's end, from any peer, for as long as somebody keeps the result.
 */
import { createRandom } from '../core/random.ts'
import { statementBytes, statementOf } from '../host/verify/statement.ts'
import { UsageError } from './errors.ts'
import { verifyBy } from '../host/keys.ts'
import type { Announcement, Lie } from '../core/job.ts'
import type { MeshPeer } from '../host/mesh-peer.ts'
import type { Path, PeerId } from '../core/ids.ts'

export interface AuditOptions {
  /** Partitions to recompute; 100 by default, all where there are fewer. */
  samples?: number
  /** Which: the same seed draws the same. Any whole number below 2^32; by chance by default. */
  seed?: number
  /** Told how it goes. */
  onProgress?: (progress: AuditProgress) => void
  signal?: AbortSignal
}

export interface AuditProgress {
  checked: number
  samples: number
  /** A path that is computed as a whole now, because its maker does not open it; null when that is not what it does. */
  recomputing: { path: Path, by: PeerId } | null
  /** A path whose value nobody can show the parts of; null while there is none. */
  missing: { path: Path, by: PeerId } | null
}

export interface Audited {
  job: string
  /** `unsettled`: something could neither be opened nor computed. */
  verdict: 'valid' | 'lie' | 'unsettled'
  samples: number
  partitions: number
  seed: number
  /** Bites that were computed as a whole because nobody opened them. */
  recomputed: number
  /** Who lied, where, and the proof. */
  lie: Lie | null
  /** Paths whose parts nobody has. */
  missing: Path[]
}

const SAMPLES = 100
/** A million partitions at once fit into memory. A guess. */
const SAMPLES_MAX = 1_000_000
const SEED_MAX = 2 ** 32

/**
 * @param peer - with a sandbox, connected to those who keep the result
 * @throws UsageError when the job's result is bound to nothing, or is not signed by who made it
 */
export async function audit (peer: MeshPeer, { job, spec, outcome }: Announcement, options: AuditOptions): Promise<Audited> {
  const { samples = SAMPLES, seed = crypto.getRandomValues(new Uint32Array(1))[0]!, onProgress = () => {}, signal = new AbortController().signal } = options
  if (!Number.isInteger(samples) || samples < 1 || samples > SAMPLES_MAX) throw new UsageError(`An audit takes from 1 to ${SAMPLES_MAX} samples, not ${samples}.`)
  if (!Number.isInteger(seed) || seed < 0 || seed >= SEED_MAX) throw new UsageError(`A seed is a whole number from 0 to ${SEED_MAX - 1}, not ${seed}.`)
  if (outcome?.type !== 'done') throw new UsageError(`Job ${job} is not done: there is nothing to audit yet.`)
  const statement = statementOf(job, outcome.value)
  if (statement === null) throw new UsageError(`Job ${job} did not ask for trust, so nobody is bound to its result; run it with --trust audit:0.01, say.`)
  if (!await verifyBy(statement.by, statementBytes(statement), statement.signature)) throw new UsageError(`The result of job ${job} is not signed by ${statement.by}, who is said to have made it.`)
  const partitions = drawn(spec.partitions, Math.min(samples, spec.partitions), seed)
  const audited: Audited = { job, verdict: 'valid', samples: partitions.length, partitions: spec.partitions, seed, recomputed: 0, lie: null, missing: [] }
  let checked = 0
  const tell = (now: Partial<AuditProgress> = {}): void => { onProgress({ checked, samples: partitions.length, recomputing: null, missing: null, ...now }) }
  tell()
  const verdict = await peer.verification.audit(job, spec, outcome.value, partitions, signal, {
    onChecked: count => {
      checked += count
      tell()
    },
    onRecomputed: ({ path, by }) => {
      audited.recomputed++
      tell({ recomputing: { path, by } })
    },
    onMissing: ({ path, by }) => {
      audited.missing.push(path)
      tell({ missing: { path, by } })
    }
  })
  return { ...audited, verdict: verdict.type === 'unanswered' ? 'unsettled' : verdict.type, lie: verdict.type === 'lie' ? verdict.lie : null }
}

/** Distinct partitions in rising order, one of each equal part, so that no part is left out. */
function drawn (partitions: number, count: number, seed: number): number[] {
  const random = createRandom(seed, 'audit')
  return Array.from({ length: count }, (_, k) => {
    const from = Math.floor(k * partitions / count)
    return from + random.below(Math.floor((k + 1) * partitions / count) - from)
  })
}
