/**
 * Between a peer's core and its store: writes what the core says is to be kept (D1), and gives it back after a restart once it has looked
 * that all blocks are there (D2). A job whose time is over, and whatever belongs to no job, is removed. It decides nothing about jobs.
 */
import { countDropped } from '../traffic.ts'
import { decodeJob, decodeValue, encodeJob, encodeValue, keyOf, pathKey, splitKey } from './kept-job.ts'
import type { BlockFetcher } from '../block-fetcher.ts'
import type { Cid, JobId } from '../../core/ids.ts'
import type { Counters } from '../traffic.ts'
import type { JobBlocks } from '../job-blocks.ts'
import type { JobChange, Restored } from '../../core/record.ts'
import type { KeptJob } from './kept-job.ts'
import type { PeerStore } from './peer-store.ts'
import type { Value } from '../../core/job.ts'

export interface KeeperInit {
  store: PeerStore
  blocks: JobBlocks
  fetcher: BlockFetcher
  counters: Counters
}

export class Keeper {
  readonly #init: KeeperInit
  /** Jobs in the store, as they are written there. */
  readonly #jobs = new Map<JobId, KeptJob>()
  /** Those that the core has not been given back. */
  readonly #waiting = new Map<JobId, Restored>()
  /** Finished ones whose blocks were given up for others. */
  readonly #evicted = new Set<JobId>()
  /** Jobs whose records were lost; another job may have their blocks, maybe one that is just being made. */
  readonly #orphans = new Set<JobId>()

  constructor (init: KeeperInit) {
    this.#init = init
    init.store.onCrowded(async () => await this.#evict())
  }

  /** Read all of the store, and check that what its values need is there. */
  async load (signal: AbortSignal): Promise<void> {
    const { store } = this.#init
    for await (const { key, bytes } of store.entries('jobs')) {
      const kept = decodeJob(bytes)
      if (kept === null) store.remove('jobs', key)
      else this.#jobs.set(key as JobId, kept)
    }
    await this.#loadBlocks()
    const values = await this.#loadValues()
    for (const [job, kept] of [...this.#jobs]) {
      if (isExpired(kept)) await this.forget(job)
      else this.#waiting.set(job, await this.#restored(job, kept, values.get(job) ?? [], signal))
    }
  }

  /** A job that the core has not been given back yet, once. */
  take (job: JobId): Restored | null {
    const restored = this.#waiting.get(job) ?? null
    this.#waiting.delete(job)
    return restored
  }

  /** All of them, oldest first. */
  takeAll (): Restored[] {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    return all
  }

  /** Write what one input changed. */
  keep (changes: JobChange[]): void {
    const { store } = this.#init
    for (const { job, record, puts, drops } of changes) {
      if (record !== null) this.#keepRecord(job, record)
      for (const path of drops) store.remove('values', pathKey(job, path))
      for (const value of puts) store.set('values', pathKey(job, value.path), encodeValue(value))
    }
  }

  /** A job's time is over: nothing of it stays (D8). */
  async forget (job: JobId): Promise<void> {
    const { store, blocks } = this.#init
    this.#jobs.delete(job)
    this.#waiting.delete(job)
    this.#evicted.delete(job)
    this.#orphans.delete(job)
    store.remove('jobs', job)
    const keys: string[] = []
    for await (const { key } of store.entries('values', keyOf(job, ''))) keys.push(key)
    for (const key of keys) store.remove('values', key)
    await blocks.forget(job)
  }

  /** Forget all jobs but those that nobody asked for: a mesh of one command ends with it. */
  async release (): Promise<void> {
    for (const job of [...this.#orphans, ...this.#jobs.keys()]) if (!this.#waiting.has(job)) await this.forget(job)
  }

  #keepRecord (job: JobId, record: KeptJob['record']): void {
    const now = Date.now()
    const before = this.#jobs.get(job)
    const isOver = record.announcement.outcome !== null
    const kept = { record, heardMs: before?.heardMs ?? now, endedMs: isOver ? before?.endedMs || now : 0 }
    this.#jobs.set(job, kept)
    this.#init.store.set('jobs', job, encodeJob(kept))
  }

  async #loadBlocks (): Promise<void> {
    const { store, blocks } = this.#init
    const orphans: string[] = []
    for await (const { key } of store.entries('owned')) {
      const { job, rest } = splitKey(key)
      if (this.#jobs.has(job)) blocks.restore(job, rest as Cid)
      else orphans.push(key)
    }
    for (const key of orphans) {
      const { job, rest } = splitKey(key)
      blocks.restore(job, rest as Cid)
      this.#orphans.add(job)
    }
  }

  async #loadValues (): Promise<Map<JobId, Value[]>> {
    const { store } = this.#init
    const values = new Map<JobId, Value[]>()
    for await (const { key, bytes } of store.entries('values')) {
      const { job } = splitKey(key)
      const value = this.#jobs.has(job) ? decodeValue(bytes) : null
      if (value === null) store.remove('values', key)
      else {
        const all = values.get(job) ?? []
        values.set(job, all)
        all.push(value)
      }
    }
    return values
  }

  async #restored (job: JobId, { record, heardMs, endedMs }: KeptJob, values: Value[], signal: AbortSignal): Promise<Restored> {
    const { spec, outcome } = record.announcement
    const ageMs = Math.max(0, Date.now() - (endedMs || heardMs))
    if (outcome !== null) return { record, values: [], goods: 'all', ageMs }
    const goods = [spec.bundle, spec.params, ...spec.inputs === null ? [] : [spec.inputs]]
    const isStocked = (await Promise.all(goods.map(async cid => await this.#isWhole(job, cid, signal)))).every(isHere => isHere)
    return { record, values: await this.#sound(job, values, signal), goods: isStocked ? 'all' : 'some', ageMs }
  }

  /** Values whose blocks are all there; the others are as if they had never been (D5). */
  async #sound (job: JobId, values: Value[], signal: AbortSignal): Promise<Value[]> {
    const sound: Value[] = []
    for (const value of values) {
      const isWhole = value.bytes !== null && !value.links ? true : await this.#isWhole(job, value.cid, signal)
      if (isWhole) sound.push(value)
      else {
        this.#init.store.remove('values', pathKey(job, value.path))
        countDropped(this.#init.counters, 'a kept value lacks blocks')
      }
    }
    return sound
  }

  async #isWhole (job: JobId, cid: Cid, signal: AbortSignal): Promise<boolean> {
    return await this.#init.fetcher.tree(cid, [], signal, () => {}, this.#init.blocks.wholesOf(job)).then(() => true, () => false)
  }

  /** D8: results of finished jobs make room, the oldest first; that they are finished stays known. */
  async #evict (): Promise<boolean> {
    const [orphan] = this.#orphans
    if (orphan !== undefined) {
      await this.forget(orphan)
      return true
    }
    const finished = [...this.#jobs].filter(([job, { endedMs }]) => endedMs > 0 && !this.#evicted.has(job))
    const oldest = finished.sort(([, a], [, b]) => a.endedMs - b.endedMs)[0]
    if (oldest === undefined) return false
    this.#evicted.add(oldest[0])
    await this.#init.blocks.forget(oldest[0])
    await this.#init.store.flush()
    return true
  }
}

/** R5: as the core counts it; of a job that never ended, from when it was heard of. */
const isExpired = ({ record, heardMs, endedMs }: KeptJob): boolean => Date.now() - (endedMs || heardMs) > record.announcement.spec.expiryMs
