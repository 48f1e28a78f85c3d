/**
 * What sandbox tests are written with: jobs from source text, and an oracle that folds by the letter of
 * G3 with a wire trip at every level. Shares no code with the sandbox's own fold.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { ROOT, childDigits, childOf, isLeaf, rangeOf } from '../../core/geometry.ts'
import { cidOfDag, cidOfRaw } from '../cid.ts'
import { gatherInner, gatherLeaf, readGathered } from '../gathered.ts'
import { readInputs, spoolInputs } from '../inputs.ts'
import { jobIdOf } from '../spec.ts'
import { SandboxError } from '../sandbox.ts'
import { decodeValue, encodeValue } from '../value.ts'
import type { Cid, Path } from '../../core/ids.ts'
import type { Failure, JobSpec } from '../../core/job.ts'
import type { Gathered } from '../gathered.ts'
import type { InputChunk } from '../inputs.ts'
import type { ComputeRequest, JobCode, Output, Sandbox } from '../sandbox.ts'

export const SUM = 'export const collect = outputs => outputs.reduce((sum, output) => sum + output, 0)\n'

export type SpecChanges = Partial<Pick<JobSpec, 'partitions' | 'fanout' | 'grain' | 'inputs' | 'collect' | 'timeoutMs' | 'trust' | 'equal' | 'nonce'>>

/** A job from its bundle's source. `collect` is found out from the text. */
export function jobOf (source: string, changes: SpecChanges = {}, params: unknown = {}): JobCode {
  const bundle = new TextEncoder().encode(source)
  const paramsBytes = encodeValue(params)
  const spec: JobSpec = {
    name: 'test',
    partitions: 10,
    fanout: 4,
    grain: 2,
    bundle: cidOfRaw(bundle),
    params: cidOfDag(paramsBytes),
    inputs: null,
    collect: /export (const|function|async function) collect/.test(source),
    timeoutMs: 20_000,
    expiryMs: 3_600_000,
    trust: { type: 'none' },
    equal: /export (const|function|async function) equal/.test(source),
    sealed: null,
    nonce: '',
    ...changes
  }
  return { job: jobIdOf(spec), spec, bundle, params: paramsBytes }
}

export const never = new AbortController().signal

/** Compute a path, the root by default. */
export const compute = (sandbox: Sandbox, code: JobCode, path: string = ROOT, inputs: ComputeRequest['inputs'] = null, signal = never): Promise<Output> =>
  sandbox.compute({ code, path: path as Path, inputs }, signal)

/** The decoded value of a job's root. */
export const result = async (sandbox: Sandbox, source: string, changes?: SpecChanges, params?: unknown): Promise<unknown> =>
  decodeValue((await compute(sandbox, jobOf(source, changes, params))).bytes)

/** Why a job fails; it must. */
export async function failureOf (run: Promise<unknown>): Promise<Failure> {
  try {
    await run
  } catch (error) {
    if (error instanceof SandboxError) return error.why
    throw error
  }
  throw new Error('the job did not fail')
}

/** All items of an iterable. */
export async function listOf<T> (items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** All outputs of a gathered value. */
export async function outputsOf (output: Output): Promise<unknown[]> {
  const blocks = new Map<Cid, Uint8Array>(output.blocks.map(({ cid, bytes }) => [cid, bytes]))
  blocks.set(output.cid, output.bytes)
  return await listOf(readGathered(async cid => blocks.get(cid)!, output.cid))
}

export interface Spooled {
  cid: Cid
  chunks: (code: JobCode, path: string) => AsyncIterable<InputChunk>
  part: (from: number, to: number) => AsyncIterable<InputChunk>
}

/** Inputs for a path of a job made by `spooled`. */
export async function spooled (inputs: unknown[]): Promise<Spooled> {
  const blocks = new Map<Cid, Uint8Array>()
  const { cid } = await spoolInputs(inputs, async (id, bytes) => blocks.set(id, bytes))
  const part = (from: number, to: number): AsyncIterable<InputChunk> => readInputs(async id => blocks.get(id)!, cid!, from, to)
  return {
    cid: cid!,
    part,
    chunks: (code, path) => {
      const { from, to } = rangeOf(code.spec, path)!
      return part(from, to)
    }
  }
}

/** A wire trip. */
const trip = (value: unknown): unknown => decode(encode(value))

/** The collected value of a path by definition. */
export function collected (spec: JobSpec, path: Path, computeOne: (partition: number) => unknown, collect: (outputs: unknown[]) => unknown): unknown {
  const range = rangeOf(spec, path)!
  if (isLeaf(spec, range)) {
    return trip(collect(Array.from({ length: range.to - range.from }, (_, i) => trip(computeOne(range.from + i)))))
  }
  return trip(collect(childDigits(spec, range).map(digit => collected(spec, childOf(path, digit), computeOne, collect))))
}

/** The gathered value of a path by definition: leaf by leaf, level by level. */
export function gatheredOf (spec: JobSpec, path: Path, computeOne: (partition: number) => unknown): Gathered {
  const range = rangeOf(spec, path)!
  if (!isLeaf(spec, range)) {
    const children = childDigits(spec, range).map(digit => gatheredOf(spec, childOf(path, digit), computeOne))
    return gatherInner(children.map(({ bytes }) => bytes))
  }
  const parts = Array.from({ length: range.to - range.from }, (_, i) => encodeValue(computeOne(range.from + i)))
  const ends = parts.map(((sum: number) => (part: Uint8Array) => { sum += part.length; return sum })(0))
  const bytes = new Uint8Array(ends.at(-1) ?? 0)
  parts.forEach((part, i) => { bytes.set(part, (ends[i] ?? 0) - part.length) })
  return gatherLeaf({ bytes, ends })
}

/** The paths one level below. */
export const childPaths = (spec: JobSpec, path: Path): Path[] =>
  childDigits(spec, rangeOf(spec, path)!).map(digit => childOf(path, digit))
