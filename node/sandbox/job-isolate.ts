/**
 * One job's isolate, seen from the worker process around it: made with the job's code, given requests,
 * thrown away. Nothing of this process is reachable from inside: a single callback with plain arguments
 * leads out (isolate.ts).
 */
import { endSelf } from './bare.ts'
import { createHash } from 'node:crypto'
import { gatherRange } from '../../protocol/job/gathered.ts'
import { cidOfDag } from '../../protocol/job/cid.ts'
import { joinPieces } from '../../protocol/job/runtime/listing.ts'
import { CALL, GAUGE_LENGTH, GO, IDLE, LOADING, SIGNAL, STOP } from '../../protocol/job/runtime/gauge.ts'
import { describeFailure } from '../../protocol/job/runtime/failure.ts'
import { BUNDLE_NAME } from '../../protocol/job/stack.ts'
import type ivm from 'isolated-vm'
import type { Range } from '../../protocol/core/geometry.ts'
import type { InputChunk } from '../../protocol/job/inputs.ts'
import type { PlainFailure } from '../../protocol/job/runtime/failure.ts'
import type { Piece } from '../../protocol/job/runtime/listing.ts'
import type { Ask, Inside, Step } from './isolate.ts'
import type { Done, WorkerJob } from './messages.ts'

/** What the isolate asks of the worker. */
export interface Asks {
  /** Null when there are no more, or the request was aborted. */
  chunk: () => Promise<InputChunk | null>
  sleep: (ms: number) => Promise<void>
  resume: () => Promise<void>
}

/** How a request ended. */
export type Ended = Omit<Done, 'type' | 'id' | 'ms'> | { failed: PlainFailure } | 'stopped'

interface Placed { isolate: ivm.Isolate, context: ivm.Context }

type Functions = { [Name in keyof Inside]: ivm.Reference<Inside[Name]> }

export class JobIsolate {
  readonly job: WorkerJob
  readonly gauge: Float64Array
  readonly #vm: typeof ivm
  readonly #isolate: ivm.Isolate
  readonly #inside: Functions
  readonly #context: ivm.Context

  private constructor (vm: typeof ivm, job: WorkerJob, gauge: Float64Array, context: Placed, inside: Functions) {
    this.#vm = vm
    this.job = job
    this.gauge = gauge
    this.#isolate = context.isolate
    this.#context = context.context
    this.#inside = inside
  }

  /** An isolate with our script in it and no job code yet: `load` comes next. */
  static create (vm: typeof ivm, script: string, job: WorkerJob, memoryMb: number, asks: Asks): JobIsolate {
    const isolate = new vm.Isolate({ memoryLimit: memoryMb, onCatastrophicError: endSelf })
    const context = isolate.createContextSync()
    const shared = new SharedArrayBuffer(GAUGE_LENGTH * Float64Array.BYTES_PER_ELEMENT)
    const gauge = new Float64Array(shared)
    const ask: Ask = (what, id, ms) => {
      const asked: Promise<InputChunk | null | void> = what === 'sleep' ? asks.sleep(ms) : asks[what]()
      void asked.then(chunk => {
        if (!isolate.isDisposed) functions.answer.applyIgnored(undefined, [id, chunk ?? null], { arguments: { copy: true } })
      })
    }
    const hash = createHash('sha256').update(job.job).digest()
    const seed = new Uint32Array(8).map((_, word) => hash.readUInt32LE(word * 4))
    const inside = context.evalClosureSync(`${script}; return isolate.boot($0, $1, $2)`, [
      new vm.ExternalCopy(shared).copyInto(),
      new vm.ExternalCopy(seed).copyInto(),
      new vm.Callback(ask, { ignored: true })
    ], { result: { reference: true }, filename: 'millionfold.js' }) as ivm.Reference<Inside>
    const inner = (name: keyof Inside): ivm.Reference => inside.getSync(name, { reference: true }) as ivm.Reference
    const functions = {
      open: inner('open'), compute: inner('compute'), step: inner('step'), collect: inner('collect'), outputs: inner('outputs'), folds: inner('folds'), equal: inner('equal'), answer: inner('answer')
    } as Functions
    return new JobIsolate(vm, job, gauge, { isolate, context }, functions)
  }

  /** Load the module and run `setup`; what failed, or null. */
  async load (): Promise<PlainFailure | null> {
    const { bundle, geometry, collects, commits, takesInputs, params } = this.job
    this.gauge[CALL] = LOADING
    try {
      const module = await this.#isolate.compileModule(new TextDecoder().decode(bundle), { filename: BUNDLE_NAME })
      await module.instantiate(this.#context, specifier => { throw new Error(`the bundle imports ${specifier}`) })
      await module.evaluate()
      const job = new this.#vm.ExternalCopy({ geometry, collects, commits, takesInputs, params })
      return await this.#inside.open.apply(undefined, [module.namespace.derefInto(), job.copyInto()] as never, RESULT) as PlainFailure | null
    } catch (error) {
      if (this.#isolate.isDisposed) throw error
      return describeFailure(error, LOADING)
    } finally {
      this.gauge[CALL] = IDLE
    }
  }

  /** Compute a path; rejects only when the isolate is gone. */
  async compute (range: Range): Promise<Ended> {
    this.gauge[SIGNAL] = GO
    await this.#inside.compute.apply(undefined, [range], { arguments: { copy: true } })
    const pieces: Piece[] = []
    for (;;) {
      const step = await this.#inside.step.apply(undefined, [], COPY) as Step
      if (step.type === 'piece') pieces.push(step.piece)
      else if (step.type === 'listed') return this.#gather(range, pieces)
      else return endedBy(step)
    }
  }

  #gather (range: Range, pieces: Piece[]): Ended {
    const { bytes, links, blocks } = gatherRange(this.job.geometry, range, joinPieces(pieces))
    return { bytes, cid: cidOfDag(bytes), links, blocks, nodes: null }
  }

  /** Fold values; rejects only when the isolate is gone. */
  async collect (range: Range, values: Uint8Array[]): Promise<Ended> {
    this.gauge[SIGNAL] = GO
    return endedBy(await this.#inside.collect.apply(undefined, [range, values], COPY) as Step)
  }

  /** Compute single partitions; rejects only when the isolate is gone. */
  async outputs (partitions: number[]): Promise<Ended> {
    this.gauge[SIGNAL] = GO
    return endedBy(await this.#inside.outputs.apply(undefined, [partitions], COPY) as Step)
  }

  /** Fold many times; rejects only when the isolate is gone. */
  async folds (folds: Uint8Array): Promise<Ended> {
    this.gauge[SIGNAL] = GO
    return endedBy(await this.#inside.folds.apply(undefined, [folds], COPY) as Step)
  }

  /** Compare two values; rejects only when the isolate is gone. */
  async equal (a: Uint8Array, b: Uint8Array): Promise<Ended> {
    this.gauge[SIGNAL] = GO
    return endedBy(await this.#inside.equal.apply(undefined, [a, b], COPY) as Step)
  }

  /** End the running request at the next partition. */
  stop (): void {
    this.gauge[SIGNAL] = STOP
  }

  dispose (): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
  }
}

const RESULT = { result: { promise: true, copy: true } } as const
const COPY = { ...RESULT, arguments: { copy: true } } as const

function endedBy (step: Step): Ended {
  switch (step.type) {
    case 'value': return { bytes: step.bytes, cid: cidOfDag(step.bytes), links: false, blocks: [], nodes: step.nodes }
    case 'failed': return { failed: step.why }
    default: return 'stopped'
  }
}
