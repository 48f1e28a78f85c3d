/**
 * The Sandbox of tabs (DESIGN 6): a worker in a frame of its own for each request that runs, kept for the next of the same job.
 * Computes wait in order for a core; collects never wait for them. A request whose worker was lost before it was known at
 * which call is run once more with every call told, by itself when other workers were lost with it. Values are gathered
 * and named here, never by the worker.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { ROOT, rangeOf, sizeOf } from '../../protocol/core/geometry.ts'
import { cidOfDag } from '../../protocol/job/cid.ts'
import { commitsOf, itemsCommitted } from '../../protocol/job/commitment/commits.ts'
import { decodeValue } from '../../protocol/job/value.ts'
import { joinFolds } from '../../protocol/job/folds.ts'
import { gatherInner, gatherRange } from '../../protocol/job/gathered.ts'
import { joinPieces } from '../../protocol/job/runtime/listing.ts'
import { SandboxError } from '../../protocol/job/sandbox.ts'
import { mapStack } from '../../protocol/job/stack.ts'
import { Cores } from './cores.ts'
import { Gate, orAborted } from './gate.ts'
import { Replay } from './replay.ts'
import { Workers } from './workers.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { JobId, Path } from '../../protocol/core/ids.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'
import type { CollectRequest, ComputeRequest, EqualRequest, FoldsRequest, JobCode, Output, OutputsRequest, Sandbox } from '../../protocol/job/sandbox.ts'
import type { TabJob } from './messages.ts'
import type { TabEnd, TabRequest, TabWorker } from './tab-worker.ts'

export interface TabSandboxInit {
  /** Partitions computed at once; 0 for a tab that only collects. */
  cores: number
  /**
   * Memory of one worker's buffers, MB; 8 at least, 256 by default. What is not counted (budget.ts) ends with the engine's own
   * limit, a few GB, and the frame's process with it; the page lives on where a browser gives such frames a process.
   */
  memoryMb?: number
  /** Share of the time that job code may run, above 0 up to 1, the default. */
  duty?: number
  /** Limit of loading a module and its `setup`, milliseconds; the job's own limit where that is longer. */
  loadMs?: number
  /** URL of the frame's document, made by build.ts; `sandbox.html` beside the page by default. */
  frameUrl?: string
}

/** A sandbox whose limits may change while it runs. */
export interface TabSandbox extends Sandbox {
  /** @param share - of the time, above 0 up to 1, from now on */
  setDuty (share: number): void
  /**
   * @param cores - from now on. With fewer, the youngest computes rest at their next call until there are more again, or until
   *   they are aborted; 0 rests all. Collects go on.
   */
  setCores (cores: number): void
  /** Work is near: start a frame ahead of the first request, where there are cores and none waits. Until then nothing is loaded. */
  warm (): void
}

/** Little enough for a phone, and as much as Node's sandbox gives. A guess. */
const MEMORY_MB = 256
/** `setup` may be costly, but a volunteer must not hang in it. A guess. */
const LOAD_MS = 60_000
/** A collect waits this long for a worker of its job before another is started, milliseconds: about what that takes. */
const COLLECT_WAIT_MS = 100

/**
 * A sandbox of frames in this page. Nothing is loaded before the first request, or `warm`.
 *
 * @throws Error when a limit makes no sense
 */
export function createTabSandbox (init: TabSandboxInit): TabSandbox {
  const { cores, memoryMb = MEMORY_MB, duty = 1, loadMs = LOAD_MS, frameUrl = 'sandbox.html' } = init
  if (!(memoryMb >= 8)) throw new Error(`a sandbox needs at least 8 MB, not ${memoryMb}`)
  return new Tabs({ cores: checkedCores(cores), memoryMb, duty: checkedDuty(duty), loadMs, frameUrl: new URL(frameUrl, document.baseURI).href })
}

function checkedCores (cores: number): number {
  if (!Number.isInteger(cores) || cores < 0) throw new Error(`a sandbox cannot have this many cores: ${cores}`)
  return cores
}

function checkedDuty (duty: number): number {
  if (!(duty > 0 && duty <= 1)) throw new Error(`the duty must be above 0 and at most 1, not ${duty}`)
  return duty
}

type Ended = Extract<TabEnd, { type: 'done' }>

class Tabs implements TabSandbox {
  readonly #cores: Cores
  readonly #workers: Workers
  readonly #gate = new Gate()
  /** By job: the collect that came last. Each job's run one after the other. */
  readonly #collects = new Map<JobId, Promise<unknown>>()
  readonly #closing = new AbortController()
  /** Computes that run, the oldest first, with the worker each has just now. */
  readonly #computing = new Map<symbol, TabWorker | null>()
  #duty: number

  constructor (init: Required<TabSandboxInit>) {
    this.#cores = new Cores(init.cores)
    this.#duty = init.duty
    this.#workers = new Workers(init)
  }

  get cores (): number {
    return this.#cores.count
  }

  setCores (cores: number): void {
    this.#cores.setCount(checkedCores(cores))
    this.#applyDuty()
  }

  warm (): void {
    if (this.cores > 0) this.#workers.warm()
  }

  setDuty (share: number): void {
    this.#duty = checkedDuty(share)
    this.#workers.setDuty(this.#duty)
    this.#applyDuty()
  }

  async compute ({ code, path, inputs, aside = false }: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const range = rangeIn(code, path)
    if (aside) return outputOf(await this.#replayed({ type: 'compute', range }, code, path, inputs, signal), range, code, path)
    const either = AbortSignal.any([signal, this.#closing.signal])
    const release = await this.#cores.take(either)
    const mine = Symbol('compute')
    const replay = inputs === null ? null : new Replay(inputs)
    this.#computing.set(mine, null)
    try {
      return outputOf(await this.#run({ type: 'compute', range }, code, path, replay, either, worker => {
        this.#computing.set(mine, worker)
        this.#applyDuty()
      }), range, code, path)
    } finally {
      this.#computing.delete(mine)
      this.#applyDuty()
      release()
      await replay?.close()
    }
  }

  async collect ({ code, path, values }: CollectRequest, signal: AbortSignal): Promise<Output> {
    const range = rangeIn(code, path)
    signal.throwIfAborted()
    if (!code.spec.collect) return gathered(values, path)
    return outputOf(await this.#soon({ type: 'collect', range, values }, code, path, null, signal), range, code, path)
  }

  async outputs ({ code, partitions, inputs }: OutputsRequest, signal: AbortSignal): Promise<Uint8Array[] | null> {
    return listIn((await this.#replayed({ type: 'outputs', partitions }, code, ROOT, inputs, signal)).bytes)
  }

  async folds ({ code, folds }: FoldsRequest, signal: AbortSignal): Promise<Uint8Array[]> {
    const ranges = folds.map(({ path, values }) => ({ range: rangeIn(code, path), values }))
    return listIn((await this.#soon({ type: 'folds', folds: joinFolds(ranges) }, code, ROOT, null, signal)).bytes) ?? []
  }

  async equal ({ code, a, b }: EqualRequest, signal: AbortSignal): Promise<boolean> {
    if (!code.spec.equal) return false
    const { bytes } = await this.#soon({ type: 'equal', a, b }, code, ROOT, null, signal)
    return bytes !== null && decodeValue(bytes) === true
  }

  /** The same, with inputs that may have to be read again. */
  async #replayed (request: TabRequest, code: JobCode, path: Path, inputs: ComputeRequest['inputs'], signal: AbortSignal): Promise<Ended> {
    const replay = inputs === null ? null : new Replay(inputs)
    try {
      return await this.#soon(request, code, path, replay, signal)
    } finally {
      await replay?.close()
    }
  }

  /** Run what must not wait behind a long compute. */
  async #soon (request: TabRequest, code: JobCode, path: Path, inputs: Replay | null, signal: AbortSignal): Promise<Ended> {
    const either = AbortSignal.any([signal, this.#closing.signal])
    either.throwIfAborted()
    const turn = (this.#collects.get(code.job) ?? Promise.resolve()).then(async () => {
      await this.#workers.soon(code.job, COLLECT_WAIT_MS, either)
      return await this.#run(request, code, path, inputs, either, () => {})
    })
    const last = turn.catch(() => {})
    this.#collects.set(code.job, last)
    void last.then(() => { if (this.#collects.get(code.job) === last) this.#collects.delete(code.job) })
    return await orAborted(turn, either)
  }

  forget (job: JobId): void {
    this.#workers.forget(job)
  }

  async close (): Promise<void> {
    this.#closing.abort(new Error('the sandbox is closed'))
    this.#workers.close()
  }

  /** Computes beyond the cores rest. */
  #applyDuty (): void {
    let place = 0
    for (const worker of this.#computing.values()) worker?.setDuty(place++ < this.cores ? this.#duty : 0)
  }

  async #run (request: TabRequest, code: JobCode, path: Path, inputs: Replay | null, signal: AbortSignal, onWorker: (worker: TabWorker | null) => void): Promise<Ended> {
    let first: Extract<TabEnd, { type: 'lost' }> | null = null
    for (;;) {
      const end = await this.#once(request, code, inputs, first, signal, onWorker)
      switch (end.type) {
        case 'done': return end
        case 'failed': throw failure(end.why, code, path)
        case 'stopped':
          signal.throwIfAborted()
          throw new Error('the sandbox ended the request')
        case 'asks-gpu': this.#workers.wantGpu(code.job); break
        case 'lost':
          if (first !== null && (first.alone || !end.alone)) throw failure(end.why, code, path)
          if (inputs !== null && !inputs.canRestart) throw failure(end.why, code, path)
          first = end
          break
        default: end satisfies never
      }
      inputs?.restart()
    }
  }

  /** One try. @param lost - how the try before ended, if it did not tell enough */
  async #once (request: TabRequest, code: JobCode, inputs: Replay | null, lost: { calls: number, alone: boolean } | null, signal: AbortSignal, onWorker: (worker: TabWorker | null) => void): Promise<TabEnd> {
    const leave = await this.#gate.enter(lost?.alone ?? false, signal)
    const worker = this.#workers.take(code.job, this.#duty)
    try {
      onWorker(worker)
      const run = { job: code.job, code: () => tabJob(code), timeoutMs: code.spec.timeoutMs, inputs, tellFrom: lost === null ? null : lost.calls }
      return await worker.run(request, run, signal)
    } finally {
      onWorker(null)
      this.#workers.put(worker)
      leave()
    }
  }
}

function rangeIn ({ spec }: JobCode, path: Path): Range {
  const range = rangeOf(spec, path)
  if (range === null) throw new Error(`the job has no path ${path}`)
  return range
}

function tabJob ({ job, spec, bundle, params }: JobCode): TabJob {
  const hash = new DataView(sha256(new TextEncoder().encode(job)).buffer)
  return {
    geometry: { partitions: spec.partitions, fanout: spec.fanout, grain: spec.grain },
    collects: spec.collect,
    commits: itemsCommitted(spec),
    takesInputs: spec.inputs !== null,
    bundle,
    params,
    seed: Uint32Array.from({ length: 8 }, (_, word) => hash.getUint32(word * 4, true))
  }
}

function outputOf (end: Ended, range: Range, code: JobCode, path: Path): Output {
  const { bytes, pieces, nodes, ms } = end
  if (bytes !== null) {
    const cid = cidOfDag(bytes)
    return { bytes, cid, links: false, blocks: [], commits: commitsOf(code.spec, cid, nodes), ms }
  }
  const listed = joinPieces(pieces)
  if (listed.ends.length !== sizeOf(range)) throw failure({ kind: 'output', partition: -1, message: 'the job does not give an output for each partition', stack: '' }, code, path)
  const value = gatherRange(code.spec, range, listed)
  const cid = cidOfDag(value.bytes)
  return { bytes: value.bytes, cid, links: value.links, blocks: value.blocks, commits: commitsOf(code.spec, cid, null), ms }
}

/** A list of encoded outputs; what comes from a worker may be anything. */
function listIn (bytes: Uint8Array | null): Uint8Array[] | null {
  const list = bytes === null ? null : decodeValue(bytes)
  if (list === null) return null
  if (!Array.isArray(list) || !list.every(output => output instanceof Uint8Array)) throw new Error('the sandbox gave no outputs')
  return list
}

const failure = (why: PlainFailure, code: JobCode, path: Path): SandboxError =>
  new SandboxError({ ...why, path, stack: mapStack(why.stack, code.bundle) })

/** Without `collect`, no job code is needed. */
function gathered (values: Uint8Array[], path: Path): Output {
  const start = performance.now()
  try {
    const { bytes, links, blocks } = gatherInner(values)
    return { bytes, cid: cidOfDag(bytes), links, blocks, commits: null, ms: performance.now() - start }
  } catch (error) {
    throw new SandboxError({ kind: 'collect', path, partition: -1, message: (error as Error).message, stack: '' })
  }
}
