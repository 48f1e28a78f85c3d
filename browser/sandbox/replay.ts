/** Inputs that can be read once more, for a request that is run again; only as many bytes are kept as a page can spare. */
import type { InputChunk } from '../../protocol/job/inputs.ts'

/** Chunks kept, bytes. A guess. */
const KEPT_MAX = 2 ** 25

export class Replay {
  readonly #source: AsyncIterator<InputChunk>
  readonly #kept: InputChunk[] = []
  #keptBytes = 0
  #at = 0

  constructor (source: AsyncIterable<InputChunk>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** False when too much was read to be kept. */
  get canRestart (): boolean {
    return this.#keptBytes <= KEPT_MAX
  }

  /** Begin anew. */
  restart (): void {
    this.#at = 0
  }

  /** The next chunk, or null after the last. @throws what reading fails with */
  async next (): Promise<InputChunk | null> {
    const again = this.#kept[this.#at]
    if (again !== undefined) {
      this.#at++
      return again
    }
    const next = await this.#source.next()
    if (next.done === true) return null
    this.#keptBytes += next.value.bytes.length
    if (this.canRestart) this.#kept[this.#at++] = next.value
    else this.#kept.length = this.#at = 0
    return next.value
  }

  async close (): Promise<void> {
    await this.#source.return?.()
  }
}
