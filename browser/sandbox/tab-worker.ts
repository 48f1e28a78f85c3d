/**
 * One worker in its frame, as the sandbox sees it: given one job for its life and one request at a time, ended when job code ruins
 * it. What it says is data (check.ts); what it does is limited by its frame (build.ts) and watched (watch.ts).
 */
import { IDLE } from '../../protocol/job/runtime/gauge.ts'
import { outOfMemory, timedOut } from '../../protocol/job/runtime/failure.ts'
import { Frame, notStarted, started } from './frame.ts'
import { orAborted } from './gate.ts'
import { readWorker } from './check.ts'
import { Watch } from './watch.ts'
import type { JobId } from '../../protocol/core/ids.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'
import type { Piece } from '../../protocol/job/runtime/listing.ts'
import type { Allowed, FromWorker, Kind, TabJob, ToRun, ToWorker } from './messages.ts'
import type { Replay } from './replay.ts'

export type TabRequest = OfSandbox<ToRun>

type OfSandbox<T> = T extends unknown ? Omit<T, 'id' | 'tellFrom'> : never

/** How a request ended. */
export type TabEnd =
  | { type: 'done', bytes: Uint8Array | null, pieces: Piece[], nodes: Piece | null, ms: number }
  | { type: 'failed', why: PlainFailure }
  | { type: 'stopped' }
  /** It must be run where WebGPU is. */
  | { type: 'asks-gpu' }
  /** The worker is gone, at or after the call named; `calls` were told of. `alone`: others' workers may have gone with it. */
  | { type: 'lost', why: PlainFailure, calls: number, alone: boolean }

export interface TabWorkerInit {
  frameUrl: string
  kind: Kind
  allowed: Allowed
  loadMs: number
}

/** What a request runs with. */
export interface TabRun {
  job: JobId
  code: () => TabJob
  timeoutMs: number
  inputs: Replay | null
  tellFrom: number | null
}

/** Aborted job code may come to its next call within this time, then its worker is ended, milliseconds. A guess. */
const STOP_MS = 500
/** Calls are told at least this often, milliseconds; oftener where the limit is short. */
const TELL_MS = 100
/** Once another frame runs, one that shares its process and is alive answers at once, milliseconds. */
const PROBE_MS = 2_000

interface Pending {
  id: number
  run: TabRun
  request: TabRequest
  watch: Watch
  pieces: Piece[]
  /** What reading inputs rejected with. */
  fault: { error: unknown } | null
  isLooking: boolean
  end: (end: TabEnd) => void
}

export class TabWorker {
  readonly kind: Kind
  job: JobId | null = null
  readonly #init: TabWorkerInit
  readonly #frame: Frame
  readonly #ready = Promise.withResolvers<void>()
  #ids = 0
  #pending: Pending | null = null

  constructor (init: TabWorkerInit) {
    this.#init = init
    this.kind = init.kind
    this.#frame = new Frame(init.frameUrl, init.kind, init.allowed)
    this.#frame.port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = readWorker(data)
      if (message !== null) this.#on(message)
    }
    this.#ready.promise.catch(() => {})
    this.#frame.onAbsent = () => { this.#ready.reject(notStarted()) }
    this.#frame.onBroken = () => {
      if (this.#pending !== null) this.#lose(this.#pending, false)
      else this.end()
    }
  }

  get isEnded (): boolean {
    return this.#frame.isRemoved
  }

  /** Wait until it runs. @throws Error when it does not start */
  async started (): Promise<void> {
    await started(this.#ready.promise)
  }

  /**
   * Run one request; only one at a time, and of one job only.
   *
   * @throws Error when the frame does not start; what reading inputs rejects with
   */
  async run (request: TabRequest, run: TabRun, signal: AbortSignal): Promise<TabEnd> {
    const ended = Promise.withResolvers<TabEnd>()
    const id = ++this.#ids
    await orAborted(this.started(), signal)
    const pending: Pending = { id, run, request, watch: this.#watch(run.timeoutMs, () => pending), pieces: [], fault: null, isLooking: false, end: ended.resolve }
    this.#pending = pending
    const abort = (): void => { this.#abort(pending) }
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    if (this.job === null) this.#open(run)
    else this.#begin(pending)
    try {
      const end = await ended.promise
      if (pending.fault !== null) throw pending.fault.error
      return end
    } finally {
      signal.removeEventListener('abort', abort)
      pending.watch.end()
      this.#pending = null
    }
  }

  /** @param duty - share of the time from now on; 0 holds it at its next call */
  setDuty (duty: number): void {
    this.#tell({ type: 'duty', duty })
  }

  /** End the worker; a request that runs ends as stopped. */
  end (): void {
    this.#frame.remove()
    this.#ready.reject(new Error('the sandbox ended its worker'))
    this.#pending?.end({ type: 'stopped' })
  }

  #watch (timeoutMs: number, pending: () => Pending): Watch {
    return new Watch({
      timeoutMs,
      loadMs: this.#init.loadMs,
      ask: () => { this.#tell({ type: 'where' }) },
      ping: () => this.#frame.pong(),
      onTimeout: (call, limitMs, exact) => {
        const why = timedOut(call, limitMs)
        const { calls } = pending().watch.at
        this.#finish(pending(), exact ? { type: 'failed', why } : { type: 'lost', why, calls, alone: false })
      },
      onQuiet: () => { void this.#look(pending()) }
    })
  }

  #open ({ job, code, timeoutMs }: TabRun): void {
    this.job = job
    this.#tell({ type: 'open', job: code(), tellMs: Math.min(TELL_MS, timeoutMs / 4) })
  }

  #begin (pending: Pending): void {
    const { id, request, run, watch } = pending
    // The first call is about to begin; its name is told when it has gone on for a while.
    watch.heard(request.type === 'compute' ? request.range.from : IDLE, 0, false)
    this.#tell({ ...request, id, tellFrom: run.tellFrom })
  }

  #on (message: FromWorker): void {
    if (message.type === 'ready') return this.#ready.resolve()
    const pending = this.#pending
    if (pending === null) return
    switch (message.type) {
      case 'opened': this.#opened(pending, message); return
      case 'at':
        if (message.call === IDLE) pending.watch.idle()
        else pending.watch.heard(message.call, message.calls, message.exact)
        return
    }
    if (message.id !== pending.id) return
    pending.watch.alive()
    switch (message.type) {
      case 'want': void this.#feed(pending); break
      case 'piece': pending.pieces.push(message); break
      case 'done': pending.end({ type: 'done', bytes: message.bytes, pieces: pending.pieces, nodes: message.nodes, ms: message.ms }); break
      case 'stopped': pending.end({ type: 'stopped' }); break
      case 'failed':
        // What it holds may be all there is.
        if (message.why.kind === 'memory') this.#finish(pending, { type: 'failed', why: message.why })
        else pending.end({ type: 'failed', why: message.why })
        break
      default: message satisfies never
    }
  }

  #opened (pending: Pending, { why, asksGpu }: Extract<FromWorker, { type: 'opened' }>): void {
    if (why !== null) this.#finish(pending, { type: 'failed', why })
    else if (asksGpu && this.kind !== 'gpu') this.#finish(pending, { type: 'asks-gpu' })
    else this.#begin(pending)
  }

  async #feed (pending: Pending): Promise<void> {
    pending.watch.idle()
    try {
      const chunk = await pending.run.inputs?.next() ?? null
      pending.watch.busy()
      this.#tell({ type: 'chunk', id: pending.id, chunk })
    } catch (error) {
      pending.fault = { error }
      this.#abort(pending)
    }
  }

  #abort (pending: Pending): void {
    this.#tell({ type: 'abort', id: pending.id })
    setTimeout(() => { if (this.#pending === pending) this.end() }, STOP_MS)
  }

  /** The frame does not answer: if another one starts and it still does not, its process is gone. */
  async #look (pending: Pending): Promise<void> {
    if (pending.isLooking) return
    pending.isLooking = true
    const probe = new TabWorker({ ...this.#init, kind: 'plain' })
    try {
      await probe.started().catch(() => {})
      const late = new Promise<'late'>(resolve => { setTimeout(resolve, PROBE_MS, 'late') })
      if (await Promise.race([this.#frame.pong(), late]) === 'late' && this.#pending === pending) this.#lose(pending, true)
    } finally {
      pending.isLooking = false
      probe.end()
    }
  }

  #lose (pending: Pending, alone: boolean): void {
    const { call, calls, exact } = pending.watch.at
    const why = outOfMemory(call, this.#init.allowed.memoryMb)
    this.#finish(pending, exact && !alone ? { type: 'failed', why } : { type: 'lost', why, calls, alone })
  }

  /** End a request that ruined its worker. */
  #finish (pending: Pending, end: TabEnd): void {
    pending.end(end)
    this.end()
  }

  #tell (message: ToWorker): void {
    this.#frame.port.postMessage(message)
  }
}
