/**
 * Where a tab keeps its receipts (K5): in a database of their own, so that they stay when blocks are cleared and the peer's store is made
 * anew. Lines are only added.
 */
import { openDB } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { ReceiptLog } from '../../protocol/host/credit/wallet.ts'

interface ReceiptSchema extends DBSchema {
  lines: { key: number, value: { peer: PeerId, line: string }, indexes: { peer: PeerId } }
}

const NAME = 'millionfold-receipts'

export class TabReceipts implements ReceiptLog {
  readonly #peer: PeerId
  #db: Promise<IDBPDatabase<ReceiptSchema>> | null = null

  constructor (peer: PeerId) {
    this.#peer = peer
  }

  async read (): Promise<string[]> {
    const kept = await (await this.#opened()).getAllFromIndex('lines', 'peer', this.#peer)
    return kept.map(({ line }) => line)
  }

  async append (line: string): Promise<void> {
    await (await this.#opened()).add('lines', { peer: this.#peer, line })
  }

  async #opened (): Promise<IDBPDatabase<ReceiptSchema>> {
    this.#db ??= openDB<ReceiptSchema>(NAME, 1, {
      upgrade (db) {
        db.createObjectStore('lines', { autoIncrement: true }).createIndex('peer', 'peer')
      }
    })
    return await this.#db
  }
}
