/**
 * One worker process as its parent sees it: started without rights, given one request at a time, ended
 * and started anew when job code ruins it.
 */
import { fork } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { partitionOf, IDLE } from '../../protocol/job/runtime/gauge.ts'
import { built } from './built.ts'
import type { ChildProcess, ForkOptions } from 'node:child_process'
import type { JobId } from '../../protocol/core/ids.ts'
import type { InputChunk } from '../../protocol/job/inputs.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'
import type { Done, FromWorker, ToRun, ToWorker, WorkerConfig, WorkerJob } from './messages.ts'

/** Modules that the permission model of Node 26 does not ask (sqlite: it writes files), or that nothing here needs. */
const LEFT_OUT = ['sqlite', 'ffi', 'webstorage'].filter(name => process.allowedNodeEnvironmentFlags.has(`--experimental-${name}`)).map(name => `--no-experimental-${name}`)

/**
 * How a process is started that may do nothing but compute: no files but those named, no network, no
 * processes, no environment.
 *
 * @param files - what it must read to start
 */
export const bare = (files: string[]): ForkOptions => ({
  cwd: '/',
  // Time zone and language of the machine are not job code's to know.
  env: { TZ: 'UTC', LC_ALL: 'C' },
  execArgv: ['--no-node-snapshot', '--no-warnings', ...LEFT_OUT, '--permission', '--allow-addons', ...files.map(path => `--allow-fs-read=${path}`)],
  serialization: 'advanced',
  stdio: ['ignore', 'ignore', 'pipe', 'ipc']
})

/** What can be run in a worker. */
export type WorkerRequest = WithoutId<ToRun>

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never

/** How a request ended; `stopped` follows `abort`. */
export type WorkerEnd = Done | { type: 'failed', why: PlainFailure } | { type: 'stopped' }

/** Jobs whose isolates a worker keeps: one is at work, others come back at once. A guess. */
const JOBS_MAX = 4
/**
 * A request that was aborted may finish its partition within this time, then the process is ended, milliseconds. On a
 * machine with many more processes than cores 100 ms ended healthy ones, and starting others took all the time there was.
 */
const STOP_MS = 2_000
/** A process without work ends after this time, milliseconds: it takes 60 MB and starts again in 0.2 s. A guess. */
const IDLE_MS = 30_000
/** Others' work comes before job code. */
const PRIORITY = 10
/** How a process ends that the engine or the system gave no more memory. */
const FATAL = new Set<NodeJS.Signals>(['SIGABRT', 'SIGKILL', 'SIGTRAP', 'SIGILL', 'SIGSEGV'])
/** What a dying process may say, characters. */
const LAST_WORDS_MAX = 4096

interface Pending {
  id: number
  call: number
  inputs: AsyncIterator<InputChunk> | null
  /** What reading inputs rejected with. */
  inputsFault: { error: unknown } | null
  end: (end: WorkerEnd) => void
}

/** How soon a process is needed: a start that is waited for is no one else's to delay. */
export type Haste = 'now' | 'later'

export class WorkerProcess {
  readonly #config: Omit<WorkerConfig, 'addon' | 'isolate'>
  #child: Promise<ChildProcess> | null = null
  /** The process of `#child`, known before it is ready. */
  #process: ChildProcess | null = null
  #lastWords = ''
  #pending: Pending | null = null
  #ids = 0
  /** Opened jobs, the one used last at the end. */
  readonly #jobs = new Set<JobId>()
  #closed = false
  #idleTimer: ReturnType<typeof setTimeout> | undefined

  constructor (config: Omit<WorkerConfig, 'addon' | 'isolate'>) {
    this.#config = config
  }

  /** Start the process ahead of its first request. */
  warm (haste: Haste = 'now'): void {
    if (this.#closed) return
    this.#started(haste).catch(() => {})
    this.#rest()
  }

  /** End the process when nothing comes for a while. */
  #rest (): void {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => { void this.#kill() }, IDLE_MS).unref()
  }

  /**
   * Run one request; only one at a time.
   *
   * @param job - makes the job's code if the process has it not yet
   * @throws Error when the process cannot be started; what reading inputs rejects with
   */
  async run (request: WorkerRequest, job: () => WorkerJob, inputs: AsyncIterable<InputChunk> | null, signal: AbortSignal): Promise<WorkerEnd> {
    const id = ++this.#ids
    const ended = Promise.withResolvers<WorkerEnd>()
    const pending: Pending = { id, call: IDLE, inputs: inputs?.[Symbol.asyncIterator]() ?? null, inputsFault: null, end: ended.resolve }
    this.#pending = pending
    clearTimeout(this.#idleTimer)
    const abort = (): void => { this.#abort(pending) }
    try {
      const child = await this.#started()
      if (signal.aborted || this.#closed) return { type: 'stopped' }
      signal.addEventListener('abort', abort)
      this.#open(child, request.job, job)
      send(child, { ...request, id })
      const end = await ended.promise
      if (pending.inputsFault !== null) throw pending.inputsFault.error
      return end
    } finally {
      signal.removeEventListener('abort', abort)
      this.#pending = null
      this.#rest()
      await pending.inputs?.return?.()
    }
  }

  /** Forget a job's code and isolate. */
  forget (job: JobId): void {
    if (!this.#jobs.delete(job)) return
    this.#child?.then(child => { send(child, { type: 'drop', job }) }, () => {})
  }

  /** End the process; a running request ends as stopped. */
  async close (): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idleTimer)
    await this.#kill()
  }

  #open (child: ChildProcess, id: JobId, job: () => WorkerJob): void {
    const known = this.#jobs.delete(id)
    this.#jobs.add(id)
    if (known) return
    send(child, { type: 'open', job: job() })
    for (const old of this.#jobs) {
      if (this.#jobs.size <= JOBS_MAX) break
      this.forget(old)
    }
  }

  #started (haste: Haste = 'now'): Promise<ChildProcess> {
    this.#child ??= this.#start(haste).catch((error: unknown) => {
      this.#child = null
      throw error
    })
    return this.#child
  }

  async #start (haste: Haste): Promise<ChildProcess> {
    const { worker, isolate, addon } = await built()
    if (this.#closed) throw new Error('the sandbox is closed')
    const config: WorkerConfig = { ...this.#config, addon, isolate }
    const child = fork(worker, [JSON.stringify(config)], bare([worker, isolate, addon]))
    this.#process = child
    if (haste === 'later') yieldToOthers(child)
    this.#lastWords = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_MAX)
    })
    await this.#ready(child)
    return child
  }

  #ready (child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      child.on('message', message => {
        if ((message as FromWorker).type !== 'ready') return this.#on(child, message as FromWorker)
        yieldToOthers(child)
        resolve()
      })
      child.on('error', reject)
      child.on('exit', (code, signal) => {
        if (this.#process === child) this.#gone(code, signal)
        reject(new Error(`the sandbox's process ended with ${signal ?? code} before it was ready: ${this.#lastWords.trim().split('\n').at(-1)}`))
      })
    })
  }

  #on (child: ChildProcess, message: FromWorker): void {
    const pending = this.#pending
    if (message.type === 'ready' || pending?.id !== message.id) return
    switch (message.type) {
      case 'want': void this.#feed(child, pending); break
      case 'at': pending.call = message.call; break
      case 'done': pending.end(message); break
      case 'stopped': pending.end(message); break
      case 'failed':
        pending.end({ type: 'failed', why: message.why })
        if (message.ruined) this.#renew()
        break
      default: message satisfies never
    }
  }

  async #feed (child: ChildProcess, pending: Pending): Promise<void> {
    try {
      const next = await pending.inputs?.next()
      send(child, { type: 'chunk', id: pending.id, chunk: next === undefined || next.done === true ? null : next.value })
    } catch (error) {
      pending.inputsFault = { error }
      this.#abort(pending)
    }
  }

  #abort (pending: Pending): void {
    this.#child?.then(child => { send(child, { type: 'abort', id: pending.id }) }, () => {})
    setTimeout(() => {
      if (this.#pending !== pending) return
      pending.end({ type: 'stopped' })
      this.#renew()
    }, STOP_MS).unref()
  }

  /** End a process that job code has ruined and start the next. */
  #renew (): void {
    void this.#kill().then(() => { this.warm() })
  }

  async #kill (): Promise<void> {
    const child = this.#process
    this.#lost()
    this.#pending?.end({ type: 'stopped' })
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
  }

  /** What is started next knows nothing of the jobs opened so far. */
  #lost (): void {
    this.#child = null
    this.#process = null
    this.#jobs.clear()
  }

  /** The process ended by itself: whatever ran in it did that. */
  #gone (code: number | null, signal: NodeJS.Signals | null): void {
    this.#lost()
    const pending = this.#pending
    if (pending === null) return
    const memory = (signal !== null && FATAL.has(signal)) || this.#lastWords.includes('memory')
    const partition = partitionOf(pending.call)
    const at = partition < 0 ? '' : ` at or after partition ${partition}`
    const message = memory
      ? `the sandbox's process ended (${signal ?? code})${at}, most likely for want of memory`
      : `the sandbox's process ended (${signal ?? code})${at}`
    pending.end({ type: 'failed', why: { kind: memory ? 'memory' : 'unavailable', partition, message, stack: '' } })
  }
}

/** From now on a process runs when others leave time. Linux keeps a priority for each thread, new ones take their maker's. */
function yieldToOthers ({ pid }: ChildProcess): void {
  if (pid === undefined) return
  const tasks = `/proc/${pid}/task`
  try {
    for (const id of existsSync(tasks) ? readdirSync(tasks) : [pid]) setPriority(Number(id), PRIORITY)
  } catch {
    // It ended already, or the system does not allow it: it runs at the usual priority.
  }
}

/** A channel that closed under us is told by the process's exit. */
function send (child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {})
}
