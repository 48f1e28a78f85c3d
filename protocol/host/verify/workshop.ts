/**
 * What is needed to look into one job's values (V4): its code in the own sandbox, its inputs and its blocks. Everything is
 * computed beside the bites that run here; outputs that were computed once are kept for as long as one question takes.
 */
import { ROOT, rangeOf } from '../../core/geometry.ts'
import { encode } from '@ipld/dag-cbor'
import { leafPathOf, leafRangeOf } from '../../job/commitment/shape.ts'
import { readGathered } from '../../job/gathered.ts'
import { SandboxError } from '../../job/sandbox.ts'
import { isSame } from './same.ts'
import { readInputs } from '../../job/inputs.ts'
import type { Cid, JobId, Path } from '../../core/ids.ts'
import type { InputChunk } from '../../job/inputs.ts'
import type { Fold, JobCode, Output, Sandbox } from '../../job/sandbox.ts'
import type { JobSpec } from '../../core/job.ts'
import type { Verify } from '../cancelled.ts'

export interface WorkshopInit {
  code: JobCode
  sandbox: Sandbox
  /** A block of the job, from the store or from peers; rejects when nobody has it. */
  block: (cid: Cid) => Promise<Uint8Array>
  /** The same for its inputs, opened where they are sealed. */
  inputs: (cid: Cid) => Promise<Uint8Array>
  verify: Verify
  signal: AbortSignal
}

/** Values of folds that go into a sandbox together, bytes. A guess. */
const FOLDS_BYTES_MAX = 2 ** 20

export class Workshop {
  readonly #init: WorkshopInit
  readonly #outputs = new Map<number, Uint8Array>()
  /** Folds that were done again, by path, and what they were given. */
  readonly #folds = new Map<Path, { values: Uint8Array, bytes: Uint8Array }>()

  constructor (init: WorkshopInit) {
    this.#init = init
  }

  get job (): JobId {
    return this.#init.code.job
  }

  get spec (): JobSpec {
    return this.#init.code.spec
  }

  get verify (): Verify {
    return this.#init.verify
  }

  get block (): WorkshopInit['block'] {
    return this.#init.block
  }

  /** Compute these partitions at once; `output` then has them. @param partitions - in any order */
  async prepare (partitions: Iterable<number>): Promise<void> {
    const { code, sandbox, signal } = this.#init
    const wanted = [...new Set(partitions)].filter(partition => !this.#outputs.has(partition)).sort((a, b) => a - b)
    if (wanted.length === 0) return
    const outputs = await sandbox.outputs({ code, partitions: wanted, inputs: this.#inputsOf(wanted) }, signal)
    outputs?.forEach((output, i) => { this.#outputs.set(wanted[i]!, output) })
  }

  /** A partition's output, encoded; null for a job that folds whole leaves and collects them. */
  async output (partition: number): Promise<Uint8Array | null> {
    await this.prepare([partition])
    const known = this.#outputs.get(partition)
    if (known !== undefined || this.spec.collect) return known ?? null
    await this.#gather(partition)
    return this.#outputs.get(partition) ?? null
  }

  /** The outputs of a whole leaf, of a job that gathers what `computeRange` gives. */
  async #gather (partition: number): Promise<void> {
    const { cid, bytes, blocks } = await this.compute(leafPathOf(this.spec, ROOT, partition))
    const made = new Map([[cid, bytes], ...blocks.map((block): [Cid, Uint8Array] => [block.cid, block.bytes])])
    let { from } = leafRangeOf(this.spec, ROOT, partition)
    for await (const output of readGathered(async id => made.get(id)!, cid)) this.#outputs.set(from++, encode(output))
  }

  /** Compute a path anew. */
  async compute (path: Path): Promise<Output> {
    const { code, sandbox, signal } = this.#init
    const { spec } = code
    const range = rangeOf(spec, path)!
    const inputs = spec.inputs === null ? null : readInputs(this.#init.inputs, spec.inputs, range.from, range.to)
    return await sandbox.compute({ code, path, inputs, aside: true }, signal)
  }

  /** Do these folds at once, as far as that goes; `fold` then knows them. */
  async prepareFolds (folds: Fold[]): Promise<void> {
    let batch: Fold[] = []
    let bytes = 0
    for (const each of folds) {
      const size = each.values.length
      if (bytes + size > FOLDS_BYTES_MAX) {
        await this.#foldAll(batch)
        batch = []
        bytes = 0
      }
      batch.push(each)
      bytes += size
    }
    await this.#foldAll(batch)
  }

  async #foldAll (folds: Fold[]): Promise<void> {
    const { code, sandbox, signal } = this.#init
    if (folds.length < 2 || !this.spec.collect) return
    try {
      const folded = await sandbox.folds({ code, folds }, signal)
      folded.forEach((bytes, i) => { this.#folds.set(folds[i]!.path, { values: folds[i]!.values, bytes }) })
    } catch (error) {
      // Which of them fails shows when each is done alone.
      if (!(error instanceof SandboxError)) throw error
    }
  }

  /** Fold values anew. @param values - dag-cbor of their list @returns the value's */
  async fold (path: Path, values: Uint8Array): Promise<Uint8Array> {
    const { code, sandbox, signal } = this.#init
    const known = this.#folds.get(path)
    if (known !== undefined && isSame(known.values, values)) return known.bytes
    const [bytes] = await sandbox.folds({ code, folds: [{ path, values }] }, signal)
    return bytes!
  }

  /** Gather values anew, of a job that does not fold; or fold them. */
  async collect (path: Path, values: Uint8Array[]): Promise<Uint8Array> {
    const { code, sandbox, signal } = this.#init
    return (await sandbox.collect({ code, path, values }, signal)).bytes
  }

  async equal (a: Uint8Array, b: Uint8Array): Promise<boolean> {
    const { code, sandbox, signal } = this.#init
    return this.spec.equal && await sandbox.equal({ code, a, b }, signal)
  }

  #inputsOf (partitions: number[]): AsyncIterable<InputChunk> | null {
    const { inputs: root } = this.spec
    const { inputs } = this.#init
    if (root === null) return null
    return (async function * () { for (const partition of partitions) yield * readInputs(inputs, root, partition, partition + 1) })()
  }
}
