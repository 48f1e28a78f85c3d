/**
 * Partitions, fan-out, time limit, trust and sealing as people enter them: empty for what the module says, one sentence for
 * what cannot be (G1, V1). Pure.
 */
import { FANOUT_MAX, FANOUT_MIN, PARTITIONS_MAX } from '../../protocol/core/geometry.ts'
import { readNumber } from './params.ts'
import { reasonOf } from '../../protocol/client/errors.ts'
import { trustOf } from '../../protocol/client/trust.ts'
import type { Fault } from './params.ts'
import type { JobShape } from '../../protocol/client/prepare-job.ts'

export interface ShapeTexts {
  partitions: string
  fanout: string
  /** Seconds. */
  timeout: string
  /** A trust policy, as `--trust` takes it. */
  trust: string
  /** Seconds. */
  trustDeadline: string
  again: boolean
  /** Null for what the module says. */
  sealed: boolean | null
}

export const NO_SHAPE: ShapeTexts = { partitions: '', fanout: '', timeout: '', trust: '', trustDeadline: '', again: false, sealed: null }

/** The longest time limit of a partition, seconds: a week, as a spec allows (spec.ts). */
const TIMEOUT_S_MAX = 7 * 24 * 3600
/** And the longest wait for enough peers: 28 days. */
const TRUST_DEADLINE_S_MAX = 28 * 24 * 3600

export function readShape ({ partitions, fanout, timeout, trust, trustDeadline, again, sealed }: ShapeTexts): JobShape | Fault {
  const shape: JobShape = { ...again ? { again } : {}, ...sealed === null ? {} : { sealed } }
  const asked = [
    whole('Partitions', partitions, 1, PARTITIONS_MAX),
    whole('The fan-out', fanout, FANOUT_MIN, FANOUT_MAX),
    whole('The time limit in seconds', timeout, 1, TIMEOUT_S_MAX),
    whole('The longest wait for enough peers in seconds', trustDeadline, 1, TRUST_DEADLINE_S_MAX)
  ]
  for (const it of asked) if (typeof it === 'object' && it !== null) return it
  const [n, f, s, d] = asked as Array<number | null>
  if (n != null) shape.partitions = n
  if (f != null) shape.fanout = f
  if (s != null) shape.timeoutMs = s * 1000
  if (d != null) shape.trustDeadlineMs = d * 1000
  const policy = trust.trim()
  if (policy !== '') shape.trust = policy
  return trustFault(policy) ?? shape
}

function trustFault (policy: string): Fault | null {
  try {
    if (policy !== '') trustOf(policy)
    return null
  } catch (error) {
    return { fault: reasonOf(error) }
  }
}

function whole (what: string, text: string, min: number, max: number): number | null | Fault {
  if (text.trim() === '') return null
  const number = readNumber(text)
  if (number === null || !Number.isInteger(number) || number < min || number > max) {
    return { fault: `${what} must be a whole number from ${min} to ${max.toLocaleString('en')}, not ${text.trim().slice(0, 40)}.` }
  }
  return number
}
