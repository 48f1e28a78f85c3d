/**
 * Gets content-addressed blocks from peers into the own store (DESIGN 4, content): single ones, or everything
 * below one. A block that is stored is not fetched, one that is on its way is waited for, so that each comes
 * once however many ask. The network has verified every block before it arrives here. Peers are asked in turn;
 * nothing is asked of peers that the caller did not name.
 */
import { CID } from 'multiformats/cid'
import { BLOCKS_PER_REQUEST_MAX } from './network.ts'
import { joined } from '../job/bytes.ts'
import { linksOf } from './wire/links.ts'
import type { Blockstore } from 'interface-blockstore'
import type { Cid, PeerId } from '../core/ids.ts'
import type { Network } from './network.ts'

/** Blocks below one content id: 65,536 leaves' values and their inner nodes many times over. A guess. */
const TREE_BLOCKS_MAX = 2 ** 20

interface Waiting { promise: Promise<boolean>, settle: (found: boolean) => void }

/** Nobody asked has the block. */
export class UnfetchableError extends Error {
  override name = 'UnfetchableError'
  readonly cid: Cid

  constructor (cid: Cid) {
    super(`no peer that was asked has block ${cid}`)
    this.cid = cid
  }
}

export class BlockFetcher {
  readonly #network: Network
  readonly #blocks: Blockstore
  readonly #onStored: (cid: Cid) => void
  readonly #coming = new Map<Cid, Waiting>()

  /** @param onStored - told of every block that was fetched */
  constructor (network: Network, blocks: Blockstore, onStored: (cid: Cid) => void = () => {}) {
    this.#network = network
    this.#blocks = blocks
    this.#onStored = onStored
  }

  /** A stored block, or null. */
  async read (cid: Cid): Promise<Uint8Array | null> {
    try {
      const parts: Uint8Array[] = []
      for await (const part of this.#blocks.get(CID.parse(cid))) parts.push(part)
      return parts.length === 1 ? parts[0] as Uint8Array : joined(parts)
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return null
      throw error
    }
  }

  /**
   * A block, from the store or from peers.
   *
   * @throws UnfetchableError when none of them has it
   */
  async get (cid: Cid, from: () => PeerId[], signal: AbortSignal): Promise<Uint8Array> {
    const stored = await this.read(cid)
    if (stored !== null) return stored
    await this.#fetch([cid], from(), signal)
    const fetched = await this.read(cid)
    if (fetched === null) throw new UnfetchableError(cid)
    return fetched
  }

  /**
   * Everything below a content id, itself included.
   *
   * @param onBlock - told of each, whether it was fetched or stored before
   * @param wholes - content ids below which everything is known to be stored; they are not walked, and this one joins them
   * @throws UnfetchableError when a block cannot be had; Error when a block is no block of this protocol
   */
  async tree (cid: Cid, from: PeerId[], signal: AbortSignal, onBlock: (cid: Cid) => void = () => {}, wholes = new Set<Cid>()): Promise<void> {
    if (wholes.has(cid)) return
    const seen = new Set<Cid>([cid])
    let level: Cid[] = [cid]
    while (level.length > 0) {
      const next: Cid[] = []
      for (let at = 0; at < level.length; at += BLOCKS_PER_REQUEST_MAX) {
        const batch = level.slice(at, at + BLOCKS_PER_REQUEST_MAX)
        await this.#fetch(await this.#missing(batch), from, signal)
        batch.forEach(onBlock)
        for (const link of await this.#linksBelow(batch)) {
          if (seen.has(link) || wholes.has(link)) continue
          if (seen.size >= TREE_BLOCKS_MAX) throw new Error(`there are more than ${TREE_BLOCKS_MAX} blocks below ${cid}`)
          seen.add(link)
          next.push(link)
        }
      }
      level = next
    }
    wholes.add(cid)
  }

  async #missing (cids: Cid[]): Promise<Cid[]> {
    const missing: Cid[] = []
    for (const cid of cids) {
      if (!await this.#blocks.has(CID.parse(cid))) missing.push(cid)
    }
    return missing
  }

  async #linksBelow (cids: Cid[]): Promise<Cid[]> {
    const links: Cid[] = []
    for (const cid of cids) {
      const bytes = await this.read(cid)
      if (bytes === null) throw new UnfetchableError(cid)
      links.push(...linksOf(cid, bytes))
    }
    return links
  }

  /** Fetch what nobody else is fetching, and wait for the rest; what another failed to get is tried again. */
  async #fetch (cids: Cid[], from: PeerId[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const others = cids.filter(cid => this.#coming.has(cid))
    const mine = cids.filter(cid => !this.#coming.has(cid))
    await this.#ask(mine, from, signal)
    for (const cid of others) await this.#await(cid, from, signal)
  }

  /** Wait for whoever fetches the block; ask when nobody does any more, one of all that wait. */
  async #await (cid: Cid, from: PeerId[], signal: AbortSignal): Promise<void> {
    for (;;) {
      const coming = this.#coming.get(cid)
      if (coming !== undefined && await coming.promise) return
      if (coming === undefined && await this.#blocks.has(CID.parse(cid))) return
      if (!this.#coming.has(cid)) return await this.#ask([cid], from, signal)
    }
  }

  async #ask (cids: Cid[], from: PeerId[], signal: AbortSignal): Promise<void> {
    const left = new Set(cids)
    for (const cid of left) this.#coming.set(cid, waiting())
    try {
      for (const peer of from) {
        if (left.size === 0) break
        await this.#askOne(left, peer, signal)
      }
    } finally {
      for (const cid of left) this.#settle(cid, false)
    }
    const [missing] = left
    if (missing !== undefined) throw new UnfetchableError(missing)
  }

  async #askOne (left: Set<Cid>, peer: PeerId, signal: AbortSignal): Promise<void> {
    const cids = [...left]
    try {
      for (let at = 0; at < cids.length; at += BLOCKS_PER_REQUEST_MAX) {
        for await (const { cid, bytes } of this.#network.fetchBlocks(cids.slice(at, at + BLOCKS_PER_REQUEST_MAX), peer, signal)) {
          if (bytes === null) continue
          await this.#blocks.put(CID.parse(cid), bytes)
          this.#onStored(cid)
          left.delete(cid)
          this.#settle(cid, true)
        }
      }
    } catch {
      signal.throwIfAborted()
      // Another peer is asked for the rest.
    }
  }

  #settle (cid: Cid, found: boolean): void {
    const waiting = this.#coming.get(cid)
    this.#coming.delete(cid)
    waiting?.settle(found)
  }
}

function waiting (): Waiting {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  return { promise, settle: resolve }
}
