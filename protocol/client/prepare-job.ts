/**
 * From a job module and what its submitter asks for to a JobSpec whose blocks are stored (row `submitted`:
 * the same module, parameters and inputs give the same job id). Inputs stream from where they come into
 * blocks; they are never whole in memory. Nothing here talks to a peer.
 */
import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import { defaultGrain } from '../core/geometry.ts'
import type { Cid, JobId } from '../core/ids.ts'
import type { JobSpec } from '../core/job.ts'
import { cidOfDag, cidOfRaw } from '../job/cid.ts'
import { spoolInputs } from '../job/inputs.ts'
import type { JobModule, Prepared } from '../job/module.ts'
import { newSeal } from '../job/sealed.ts'
import type { Seal } from '../job/sealed.ts'
import { checkSpec, jobIdOf } from '../job/spec.ts'
import { ValueError, encodeValue } from '../job/value.ts'
import { UsageError, reasonOf } from './errors.ts'
import { trustOf } from './trust.ts'

/** A job's module, bundled by the platform. */
export interface BundledJob {
  /** What sandboxes run: one ES module. */
  bundle: Uint8Array
  /** What the submitter uses. */
  module: JobModule
  /** Does it fold its outputs? */
  collects: boolean
  /** Does it say which values are the same though their bytes differ? */
  equals?: boolean
}

export interface JobShape {
  /** N, where the module does not say it or something else is wanted. */
  partitions?: number
  /** F, 2..128; 16 by default. */
  fanout?: number
  /** Wall-clock limit of one partition's compute, milliseconds. */
  timeoutMs?: number
  /** How results are verified, instead of what the module says: `none` (the default), `votes:M/N`, `adaptive`, `audit:RATE`. */
  trust?: string
  /** Fail when `votes` or `adaptive` find too few distinct peers for this long, milliseconds; by default they wait and say so. */
  trustDeadlineMs?: number
  /** Run it anew even if the same job is known: gives it a random nonce. */
  again?: boolean
  /** Seal params and inputs for the private mesh (A8); what the module says by default. */
  sealed?: boolean
  /** Of the private mesh; null or nothing in an open one. */
  readingKey?: Uint8Array | null
}

type Inputs = Iterable<unknown> | AsyncIterable<unknown>

export interface PreparedJob {
  job: JobId
  spec: JobSpec
  params: unknown
  module: JobModule
}

/** Why a job is not sealed in an open mesh. */
export const SEAL_NEEDS_MESH = 'Sealing needs a private mesh, since in an open one everybody is admitted: give an invitation, or run the job unsealed.'

const FANOUT = 16
/** Long, since nobody knows a stranger's job; short enough that an endless loop ends the same hour. A guess. */
const TIMEOUT_MS = 5 * 60_000
/** A day to come back for a result. A guess. */
const EXPIRY_MS = 24 * 3_600_000

/**
 * Count or spool a job's inputs and put its blocks into the store.
 *
 * @param params what the job is given; an object is laid over the module's own `params`
 * @param inputs one a partition, instead of what the module's `prepare` says; null where it says
 * @throws UsageError when something about the module, the parameters, the inputs or the numbers is wrong
 */
export async function prepareJob (bundled: BundledJob, params: unknown, inputs: Inputs | null, shape: JobShape, store: Blockstore): Promise<PreparedJob> {
  const { bundle, module, collects, equals = false } = bundled
  const given = laidOver(module.params, params)
  const seal = sealOf(module, shape)
  const counted = await partitionsOf(module, given, inputs, { ...shape, seal }, store)
  const spec: JobSpec = {
    name: (module.name ?? 'job').slice(0, 64),
    partitions: counted.partitions,
    fanout: shape.fanout ?? module.fanout ?? FANOUT,
    grain: module.grain ?? defaultGrain(counted.partitions),
    bundle: await putRaw(store, bundle),
    params: await putDag(store, (seal?.block ?? asIs)(encodedParams(given))),
    inputs: counted.inputs,
    collect: collects,
    timeoutMs: shape.timeoutMs ?? module.timeoutMs ?? TIMEOUT_MS,
    expiryMs: EXPIRY_MS,
    trust: trustOf(shape.trust ?? module.trust, shape.trustDeadlineMs),
    equal: equals,
    sealed: seal?.sealed ?? null,
    nonce: shape.again === true ? crypto.randomUUID() : ''
  }
  const wrong = checkSpec(spec)
  if (wrong !== null) throw new UsageError(asSentence(wrong))
  return { job: jobIdOf(spec), spec, params: given, module }
}

const asIs = (bytes: Uint8Array): Uint8Array => bytes

function sealOf (module: JobModule, { sealed = module.sealed === true, readingKey = null }: JobShape): Seal | null {
  if (!sealed) return null
  if (readingKey === null) throw new UsageError(SEAL_NEEDS_MESH)
  return newSeal(readingKey)
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Given keys win over the module's defaults; something that is no object replaces them. */
function laidOver (defaults: Record<string, unknown> | undefined, params: unknown): unknown {
  if (params === undefined) return defaults ?? {}
  return isPlain(params) && defaults !== undefined ? { ...defaults, ...params } : params
}

function encodedParams (params: unknown): Uint8Array {
  try {
    return encodeValue(params)
  } catch (error) {
    throw new UsageError(`The parameters cannot be sent: ${reasonOf(error)}`)
  }
}

type SealedShape = JobShape & { seal: Seal | null }
type Partitions = Pick<JobSpec, 'partitions' | 'inputs'>

async function partitionsOf (module: JobModule, params: unknown, inputs: Inputs | null, shape: SealedShape, store: Blockstore): Promise<Partitions> {
  if (inputs !== null) return await spooled(inputs, shape, store)
  const prepared = await askedOf(module, params)
  if (prepared !== undefined && typeof prepared !== 'number') return await spooled(listed(prepared), shape, store)
  const partitions = shape.partitions ?? prepared ?? module.partitions
  if (partitions === undefined) {
    throw new UsageError('The job does not say how many partitions it has: give --partitions N or --input FILE, or export `partitions` or `prepare` from it.')
  }
  return { partitions, inputs: null }
}

async function askedOf (module: JobModule, params: unknown): Promise<Prepared | undefined> {
  if (module.prepare === undefined) return undefined
  let prepared: unknown
  try {
    prepared = await module.prepare(params)
  } catch (error) {
    throw prepareThrew(error)
  }
  if (typeof prepared === 'number' || isListing(prepared)) return prepared
  throw new UsageError('The job\'s `prepare` must return a number of partitions or an iterable of inputs.')
}

const prepareThrew = (error: unknown): UsageError =>
  new UsageError(`The job's \`prepare\` threw: ${reasonOf(error)}`, { cause: error })

/** What `prepare` lists, which may throw half-way. */
async function * listed (inputs: Inputs): AsyncGenerator<unknown> {
  try {
    yield * inputs
  } catch (error) {
    throw prepareThrew(error)
  }
}

const isListing = (value: unknown): value is Inputs =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)

async function spooled (inputs: Inputs, shape: SealedShape, store: Blockstore): Promise<Partitions> {
  const put = async (cid: Cid, bytes: Uint8Array): Promise<void> => { await store.put(CID.parse(cid), bytes) }
  const { cid, count } = await spoolInputs(inputs, put, undefined, shape.seal?.block).catch((error: unknown) => {
    throw error instanceof ValueError ? new UsageError(asSentence(error.message), { cause: error }) : error
  })
  if (cid === null) throw new UsageError('There are no inputs, and a job needs at least one partition.')
  if (shape.partitions !== undefined && shape.partitions !== count) {
    throw new UsageError(`There are ${count} inputs but ${shape.partitions} partitions were asked for; leave --partitions out.`)
  }
  return { partitions: count, inputs: cid }
}

async function putRaw (store: Blockstore, bytes: Uint8Array): Promise<Cid> {
  const cid = cidOfRaw(bytes)
  await store.put(CID.parse(cid), bytes)
  return cid
}

async function putDag (store: Blockstore, bytes: Uint8Array): Promise<Cid> {
  const cid = cidOfDag(bytes)
  await store.put(CID.parse(cid), bytes)
  return cid
}

const asSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
