/**
 * A mesh peer's side of its store: which kept jobs come back and when (D2), and how many cores it may use while the store takes nothing
 * more (D6). A peer with a plain block store, or one that only spills, keeps nothing and is told nothing.
 */
import { Keeper } from './keeper.ts'
import { PeerStore } from './peer-store.ts'
import type { BlockFetcher } from '../block-fetcher.ts'
import type { Counters } from '../traffic.ts'
import type { Input } from '../../core/input.ts'
import type { JobBlocks } from '../job-blocks.ts'
import type { JobChange } from '../../core/record.ts'
import type { JobId } from '../../core/ids.ts'
import type { MeshPeerInit } from '../mesh-peer-init.ts'
import type { Notice } from '../../core/notice.ts'
import type { StoreState } from './peer-store.ts'

export interface KeepingInit {
  store: MeshPeerInit['blocks']
  restores?: MeshPeerInit['restores']
  /** Which blocks belong to which jobs. */
  blocks: JobBlocks
  fetcher: BlockFetcher
  counters: Counters
  feed: (input: Input) => void
  notify: (notice: Notice) => void
}

/** The store of a peer that survives its process (D1). */
export const keepingStore = (blocks: MeshPeerInit['blocks']): PeerStore | null => blocks instanceof PeerStore && blocks.mode === 'keep' ? blocks : null

export class Keeping {
  readonly #init: KeepingInit
  readonly #keeper: Keeper | null
  #cores = 0

  constructor (init: KeepingInit) {
    const store = keepingStore(init.store)
    const { blocks, fetcher, counters } = init
    this.#init = init
    this.#keeper = store === null ? null : new Keeper({ store, blocks, fetcher, counters })
  }

  /** Read what was kept; before the peer starts. */
  async load (signal: AbortSignal): Promise<void> {
    await this.#keeper?.load(signal)
  }

  /** The peer has started. */
  begin (cores: number): void {
    const { store, feed, restores } = this.#init
    if (restores !== 'asked') for (const restored of this.#keeper?.takeAll() ?? []) feed({ type: 'restore', restored })
    this.setCores(cores)
    if (!(store instanceof PeerStore)) return
    store.onState(state => { this.#onState(state) })
    if (store.state.state === 'full') this.#onState(store.state)
  }

  /** A full store pauses computing, whatever was asked for. */
  setCores (cores: number): void {
    const { store, feed } = this.#init
    this.#cores = cores
    const isFull = store instanceof PeerStore && store.state.state === 'full'
    feed({ type: 'capacity', cores: isFull ? 0 : cores })
  }

  /** Somebody speaks of a job: if it was kept, it comes back now. */
  restore (job: JobId): void {
    const restored = this.#keeper?.take(job) ?? null
    if (restored !== null) this.#init.feed({ type: 'restore', restored })
  }

  keep (changes: JobChange[]): void {
    this.#keeper?.keep(changes)
  }

  async forget (job: JobId): Promise<void> {
    await (this.#keeper ?? this.#init.blocks).forget(job)
  }

  async release (): Promise<void> {
    await this.#keeper?.release()
  }

  #onState (now: StoreState): void {
    this.setCores(this.#cores)
    this.#init.notify({ type: 'store', state: now.state, why: now.state === 'full' ? now.why : '' })
  }
}
