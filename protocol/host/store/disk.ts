/**
 * The port between a peer's store and what keeps it: LevelDB (node/store) or IndexedDB (browser/peer). It keeps bytes under names in
 * tables and knows nothing of what they mean; digests, caches and quotas are the store's (peer-store.ts). One acceptance suite
 * (test/store-suite.ts) holds for every implementation.
 */

/** Small records, each kind in a table of its own; whoever owns one decides about its keys. */
export type Namespace =
  /** The peer itself: format, key, ports. */
  | 'self'
  /** Jobs, by id (D1). */
  | 'jobs'
  /** Values, by job and path (D1). */
  | 'values'
  /** Which blocks belong to which jobs, by job and content id. */
  | 'owned'
  /** Receipts for accepted work (K1). */
  | 'receipts'
  /** What is known of how reliable peers are (V). */
  | 'reputations'

export type Table = Namespace | 'blocks'

/** Take these bytes, or forget the entry where they are null. */
export interface DiskChange { table: Table, key: string, bytes: Uint8Array | null }

export interface Disk {
  /** @returns null when there is no such entry, or it cannot be read any more */
  get (table: Table, key: string): Promise<Uint8Array | null>
  has (table: Table, key: string): Promise<boolean>
  /** All entries whose keys begin so, in the order of their keys; those that cannot be read are left out. */
  entries (table: Namespace, prefix: string): AsyncIterable<{ key: string, bytes: Uint8Array }>
  /**
   * Make changes. A block is there before any record that was given with it or after it.
   *
   * @throws Error when not all of them could be made; they may be given again
   */
  write (changes: DiskChange[]): Promise<void>
  /** Forget all blocks. */
  clearBlocks (): Promise<void>
  /** Bytes it takes, roughly; what was deleted may count until `tidy`. */
  size (): Promise<number>
  /** Give back the room of what was deleted. */
  tidy (): Promise<void>
  close (): Promise<void>
}
