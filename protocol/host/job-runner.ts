/**
 * Performs the core's `compute`, `collect` and `fetch` effects: gets what they need (bundle, params, inputs, values that
 * travelled as blocks), runs them behind the sandbox port, stores the blocks they make and answers with exactly
 * one Input, or none when cancelled. It decides nothing: what to compute, and what to do when it fails, is the
 * core's part (rows `leased`, `computed`, `rolled up`).
 */
import { rangeOf, sizeOf } from '../core/geometry.ts'
import { NO_SALT, SALT_BYTES } from '../core/salt.ts'
import { Workshop } from './verify/workshop.ts'
import { cidOfDag } from '../job/cid.ts'
import { encodeFamily, isInline } from './verify/family.ts'
import { isCommitted } from '../job/commitment/commits.ts'
import { statementBytes } from './verify/statement.ts'
import { opener, opening } from '../job/sealed.ts'
import { readInputs } from '../job/inputs.ts'
import { SandboxError } from '../job/sandbox.ts'
import type { BlockFetcher } from './block-fetcher.ts'
import type { Bookkeeper } from './credit/bookkeeper.ts'
import type { Cid, JobId, Path, PeerId } from '../core/ids.ts'
import type { Credit } from '../core/credit.ts'
import type { Input } from '../core/input.ts'
import type { JobBlocks } from './job-blocks.ts'
import type { JobCode, Output, Sandbox } from '../job/sandbox.ts'
import type { Commitment, JobSpec, Value } from '../core/job.ts'
import type { Pack } from '../job/commitment/pack.ts'
import type { Packs } from './verify/packs.ts'
import type { Verify } from './cancelled.ts'

export interface JobRunnerInit {
  /** Null where nothing is ever computed: every request then fails as `unavailable`. */
  sandbox: Sandbox | null
  fetcher: BlockFetcher
  blocks: JobBlocks
  /** Values up to this many bytes travel inside messages. */
  inlineBytesMax: number
  /** Whom to ask for a job's blocks, best first. */
  sources: (job: JobId) => PeerId[]
  /** Who did what below a value, and what was made here (K3, K5). */
  credit: Pick<Bookkeeper, 'fold' | 'onMade'>
  answer: (input: Input) => void
  /** Sign with the own key: values of jobs that ask for trust (V2). */
  sign: (bytes: Uint8Array) => Promise<Uint8Array>
  verify: Verify
  /** What this peer commits to. */
  packs: Packs
  /** What sealed jobs are read with (A8); null or nothing in an open mesh. */
  readingKey?: Uint8Array | null
}

/** Between tries to get a block, doubled each time up to the last, milliseconds: about six seconds in all, one lease. A guess. */
const RETRY_MS = 200
const RETRY_MS_MAX = 3_200

/** What a sandbox made, with who did what below it, and the root that its maker is bound to; null where nobody is (V2). */
type Made = Output & { credit?: Credit | null, root: Cid | null }

const runKey = (job: JobId, path: Path): string => `${job} ${path}`

export class JobRunner {
  readonly #init: JobRunnerInit
  readonly #code = new Map<JobId, Promise<JobCode>>()
  readonly #computes = new Map<string, AbortController>()
  readonly #collects = new Map<string, AbortController>()
  readonly #closing = new AbortController()

  constructor (init: JobRunnerInit) {
    this.#init = init
  }

  compute (job: JobId, spec: JobSpec, path: Path): void {
    this.#run(this.#computes, job, spec, path, async (sandbox, code, signal) => {
      const range = rangeOf(spec, path)
      if (range === null) throw new Error(`there is no path ${path} in this job`)
      const get = async (cid: Cid): Promise<Uint8Array> => await this.#block(job, cid, signal)
      const inputs = spec.inputs === null ? null : readInputs(opening(spec, this.#init.readingKey ?? null, get), spec.inputs, range.from, range.to)
      const output = await sandbox.compute({ code, path, inputs }, signal)
      if (output.commits !== null) this.#init.packs.put(job, path, output.commits)
      return { ...output, root: output.commits?.root ?? null }
    })
  }

  collect (job: JobId, spec: JobSpec, path: Path, values: Value[]): void {
    this.#run(this.#collects, job, spec, path, async (sandbox, code, signal) => {
      const bytes: Uint8Array[] = []
      for (const value of values) bytes.push(value.bytes ?? await this.#block(job, value.cid, signal))
      const credit = this.#init.credit.fold(job, spec, path, values)
      const output = await sandbox.collect({ code, path, values: bytes }, signal)
      if (output.links) await this.#keepChildren(job, values)
      return { ...output, credit: await credit, root: isCommitted(spec) ? await this.#putFamily(job, output, values) : null }
    })
  }

  /** Get every block below a content id for a job. */
  fetch (job: JobId, cid: Cid, from: PeerId[]): void {
    const { fetcher, blocks, answer } = this.#init
    blocks.gather(fetcher, job, cid, from, this.#closing.signal).then(
      () => { answer({ type: 'fetched', job, cid }) },
      () => { answer({ type: 'unfetchable', job, cid }) }
    )
  }

  /** Stop one compute, running or waiting; nothing is answered. */
  cancelCompute (job: JobId, path: Path): void {
    this.#computes.get(runKey(job, path))?.abort()
    this.#computes.delete(runKey(job, path))
  }

  /** Stop everything of a job and drop what is kept for it. */
  forget (job: JobId): void {
    this.#abort(`${job} `)
    this.#code.delete(job)
    this.#init.sandbox?.forget(job)
  }

  /** Stop everything. */
  close (): void {
    this.#closing.abort()
    this.#abort('')
  }

  #abort (prefix: string): void {
    for (const runs of [this.#computes, this.#collects]) {
      for (const [key, controller] of runs) {
        if (!key.startsWith(prefix)) continue
        controller.abort()
        runs.delete(key)
      }
    }
  }

  #run (
    runs: Map<string, AbortController>, job: JobId, spec: JobSpec, path: Path,
    work: (sandbox: Sandbox, code: JobCode, signal: AbortSignal) => Promise<Made>
  ): void {
    const key = runKey(job, path)
    runs.get(key)?.abort()
    const controller = new AbortController()
    runs.set(key, controller)
    const { signal } = controller
    const run = async (): Promise<Input> => {
      const { sandbox } = this.#init
      if (sandbox === null) throw new Error('this peer has no sandbox')
      return await this.#computed(job, spec, path, await work(sandbox, await this.#codeOf(job, spec), signal))
    }
    run().catch((error: unknown): Input => ({ type: 'compute-failed', job, why: failureOf(error, path) })).then(input => {
      if (signal.aborted) return
      if (runs.get(key) === controller) runs.delete(key)
      if (input.type === 'computed' && runs === this.#computes) this.#init.credit.onMade(job, path)
      this.#init.answer(input)
    }, () => {})
  }

  async #computed (job: JobId, spec: JobSpec, path: Path, output: Made): Promise<Input> {
    const { bytes, cid, links, ms, credit = null, root } = output
    for (const block of output.blocks) await this.#init.blocks.put(job, block.cid, block.bytes)
    const isInline = bytes.length <= this.#init.inlineBytesMax
    if (!isInline || links) await this.#init.blocks.put(job, cid, bytes)
    if (links) this.#init.blocks.wholesOf(job).add(cid)
    const range = rangeOf(spec, path)
    const count = range === null ? 0 : sizeOf(range)
    return { type: 'computed', job, value: { path, count, cid, bytes: isInline ? bytes : null, links, credit }, ms, commitment: await this.#commitment(job, spec, path, cid, root), salt: saltOf(spec) }
  }

  async #commitment (job: JobId, spec: JobSpec, path: Path, cid: Cid, root: Cid | null): Promise<Commitment | null> {
    if (!isCommitted(spec)) return null
    if (root === null) throw new Error('the sandbox committed to nothing')
    return { root, signature: await this.#init.sign(statementBytes({ job, path, cid, root })) }
  }

  /** Keep what a folded value was folded from, so that anybody can go down from it (V2). */
  async #putFamily (job: JobId, { cid, bytes, links }: Output, values: Value[]): Promise<Cid> {
    const isBlock = links || bytes.length > this.#init.inlineBytesMax
    for (const value of values) if (value.bytes !== null && !isInline(value.bytes)) await this.#init.blocks.put(job, value.cid, value.bytes)
    const family = encodeFamily(isBlock ? cid : null, values)
    const root = cidOfDag(family)
    await this.#init.blocks.put(job, root, family)
    return root
  }

  /** What is needed to look into others' values of a job (V4). */
  async workshop (job: JobId, spec: JobSpec, signal: AbortSignal): Promise<Workshop> {
    const { sandbox, verify } = this.#init
    if (sandbox === null) throw new Error('this peer has no sandbox')
    const block = async (cid: Cid): Promise<Uint8Array> => await this.#block(job, cid, signal)
    return new Workshop({ code: await this.#codeOf(job, spec), sandbox, block, inputs: opening(spec, this.#init.readingKey ?? null, block), verify, signal })
  }

  /** Compute a bite again whose nodes were let go. @returns them; null where there are none */
  async recommit (job: JobId, spec: JobSpec, path: Path): Promise<Pack | null> {
    const { commits } = await (await this.workshop(job, spec, this.#closing.signal)).compute(path)
    if (commits !== null) this.#init.packs.put(job, path, commits)
    return commits?.nodes ?? null
  }

  /** A gathered value links its children's values, which may have come inside messages. */
  async #keepChildren (job: JobId, values: Value[]): Promise<void> {
    for (const { cid, bytes } of values) {
      if (bytes !== null) await this.#init.blocks.put(job, cid, bytes)
    }
  }

  /** Whoever has the block may be about to connect, so a block nobody has is asked for a few times. */
  async #block (job: JobId, cid: Cid, signal: AbortSignal): Promise<Uint8Array> {
    for (let waitMs = RETRY_MS; ; waitMs *= 2) {
      try {
        const bytes = await this.#init.fetcher.get(cid, () => this.#init.sources(job), signal)
        this.#init.blocks.note(job, cid)
        return bytes
      } catch (error) {
        if (waitMs > RETRY_MS_MAX || signal.aborted) throw error
        await new Promise(resolve => setTimeout(resolve, waitMs))
      }
    }
  }

  /** Bundle and params, fetched once for all computes of a job. */
  #codeOf (job: JobId, spec: JobSpec): Promise<JobCode> {
    const known = this.#code.get(job)
    if (known !== undefined) return known
    const { signal } = this.#closing
    const code = Promise.all([this.#block(job, spec.bundle, signal), this.#block(job, spec.params, signal)])
      .then(([bundle, params]) => ({ job, spec, bundle, params: opener(spec, this.#init.readingKey ?? null)(params) }))
    this.#code.set(job, code)
    code.catch(() => { this.#code.delete(job) })
    return code
  }
}

function failureOf (error: unknown, path: Path): SandboxError['why'] {
  if (error instanceof SandboxError) return error.why
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'unavailable', path, partition: -1, message, stack: '' }
}

/** Only what is voted on needs one (V3). */
const saltOf = ({ trust }: JobSpec): Uint8Array =>
  trust.type === 'votes' || trust.type === 'adaptive' ? crypto.getRandomValues(new Uint8Array(SALT_BYTES)) : NO_SALT
