/**
 * libp2p's records in memory, with a bound (X4): what it knows of every peer it ever met, and the DHT's provider
 * records. Both are keyed by what strangers choose, and libp2p itself lets them grow. The record written least
 * recently is forgotten first; a peer that is met again is simply learned again.
 */
import { MemoryDatastore } from 'datastore-core/memory'
import { RECORDS_MAX } from './limits.ts'

type Key = Parameters<MemoryDatastore['put']>[0]

export class CappedDatastore extends MemoryDatastore {
  readonly #max: number
  readonly #keys = new Map<string, Key>()

  constructor (max = RECORDS_MAX) {
    super()
    this.#max = max
  }

  get size (): number {
    return this.#keys.size
  }

  override put (key: Key, value: Uint8Array): Key {
    const name = key.toString()
    this.#keys.delete(name)
    this.#keys.set(name, key)
    void super.put(key, value)
    if (this.#keys.size > this.#max) {
      const oldest = this.#keys.values().next().value
      if (oldest !== undefined) this.delete(oldest)
    }
    return key
  }

  override delete (key: Key): void {
    this.#keys.delete(key.toString())
    void super.delete(key)
  }
}
