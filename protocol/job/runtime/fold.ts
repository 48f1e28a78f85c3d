/**
 * Computes a path and folds it up to its value inside a sandbox (G3): leaf by leaf, `collect` once per
 * inner node over its children's values in index order. Every value takes the form it would have after
 * a trip over the wire, so one peer computing a large path gets what many peers get together. Stays
 * synchronous as long as job code does: a no-op partition costs tens of nanoseconds.
 */
import { childRange, isLeaf, sizeOf } from '../../core/geometry.ts'
import { CALL, COLLECTING, GO, IDLE, PAUSE, SIGNAL } from './gauge.ts'
import { SEED_COLLECT, SEED_PARTITION } from './random.ts'
import { normalise } from '../value.ts'
import { OutputError, StoppedError } from './errors.ts'
import type { Geometry, Range } from '../../core/geometry.ts'
import type { Committer } from './committer.ts'
import type { Compute, ComputeRange, Collect, Ctx, Equal } from '../module.ts'
import type { InputCursor } from './input-cursor.ts'
import type { SeededRandom } from './random.ts'
import type { Sized } from '../value.ts'

/** What a fold runs on. */
export interface FoldInit {
  geometry: Geometry
  compute: Compute | undefined
  computeRange: ComputeRange | undefined
  collect: Collect | undefined
  equal: Equal | undefined
  ctx: Ctx
  gauge: Float64Array
  random: SeededRandom
  /** Resolves when the keeper lets it go on after a pause. */
  resume: () => Promise<void>
  /** Told of every call of job code before it begins, for keepers that cannot read the gauge from outside; null for none. */
  onCall: ((call: number) => void) | null
  /** Told of everything that is folded, where the job's producers commit to it (V2); null elsewhere. */
  committer: Committer | null
}

/** Takes each output in index order. */
export interface Sink {
  /** True when it wants to be emptied before the next. */
  readonly full: boolean
  take: (output: unknown) => void
}

const isThenable = (it: unknown): it is PromiseLike<unknown> =>
  typeof it === 'object' && it !== null && typeof (it as { then?: unknown }).then === 'function'

/** The outputs of one leaf, for `collect`. */
class LeafOutputs implements Sink {
  readonly values: unknown[] = []
  readonly full = false

  take (output: unknown): void {
    if (typeof output === 'number' && Number.isFinite(output)) this.values.push(output === 0 ? 0 : output)
    else this.values.push(this.keep(normalise(output)))
  }

  protected keep ({ value }: Sized): unknown {
    return value
  }
}

/** The same, and as what they are committed to: only long outputs are something else there. */
class CommittedOutputs extends LeafOutputs {
  readonly #committer: Committer
  #items: Map<number, unknown> | null = null

  constructor (committer: Committer) {
    super()
    this.#committer = committer
  }

  commit (): void {
    const { values } = this
    const items = this.#items
    this.#committer.leaf(items === null ? values : values.map((value, i) => items.has(i) ? items.get(i) : value))
  }

  protected override keep ({ value, bytes }: Sized): unknown {
    const item = this.#committer.item(value, bytes)
    if (item !== value) (this.#items ??= new Map()).set(this.values.length, item)
    return value
  }
}

export class Fold {
  readonly #init: FoldInit
  readonly #gauge: Float64Array
  #collects = 0

  constructor (init: FoldInit) {
    this.#init = init
    this.#gauge = init.gauge
  }

  /**
   * The value of a range that is a path's.
   *
   * @returns the value in its normal form; a promise only where job code is asynchronous
   */
  value (range: Range, inputs: InputCursor | null): unknown | Promise<unknown> {
    return isLeaf(this.#init.geometry, range) ? this.#leaf(range, inputs) : this.#inner(range, inputs, 0, [])
  }

  #inner (range: Range, inputs: InputCursor | null, first: number, values: unknown[]): unknown | Promise<unknown> {
    const { fanout } = this.#init.geometry
    for (let digit = first; digit < fanout; digit++) {
      const child = childRange(range, fanout, digit)
      if (sizeOf(child) === 0) continue
      const value = this.value(child, inputs)
      if (value instanceof Promise) {
        return value.then(late => {
          values.push(late)
          return this.#inner(range, inputs, digit + 1, values)
        })
      }
      values.push(value)
    }
    this.#init.committer?.inner(values)
    return this.collect(range, values)
  }

  #leaf (range: Range, inputs: InputCursor | null): unknown | Promise<unknown> {
    const { committer, computeRange } = this.#init
    if (computeRange !== undefined && inputs === null) return committer === null ? this.#whole(range) : this.#committedWhole(range, committer)
    if (committer !== null) return this.#committedLeaf(range, inputs, committer)
    const outputs = new LeafOutputs()
    const end = this.each(range, inputs, outputs)
    return end instanceof Promise ? end.then(() => this.collect(range, outputs.values)) : this.collect(range, outputs.values)
  }

  #committedLeaf (range: Range, inputs: InputCursor | null, committer: Committer): unknown | Promise<unknown> {
    const outputs = new CommittedOutputs(committer)
    const fold = (): unknown => {
      outputs.commit()
      return this.collect(range, outputs.values)
    }
    const end = this.each(range, inputs, outputs)
    return end instanceof Promise ? end.then(fold) : fold()
  }

  #committedWhole (range: Range, committer: Committer): unknown | Promise<unknown> {
    const commit = (value: unknown): unknown => {
      committer.whole(value)
      return value
    }
    const value = this.#whole(range)
    return value instanceof Promise ? value.then(commit) : commit(value)
  }

  /** A leaf by `computeRange`. */
  #whole (range: Range): unknown | Promise<unknown> {
    const held = this.#signalled()
    if (held !== null) return held.then(() => this.#whole(range))
    this.#begin(range.from)
    this.#init.random.restart(SEED_PARTITION, range.from, range.to)
    const output = this.#init.computeRange!(range.from, range.to, this.#init.ctx)
    return isThenable(output) ? Promise.resolve(output).then(normal) : normal(output)
  }

  /** One `collect` over values in their normal form. */
  collect (range: Range, values: unknown[]): unknown | Promise<unknown> {
    this.#begin(COLLECTING - this.#collects++ % 0x100000000)
    this.#init.random.restart(SEED_COLLECT, range.from, range.to)
    const output = this.#init.collect!(values, this.#init.ctx)
    return isThenable(output) ? Promise.resolve(output).then(normal) : normal(output)
  }

  /** Does the job take two values whose bytes differ for the same? Not where it does not say. */
  async equal (a: unknown, b: unknown): Promise<boolean> {
    const { equal, ctx, random } = this.#init
    if (equal === undefined) return false
    this.#begin(COLLECTING - this.#collects++ % 0x100000000)
    random.restart(SEED_COLLECT, 0, 0)
    return await equal(a, b, ctx) === true
  }

  /**
   * Compute a range's partitions into a sink until it is full.
   *
   * @returns the first partition not computed; a promise of it where job code, inputs or the keeper make it wait
   */
  each (range: Range, inputs: InputCursor | null, sink: Sink): number | Promise<number> {
    const end = this.#run(range.from, range.to, inputs, sink)
    return typeof end === 'number' ? end : this.#rest(end, range.to, inputs, sink)
  }

  async #rest (wait: Wait, to: number, inputs: InputCursor | null, sink: Sink): Promise<number> {
    for (let next = wait; ;) {
      const { at, output, until } = next
      if (output !== null) this.#take(sink, await output)
      else await until
      const end = this.#run(output === null ? at : at + 1, to, inputs, sink)
      if (typeof end === 'number') return end
      next = end
    }
  }

  /** The hot loop: partitions one after the other until something has to be waited for. */
  #run (from: number, to: number, inputs: InputCursor | null, sink: Sink): Wait | number {
    const gauge = this.#gauge
    const { random, ctx, onCall } = this.#init
    const compute = this.#init.compute!
    for (let at = from; at < to; at++) {
      if (sink.full) return at
      if (gauge[SIGNAL] !== GO) {
        const until = this.#signalled()
        if (until !== null) return { at, output: null, until }
      }
      let input: unknown
      if (inputs !== null) {
        if (!inputs.has(at)) {
          gauge[CALL] = IDLE
          return { at, output: null, until: inputs.load(at) }
        }
        input = inputs.take(at)
      }
      gauge[CALL] = at
      if (onCall !== null) onCall(at)
      random.restart(SEED_PARTITION, at, at)
      const output: unknown = compute(at, input, ctx)
      if (isThenable(output)) return { at, output, until: null }
      this.#take(sink, output)
    }
    return to
  }

  #take (sink: Sink, output: unknown): void {
    try {
      sink.take(output)
    } catch (error) {
      throw new OutputError(error as Error)
    }
  }

  /** One leaf's outputs by `computeRange` into a sink, full or not. */
  async whole (leaf: Range, sink: Sink): Promise<void> {
    await this.#signalled()
    this.#begin(leaf.from)
    this.#init.random.restart(SEED_PARTITION, leaf.from, leaf.to)
    const outputs: unknown = await this.#init.computeRange!(leaf.from, leaf.to, this.#init.ctx)
    if (!Array.isArray(outputs) || outputs.length !== sizeOf(leaf)) {
      throw new OutputError(new Error(`computeRange must return an array of ${sizeOf(leaf)} outputs, one a partition`))
    }
    for (let i = 0; i < outputs.length; i++) {
      this.#gauge[CALL] = leaf.from + i
      this.#take(sink, outputs[i])
    }
  }

  #begin (call: number): void {
    this.#gauge[CALL] = call
    this.#init.onCall?.(call)
  }

  /** Null to go on; a promise to wait for. */
  #signalled (): Promise<void> | null {
    const signal = this.#gauge[SIGNAL]
    if (signal === GO) return null
    this.#gauge[CALL] = IDLE
    if (signal === PAUSE) return this.#init.resume()
    throw new StoppedError()
  }
}

/** Why the hot loop stopped at a partition: its output is to come, or something else before it. */
type Wait = { at: number, output: PromiseLike<unknown>, until: null } | { at: number, output: null, until: Promise<void> }

function normal (output: unknown): unknown {
  if (typeof output === 'number' && Number.isFinite(output)) return output === 0 ? 0 : output
  try {
    return normalise(output).value
  } catch (error) {
    throw new OutputError(error as Error)
  }
}

/** The leaves of a range that is a path's, in order. */
export function * leavesOf (geometry: Geometry, range: Range): Generator<Range> {
  if (isLeaf(geometry, range)) {
    yield range
    return
  }
  for (let digit = 0; digit < geometry.fanout; digit++) {
    const child = childRange(range, geometry.fanout, digit)
    if (sizeOf(child) > 0) yield * leavesOf(geometry, child)
  }
}
