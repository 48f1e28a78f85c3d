/**
 * Which stored blocks belong to which jobs, so that a job that is forgotten leaves nothing behind (effect
 * `forget`) and takes nothing that another job still needs.
 */
import { CID } from 'multiformats/cid'
import type { Blockstore } from 'interface-blockstore'
import type { BlockFetcher } from './block-fetcher.ts'
import type { Cid, JobId, PeerId } from '../core/ids.ts'
import type { PeerStore } from './store/peer-store.ts'
import { keyOf } from './store/kept-job.ts'

/** That there is an entry says it all. */
const NOTHING = new Uint8Array()

export class JobBlocks {
  readonly #blocks: Blockstore
  readonly #store: PeerStore | null
  readonly #byJob = new Map<JobId, Set<Cid>>()
  readonly #wholes = new Map<JobId, Set<Cid>>()

  /** @param store - remembers it across restarts, where there is one */
  constructor (blocks: Blockstore, store: PeerStore | null = null) {
    this.#blocks = blocks
    this.#store = store
  }

  /** Store a block for a job. */
  async put (job: JobId, cid: Cid, bytes: Uint8Array): Promise<void> {
    this.note(job, cid)
    await this.#blocks.put(CID.parse(cid), bytes)
  }

  /** A block of the job is stored already. */
  note (job: JobId, cid: Cid): void {
    if (this.#byJob.get(job)?.has(cid) === true) return
    this.restore(job, cid)
    this.#store?.set('owned', keyOf(job, cid), NOTHING)
  }

  /** It was noted before a restart. */
  restore (job: JobId, cid: Cid): void {
    const cids = this.#byJob.get(job)
    if (cids === undefined) this.#byJob.set(job, new Set([cid]))
    else cids.add(cid)
  }

  /**
   * Get everything below a content id, and note it all for the job.
   *
   * @throws UnfetchableError when none of these peers has a block
   */
  async gather (fetcher: BlockFetcher, job: JobId, cid: Cid, from: PeerId[], signal: AbortSignal): Promise<void> {
    await fetcher.tree(cid, from, signal, block => { this.note(job, block) }, this.wholesOf(job))
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
      this.#store?.remove('owned', keyOf(job, cid))
    }
  }
}
