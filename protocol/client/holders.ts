/**
 * Those who keep a finished job's result, as a reader of it meets them: some may be gone, and a dial to nobody takes seconds to fail. So all
 * are asked at once, the first time a block is needed; reading begins at the first that answers and comes to the others only for what is
 * missing there. It knows nothing of what the blocks mean.
 */
import { UnfetchableError } from '../host/block-fetcher.ts'
import type { BlockSource } from './result.ts'
import type { Blockstore } from 'interface-blockstore'
import type { Cid, Contact, JobId, PeerId } from '../core/ids.ts'
import type { MeshPeer } from '../host/mesh-peer.ts'

/** Members beside the value's own holders, of which there are three: enough where these are gone, few enough to be dialled at once. A guess. */
const ASKED_MAX = 8

type Reader = Pick<MeshPeer, 'id' | 'blocks' | 'fetch' | 'query'>

export class Holders implements BlockSource {
  readonly blocks: Blockstore
  readonly #job: JobId
  readonly #peer: Reader
  readonly #contacts: Contact[]
  readonly #others: PeerId[]
  readonly #answered = new Set<PeerId>()
  #reached: Promise<boolean> | null = null

  /**
   * @param contacts - holders and members, best first
   * @param others - peers that answered before and may have something: asked after those
   * @param peer - the own one
   */
  constructor (job: JobId, contacts: Contact[], others: PeerId[], peer: Reader) {
    const seen = new Set([peer.id])
    this.#job = job
    this.#contacts = contacts.filter((contact) => !seen.has(contact.peer) && seen.add(contact.peer)).slice(0, ASKED_MAX)
    this.#others = others.filter((other) => !seen.has(other))
    this.#peer = peer
    this.blocks = peer.blocks
  }

  /** Resolves once one of them has answered: true; or when none has within a question's deadline (5 s): false. */
  async reach (): Promise<boolean> {
    this.#reached ??= Promise.any(this.#contacts.map(async (contact) => {
      await this.#peer.query(contact, [this.#job])
      this.#answered.add(contact.peer)
    })).then(() => true, () => false)
    return await this.#reached
  }

  /**
   * Get every block below a content id into `blocks`.
   *
   * @throws Error in one sentence when it cannot be had
   */
  async fetch (cid: Cid): Promise<void> {
    const isReached = await this.reach()
    const silent = this.#contacts.map((contact) => contact.peer).filter((peer) => !this.#answered.has(peer))
    try {
      await this.#peer.fetch(cid, [...this.#answered, ...this.#others, ...isReached ? silent : []])
    } catch (error) {
      if (!(error instanceof UnfetchableError)) throw error
      throw new Error(isReached
        ? `Those who answer lack a part of the result of job ${this.#job}; try again when others that keep it are back.`
        : `None of those who keep the result of job ${this.#job} answers; try again when one of them is back.`, { cause: error })
    }
  }
}
