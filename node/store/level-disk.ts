/**
 * The store's port over LevelDB: records through the IPFS datastore, blocks through the IPFS blockstore, both in one database, so that
 * one lock holds it all. LevelDB hands every batch to the system before it answers, so that what was written outlives a killed process.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelBlockstore } from 'blockstore-level'
import { LevelDatastore } from 'datastore-level'
import { Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import type { ClassicLevel } from 'classic-level'
import type { Disk, DiskChange, Namespace, Table } from '../../protocol/host/store/disk.ts'

export type Database = ClassicLevel<string, Uint8Array>

/** As both stores want their database. */
export const ENCODINGS = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

const keyOf = (table: Namespace, key: string): Key => new Key(`/${table}/${key}`)

export class LevelDisk implements Disk {
  readonly #folder: string
  readonly #db: Database
  readonly #records: LevelDatastore
  readonly #blocks: LevelBlockstore
  readonly #clear: () => Promise<void>

  /** @param db open, with `ENCODINGS` */
  constructor (folder: string, db: Database) {
    this.#folder = folder
    this.#db = db
    // Their types name LevelDB's wrapper for all platforms, of which this is the one for Node.
    this.#records = new LevelDatastore(db as never)
    const blocks = db.sublevel<string, Uint8Array>('blocks', ENCODINGS)
    this.#blocks = new LevelBlockstore(blocks as never)
    this.#clear = async () => { await blocks.clear() }
  }

  async get (table: Table, key: string): Promise<Uint8Array | null> {
    try {
      if (table !== 'blocks') return await this.#records.get(keyOf(table, key))
      for await (const bytes of this.#blocks.get(CID.parse(key))) return bytes
      return null
    } catch {
      // Not there, or not to be read: whoever asked gets it elsewhere (D5).
      return null
    }
  }

  async has (table: Table, key: string): Promise<boolean> {
    return await this.get(table, key) !== null
  }

  async * entries (table: Namespace, prefix: string): AsyncGenerator<{ key: string, bytes: Uint8Array }> {
    const start = `/${table}/`.length
    try {
      for await (const { key, value } of this.#records.query({ prefix: `/${table}/${prefix}` })) yield { key: key.toString().slice(start), bytes: value }
    } catch {
      // What cannot be read any more is not there (D5).
    }
  }

  async write (changes: DiskChange[]): Promise<void> {
    await this.#commit(changes.filter(({ table, bytes }) => table === 'owned' && bytes !== null))
    await Promise.all(changes.map(async ({ table, key, bytes }) => {
      if (table !== 'blocks') return
      if (bytes === null) await this.#blocks.delete(CID.parse(key))
      else await this.#blocks.put(CID.parse(key), bytes)
    }))
    await this.#commit(changes.filter(({ table, bytes }) => table !== 'blocks' && !(table === 'owned' && bytes !== null)))
  }

  async clearBlocks (): Promise<void> {
    await this.#clear()
  }

  async size (): Promise<number> {
    const names = await readdir(this.#folder)
    const stats = await Promise.all(names.map(async name => await stat(join(this.#folder, name)).catch(() => null)))
    return stats.reduce((sum, file) => sum + (file?.size ?? 0), 0)
  }

  async tidy (): Promise<void> {
    await this.#db.compactRange('', '\uffff')
  }

  async close (): Promise<void> {
    await this.#db.close()
  }

  async #commit (changes: DiskChange[]): Promise<void> {
    if (changes.length === 0) return
    const batch = this.#records.batch()
    for (const { table, key, bytes } of changes) {
      if (bytes === null) batch.delete(keyOf(table as Namespace, key))
      else batch.put(keyOf(table as Namespace, key), bytes)
    }
    await batch.commit()
  }
}
