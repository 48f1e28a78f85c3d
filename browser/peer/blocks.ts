/**
 * A tab's blocks: those in use in memory up to a limit, all of them in IndexedDB beside it, so that a refreshed tab
 * need not fetch a job's bundle and inputs again. What is older than an hour goes at the next start. Storage that is
 * full is no fault: such a block stays in memory. Blocks are not checked here: whoever puts them has verified them;
 * what was read back from storage is checked again, since anyone with the browser's tools may have changed it.
 */
import { BaseBlockstore } from 'blockstore-core'
import type { CID } from 'multiformats/cid'
import { equals } from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import type { IDBPDatabase } from 'idb'
import type { KeptSchema } from './keep.ts'

type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Blocks kept in memory at most, bytes, of those that are stored as well. A guess; an idle tab has 60 MB in all. */
const MEMORY_BYTES_MAX = 16 * 1024 * 1024
const KEPT_MS = 3_600_000

export class TabBlocks extends BaseBlockstore {
  readonly #db: IDBPDatabase<KeptSchema>
  /** Oldest use first. */
  readonly #memory = new Map<string, { bytes: Uint8Array, isStored: boolean }>()
  readonly #bytesMax: number
  #bytes = 0

  /** @param bytesMax bytes kept in memory at most of what is stored as well */
  constructor (db: IDBPDatabase<KeptSchema>, bytesMax = MEMORY_BYTES_MAX) {
    super()
    this.#db = db
    this.#bytesMax = bytesMax
  }

  /** Drop what earlier visits left. */
  async sweep (nowMs: number): Promise<void> {
    const { store } = this.#db.transaction('blocks', 'readwrite')
    for (let cursor = await store.index('ms').openCursor(IDBKeyRange.upperBound(nowMs - KEPT_MS)); cursor !== null; cursor = await cursor.continue()) await cursor.delete()
  }

  override async put (cid: CID, val: Bytes): Promise<CID> {
    const key = cid.toString()
    if (this.#memory.has(key)) return cid
    const bytes = val instanceof Uint8Array ? val : await joined(val)
    const block = { bytes, isStored: false }
    this.#keep(key, block)
    this.#db.put('blocks', { bytes, ms: Date.now() }, key).then(() => { block.isStored = true; this.#trim() }, () => { /* full, or closing */ })
    return cid
  }

  override async * get (cid: CID): AsyncGenerator<Uint8Array> {
    const key = cid.toString()
    const block = this.#memory.get(key)
    if (block !== undefined) {
      this.#memory.delete(key)
      this.#memory.set(key, block)
      yield block.bytes
      return
    }
    const stored = await this.#db.get('blocks', key)
    if (stored === undefined || !await isIntact(cid, stored.bytes)) throw new Error(`There is no block ${key}.`)
    this.#keep(key, { bytes: stored.bytes, isStored: true })
    this.#trim()
    yield stored.bytes
  }

  override async has (cid: CID): Promise<boolean> {
    const key = cid.toString()
    if (this.#memory.has(key)) return true
    const stored = await this.#db.get('blocks', key)
    return stored !== undefined && await isIntact(cid, stored.bytes)
  }

  override async delete (cid: CID): Promise<void> {
    const key = cid.toString()
    const block = this.#memory.get(key)
    if (block !== undefined) this.#bytes -= block.bytes.byteLength
    this.#memory.delete(key)
    await this.#db.delete('blocks', key)
  }

  #keep (key: string, block: { bytes: Uint8Array, isStored: boolean }): void {
    this.#memory.set(key, block)
    this.#bytes += block.bytes.byteLength
  }

  #trim (): void {
    for (const [key, { bytes, isStored }] of this.#memory) {
      if (this.#bytes <= this.#bytesMax) return
      if (!isStored) continue
      this.#memory.delete(key)
      this.#bytes -= bytes.byteLength
    }
  }
}

async function isIntact (cid: CID, bytes: Uint8Array): Promise<boolean> {
  return cid.multihash.code === sha256.code && equals(await sha256.digest(bytes), cid.multihash)
}

async function joined (parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return new Uint8Array(await new Blob(all as Array<Uint8Array<ArrayBuffer>>).arrayBuffer())
}
