/**
 * From a job module and what its submitter asks for to a JobSpec whose blocks are stored (row `submitted`:
 * the same module, parameters and inputs give the same job id). Inputs stream from where they come into
 * blocks; they are never whole in memory. Nothing here talks to a peer.
 */
import { randomUUID } from 'node:crypto'
import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import { defaultGrain } from '../protocol/core/geometry.ts'
import type { Cid, JobId } from '../protocol/core/ids.ts'
import type { JobSpec } from '../protocol/core/job.ts'
import { cidOfDag, cidOfRaw } from '../protocol/job/cid.ts'
import { spoolInputs } from '../protocol/job/inputs.ts'
import type { JobModule, Prepared } from '../protocol/job/module.ts'
import { checkSpec, jobIdOf } from '../protocol/job/spec.ts'
import { ValueError, encodeValue } from '../protocol/job/value.ts'
import { bundleJob } from './bundle.ts'
import type { JobParts } from './bundle.ts'
import { UsageError, reasonOf } from './errors.ts'
import { formatOf, readInputLines } from './lines.ts'

/** A job: the path or file URL of its module, or of the separate files of its parts. */
export type JobSource = string | URL | JobParts

export interface JobOptions {
  /** N, where the module does not say it or something else is wanted. */
  partitions?: number
  /** F, 2..128; 16 by default. */
  fanout?: number
  /** One input a partition: a path of a file of lines or NDJSON (`-`: standard input), or the inputs themselves. */
  input?: string | Iterable<unknown> | AsyncIterable<unknown>
  /** Wall-clock limit of one partition's compute, milliseconds. */
  timeoutMs?: number
  /** Run it anew even if the same job is known: gives it a random nonce. */
  again?: boolean
}

export interface PreparedJob {
  job: JobId
  spec: JobSpec
  params: unknown
  module: JobModule
}

const FANOUT = 16
/** Long, since nobody knows a stranger's job; short enough that an endless loop ends the same hour. A guess. */
const TIMEOUT_MS = 5 * 60_000
/** A day to come back for a result. A guess. */
const EXPIRY_MS = 24 * 3_600_000

/**
 * Bundle a job, count or spool its inputs and put its blocks into the store.
 *
 * @param params what the job is given; an object is laid over the module's own `params`
 * @throws UsageError when something about the module, the parameters, the inputs or the numbers is wrong
 */
export async function prepareJob (source: JobSource, params: unknown, options: JobOptions, store: Blockstore): Promise<PreparedJob> {
  const { bundle, module, exports } = await bundleJob(source instanceof URL ? source.href : source)
  const given = laidOver(module.params, params)
  const { partitions, inputs } = await partitionsOf(module, given, options, store)
  const spec: JobSpec = {
    name: (module.name ?? 'job').slice(0, 64),
    partitions,
    fanout: options.fanout ?? module.fanout ?? FANOUT,
    grain: module.grain ?? defaultGrain(partitions),
    bundle: await putRaw(store, bundle),
    params: await putDag(store, encodedParams(given)),
    inputs,
    collect: exports.collect,
    timeoutMs: options.timeoutMs ?? module.timeoutMs ?? TIMEOUT_MS,
    expiryMs: EXPIRY_MS,
    nonce: options.again === true ? randomUUID() : ''
  }
  const wrong = checkSpec(spec)
  if (wrong !== null) throw new UsageError(asSentence(wrong))
  return { job: jobIdOf(spec), spec, params: given, module }
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

type Partitions = Pick<JobSpec, 'partitions' | 'inputs'>

async function partitionsOf (module: JobModule, params: unknown, options: JobOptions, store: Blockstore): Promise<Partitions> {
  const { input } = options
  if (input !== undefined) {
    const format = module.input ?? (typeof input === 'string' ? formatOf(input) : 'lines')
    return await spooled(typeof input === 'string' ? readInputLines(input, format) : input, options, store)
  }
  const prepared = await askedOf(module, params)
  if (prepared !== undefined && typeof prepared !== 'number') return await spooled(listed(prepared), options, store)
  const partitions = options.partitions ?? prepared ?? module.partitions
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
async function * listed (inputs: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield * inputs
  } catch (error) {
    throw prepareThrew(error)
  }
}

const isListing = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)

async function spooled (inputs: Iterable<unknown> | AsyncIterable<unknown>, options: JobOptions, store: Blockstore): Promise<Partitions> {
  const put = async (cid: Cid, bytes: Uint8Array): Promise<void> => { await store.put(CID.parse(cid), bytes) }
  const { cid, count } = await spoolInputs(inputs, put).catch((error: unknown) => {
    throw error instanceof ValueError ? new UsageError(asSentence(error.message), { cause: error }) : error
  })
  if (cid === null) throw new UsageError('There are no inputs, and a job needs at least one partition.')
  if (options.partitions !== undefined && options.partitions !== count) {
    throw new UsageError(`There are ${count} inputs but ${options.partitions} partitions were asked for; leave --partitions out.`)
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
