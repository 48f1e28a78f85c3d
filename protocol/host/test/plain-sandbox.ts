/**
 * A sandbox for tests of the host: trusted functions in this process, folded as G3 says. Each compute takes
 * `delayMs`, so that there is time for others to join.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { SandboxError } from '../../job/sandbox.ts'
import { childDigits, childRange, isLeaf, rangeOf } from '../../core/geometry.ts'
import { cidOfDag } from '../../job/cid.ts'
import { gatherInner, gatherLeaf } from '../../job/gathered.ts'
import type { CollectRequest, ComputeRequest, FoldsRequest, Output, OutputsRequest, Sandbox } from '../../job/sandbox.ts'
import type { Gathered } from '../../job/gathered.ts'
import type { JobSpec } from '../../core/job.ts'
import type { Path } from '../../core/ids.ts'
import type { Range } from '../../core/geometry.ts'

export interface PlainJob {
  /** The output of a partition; throws to fail. */
  compute: (partition: number, input: unknown) => unknown
  /** Null to gather. */
  collect: ((outputs: unknown[]) => unknown) | null
  delayMs: number
}

type Folded = Pick<Gathered, 'bytes' | 'links' | 'blocks'>

export class PlainSandbox implements Sandbox {
  readonly cores = 1
  /** Partitions computed here, in order. */
  readonly computed: number[] = []
  readonly #job: PlainJob

  constructor (job: PlainJob) {
    this.#job = job
  }

  async compute ({ code, path, inputs }: ComputeRequest, signal: AbortSignal): Promise<Output> {
    const range = rangeOf(code.spec, path) as Range
    const given = new Map<number, unknown>()
    if (inputs !== null) {
      for await (const { from, count, skip, bytes } of inputs) {
        const { l } = decode<{ l: unknown[] }>(bytes)
        for (let i = 0; i < count; i++) given.set(from + i, l[skip + i])
      }
    }
    await new Promise(resolve => setTimeout(resolve, this.#job.delayMs))
    signal.throwIfAborted()
    return outputOf(this.#fold(code.spec, range, path, given), this.#job.delayMs)
  }

  async collect ({ values }: CollectRequest): Promise<Output> {
    return outputOf(this.#collect(values), 0)
  }

  async outputs ({ partitions }: OutputsRequest): Promise<Uint8Array[]> {
    return partitions.map(partition => encode(this.#job.compute(partition, undefined)))
  }

  async folds ({ folds }: FoldsRequest): Promise<Uint8Array[]> {
    return folds.map(({ values }) => this.#collect(decode<unknown[]>(values).map(value => encode(value))).bytes)
  }

  async equal (): Promise<boolean> {
    return false
  }

  forget (): void {}

  async close (): Promise<void> {}

  #fold (spec: JobSpec, range: Range, path: Path, given: Map<number, unknown>): Folded {
    if (!isLeaf(spec, range)) {
      const children = childDigits(spec, range).map(digit => this.#fold(spec, childRange(range, spec.fanout, digit), path, given))
      const folded = this.#collect(children.map(({ bytes }) => bytes))
      const kept = folded.links ? children.map(({ bytes }) => ({ cid: cidOfDag(bytes), bytes })) : []
      return { ...folded, blocks: [...folded.blocks, ...children.flatMap(({ blocks }) => blocks), ...kept] }
    }
    const outputs: unknown[] = []
    for (let partition = range.from; partition < range.to; partition++) outputs.push(this.#run(partition, given.get(partition), path))
    if (this.#job.collect !== null) return { bytes: encode(this.#job.collect(outputs)), links: false, blocks: [] }
    const parts = outputs.map(output => encode(output))
    const ends: number[] = []
    for (const part of parts) ends.push((ends.at(-1) ?? 0) + part.length)
    return gatherLeaf({ bytes: Uint8Array.from(parts.flatMap(part => [...part])), ends })
  }

  #run (partition: number, input: unknown, path: Path): unknown {
    this.computed.push(partition)
    try {
      return this.#job.compute(partition, input)
    } catch (error) {
      throw new SandboxError({ kind: 'threw', path, partition, message: (error as Error).message, stack: '' })
    }
  }

  #collect (values: Uint8Array[]): Folded {
    if (this.#job.collect === null) return gatherInner(values)
    return { bytes: encode(this.#job.collect(values.map(bytes => decode(bytes)))), links: false, blocks: [] }
  }
}

function outputOf ({ bytes, links, blocks }: Folded, ms: number): Output {
  return { bytes, cid: cidOfDag(bytes), links, blocks, commits: null, ms }
}
