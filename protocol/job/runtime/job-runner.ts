/**
 * One job inside one sandbox: its functions, its context, and the requests run on them, one at a time.
 * The same for a Node isolate and a tab's worker; knows nothing of how either talks to its keeper.
 */
import { encode } from '@ipld/dag-cbor'
import { decodeValue, encodeValue } from '../value.ts'
import { Committer } from './committer.ts'
import { Fold, leavesOf } from './fold.ts'
import { CALL, IDLE, LOADING } from './gauge.ts'
import { InputCursor } from './input-cursor.ts'
import { Listing } from './listing.ts'
import { SEED_LOAD } from './random.ts'
import type { Geometry, Range } from '../../core/geometry.ts'
import type { InputChunk } from '../inputs.ts'
import type { Ctx, JobModule } from '../module.ts'
import type { Pack } from '../commitment/pack.ts'
import type { Piece } from './listing.ts'
import type { SeededRandom } from './random.ts'

/** What the sandbox's keeper does for a job. */
export interface Keeper {
  sleep: (ms: number) => Promise<void>
  /** Resolves when a pause ends. */
  resume: () => Promise<void>
  /** Told of every call before it begins, where the gauge cannot be read from outside. */
  onCall?: (call: number) => void
}

export interface JobRunnerInit {
  module: JobModule
  geometry: Geometry
  /** True when the spec says that values are collected. */
  collects: boolean
  /** The longest item of a commitment that is no link, bytes; null when nothing is committed to (V2). */
  commits: number | null
  /** True when the job has inputs. */
  takesInputs: boolean
  /** dag-cbor. */
  params: Uint8Array
  gauge: Float64Array
  random: SeededRandom
  keeper: Keeper
  /** `navigator.gpu` where there is one; job code gets it only when its module asks (`export const gpu = true`). */
  gpu?: unknown
}

/** A value and, where the job commits, the nodes of the commitment to how it was folded. */
export interface Folded { bytes: Uint8Array, nodes: Pack | null }

/** The longest sleep, milliseconds: a day. */
const SLEEP_MS_MAX = 86_400_000

export class JobRunner {
  readonly #init: JobRunnerInit
  readonly #fold: Fold
  readonly #committer: Committer | null

  private constructor (init: JobRunnerInit, ctx: Ctx) {
    const { module, geometry, gauge, random, keeper } = init
    this.#init = init
    // What is gathered holds every output, so its content id is a commitment already.
    this.#committer = init.commits === null || !init.collects ? null : new Committer(init.commits)
    this.#fold = new Fold({
      geometry,
      compute: module.compute,
      computeRange: module.computeRange,
      collect: module.collect,
      equal: module.equal,
      ctx,
      gauge,
      random,
      resume: keeper.resume,
      onCall: keeper.onCall ?? null,
      committer: this.#committer
    })
  }

  /**
   * Check the module and run its `setup`.
   *
   * @throws what `setup` throws, or an Error about what the module lacks
   */
  static async open (init: JobRunnerInit): Promise<JobRunner> {
    const { module, random, keeper, gauge } = init
    gauge[CALL] = LOADING
    checkModule(init)
    random.restart(SEED_LOAD, 0, 0)
    const params = freeze(decodeValue(init.params))
    const sleep = (ms: number): Promise<void> => keeper.sleep(Math.min(Math.max(Number(ms) || 0, 0), SLEEP_MS_MAX))
    const gpu = (module.gpu === true ? init.gpu ?? null : null) as Ctx['gpu']
    const base = { params, random: () => random.next(), sleep, gpu }
    const resources: unknown = await module.setup?.(params, Object.freeze({ ...base, resources: undefined }))
    gauge[CALL] = IDLE
    return new JobRunner(init, Object.freeze({ ...base, resources }))
  }

  /**
   * Compute a path.
   *
   * @param next - gives the inputs chunk by chunk; null when the job has none
   * @returns with `collect`, nothing on the way and the value at the end; without, the outputs in pieces and null
   */
  async * compute (range: Range, next: (() => Promise<InputChunk | null>) | null): AsyncGenerator<Piece, Folded | null> {
    const inputs = next === null ? null : new InputCursor(next)
    this.#committer?.clear()
    if (this.#init.collects) {
      const bytes = encodeValue(await this.#fold.value(range, inputs))
      return { bytes, nodes: this.#committer?.take() ?? null }
    }
    const listing = new Listing()
    if (this.#init.module.computeRange !== undefined && inputs === null) {
      for (const leaf of leavesOf(this.#init.geometry, range)) {
        await this.#fold.whole(leaf, listing)
        yield * listing.drain()
      }
    } else {
      for (let from = range.from; from < range.to;) {
        from = await this.#fold.each({ from, to: range.to }, inputs, listing)
        yield * listing.drain()
      }
    }
    listing.flush()
    yield * listing.drain()
    return null
  }

  /** Fold children's values by the job's `collect`. */
  async collect (range: Range, values: Uint8Array[]): Promise<Uint8Array> {
    return encodeValue(await this.#fold.collect(range, values.map(decodeValue)))
  }

  /**
   * Single outputs, to hold against what somebody committed to.
   *
   * @param partitions - in rising order
   * @param next - their inputs, chunk by chunk; null when the job has none
   * @returns dag-cbor of the list of their encodings; of null for a job that folds whole leaves (`computeRange`)
   */
  async outputs (partitions: number[], next: (() => Promise<InputChunk | null>) | null): Promise<Uint8Array> {
    const inputs = next === null ? null : new InputCursor(next)
    if (this.#init.module.computeRange !== undefined && inputs === null) return encode(null)
    const outputs: Uint8Array[] = []
    const sink = { full: false, take: (output: unknown) => { outputs.push(encodeValue(output)) } }
    for (const from of partitions) await this.#fold.each({ from, to: from + 1 }, inputs, sink)
    return encode(outputs)
  }

  /**
   * Fold many times.
   *
   * @param asked - `[[from, to, values]]` in dag-cbor (folds.ts)
   * @returns dag-cbor of the list of the values' encodings
   */
  async folds (asked: Uint8Array): Promise<Uint8Array> {
    const folded: Uint8Array[] = []
    for (const [from, to, values] of decodeValue(asked) as Array<[number, number, unknown[]]>) folded.push(encodeValue(await this.#fold.collect({ from, to }, values)))
    return encode(folded)
  }

  /** Does the job take two values for the same? @returns dag-cbor of true or false */
  async equal (a: Uint8Array, b: Uint8Array): Promise<Uint8Array> {
    return encode(await this.#fold.equal(decodeValue(a), decodeValue(b)))
  }
}

function checkModule ({ module, collects, takesInputs }: JobRunnerInit): void {
  for (const name of ['compute', 'computeRange', 'collect', 'setup', 'equal'] as const) {
    if (module[name] !== undefined && typeof module[name] !== 'function') throw new TypeError(`${name} is not a function`)
  }
  if (module.compute === undefined && module.computeRange === undefined) throw new TypeError('the module exports no compute')
  if (module.compute === undefined && takesInputs) throw new TypeError('a job with inputs needs compute, not computeRange alone')
  if (collects && module.collect === undefined) throw new TypeError('the module exports no collect')
}

/** Params are the same for every partition, so no partition may change them. */
function freeze<T> (value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}
