/**
 * A job that this page submits: its own functions run in a locked frame, its blocks lie in this tab's peer until three
 * members of the mesh hold them. The page follows it to its end, or stops it.
 */
import { FollowedJob } from './followed-job.ts'
import { SubmitterFrame } from './submitter-frame.ts'
import { prepareJob } from '../../protocol/client/prepare-job.ts'
import type { JobHandle } from '../../protocol/client/job-handle.ts'
import type { JobModule } from '../../protocol/job/module.ts'
import type { JobShape, PreparedJob } from '../../protocol/client/prepare-job.ts'
import type { MeshClient } from '../../protocol/client/mesh-client.ts'
import type { MeshPeer } from '../../protocol/host/mesh-peer.ts'
import type { PageBundle } from './bundle.ts'

/** A job with all that its submitter says about it. */
export interface Order {
  bundled: PageBundle
  name: string
  params: unknown
  /** One a partition, or null where the module says. */
  inputs: AsyncIterable<unknown> | null
  shape: JobShape
  /** Are params and inputs sealed (A8), by its shape or its module? */
  isSealed: boolean
}

export interface OwnJobInit {
  order: Order
  client: Pick<MeshClient, 'run'>
  mesh: Pick<MeshPeer, 'blocks' | 'readingKey'>
  submitterUrl: string
}

export class OwnJob extends FollowedJob {
  readonly isOwn = true
  readonly #init: OwnJobInit
  readonly #abort = new AbortController()
  readonly #handle: JobHandle
  #frame: SubmitterFrame | null = null

  /** Begins at once. */
  constructor (init: OwnJobInit) {
    super()
    this.#init = init
    this.name.value = init.order.name
    this.#handle = init.client.run(async () => await this.#prepare(), this.#abort.signal)
    void this.#follow()
    this.#handle.onShort = (need, have) => { this.short.value = have < need ? { need, have } : null }
    this.#handle.stocked.then(() => { this.isStocked.value = true }, () => {})
  }

  async stop (): Promise<void> {
    this.#abort.abort(new DOMException('The job was stopped here.', 'AbortError'))
    // A `prepare` that gives nothing hears of no signal.
    if (this.phase.value === 'preparing') this.#frame?.close()
  }

  override close (): void {
    super.close()
    this.#frame?.close()
  }

  async #prepare (): Promise<PreparedJob> {
    const { order, mesh } = this.#init
    const { bundle, exports, stem } = order.bundled
    const module = { name: stem, ...await this.#module() }
    return await prepareJob({ bundle, module, collects: exports.collect, equals: exports.equal }, order.params, this.#counted(order.inputs), { ...order.shape, readingKey: mesh.readingKey }, mesh.blocks)
  }

  async #module (): Promise<JobModule> {
    const { order, submitterUrl } = this.#init
    if (order.bundled.submitter === null) return {}
    this.#frame = new SubmitterFrame(submitterUrl)
    this.#frame.onPrint = (level, text) => { this.print(level, text) }
    const module = await this.#frame.load(order.bundled.submitter)
    const { prepare } = module
    if (prepare !== undefined) {
      module.prepare = async (params) => {
        const prepared: unknown = await prepare(params)
        return typeof prepared === 'object' ? this.#counted(prepared as AsyncIterable<unknown>) as AsyncIterable<unknown> : prepared as number
      }
    }
    return module
  }

  /** The same, counted, and ended by a stop. */
  #counted (inputs: AsyncIterable<unknown> | null): AsyncIterable<unknown> | null {
    return inputs === null ? null : counted(inputs, this.#abort.signal, (count) => { this.spooled.value = count })
  }

  async #follow (): Promise<void> {
    try {
      const { job, spec, module } = await this.#handle.submitted
      this.job.value = job
      this.spec.value = spec
      this.phase.value = 'running'
      void this.#progress()
      const { result, wallMs } = await this.#handle.finished
      const isAssembled = module.assemble !== undefined && result.isGathered
      await this.becomeDone(result, wallMs, { items: () => this.#handle.outputs(), isAssembled })
    } catch (error) {
      this.becomeEnded(this.#abort.signal.aborted ? this.#abort.signal.reason : error)
      // What it still does nobody wants; `log` may have a last word.
      setTimeout(() => { this.#frame?.close() }, 1000)
    }
  }

  async #progress (): Promise<void> {
    for await (const progress of this.#handle.progress) this.progress.value = progress
  }
}

/** Told every so many inputs. */
const TOLD_EVERY = 1000

async function * counted (inputs: AsyncIterable<unknown>, signal: AbortSignal, onCount: (count: number) => void): AsyncGenerator<unknown> {
  let count = 0
  for await (const input of inputs) {
    signal.throwIfAborted()
    yield input
    if (++count % TOLD_EVERY === 0) onCount(count)
  }
  onCount(count)
}
