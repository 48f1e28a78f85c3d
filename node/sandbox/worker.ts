/**
 * The process in which strangers' code runs (DESIGN 6): started without rights to files, network,
 * processes or environment, it keeps one isolate a job and serves one request at a time. Ends when its
 * parent does.
 */
import { readFileSync } from 'node:fs'
import { describeFailure, outOfMemory } from '../../protocol/job/runtime/failure.ts'
import { CALL } from '../../protocol/job/runtime/gauge.ts'
import { JobIsolate } from './job-isolate.ts'
import { becomeBare, endSelf } from './bare.ts'
import { Watch } from './watch.ts'
import type ivm from 'isolated-vm'
import type { JobId } from '../../protocol/core/ids.ts'
import type { InputChunk } from '../../protocol/job/inputs.ts'
import type { Ended } from './job-isolate.ts'
import type { FromWorker, ToRun, ToWorker, WorkerConfig, WorkerJob } from './messages.ts'

const config = JSON.parse(process.argv[2]!) as WorkerConfig
const script = readFileSync(config.isolate, 'utf8')
const addon = { exports: {} as { ivm: typeof ivm } }
process.dlopen(addon, config.addon)
becomeBare(process)

/** The request being served. */
interface Running {
  id: number
  isolate: JobIsolate
  watch: Watch
  aborted: boolean
  /** Who waits for a chunk of inputs. */
  onChunk: ((chunk: InputChunk | null) => void) | null
  /** Ends sleeps early. */
  sleepers: Set<() => void>
  /** Milliseconds spent waiting for inputs. */
  waitedMs: number
}

const jobs = new Map<JobId, WorkerJob>()
const isolates = new Map<JobId, JobIsolate>()
let running: Running | null = null

const tell = (message: FromWorker): void => { process.send!(message) }

const asks = {
  chunk: async (): Promise<InputChunk | null> => {
    const request = running
    if (request === null || request.aborted) return null
    const start = performance.now()
    const chunk = await new Promise<InputChunk | null>(resolve => {
      request.onChunk = resolve
      tell({ type: 'want', id: request.id })
    })
    request.waitedMs += performance.now() - start
    return chunk
  },
  sleep: (ms: number): Promise<void> => new Promise(resolve => {
    const request = running
    if (request === null || request.aborted) {
      resolve()
      return
    }
    const wake = (): void => {
      clearTimeout(timer)
      request.sleepers.delete(wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    request.sleepers.add(wake)
  }),
  resume: (): Promise<void> => running?.watch.resumed() ?? Promise.resolve()
}

/** The isolate of a job, not loaded when new. */
function isolateOf (job: WorkerJob): { isolate: JobIsolate, fresh: boolean } {
  const known = isolates.get(job.job)
  if (known !== undefined) return { isolate: known, fresh: false }
  return { isolate: JobIsolate.create(addon.exports.ivm, script, job, config.memoryMb, asks), fresh: true }
}

async function serve (message: ToRun): Promise<void> {
  const { id } = message
  const job = jobs.get(message.job)!
  const { isolate, fresh } = isolateOf(job)
  const start = performance.now()
  const watch = new Watch({
    ...config,
    gauge: isolate.gauge,
    timeoutMs: job.timeoutMs,
    onFailure: why => { tell({ type: 'failed', id, why, ruined: true }) },
    onCall: call => { tell({ type: 'at', id, call }) }
  })
  const request: Running = { id, isolate, watch, aborted: false, onChunk: null, sleepers: new Set(), waitedMs: 0 }
  running = request
  let ended: Ended
  try {
    const failed = fresh ? await isolate.load() : null
    if (failed === null) isolates.set(job.job, isolate)
    else isolate.dispose()
    ended = failed !== null ? { failed } : request.aborted ? 'stopped' : await run(isolate, message)
  } catch (error) {
    watch.end()
    tell({ type: 'failed', id, why: goneBecause(error, isolate), ruined: true })
    return
  }
  watch.end()
  running = null
  const ms = performance.now() - start - request.waitedMs - watch.restedMs
  if (ended === 'stopped' || request.aborted) tell({ type: 'stopped', id })
  else if ('failed' in ended) tell({ type: 'failed', id, why: ended.failed, ruined: ended.failed.kind === 'memory' })
  else tell({ type: 'done', id, ...ended, ms })
}

function run (isolate: JobIsolate, message: ToRun): Promise<Ended> {
  switch (message.type) {
    case 'compute': return isolate.compute(message.range)
    case 'collect': return isolate.collect(message.range, message.values)
    case 'outputs': return isolate.outputs(message.partitions)
    case 'folds': return isolate.folds(message.folds)
    case 'equal': return isolate.equal(message.a, message.b)
    default: return message satisfies never
  }
}

/** The isolate died under a request. */
function goneBecause (error: unknown, isolate: JobIsolate): ReturnType<typeof outOfMemory> {
  const call = isolate.gauge[CALL]!
  return error instanceof Error && error.message.includes('memory limit')
    ? outOfMemory(call, config.memoryMb)
    : describeFailure(error, call)
}

function abort (id: number): void {
  if (running?.id !== id) return
  running.aborted = true
  running.isolate.stop()
  running.watch.end()
  running.onChunk?.(null)
  for (const wake of running.sleepers) wake()
}

function drop (job: JobId): void {
  jobs.delete(job)
  isolates.get(job)?.dispose()
  isolates.delete(job)
}

process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'open': jobs.set(message.job.job, message.job); break
    case 'drop': drop(message.job); break
    case 'compute':
    case 'collect':
    case 'outputs':
    case 'folds':
    case 'equal': void serve(message); break
    case 'chunk': if (running?.id === message.id) running.onChunk?.(message.chunk); break
    case 'abort': abort(message.id); break
    default: message satisfies never
  }
})
// Signals of a terminal are for the parent to heed: it tells what to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
// A busy isolate's thread would keep a polite exit waiting.
process.on('disconnect', endSelf)
tell({ type: 'ready' })
