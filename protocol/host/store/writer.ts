/**
 * Writes behind: changes are taken at once, joined by name, and given to the disk in batches a few times a second. One that fails is
 * kept and tried again until it is written (D6). It never drops a change, and never writes an older one after a newer.
 */
import type { Disk, DiskChange, Namespace, Table } from './disk.ts'

export interface WriterInit {
  disk: () => Promise<Disk>
  /** So many bytes are on the disk now. */
  onWritten: (bytes: number) => void
  /** Told a sentence when the disk takes nothing, and an empty one when it does again. */
  onState: (why: string) => void
}

/** What is lost at most when all processes die is what came in this time. A guess: 20 batches a second cost a disk little. */
const BATCH_MS = 50
/** A batch begins without waiting above this, and is no larger. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024
/** Who puts blocks waits while so much is on its way. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024
/** A full disk is tried again so often. A guess. */
const RETRY_MS = 2_000

const nameOf = (table: Table, key: string): string => `${table} ${key}`

export class Writer {
  readonly #init: WriterInit
  /** In the order in which they are to be written. */
  readonly #waiting = new Map<string, DiskChange>()
  /** Kept here alone, for a store that spills. */
  readonly #resident = new Map<string, DiskChange>()
  #writing = new Map<string, DiskChange>()
  #bytes = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  #run: Promise<void> | null = null
  #isFull = false
  #isStopped = false
  #onDrain: Array<() => void> = []

  constructor (init: WriterInit) {
    this.#init = init
  }

  /** @param isWritten - false to keep it in memory for good */
  add (change: DiskChange, isWritten = true): void {
    const name = nameOf(change.table, change.key)
    if (!isWritten) {
      this.#resident.set(name, change)
      return
    }
    this.#bytes += sizeOf(change) - sizeOf(this.#waiting.get(name))
    this.#waiting.delete(name)
    this.#waiting.set(name, change)
    this.#schedule()
  }

  /** What is to be written under this name, null for a deletion; undefined when nothing is. */
  find (table: Table, key: string): Uint8Array | null | undefined {
    const name = nameOf(table, key)
    return (this.#waiting.get(name) ?? this.#writing.get(name) ?? this.#resident.get(name))?.bytes
  }

  /** Those of a namespace that are not on the disk yet. */
  pending (namespace: Namespace, prefix: string): DiskChange[] {
    const all = new Map([...this.#resident, ...this.#writing, ...this.#waiting])
    return [...all.values()].filter(({ table, key }) => table === namespace && key.startsWith(prefix))
  }

  /** Resolves when there is room for more. */
  async drained (): Promise<void> {
    if (this.#bytes <= WAITING_BYTES_MAX || this.#isStopped) return
    await new Promise<void>(resolve => { this.#onDrain.push(resolve) })
  }

  /** Resolves when nothing waits any more, or the disk does not take it. */
  async flush (): Promise<void> {
    while (this.#waiting.size > 0 || this.#writing.size > 0) {
      await this.#begin()
      if (this.#isFull) return
    }
  }

  stop (): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#tellDrained()
  }

  #schedule (): void {
    if (this.#isStopped || this.#run !== null) return
    if (this.#bytes >= BATCH_BYTES_MAX && !this.#isFull) {
      void this.#begin()
      return
    }
    this.#timer ??= setTimeout(() => { void this.#begin() }, this.#isFull ? RETRY_MS : BATCH_MS)
  }

  /** One batch at a time; whoever asks meanwhile waits for it. */
  async #begin (): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#run ??= this.#writeBatch().finally(() => {
      this.#run = null
      if (this.#waiting.size > 0) this.#schedule()
    })
    await this.#run
  }

  async #writeBatch (): Promise<void> {
    const batch = this.#takeBatch()
    const bytes = batch.reduce((sum, change) => sum + sizeOf(change), 0)
    try {
      await (await this.#init.disk()).write(batch)
      this.#writing = new Map()
      this.#bytes -= bytes
      this.#isFull = false
      this.#init.onState('')
      this.#init.onWritten(bytes)
      this.#tellDrained()
    } catch (error) {
      this.#giveBack(bytes)
      this.#isFull = true
      this.#init.onState(whyFull(error))
    }
  }

  #takeBatch (): DiskChange[] {
    let bytes = 0
    for (const [name, change] of this.#waiting) {
      if (bytes > 0 && bytes + sizeOf(change) > BATCH_BYTES_MAX) break
      bytes += sizeOf(change)
      this.#writing.set(name, change)
      this.#waiting.delete(name)
    }
    return [...this.#writing.values()]
  }

  /** To be written before what came since, but for what that replaces. */
  #giveBack (bytes: number): void {
    const later = new Map(this.#waiting)
    const first = this.#writing
    this.#writing = new Map()
    this.#bytes -= bytes
    this.#waiting.clear()
    for (const [name, change] of first) {
      if (later.has(name)) continue
      this.#waiting.set(name, change)
      this.#bytes += sizeOf(change)
    }
    for (const [name, change] of later) this.#waiting.set(name, change)
  }

  #tellDrained (): void {
    if (this.#bytes > WAITING_BYTES_MAX && !this.#isStopped) return
    for (const resolve of this.#onDrain.splice(0)) resolve()
  }
}

/** A deletion takes room too. */
const sizeOf = (change: DiskChange | undefined): number => change === undefined ? 0 : change.key.length + (change.bytes?.length ?? 0)

function whyFull (error: unknown): string {
  const { message, name, code } = error as Error & { code?: string }
  if (name === 'QuotaExceededError') return 'this browser gives the page no more room'
  if (code === 'ENOSPC' || /no space left/i.test(message)) return 'the disk is full'
  if (code === 'EFBIG' || /file too large/i.test(message)) return 'files may not become larger here'
  return (message.split('\n')[0] ?? '').replace(/\.$/, '')
}
