/**
 * Serves one job to its page, inside the worker: loads the module, then runs requests one at a time. Job code can reach neither the
 * port nor anything else here. What it does to its own scope spoils no other job: a worker has one in its life.
 */
import { StoppedError } from '../../../protocol/job/runtime/errors.ts'
import { describeFailure, outOfMemory } from '../../../protocol/job/runtime/failure.ts'
import { CALL, GAUGE_LENGTH, IDLE, LOADING } from '../../../protocol/job/runtime/gauge.ts'
import { JobRunner } from '../../../protocol/job/runtime/job-runner.ts'
import { SeededRandom } from '../../../protocol/job/runtime/random.ts'
import { makeDeterministic } from '../../../protocol/job/runtime/realm.ts'
import { Budget, countBuffers } from './budget.ts'
import { moduleOf } from './load.ts'
import { makeLocal } from './local.ts'
import { natives, scope, turn } from './natives.ts'
import { Pace } from './pace.ts'
import type { InputChunk } from '../../../protocol/job/inputs.ts'
import type { Pack } from '../../../protocol/job/commitment/pack.ts'
import type { Piece } from '../../../protocol/job/runtime/listing.ts'
import type { Folded, Keeper } from '../../../protocol/job/runtime/job-runner.ts'
import type { Allowed, FromWorker, Kind, TabJob, ToRun, ToWorker } from '../messages.ts'

/** The request being served. */
interface Running {
  id: number
  onChunk: ((chunk: InputChunk | null) => void) | null
  /** Ends sleeps early. */
  sleepers: Set<() => void>
  /** Milliseconds spent waiting for inputs. */
  waitedMs: number
  aborted: boolean
}

export class Server {
  readonly #port: MessagePort
  readonly #kind: Kind
  readonly #gauge = new Float64Array(GAUGE_LENGTH)
  readonly #budget: Budget
  readonly #pace: Pace
  #running: Running | null = null
  #runner: JobRunner | null = null
  #takesInputs = false

  /** @param port - leads to the page, and nowhere else */
  constructor (port: MessagePort, kind: Kind, allowed: Allowed) {
    this.#port = port
    this.#kind = kind
    this.#gauge[CALL] = IDLE
    this.#budget = new Budget(allowed.memoryMb, () => this.#over(allowed.memoryMb))
    this.#pace = new Pace(this.#gauge, (call, calls, exact) => { this.#tell({ type: 'at', call, calls, exact }) }, () => this.#budget.wantsTurn)
    this.#pace.setDuty(allowed.duty)
    port.onmessage = ({ data }: MessageEvent<ToWorker>) => { this.#on(data) }
    this.#tell({ type: 'ready' })
  }

  #on (message: ToWorker): void {
    const running = this.#running
    switch (message.type) {
      case 'open':
        this.#pace.tellMs = message.tellMs
        void this.#open(message.job)
        break
      case 'compute':
      case 'collect':
      case 'outputs':
      case 'folds':
      case 'equal': void this.#run(message); break
      case 'chunk': if (running?.id === message.id) running.onChunk?.(message.chunk); break
      case 'abort': if (running?.id === message.id) this.#abort(running); break
      case 'duty': this.#pace.setDuty(message.duty); break
      case 'where': this.#pace.tell(); break
      default: message satisfies never
    }
  }

  #tell (message: FromWorker, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer)
  }

  /** Too much memory: job code may catch the error, but not what is told. */
  #over (memoryMb: number): Error {
    const why = outOfMemory(this.#gauge[CALL]!, memoryMb)
    if (this.#running === null) this.#tell({ type: 'opened', why, asksGpu: false })
    else this.#tell({ type: 'failed', id: this.#running.id, why })
    return new RangeError('Array buffer allocation failed')
  }

  async #open (job: TabJob): Promise<void> {
    this.#gauge[CALL] = LOADING
    this.#takesInputs = job.takesInputs
    const random = new SeededRandom(job.seed)
    try {
      makeLocal(scope)
      countBuffers(scope, this.#budget)
      makeDeterministic(scope, () => random.next())
      const module = await moduleOf(job.bundle)
      const asksGpu = module.gpu === true
      // Where there is no WebGPU, the page is told and runs it where there is.
      if (!asksGpu || this.#kind === 'gpu') {
        this.#runner = await JobRunner.open({ ...job, module, gauge: this.#gauge, random, gpu: natives.gpu, keeper: this.#keeper() })
      }
      this.#tell({ type: 'opened', why: null, asksGpu })
    } catch (error) {
      this.#tell({ type: 'opened', why: describeFailure(error, LOADING), asksGpu: false })
    } finally {
      this.#gauge[CALL] = IDLE
    }
  }

  #keeper (): Keeper {
    return {
      sleep: ms => this.#sleep(ms),
      resume: async () => {
        await this.#pace.resume()
        this.#budget.turned()
      },
      onCall: this.#pace.onCall
    }
  }

  #sleep (ms: number): Promise<void> {
    return new Promise(resolve => {
      const request = this.#running
      if (request !== null && request.aborted) {
        resolve()
        return
      }
      const wake = (): void => {
        natives.clearTimeout(timer)
        request?.sleepers.delete(wake)
        resolve()
      }
      const timer = natives.setTimeout(wake, ms)
      request?.sleepers.add(wake)
    })
  }

  async #run (request: ToRun): Promise<void> {
    const { id } = request
    const mine: Running = this.#running = { id, onChunk: null, sleepers: new Set(), waitedMs: 0, aborted: false }
    const start = natives.clock()
    this.#pace.begin(request.tellFrom)
    let ended: FromWorker
    try {
      const value = await this.#valueOf(request)
      ended = { type: 'done', id, bytes: value?.bytes ?? null, nodes: piece(value?.nodes ?? null), ms: natives.clock() - start - mine.waitedMs - this.#pace.restedMs }
    } catch (error) {
      ended = error instanceof StoppedError ? { type: 'stopped', id } : { type: 'failed', id, why: describeFailure(error, this.#gauge[CALL]!) }
    }
    this.#gauge[CALL] = IDLE
    this.#running = null
    this.#tell(mine.aborted ? { type: 'stopped', id } : ended)
  }

  /** The value, or null when pieces told it. */
  async #valueOf (request: ToRun): Promise<Folded | null> {
    const runner = this.#runner!
    const inputs = this.#takesInputs ? () => this.#chunk() : null
    switch (request.type) {
      case 'compute': return await this.#computed(request.id, runner.compute(request.range, inputs))
      case 'collect': return alone(await runner.collect(request.range, request.values))
      case 'outputs': return alone(await runner.outputs(request.partitions, inputs))
      case 'folds': return alone(await runner.folds(request.folds))
      case 'equal': return alone(await runner.equal(request.a, request.b))
      default: return request satisfies never
    }
  }

  async #computed (id: number, pieces: AsyncGenerator<Piece, Folded | null>): Promise<Folded | null> {
    for (;;) {
      const { done, value } = await pieces.next()
      if (done === true) return value
      const { bytes, ends } = value
      // A copy: the piece may lie in a larger buffer.
      const own = bytes.slice()
      this.#tell({ type: 'piece', id, bytes: own, ends }, [own.buffer, ends.buffer])
      await turn()
    }
  }

  async #chunk (): Promise<InputChunk | null> {
    const request = this.#running
    if (request === null || request.aborted) return null
    const start = natives.clock()
    const next = await new Promise<InputChunk | null>(resolve => {
      request.onChunk = resolve
      this.#tell({ type: 'want', id: request.id })
    })
    request.waitedMs += natives.clock() - start
    return next
  }

  #abort (running: Running): void {
    running.aborted = true
    this.#pace.stop()
    running.onChunk?.(null)
    for (const wake of running.sleepers) wake()
  }
}

const alone = (bytes: Uint8Array): Folded => ({ bytes, nodes: null })

const piece = (nodes: Pack | null): Piece | null => nodes === null ? null : { bytes: nodes.bytes, ends: Uint32Array.from(nodes.ends) }
