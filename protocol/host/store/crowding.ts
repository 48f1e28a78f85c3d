/**
 * Keeps a store within its quota (D6): looks now and then at what it takes on the disk, lets its owner make room, and says so when there
 * is none. It never deletes anything itself.
 */
import type { Disk } from './disk.ts'

/** Looked at after so many bytes written, and so often while it is too large. Guesses. */
const LOOK_BYTES = 8 * 1024 * 1024
const LOOK_MS = 5_000

export class Crowding {
  /** Forget something; says whether there was anything to forget. */
  onCrowded: () => Promise<boolean> = async () => false
  readonly #bytesMax: number
  readonly #disk: () => Promise<Disk>
  readonly #onState: (why: string) => void
  #grown = 0
  #isLooking = false
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor (bytesMax: number, disk: () => Promise<Disk>, onState: (why: string) => void) {
    this.#bytesMax = bytesMax
    this.#disk = disk
    this.#onState = onState
  }

  /** So many bytes were written. */
  grow (bytes: number): void {
    this.#grown += bytes
    if (this.#grown < Math.min(LOOK_BYTES, this.#bytesMax / 8) || this.#isLooking) return
    this.#grown = 0
    void this.#look().catch(() => { /* a disk that cannot be looked at says so when it is written to */ })
  }

  stop (): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#isLooking = true
  }

  async #look (): Promise<void> {
    this.#isLooking = true
    const disk = await this.#disk()
    let size = await disk.size()
    while (size > this.#bytesMax) {
      const isFreed = await this.onCrowded()
      await disk.tidy()
      size = await disk.size()
      if (!isFreed) break
    }
    this.#isLooking = false
    const isCrowded = size > this.#bytesMax
    this.#onState(isCrowded ? `it holds ${Math.ceil(size / 2 ** 20)} MiB of unfinished work, and may hold ${Math.round(this.#bytesMax / 2 ** 20)} MiB` : '')
    this.#timer = isCrowded ? setTimeout(() => { void this.#look().catch(() => {}) }, LOOK_MS) : null
  }
}
