/**
 * A job as the page shows it, whoever submitted it: how far it is, what it printed, its result, its picture. The two
 * kinds that fill it in are OwnJob, which this page submitted, and OtherJob, which it only heard of. It draws nothing.
 */
import { batch, signal } from '@preact/signals'
import { JobCancelledError, JobFailedError, reasonOf } from '../../protocol/client/errors.ts'
import { Picture, endPicture, mergeSnapshots } from '../picture/index.ts'
import { inPageWords } from './words.ts'
import { readResult } from './read-result.ts'
import type { CreditTable } from '../../protocol/host/credit/table.ts'
import type { JobId } from '../../protocol/core/ids.ts'
import type { JobSpec } from '../../protocol/core/job.ts'
import type { Figures, JobResult } from '../../protocol/client/result.ts'
import type { Progress } from '../../protocol/client/progress.ts'
import type { OnSnapshots } from './doors.ts'
import type { PrintLevel } from './submitter-messages.ts'
import type { ReadResult } from './read-result.ts'

/** `preparing`: it is not submitted yet. */
export type Phase = 'preparing' | 'running' | 'done' | 'failed' | 'cancelled'

/** Why a job ended without a result. */
export interface Trouble {
  /** One sentence. */
  message: string
  /** The first partition at fault, if one was. */
  partition: number | null
  /** In the words of the job's source; may be empty. */
  stack: string
}

export type ResultState =
  /** Large: it is fetched when asked for. */
  | { type: 'unread', count: number }
  | { type: 'reading', count: number }
  | { type: 'unreadable', message: string }
  | { type: 'read', read: ReadResult }

export interface Printed { key: number, level: PrintLevel, text: string }

export interface Took extends Figures {
  /** Milliseconds from the first lease to done; null when this page was not there. */
  wallMs: number | null
}

/** Outputs that are fetched without asking. A guess: some megabytes. */
const UNASKED_MAX = 250_000
/** Lines kept of what a job prints. */
const PRINTED_MAX = 1000
const PRINT_MS = 100

export type Observe = (job: JobId, onSnapshots: OnSnapshots) => Promise<() => void>

/** Where outputs come from once the job is done. */
export interface Outputs { items: () => AsyncIterable<unknown>, isAssembled: boolean }

let keys = 0

export abstract class FollowedJob {
  readonly key = ++keys
  abstract readonly isOwn: boolean
  readonly job = signal<JobId | null>(null)
  readonly name = signal('')
  readonly spec = signal<JobSpec | null>(null)
  readonly phase = signal<Phase>('preparing')
  readonly progress = signal<Progress | null>(null)
  readonly trouble = signal<Trouble | null>(null)
  readonly printed = signal<readonly Printed[]>([])
  readonly result = signal<ResultState | null>(null)
  readonly took = signal<Took | null>(null)
  /** Who did it; null until it is read. */
  readonly credit = signal<CreditTable | null>(null)
  readonly picture = signal<Picture | null>(null)
  /** The submitter may leave (R5). */
  readonly isStocked = signal(false)
  /** It waits, because its trust policy wants more different peers than there are (V3); null while it does not. */
  readonly short = signal<{ need: number, have: number } | null>(null)
  /** Inputs that `prepare` or a file has given so far. */
  readonly spooled = signal(0)
  readonly #reading = new AbortController()
  #outputs: Outputs | null = null
  #isObserved = false
  #unobserve: (() => void) | null = null
  #prints = 0
  #unshown: Printed[] = []
  #printTimer: ReturnType<typeof setTimeout> | undefined

  /** End it for everyone. */
  abstract stop (): Promise<void>

  /** Nothing shows it any more. */
  close (): void {
    this.#reading.abort(new Error('This page has let go of the job.'))
    this.unwatch()
  }

  /** Shown a moment later, with what came meanwhile: a job may print faster than a page draws. */
  print (level: PrintLevel, text: string): void {
    this.#unshown.push({ key: ++this.#prints, level, text })
    if (this.#unshown.length > 2 * PRINTED_MAX) this.#unshown = this.#unshown.slice(-PRINTED_MAX)
    this.#printTimer ??= setTimeout(() => {
      this.#printTimer = undefined
      this.printed.value = [...this.printed.value, ...this.#unshown].slice(-PRINTED_MAX)
      this.#unshown = []
    }, PRINT_MS)
  }

  /** Draw what its coordinators tell, as long as it runs. */
  async watch (observe: Observe): Promise<void> {
    const { value: spec } = this.spec
    const { value: job } = this.job
    if (this.#isObserved || spec === null || job === null) return
    this.#isObserved = true
    const { name, partitions, fanout, grain } = spec
    const picture = this.picture.value ?? new Picture({ job, name, partitions, fanout, grain })
    this.picture.value = picture
    if (this.phase.value !== 'running') return this.#endPicture()
    const end = await observe(job, (snapshots, done) => { mergeSnapshots(picture, snapshots, Date.now(), done) })
    if (this.#isObserved) this.#unobserve = end
    else end()
  }

  unwatch (): void {
    this.#isObserved = false
    this.#unobserve?.()
    this.#unobserve = null
  }

  /** Fetch the outputs; again, if that failed. */
  async read (): Promise<void> {
    if (this.#outputs === null) return
    const { items, isAssembled } = this.#outputs
    const isGathered = this.spec.value?.collect === false
    this.result.value = { type: 'reading', count: 0 }
    try {
      const read = await readResult(items(), {
        isGathered, isAssembled: isAssembled || !isGathered, signal: this.#reading.signal,
        onCount: (count) => { this.result.value = { type: 'reading', count } }
      })
      this.result.value = { type: 'read', read }
    } catch (error) {
      this.result.value = { type: 'unreadable', message: reasonOf(error) }
    }
  }

  protected async becomeDone (result: JobResult, wallMs: number | null, outputs: Outputs): Promise<void> {
    this.#outputs = outputs
    batch(() => {
      this.took.value = { ...result.figures, wallMs }
      this.phase.value = 'done'
    })
    this.#endPicture()
    // The result is what people wait for: who did it may come later, or not at all.
    result.credit().then((table) => { this.credit.value = table }, () => {})
    const { partitions, collect } = result.spec
    if (collect || partitions <= UNASKED_MAX || outputs.isAssembled) await this.read()
    else this.result.value = { type: 'unread', count: partitions }
  }

  protected becomeEnded (error: unknown): void {
    batch(() => {
      this.trouble.value = troubleOf(error)
      this.phase.value = error instanceof JobCancelledError || (error as Error | null)?.name === 'AbortError' ? 'cancelled' : 'failed'
    })
    this.#endPicture()
  }

  #endPicture (): void {
    const { value: picture } = this.picture
    const { value: phase } = this.phase
    this.#unobserve?.()
    this.#unobserve = null
    if (picture !== null && phase !== 'preparing' && phase !== 'running') endPicture(picture, phase)
  }
}

function troubleOf (error: unknown): Trouble {
  const message = inPageWords(error instanceof Error ? error.message : String(error))
  if (error instanceof JobFailedError) {
    const { partition, stack } = error.why
    return { message, partition: partition >= 0 ? partition : null, stack: framesIn(stack) }
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null
  return { message, partition: null, stack: framesIn(cause?.stack ?? '') }
}

/** Where, line by line. */
const framesIn = (stack: string): string => stack.split('\n').filter((line) => /^\s*at /.test(line)).map((line) => line.trim()).join('\n')
