/**
 * A JobSpec as a block: its checks, its dag-cbor bytes and the job id they give (row `submitted`: the
 * same spec gives the same job everywhere). Never reads what the spec links to.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { FANOUT_MAX, FANOUT_MIN, PARTITIONS_MAX } from '../core/geometry.ts'
import { unreachable } from '../core/unreachable.ts'
import { cidFrom, cidOfDag, linkTo } from './cid.ts'
import { SEALED_KEY_BYTES } from './sealed-key.ts'
import type { Cid, JobId } from '../core/ids.ts'
import type { JobSpec, Trust } from '../core/job.ts'

const NAME_MAX = 64
const NONCE_MAX = 64
/** Longest time a partition may take, and a job be remembered: a week, four weeks. Guesses. */
const TIMEOUT_MS_MAX = 7 * 24 * 3_600_000
const EXPIRY_MS_MAX = 28 * 24 * 3_600_000
/** Peers that one value is asked of at most, and values after which one is trusted. Guesses. */
const VOTERS_MAX = 64
const AFTER_MAX = 1_000_000
const CID_LIKE = /^b[a-z2-7]{58}$/

/** A spec was refused; the message is one sentence for people. */
export class SpecError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'SpecError'
  }
}

/** Must `value` be a whole number in [min, max]? Says what is wrong, or null. */
function whole (what: string, value: unknown, min: number, max: number): string | null {
  if (typeof value !== 'number' || Number.isNaN(value)) return `${what} must be a number, not ${typeof value === 'number' ? 'NaN' : typeof value}`
  if (!Number.isInteger(value)) return `${what} must be a whole number, not ${value}`
  if (value < min) return `${what} must be at least ${min}, not ${value}`
  if (value > max) return `${what} must be at most ${max}, not ${value}`
  return null
}

function text (what: string, value: unknown, lengthMax: number): string | null {
  if (typeof value !== 'string') return `${what} must be text, not ${typeof value}`
  if (value.length > lengthMax) return `${what} must have at most ${lengthMax} characters, not ${value.length}`
  return value.isWellFormed() ? null : `${what} must be well-formed Unicode`
}

const link = (what: string, value: unknown): string | null =>
  typeof value === 'string' && CID_LIKE.test(value) ? null : `${what} must be a content id`

/**
 * What is wrong with a spec.
 *
 * @param spec - anything
 * @returns one sentence about its first fault, or null when it is a JobSpec
 */
export function checkSpec (spec: unknown): string | null {
  if (typeof spec !== 'object' || spec === null) return 'a job spec must be an object'
  const it = spec as Record<keyof JobSpec, unknown>
  return text('the name', it.name, NAME_MAX) ??
    whole('the number of partitions', it.partitions, 1, PARTITIONS_MAX) ??
    whole('the fan-out', it.fanout, FANOUT_MIN, FANOUT_MAX) ??
    whole('the grain', it.grain, 1, PARTITIONS_MAX) ??
    link('the bundle', it.bundle) ??
    link('the params', it.params) ??
    (it.inputs === null ? null : link('the inputs', it.inputs)) ??
    (typeof it.collect === 'boolean' ? null : 'collect must be true or false') ??
    whole('the timeout in milliseconds', it.timeoutMs, 1, TIMEOUT_MS_MAX) ??
    whole('the expiry in milliseconds', it.expiryMs, 1, EXPIRY_MS_MAX) ??
    checkTrust(it.trust) ??
    (typeof it.equal === 'boolean' ? null : 'equal must be true or false') ??
    (it.sealed === null || (it.sealed instanceof Uint8Array && it.sealed.length === SEALED_KEY_BYTES) ? null : 'the sealed key must have 72 bytes') ??
    text('the nonce', it.nonce, NONCE_MAX)
}

/** What is wrong with a trust policy; null when it is one. */
export function checkTrust (trust: unknown): string | null {
  if (typeof trust !== 'object' || trust === null) return 'the trust policy must be an object'
  const it = trust as { type?: unknown, quorum?: unknown, voters?: unknown, after?: unknown, rate?: unknown, deadlineMs?: unknown }
  const deadline = whole('the trust deadline in milliseconds', it.deadlineMs ?? 0, 0, EXPIRY_MS_MAX)
  switch (it.type) {
    case 'none': return null
    case 'votes': return whole('the quorum of votes', it.quorum, 2, VOTERS_MAX) ?? whole('the number of voters', it.voters, it.quorum as number, VOTERS_MAX) ?? deadline
    case 'adaptive': return whole('the number of values after which a peer is trusted', it.after, 1, AFTER_MAX) ?? deadline
    case 'audit': return typeof it.rate === 'number' && it.rate > 0 && it.rate <= 1 ? null : 'the audited share must be above 0 and at most 1'
    default: return 'the trust policy must be none, votes, adaptive or audit'
  }
}

/** Only its own fields, so that equal policies are equal bytes. */
function plainTrust (trust: Trust): Trust {
  switch (trust.type) {
    case 'none': return { type: 'none' }
    case 'votes': return { type: 'votes', quorum: trust.quorum, voters: trust.voters, deadlineMs: trust.deadlineMs }
    case 'adaptive': return { type: 'adaptive', after: trust.after, deadlineMs: trust.deadlineMs }
    case 'audit': return { type: 'audit', rate: trust.rate }
    default: return unreachable(trust)
  }
}

/**
 * The block of a spec.
 *
 * @throws SpecError when the spec has a fault
 */
export function encodeSpec (spec: JobSpec): Uint8Array {
  const fault = checkSpec(spec)
  if (fault !== null) throw new SpecError(fault)
  return encode({
    name: spec.name,
    partitions: spec.partitions,
    fanout: spec.fanout,
    grain: spec.grain,
    bundle: linkTo(spec.bundle),
    params: linkTo(spec.params),
    inputs: spec.inputs === null ? null : linkTo(spec.inputs),
    collect: spec.collect,
    timeoutMs: spec.timeoutMs,
    expiryMs: spec.expiryMs,
    nonce: spec.nonce,
    // Left out where they say nothing, so that jobs from before there was trust keep their ids.
    ...(spec.trust.type === 'none' ? {} : { trust: plainTrust(spec.trust) }),
    ...(spec.equal ? { equal: true } : {}),
    ...(spec.sealed === null ? {} : { sealed: spec.sealed })
  })
}

/**
 * The spec in a block, which may come from anyone.
 *
 * @throws SpecError when the block is no spec or the spec has a fault
 */
export function decodeSpec (bytes: Uint8Array): JobSpec {
  const it = mapIn(bytes)
  const spec = {
    name: it['name'],
    partitions: it['partitions'],
    fanout: it['fanout'],
    grain: it['grain'],
    bundle: cidFrom(it['bundle']),
    params: cidFrom(it['params']),
    inputs: it['inputs'] === null ? null : cidFrom(it['inputs']) ?? '',
    collect: it['collect'],
    timeoutMs: it['timeoutMs'],
    expiryMs: it['expiryMs'],
    nonce: it['nonce'],
    trust: it['trust'] ?? { type: 'none' },
    equal: it['equal'] ?? false,
    sealed: it['sealed'] ?? null
  }
  const fault = checkSpec(spec)
  if (fault !== null) throw new SpecError(fault)
  return spec as JobSpec
}

function mapIn (bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = decode(bytes)
  } catch {
    throw new SpecError('a job spec must be dag-cbor')
  }
  if (typeof value !== 'object' || value === null) throw new SpecError('a job spec must be an object')
  return value as Record<string, unknown>
}

/** The job's id: the CID of the spec's block. */
export const jobIdOf = (spec: JobSpec): JobId => cidOfDag(encodeSpec(spec)) as Cid & JobId
