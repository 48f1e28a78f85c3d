/**
 * Which stored blocks belong to which jobs, so that a job that is forgotten leaves nothing behind (effect
 * `forget`) and takes nothing that another job still needs.
 */
import { CID } from 'multiformats/cid'
import type { Blockstore } from 'interface-blockstore'
import type { Cid, JobId } from '../core/ids.ts'

export class JobBlocks {
  readonly #blocks: Blockstore
  readonly #byJob = new Map<JobId, Set<Cid>>()
  readonly #wholes = new Map<JobId, Set<Cid>>()

  constructor (blocks: Blockstore) {
    this.#blocks = blocks
  }

  /** Store a block for a job. */
  async put (job: JobId, cid: Cid, bytes: Uint8Array): Promise<void> {
    await this.#blocks.put(CID.parse(cid), bytes)
    this.note(job, cid)
  }

  /** A block of the job is stored already. */
  note (job: JobId, cid: Cid): void {
    const cids = this.#byJob.get(job)
    if (cids === undefined) this.#byJob.set(job, new Set([cid]))
    else cids.add(cid)
  }

  /** Content ids below which everything is stored, so that large values are not walked again at every level of the tree. */
  wholesOf (job: JobId): Set<Cid> {
    const wholes = this.#wholes.get(job) ?? new Set()
    this.#wholes.set(job, wholes)
    return wholes
  }

  /** Delete the job's blocks that no other job has. */
  async forget (job: JobId): Promise<void> {
    const cids = this.#byJob.get(job)
    if (cids === undefined) return
    this.#byJob.delete(job)
    this.#wholes.delete(job)
    for (const cid of cids) {
      const isShared = [...this.#byJob.values()].some(others => others.has(cid))
      if (!isShared) await this.#blocks.delete(CID.parse(cid))
    }
  }
}
