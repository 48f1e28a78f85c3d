/** Values, votes and verdicts for unit tests of jobs that are not simply believed (V1). */
import type { Cid, PeerId } from '../ids.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { JobSpec, Lie, Trust, Value, Verdict } from '../job.ts'
import { JOB, SPEC, aValue, path } from './given.ts'
import { digestOf } from '../salt.ts'

export const VOTES: JobSpec = { ...SPEC, trust: { type: 'votes', quorum: 2, voters: 3, deadlineMs: 0 } }
export const ADAPTIVE: JobSpec = { ...SPEC, trust: { type: 'adaptive', after: 3, deadlineMs: 0 } }
export const AUDIT: JobSpec = { ...SPEC, trust: { type: 'audit', rate: 0.25 } }
export const trusting = (trust: Trust): JobSpec => ({ ...SPEC, trust })

export const SALT = new Uint8Array(16).fill(7)
const EVIDENCE = new Uint8Array([1, 2, 3])

/** A value with its maker's commitment (V2). */
export const aSigned = (at: string, by: PeerId, changes: Partial<Value> = {}): Value =>
  aValue(at, by, { commitment: { root: `root of ${at} by ${by}` as Cid, signature: new Uint8Array([9]) }, ...changes })

/** Another value than everybody else's. */
export const aWrong = (at: string, by: PeerId): Value => aSigned(at, by, { cid: `wrong value of ${at} by ${by}` as Cid })

/** What its maker says before anybody's value is known (V3). */
export const commits = (given: Given, value: Value, salt = SALT): Effect[] =>
  given.hear(value.by, { type: 'commit', job: JOB, path: value.path, digest: digestOf(JOB, value, salt) })

export const gives = (given: Given, value: Value, salt = SALT, from = value.by): Effect[] =>
  given.hear(from, { type: 'value', job: JOB, value, salt })

/** The sandbox has made a bite, with its commitment and salt. */
export function makes (given: Given, at: string, changes: Partial<Value> = {}): Effect[] {
  const { by: _by, stats: _stats, bite: _bite, commitment, ...value } = aSigned(at, given.peer.id, changes)
  return given.take({ type: 'computed', job: JOB, value, ms: 40, commitment, salt: SALT })
}

export const aLie = (at: string, peer: PeerId, partition = 0): Lie => ({ peer, path: path(at), partition, evidence: EVIDENCE })

export const lied = (lie: Lie): Verdict => ({ type: 'lie', lie })
export const VALID: Verdict = { type: 'valid' }
export const UNANSWERED: Verdict = { type: 'unanswered' }

export const checked = (given: Given, { path, cid, by }: Value, verdict: Verdict): Effect[] =>
  given.take({ type: 'checked', job: JOB, path, cid, by, verdict })

/** What recomputing came to, by voter; nobody's values are equal by the job's own word unless said so. */
export const judged = (given: Given, at: string, verdicts: Record<string, Verdict>, isEqual = false): Effect[] =>
  given.take({ type: 'judged', job: JOB, path: path(at), equal: isEqual, verdicts: Object.entries(verdicts).map(([by, verdict]) => ({ by: by as PeerId, verdict })) })

/** Somebody says that another lied; `within` is the value told of that holds it. */
export const accuses = (given: Given, from: PeerId, { peer, evidence }: Lie, within: string | null = null): Effect[] =>
  given.hear(from, { type: 'blame', job: JOB, peer, evidence, within: within === null ? null : path(within) })

export const proved = (given: Given, lie: Lie | null): Effect[] =>
  given.take({ type: 'proved', job: JOB, evidence: EVIDENCE, lie })

export const checks = (value: Value, samples: number[]): Effect => ({ type: 'check', job: JOB, value, samples })
export const judges = (at: string, ...values: Value[]): Effect => ({ type: 'judge', job: JOB, path: path(at), values })
export const proves = ({ evidence }: Lie): Effect => ({ type: 'prove', job: JOB, evidence })
