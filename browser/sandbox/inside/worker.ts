/**
 * The script that runs in a sandbox's worker, before and around job code: keeps what it needs, makes the scope bare and the
 * same everywhere, then serves requests that come over one port. Job code can reach neither the port nor anything else
 * that leads out. One job in a worker's life, so what it does to its own scope spoils no other.
 */
import { StoppedError } from '../../../protocol/job/runtime/errors.ts'
import { describeFailure, outOfMemory } from '../../../protocol/job/runtime/failure.ts'
import { CALL, GAUGE_LENGTH, IDLE, LOADING } from '../../../protocol/job/runtime/gauge.ts'
import { JobRunner } from '../../../protocol/job/runtime/job-runner.ts'
import { SeededRandom } from '../../../protocol/job/runtime/random.ts'
import { makeDeterministic } from '../../../protocol/job/runtime/realm.ts'
import { makeBare } from './bare.ts'
import { Budget, countBuffers } from './budget.ts'
import { moduleOf } from './load.ts'
import { makeLocal } from './local.ts'
import { natives, scope, turn } from './natives.ts'
import { Pace } from './pace.ts'
import type { InputChunk } from '../../../protocol/job/inputs.ts'
import type { Allowed, FromWorker, Kind, TabJob, ToWorker } from '../messages.ts'

type Request = Extract<ToWorker, { type: 'compute' | 'collect' }>

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

/** @param port - leads to the page, and nowhere else */
function serve (port: MessagePort, kind: Kind, allowed: Allowed): void {
  const tell = (message: FromWorker, transfer: Transferable[] = []): void => { port.postMessage(message, transfer) }
  const gauge = new Float64Array(GAUGE_LENGTH)
  gauge[CALL] = IDLE
  let running: Running | null = null
  let runner: JobRunner
  let takesInputs = false

  const budget = new Budget(allowed.memoryMb, () => {
    const why = outOfMemory(gauge[CALL]!, allowed.memoryMb)
    // Job code may catch the error, but not this.
    if (running === null) tell({ type: 'opened', why, asksGpu: false })
    else tell({ type: 'failed', id: running.id, why })
    return new RangeError('Array buffer allocation failed')
  })
  const pace = new Pace(gauge, (call, calls, exact) => { tell({ type: 'at', call, calls, exact }) }, () => budget.wantsTurn)
  pace.setDuty(allowed.duty)

  const sleep = (ms: number): Promise<void> => new Promise(resolve => {
    const request = running
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
  const resume = async (): Promise<void> => {
    await pace.resume()
    budget.turned()
  }

  async function open (job: TabJob): Promise<void> {
    gauge[CALL] = LOADING
    takesInputs = job.takesInputs
    const random = new SeededRandom(job.seed)
    try {
      makeLocal(scope)
      countBuffers(scope, budget)
      makeDeterministic(scope, () => random.next())
      const module = await moduleOf(job.bundle)
      const asksGpu = module.gpu === true
      if (asksGpu && kind !== 'gpu') return tell({ type: 'opened', why: null, asksGpu })
      runner = await JobRunner.open({ ...job, module, gauge, random, gpu: natives.gpu, keeper: { sleep, resume, onCall: pace.onCall } })
      tell({ type: 'opened', why: null, asksGpu })
    } catch (error) {
      tell({ type: 'opened', why: describeFailure(error, LOADING), asksGpu: false })
    } finally {
      gauge[CALL] = IDLE
    }
  }

  async function chunk (): Promise<InputChunk | null> {
    const request = running
    if (request === null || request.aborted) return null
    const start = natives.clock()
    const next = await new Promise<InputChunk | null>(resolve => {
      request.onChunk = resolve
      tell({ type: 'want', id: request.id })
    })
    request.waitedMs += natives.clock() - start
    return next
  }

  /** The value's bytes, or null when pieces told it. */
  async function valueOf (request: Request): Promise<Uint8Array | null> {
    if (request.type === 'collect') return await runner.collect(request.range, request.values)
    const pieces = runner.compute(request.range, takesInputs ? chunk : null)
    for (;;) {
      const { done, value } = await pieces.next()
      if (done === true) return value
      const { bytes, ends } = value
      // A copy: the piece may lie in a larger buffer.
      const own = bytes.slice()
      tell({ type: 'piece', id: request.id, bytes: own, ends }, [own.buffer, ends.buffer])
      await turn()
    }
  }

  async function run (request: Request): Promise<void> {
    const { id } = request
    const mine: Running = running = { id, onChunk: null, sleepers: new Set(), waitedMs: 0, aborted: false }
    const start = natives.clock()
    pace.begin(request.tellFrom)
    let ended: FromWorker
    try {
      const bytes = await valueOf(request)
      ended = { type: 'done', id, bytes, ms: natives.clock() - start - mine.waitedMs - pace.restedMs }
    } catch (error) {
      ended = error instanceof StoppedError ? { type: 'stopped', id } : { type: 'failed', id, why: describeFailure(error, gauge[CALL]!) }
    }
    gauge[CALL] = IDLE
    running = null
    tell(mine.aborted ? { type: 'stopped', id } : ended)
  }

  function abort (id: number): void {
    if (running?.id !== id) return
    running.aborted = true
    pace.stop()
    running.onChunk?.(null)
    for (const wake of running.sleepers) wake()
  }

  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    switch (data.type) {
      case 'open': pace.tellMs = data.tellMs; void open(data.job); break
      case 'compute':
      case 'collect': void run(data); break
      case 'chunk': if (running?.id === data.id) running.onChunk?.(data.chunk); break
      case 'abort': abort(data.id); break
      case 'duty': pace.setDuty(data.duty); break
      case 'where': pace.tell(); break
      default: data satisfies never
    }
  }
  tell({ type: 'ready' })
}

scope['onmessage'] = ({ data, ports }: MessageEvent<{ kind: Kind, allowed: Allowed }>) => {
  scope['onmessage'] = null
  // The frame forgets the URL of this script, so that no other worker can be made of it.
  ;(scope['postMessage'] as (message: unknown) => void)('up')
  const { kind, allowed } = data
  makeBare(globalThis, kind === 'gpu' && natives.gpu !== null)
  serve(ports[0]!, kind, allowed)
}
