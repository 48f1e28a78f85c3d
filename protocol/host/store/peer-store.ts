/**
 * What a peer keeps: blocks by content id, and small records by namespace and key (D1). Everything is taken at once, into memory, and
 * written behind in batches, so that nobody waits for a disk; what the disk has is dropped from memory above a limit. Whatever comes
 * back from the disk is believed only if its digest says so (D5). A disk that takes nothing more is told of, and tried again until it
 * does: nothing is lost meanwhile (D6). It never decides what to keep or to forget.
 */
import { BaseBlockstore } from 'blockstore-core'
import type { CID } from 'multiformats/cid'
import { equals } from 'multiformats/bytes'
import { sha256 } from '@noble/hashes/sha2.js'
import { Crowding } from './crowding.ts'
import { Writer } from './writer.ts'
import { joined } from '../../job/bytes.ts'
import type { Disk, Namespace } from './disk.ts'

export interface PeerStoreInit {
  /** Opened when it is first needed. */
  disk: () => Promise<Disk>
  /** Write everything, or only blocks for which memory has no room. */
  mode: 'keep' | 'spill'
  /** Blocks kept in memory at most, bytes. */
  memoryBytesMax?: number
  /** What it may take on the disk, bytes. */
  diskBytesMax?: number
}

/** Can it keep more? `why` is a sentence for people. */
export type StoreState = { state: 'open' } | { state: 'full', why: string }

/** A volunteer's whole budget is 120 MB (DESIGN 9), its code is half of it. */
const MEMORY_BYTES_MAX = 32 * 1024 * 1024
/** A guess: a thousandth of the disks that people buy. */
export const DISK_BYTES_MAX = 1024 * 1024 * 1024
const DIGEST_BYTES = 32

/** The name that users of block stores look for. */
class NotFoundError extends Error {
  override name = 'NotFoundError'
}

type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export class PeerStore extends BaseBlockstore {
  readonly mode: PeerStoreInit['mode']
  /** Entries found damaged, and dropped. */
  damaged = 0
  readonly #memory = new Map<string, Uint8Array>()
  readonly #memoryBytesMax: number
  readonly #init: PeerStoreInit
  readonly #writer: Writer
  readonly #crowding: Crowding
  readonly #listeners = new Set<(state: StoreState) => void>()
  #bytes = 0
  #disk: Promise<Disk> | null = null
  #state: StoreState = { state: 'open' }
  #why = { disk: '', crowd: '' }

  constructor (init: PeerStoreInit) {
    super()
    this.mode = init.mode
    this.#init = init
    this.#memoryBytesMax = init.memoryBytesMax ?? MEMORY_BYTES_MAX
    this.#crowding = new Crowding(init.diskBytesMax ?? DISK_BYTES_MAX, async () => await this.#opened(), why => { this.#become('crowd', why) })
    this.#writer = new Writer({
      disk: async () => await this.#opened(),
      onWritten: bytes => { this.#trim(); this.#crowding.grow(bytes) },
      onState: why => { this.#become('disk', why) }
    })
  }

  /** Whether it takes more just now. */
  get state (): StoreState {
    return this.#state
  }

  /** @returns what ends listening */
  onState (listener: (state: StoreState) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** Who makes room when the disk's quota is used up: says whether it could. */
  onCrowded (free: () => Promise<boolean>): void {
    this.#crowding.onCrowded = free
  }

  /** Blocks. Where the disk is slower than who puts them, they wait. */
  override async put (cid: CID, val: Bytes): Promise<CID> {
    const key = cid.toString()
    if (this.#memory.has(key)) return cid
    const bytes = val instanceof Uint8Array ? val : await gathered(val)
    this.#remember(key, bytes)
    if (this.mode === 'keep') this.#writer.add({ table: 'blocks', key, bytes })
    this.#trim()
    await this.#writer.drained()
    return cid
  }

  override async * get (cid: CID): AsyncGenerator<Uint8Array> {
    const key = cid.toString()
    const known = this.#memory.get(key)
    if (known !== undefined) {
      this.#memory.delete(key)
      this.#memory.set(key, known)
      yield known
      return
    }
    const stored = await this.#readBlock(cid, key)
    if (stored === null) throw new NotFoundError(`There is no block ${key}.`)
    this.#remember(key, stored)
    this.#trim()
    yield stored
  }

  /** One that is damaged is not there. */
  override async has (cid: CID): Promise<boolean> {
    const key = cid.toString()
    return this.#memory.has(key) || await this.#readBlock(cid, key) !== null
  }

  override async delete (cid: CID): Promise<void> {
    const key = cid.toString()
    this.#forget(key)
    if (this.mode === 'keep' || this.#disk !== null) this.#writer.add({ table: 'blocks', key, bytes: null })
  }

  /** Keep a record; it takes the place of the one before. */
  set (namespace: Namespace, key: string, bytes: Uint8Array): void {
    this.#writer.add({ table: namespace, key, bytes: sealed(bytes) }, this.mode === 'keep')
  }

  remove (namespace: Namespace, key: string): void {
    this.#writer.add({ table: namespace, key, bytes: null }, this.mode === 'keep')
  }

  /** A record, or null where there is none, or it is damaged. */
  async read (namespace: Namespace, key: string): Promise<Uint8Array | null> {
    const pending = this.#writer.find(namespace, key)
    if (pending !== undefined) return pending === null ? null : opened(pending)
    if (this.mode === 'spill') return null
    const stored = await (await this.#opened()).get(namespace, key)
    return stored === null ? null : this.#sound(namespace, key, stored)
  }

  /** All records whose keys begin so; damaged ones are dropped. */
  async * entries (namespace: Namespace, prefix = ''): AsyncGenerator<{ key: string, bytes: Uint8Array }> {
    for (const { key, bytes } of this.#writer.pending(namespace, prefix)) if (bytes !== null) yield { key, bytes: opened(bytes) as Uint8Array }
    if (this.mode === 'spill') return
    for await (const { key, bytes } of (await this.#opened()).entries(namespace, prefix)) {
      if (this.#writer.find(namespace, key) !== undefined) continue
      const sound = this.#sound(namespace, key, bytes)
      if (sound !== null) yield { key, bytes: sound }
    }
  }

  /** Before anything is put: where no job is kept, blocks were left behind by a process that died. */
  async sweep (): Promise<this> {
    if (this.mode === 'spill') return this
    for await (const _job of this.entries('jobs')) return this
    await (await this.#opened()).clearBlocks()
    return this
  }

  /** Resolves once everything taken so far is written, or cannot be. */
  async flush (): Promise<void> {
    await this.#writer.flush()
  }

  /** Write what is left and let go of the disk. */
  async close (): Promise<void> {
    await this.flush()
    this.#writer.stop()
    this.#crowding.stop()
    this.#memory.clear()
    const disk = await this.#disk?.catch(() => null)
    await disk?.close()
  }

  async #opened (): Promise<Disk> {
    this.#disk ??= this.#init.disk()
    return await this.#disk
  }

  async #readBlock (cid: CID, key: string): Promise<Uint8Array | null> {
    if (this.mode === 'spill' && this.#disk === null) return null
    const pending = this.#writer.find('blocks', key)
    if (pending !== undefined) return pending
    const stored = await (await this.#opened()).get('blocks', key)
    if (stored === null) return null
    if (equals(sha256(stored), cid.multihash.digest)) return stored
    this.#drop('blocks', key)
    return null
  }

  #sound (namespace: Namespace, key: string, bytes: Uint8Array): Uint8Array | null {
    const inside = opened(bytes)
    if (inside === null) this.#drop(namespace, key)
    return inside
  }

  #drop (table: Namespace | 'blocks', key: string): void {
    this.damaged++
    this.#writer.add({ table, key, bytes: null })
  }

  #remember (key: string, bytes: Uint8Array): void {
    this.#memory.set(key, bytes)
    this.#bytes += bytes.byteLength
  }

  #forget (key: string): void {
    this.#bytes -= this.#memory.get(key)?.byteLength ?? 0
    this.#memory.delete(key)
  }

  /** Memory lets go of what is on the disk, oldest use first; what is not is written where it has to be. */
  #trim (): void {
    for (const [key, bytes] of this.#memory) {
      if (this.#bytes <= this.#memoryBytesMax) return
      if (this.mode === 'spill') this.#writer.add({ table: 'blocks', key, bytes })
      else if (this.#writer.find('blocks', key) !== undefined) continue
      this.#forget(key)
    }
  }

  #become (what: 'disk' | 'crowd', why: string): void {
    this.#why[what] = why
    const now = this.#why.disk !== '' ? this.#why.disk : this.#why.crowd
    if (now === (this.#state.state === 'full' ? this.#state.why : '')) return
    this.#state = now === '' ? { state: 'open' } : { state: 'full', why: now }
    for (const listener of this.#listeners) listener(this.#state)
  }
}

/** A record with its digest before it. */
function sealed (bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(DIGEST_BYTES + bytes.length)
  all.set(sha256(bytes))
  all.set(bytes, DIGEST_BYTES)
  return all
}

function opened (all: Uint8Array): Uint8Array | null {
  const bytes = all.subarray(DIGEST_BYTES)
  return all.length >= DIGEST_BYTES && equals(sha256(bytes), all.subarray(0, DIGEST_BYTES)) ? bytes : null
}

async function gathered (parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = []
  for await (const part of parts) list.push(part)
  return joined(list)
}
