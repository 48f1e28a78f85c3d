/**
 * The store's port over IndexedDB, for tabs. A browser gives a page a share of the disk and may take it back: then the page is told, and the
 * tab starts again as a new one. A batch is one transaction: all of it or nothing.
 */
import type { DBSchema, IDBPDatabase } from 'idb'
import type { Disk, DiskChange, Namespace, Table } from '../../protocol/host/store/disk.ts'

export interface KeptSchema extends DBSchema {
  /** The key of versions before the store kept it. */
  identity: { key: string, value: Uint8Array }
  blocks: { key: string, value: Uint8Array }
  records: { key: string, value: Uint8Array }
}

/** No key holds a character as high. */
const LAST = '\uffff'

const nameOf = (table: Namespace, key: string): string => `${table} ${key}`

export class IdbDisk implements Disk {
  readonly #db: IDBPDatabase<KeptSchema>

  constructor (db: IDBPDatabase<KeptSchema>) {
    this.#db = db
  }

  async get (table: Table, key: string): Promise<Uint8Array | null> {
    const bytes = table === 'blocks' ? await this.#db.get('blocks', key) : await this.#db.get('records', nameOf(table, key))
    return bytes ?? null
  }

  async has (table: Table, key: string): Promise<boolean> {
    return await this.get(table, key) !== null
  }

  /** In portions, because a transaction ends while its reader waits for something else. */
  async * entries (table: Namespace, prefix: string): AsyncGenerator<{ key: string, bytes: Uint8Array }> {
    const start = table.length + 1
    for (let from = nameOf(table, prefix), isFirst = true; ; isFirst = false) {
      const range = IDBKeyRange.bound(from, nameOf(table, prefix) + LAST, !isFirst)
      const { store } = this.#db.transaction('records')
      const [keys, values] = await Promise.all([store.getAllKeys(range, PORTION), store.getAll(range, PORTION)])
      for (const [i, key] of keys.entries()) yield { key: key.slice(start), bytes: values[i] as Uint8Array }
      if (keys.length < PORTION) return
      from = keys.at(-1) as string
    }
  }

  async write (changes: DiskChange[]): Promise<void> {
    const transaction = this.#db.transaction(['blocks', 'records'], 'readwrite')
    const blocks = transaction.objectStore('blocks')
    const records = transaction.objectStore('records')
    for (const { table, key, bytes } of changes) {
      const [store, name] = table === 'blocks' ? [blocks, key] as const : [records, nameOf(table, key)] as const
      // What goes wrong with one fails the transaction, which is waited for.
      void (bytes === null ? store.delete(name) : store.put(bytes, name)).catch(() => {})
    }
    await transaction.done
  }

  async clearBlocks (): Promise<void> {
    await this.#db.clear('blocks')
  }

  /** All tabs of the page's origin together: what is left is what they share. */
  async size (): Promise<number> {
    return (await navigator.storage?.estimate?.())?.usage ?? 0
  }

  async tidy (): Promise<void> {
    // Browsers do that.
  }

  async close (): Promise<void> {
    this.#db.close()
  }
}

const PORTION = 512
