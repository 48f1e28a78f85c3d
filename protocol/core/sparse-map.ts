/**
 * A map that is empty most of the time, as many of a peer's are: it takes memory only while it holds something. Otherwise it is like any
 * other, and keeps the order in which keys came.
 */
const NOTHING = new Map<never, never>()

export class SparseMap<K, V> {
  #map: Map<K, V> | null = null

  get size (): number {
    return this.#map === null ? 0 : this.#map.size
  }

  get (key: K): V | undefined {
    return this.#map?.get(key)
  }

  has (key: K): boolean {
    return this.#map !== null && this.#map.has(key)
  }

  set (key: K, value: V): void {
    this.#map ??= new Map()
    this.#map.set(key, value)
  }

  delete (key: K): boolean {
    if (this.#map === null || !this.#map.delete(key)) return false
    if (this.#map.size === 0) this.#map = null
    return true
  }

  clear (): void {
    // Whoever goes through it at the moment comes to its end.
    this.#map?.clear()
    this.#map = null
  }

  keys (): MapIterator<K> {
    return (this.#map ?? NOTHING).keys()
  }

  values (): MapIterator<V> {
    return (this.#map ?? NOTHING).values()
  }

  [Symbol.iterator] (): MapIterator<[K, V]> {
    return (this.#map ?? NOTHING).entries()
  }
}
