/**
 * The script that runs inside an isolate, before and around job code: makes the scope deterministic,
 * then runs requests. The only way out is `ask`, a function that passes plain arguments and returns
 * nothing; the only way in are the functions of `Inside`. Job code can reach neither.
 */
import '../../protocol/job/runtime/text.ts'
import { StoppedError } from '../../protocol/job/runtime/errors.ts'
import { describeFailure } from '../../protocol/job/runtime/failure.ts'
import { CALL, IDLE } from '../../protocol/job/runtime/gauge.ts'
import { JobRunner } from '../../protocol/job/runtime/job-runner.ts'
import { SeededRandom } from '../../protocol/job/runtime/random.ts'
import { makeDeterministic } from '../../protocol/job/runtime/realm.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { InputChunk } from '../../protocol/job/inputs.ts'
import type { JobModule } from '../../protocol/job/module.ts'
import type { Pack } from '../../protocol/job/commitment/pack.ts'
import type { Folded, Keeper } from '../../protocol/job/runtime/job-runner.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'
import type { Piece } from '../../protocol/job/runtime/listing.ts'
import type { WorkerJob } from './messages.ts'

/** What the keeper is asked for; it answers by `Inside.answer`. */
export type Ask = (what: 'sleep' | 'resume' | 'chunk', id: number, ms: number) => void

export type Step =
  | { type: 'piece', piece: Piece }
  | { type: 'value', bytes: Uint8Array, nodes: Pack | null }
  | { type: 'listed' }
  | { type: 'failed', why: PlainFailure }
  | { type: 'stopped' }

/** The functions the keeper calls. */
export interface Inside {
  open: (module: JobModule, job: Omit<WorkerJob, 'bundle' | 'job' | 'timeoutMs'>) => Promise<PlainFailure | null>
  /** Begin to compute a range; `step` gives what comes of it until it is no piece. */
  compute: (range: Range) => void
  step: () => Promise<Step>
  collect: (range: Range, values: Uint8Array[]) => Promise<Step>
  outputs: (partitions: number[]) => Promise<Step>
  folds: (folds: Uint8Array) => Promise<Step>
  equal: (a: Uint8Array, b: Uint8Array) => Promise<Step>
  answer: (id: number, chunk: InputChunk | null) => void
}

/** Questions to the keeper that wait for their answers. */
class Questions {
  readonly #ask: Ask
  readonly #waiting = new Map<number, (chunk: InputChunk | null) => void>()
  #asked = 0

  constructor (ask: Ask) {
    this.#ask = ask
  }

  put (what: 'sleep' | 'resume' | 'chunk', ms = 0): Promise<InputChunk | null> {
    return new Promise(resolve => {
      this.#waiting.set(++this.#asked, resolve)
      this.#ask(what, this.#asked, ms)
    })
  }

  answer (id: number, chunk: InputChunk | null): void {
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve?.(chunk)
  }
}

const keeperBy = (questions: Questions): Keeper => ({
  sleep: async ms => { await questions.put('sleep', ms) },
  resume: async () => { await questions.put('resume') }
})

/**
 * @param shared - the gauge's memory
 * @param seed - the job's hash
 */
export function boot (shared: SharedArrayBuffer, seed: Uint32Array, ask: Ask): Inside {
  const gauge = new Float64Array(shared)
  const random = new SeededRandom(seed)
  makeDeterministic(globalThis, () => random.next())
  const questions = new Questions(ask)
  const keeper = keeperBy(questions)
  let runner: JobRunner
  let takesInputs = false
  let steps: AsyncGenerator<Piece, Folded | null>

  const guarded = async (run: () => Promise<Step>): Promise<Step> => {
    try {
      return await run()
    } catch (error) {
      return error instanceof StoppedError ? { type: 'stopped' } : { type: 'failed', why: describeFailure(error, gauge[CALL]!) }
    } finally {
      gauge[CALL] = IDLE
    }
  }
  const valued = (run: () => Promise<Uint8Array>): Promise<Step> => guarded(async () => ({ type: 'value', bytes: await run(), nodes: null }))
  const inputs = (): (() => Promise<InputChunk | null>) | null => takesInputs ? () => questions.put('chunk') : null
  return {
    async open (module, job) {
      takesInputs = job.takesInputs
      try {
        runner = await JobRunner.open({ ...job, module, gauge, random, keeper })
        return null
      } catch (error) {
        return describeFailure(error, gauge[CALL]!)
      } finally {
        gauge[CALL] = IDLE
      }
    },
    compute (range) {
      steps = runner.compute(range, inputs())
    },
    step: () => guarded(async () => {
      const { done, value } = await steps.next()
      if (done !== true) return { type: 'piece', piece: value }
      return value === null ? { type: 'listed' } : { type: 'value', ...value }
    }),
    collect: (range, values) => valued(() => runner.collect(range, values)),
    outputs: partitions => valued(() => runner.outputs(partitions, inputs())),
    folds: folds => valued(() => runner.folds(folds)),
    equal: (a, b) => valued(() => runner.equal(a, b)),
    answer: (id, chunk) => { questions.answer(id, chunk) }
  }
}
