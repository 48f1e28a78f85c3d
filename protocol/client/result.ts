/**
 * A finished job's result: one value where the job collects, the outputs in index order where it does not
 * (G3). Blocks that are not here yet are fetched from those who hold the value, one part of the tree at a
 * time, and read as a stream: a result of gigabytes is never whole in memory unless `value` is asked for it.
 */
import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import { Uint8ArrayList } from 'uint8arraylist'
import type { Cid, JobId } from '../core/ids.ts'
import type { JobSpec, Value } from '../core/job.ts'
import { countOf } from '../core/sketch.ts'
import { readGathered } from '../job/gathered.ts'
import { decodeValue } from '../job/value.ts'
import { readTable } from '../host/credit/table.ts'
import { verifyBy } from '../host/keys.ts'
import type { CreditTable } from '../host/credit/table.ts'

/** The figures of a finished job (DESIGN 7's `--json`), apart from its times. */
export interface Figures {
  partitions: number
  /** Milliseconds inside sandboxes, of all peers together. */
  computeMs: number
  /** Producers of accepted values. */
  peers: number
  /** Deepest holder + 1; a lone coordinator that computes everything is 1. */
  levels: number
  failovers: number
  /** Partitions computed more than once. */
  duplicates: number
  /** Control messages of all peers, values and blocks not counted, and their encoded bytes. */
  messages: number
  bytes: number
}

/** Where a result's blocks are, or come from. */
export interface BlockSource {
  blocks: Blockstore
  /** Get every block below a content id into `blocks`. */
  fetch: (cid: Cid) => Promise<void>
}

export class JobResult {
  readonly job: JobId
  readonly spec: JobSpec
  readonly cid: Cid
  readonly figures: Figures
  readonly #value: Value
  readonly #source: BlockSource

  constructor (job: JobId, spec: JobSpec, value: Value, source: BlockSource) {
    const { stats } = value
    this.job = job
    this.spec = spec
    this.cid = value.cid
    this.#value = value
    this.#source = source
    this.figures = {
      partitions: spec.partitions,
      computeMs: Math.round(stats.computeMs),
      peers: countOf(stats.producers),
      levels: stats.levels,
      failovers: stats.failovers,
      duplicates: stats.duplicates,
      messages: stats.messages,
      bytes: stats.bytes
    }
  }

  /** True when the result is the outputs of all partitions, in order, because the job has no `collect`. */
  get isGathered (): boolean {
    return !this.spec.collect
  }

  /**
   * The outputs in index order; of a job that collects, the one value.
   *
   * @throws Error when a block cannot be had from any holder
   */
  async * outputs (): AsyncGenerator<unknown> {
    if (this.isGathered) yield * readGathered(this.#get, this.cid)
    else yield decodeValue(await this.#get(this.cid))
  }

  /** Who did how many of its partitions: receipts, read from those who hold them and checked here (K3). */
  async credit (): Promise<CreditTable> {
    return await readTable({ job: this.job, spec: this.spec, value: this.#value, get: this.#get, verify: verifyBy })
  }

  /** The value; of a job without `collect`, an array of all outputs, which must fit into memory. */
  async value (): Promise<unknown> {
    const outputs = await listOf(this.outputs())
    return this.isGathered ? outputs : outputs[0]
  }

  readonly #get = async (cid: Cid): Promise<Uint8Array> => {
    if (cid === this.cid && this.#value.bytes !== null) return this.#value.bytes
    const { blocks } = this.#source
    const key = CID.parse(cid)
    if (!(await blocks.has(key))) await this.#source.fetch(cid)
    const parts: Uint8Array[] = []
    for await (const part of blocks.get(key)) parts.push(part)
    return parts.length === 1 ? parts[0] as Uint8Array : new Uint8ArrayList(...parts).subarray()
  }
}

/** All items of a stream, in memory. */
export async function listOf<T> (items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
