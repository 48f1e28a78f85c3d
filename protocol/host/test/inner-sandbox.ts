/**
 * A sandbox for tests of verification: trusted functions in this process, folded and committed to by the sandboxes' own code. A test
 * may have it lie: what `change` makes of an output is what it computes with.
 */
import { GAUGE_LENGTH } from '../../job/runtime/gauge.ts'
import { JobRunner } from '../../job/runtime/job-runner.ts'
import { ROOT, rangeOf } from '../../core/geometry.ts'
import { SandboxError } from '../../job/sandbox.ts'
import { SeededRandom } from '../../job/runtime/random.ts'
import { cidOfDag } from '../../job/cid.ts'
import { commitsOf, itemsCommitted } from '../../job/commitment/commits.ts'
import { decodeValue, encodeValue } from '../../job/value.ts'
import { gatherInner, gatherRange } from '../../job/gathered.ts'
import { joinPieces } from '../../job/runtime/listing.ts'
import type { Commits, CollectRequest, ComputeRequest, EqualRequest, FoldsRequest, JobCode, Output, OutputsRequest, Sandbox } from '../../job/sandbox.ts'
import type { Collect, JobModule } from '../../job/module.ts'
import type { Path } from '../../core/ids.ts'
import type { Piece } from '../../job/runtime/listing.ts'

/** Told the output of a partition; gives what it takes for it. */
export type Change = (output: unknown, partition: number) => unknown

export class InnerSandbox implements Sandbox {
  readonly cores = 1
  /** Partitions computed here, in order. */
  readonly computed: number[] = []
  /** Paths computed as a whole here, in order. */
  readonly paths: Path[] = []
  readonly #module: JobModule
  readonly #delayMs: number
  /** What is folded here: a lying coordinator's is changed. */
  changeFold: ((value: unknown, path: Path) => unknown) | null = null

  /** @param delayMs - of each path, so that there is time for others to join */
  constructor (module: JobModule, change: Change = output => output, delayMs = 0) {
    this.#delayMs = delayMs
    const { compute } = module
    this.#module = compute === undefined
      ? module
      : { ...module, compute: (partition, input, ctx) => {
        this.computed.push(partition)
        return change(compute(partition, input, ctx), partition)
      } }
  }

  async compute ({ code, path, inputs }: ComputeRequest, signal: AbortSignal): Promise<Output> {
    this.paths.push(path)
    await new Promise(resolve => setTimeout(resolve, this.#delayMs))
    signal.throwIfAborted()
    const range = rangeOf(code.spec, path)!
    const steps = (await this.#runner(code, path)).compute(range, nextOf(inputs))
    const pieces: Piece[] = []
    for (;;) {
      const { done, value } = await steps.next()
      if (done !== true) pieces.push(value)
      else if (value !== null) return outputOf(value.bytes, commitsOf(code.spec, cidOfDag(value.bytes), value.nodes))
      else {
        const gathered = gatherRange(code.spec, range, joinPieces(pieces))
        return { ...outputOf(gathered.bytes, commitsOf(code.spec, cidOfDag(gathered.bytes), null)), links: gathered.links, blocks: gathered.blocks }
      }
    }
  }

  async collect ({ code, path, values }: CollectRequest): Promise<Output> {
    if (!code.spec.collect) {
      const { bytes, links, blocks } = gatherInner(values)
      return { ...outputOf(bytes, null), links, blocks }
    }
    return outputOf(await (await this.#runner(code, path)).collect(rangeOf(code.spec, path)!, values), null)
  }

  async outputs ({ code, partitions, inputs }: OutputsRequest): Promise<Uint8Array[] | null> {
    return decodeValue(await (await this.#runner(code, ROOT)).outputs(partitions, nextOf(inputs))) as Uint8Array[] | null
  }

  async folds ({ code, folds }: FoldsRequest): Promise<Uint8Array[]> {
    const folded: Uint8Array[] = []
    for (const { path, values } of folds) folded.push((await this.collect({ code, path, values: (decodeValue(values) as unknown[]).map(value => encodeValue(value)) })).bytes)
    return folded
  }

  async equal ({ code, a, b }: EqualRequest): Promise<boolean> {
    return code.spec.equal && decodeValue(await (await this.#runner(code, ROOT)).equal(a, b)) === true
  }

  forget (): void {}

  async close (): Promise<void> {}

  async #runner ({ spec, params }: JobCode, path: Path): Promise<JobRunner> {
    const { collect } = this.#module
    const changeFold = this.changeFold
    const changed: Collect = (values, ctx) => changeFold!(collect!(values, ctx), path)
    const module = collect === undefined || changeFold === null ? this.#module : { ...this.#module, collect: changed }
    return await JobRunner.open({
      module,
      geometry: spec,
      collects: spec.collect,
      commits: itemsCommitted(spec),
      takesInputs: spec.inputs !== null,
      params,
      gauge: new Float64Array(GAUGE_LENGTH),
      random: new SeededRandom(new Uint32Array(8)),
      keeper: { sleep: async () => {}, resume: async () => {} }
    }).catch((error: unknown) => { throw new SandboxError({ kind: 'module', path, partition: -1, message: (error as Error).message, stack: '' }) })
  }
}

function nextOf (inputs: ComputeRequest['inputs']): Parameters<JobRunner['compute']>[1] {
  const iterator = inputs?.[Symbol.asyncIterator]()
  if (iterator === undefined) return null
  return async () => {
    const { done, value } = await iterator.next()
    return done === true ? null : value
  }
}

const outputOf = (bytes: Uint8Array, commits: Commits | null): Output => ({ bytes, cid: cidOfDag(bytes), links: false, blocks: [], commits, ms: 0 })
