/**
 * The module ABI (DESIGN 5): what a job's author exports, as types. Nothing here runs; the submitter's
 * side is loaded by the platform's bundler, the sandbox's side by a Sandbox (sandbox.ts).
 */

/** WebGPU's `GPU`, where the author's own types know it (`@webgpu/types`). */
export type Gpu = typeof globalThis extends { GPU: { prototype: infer It } } ? It : any

/** What `compute`, `collect`, `setup` and `computeRange` are given besides their arguments. */
export interface Ctx<Params = any, Resources = any> {
  /** What the job was submitted with (`--params`), the same at every peer. Not to be changed. */
  readonly params: Params
  /** What `setup` returned; undefined where there is none. */
  readonly resources: Resources
  /**
   * A number in [0, 1), seeded by job and partition (in `collect`: by job and range), so that every peer
   * draws the same. `Math.random` is the same generator.
   */
  random (): number
  /**
   * Resolves after `ms` milliseconds. Partitions of one worker are computed one after the other, so
   * their sleeps do not overlap.
   */
  sleep (ms: number): Promise<void>
  /**
   * WebGPU, for a module that exports `gpu = true`, in tabs that have it; null everywhere else, in Node always. A value must be
   * the same with it and without: keep to integer arithmetic.
   */
  readonly gpu: Gpu | null
}

/** What goes on at the submitter, told to `log`. */
export type LogEvent =
  | { type: 'submitted', job: string, partitions: number }
  | { type: 'progress', done: number, partitions: number, rate: number, peers: number, levels: number }
  | { type: 'failed', message: string, partition: number, stack: string }
  | { type: 'done', result: unknown, wallMs: number, peers: number }

/** What `log` is given besides the event. */
export interface LogCtx<Params = any> {
  readonly params: Params
}

/** What may be counted or listed by `prepare`: N, or one input a partition. */
export type Prepared<Input = unknown> = number | Iterable<Input> | AsyncIterable<Input>

/** At the submitter, once: how many partitions, or their inputs. */
export type Prepare<Params = any, Input = any> = (params: Params) => Prepared<Input> | Promise<Prepared<Input>>

/** In the sandbox, once per partition; its output is a function of job, partition and input alone. */
export type Compute<Input = any, Output = any, Params = any, Resources = any> =
  (partition: number, input: Input, ctx: Ctx<Params, Resources>) => Output | Promise<Output>

/**
 * In the sandbox, at every level of the tree (G3): outputs in index order to one output. Its result is
 * given to `collect` again one level up, so it takes what it gives.
 */
export type Collect<Output = any, Params = any, Resources = any> =
  (outputs: Output[], ctx: Ctx<Params, Resources>) => Output | Promise<Output>

/** In the sandbox, once per worker: makes what is costly to make. Kept as `ctx.resources`. */
export type Setup<Params = any, Resources = any> =
  (params: Params, ctx: Ctx<Params, undefined>) => Resources | Promise<Resources>

/**
 * In the sandbox, instead of `compute`: partitions `from` up to, not including, `to` at once. With
 * `collect` what it returns is the leaf's value; without, it is the array of the outputs in order.
 * Not called when the job has inputs.
 */
export type ComputeRange<Output = any, Params = any, Resources = any> =
  (from: number, to: number, ctx: Ctx<Params, Resources>) => Output | Promise<Output>

/**
 * In the sandbox: are two outputs, or two values, of the same partitions the same? For jobs whose results differ in their last
 * bits from machine to machine, so that nobody is taken for a liar who is none (V6). Without it, they are when their bytes are.
 */
export type Equal<Output = any, Params = any, Resources = any> =
  (a: Output, b: Output, ctx: Ctx<Params, Resources>) => boolean | Promise<boolean>

/** At the submitter: progress, failures, the end. May print; what it returns is ignored. */
export type Log<Params = any> = (event: LogEvent, ctx: LogCtx<Params>) => void

/**
 * At the submitter, for a job without `collect`: turns the outputs, which stream in index order, into what is
 * written or given back instead of them (a picture from its tiles). Bytes it yields are written as they are.
 */
export type Assemble<Output = any, Params = any> =
  (outputs: AsyncIterable<Output>, ctx: LogCtx<Params>) => AsyncIterable<unknown>

/** A job's module. Either `compute` or `computeRange` must be there. */
export interface JobModule {
  /** Shown to people; the file's name by default. */
  name?: string
  prepare?: Prepare
  compute?: Compute
  computeRange?: ComputeRange
  collect?: Collect
  setup?: Setup
  equal?: Equal
  log?: Log
  assemble?: Assemble
  /** N, when neither `prepare` nor the command line says so. */
  partitions?: number
  /** F, when the command line does not say so. */
  fanout?: number
  /** g, partitions a leaf holds at most; a default fits N (G4). */
  grain?: number
  /** What `params` holds when the submitter gives nothing; given keys are laid over it. */
  params?: Record<string, unknown>
  /** How `--input` is cut: one string a line (the default) or one JSON value a line. */
  input?: 'lines' | 'ndjson'
  /** Wall-clock limit of one partition, milliseconds. */
  timeoutMs?: number
  /** How results are verified (V1), when the command line does not say so: `none`, `votes:M/N`, `adaptive`, `audit:RATE`. */
  trust?: string
  /**
   * True to seal params and inputs, so that only peers admitted to the private mesh can read them; `run --sealed` does the same. The results, this code
   * and all sizes are not sealed. In an open mesh such a job is refused.
   */
  sealed?: boolean
  /** True to be given WebGPU as `ctx.gpu` where there is one. */
  gpu?: boolean
}
