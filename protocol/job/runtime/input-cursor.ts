/**
 * The inputs of a running request: one decoded chunk at a time, asked for when the last is used up, so
 * that gigabytes of inputs never are in memory together.
 */
import { nodeOf } from '../gathered.ts'
import type { InputChunk } from '../inputs.ts'

export class InputCursor {
  readonly #next: () => Promise<InputChunk | null>
  #from = 0
  #to = 0
  #skip = 0
  #values: unknown[] = []

  /** @param next - the next chunk in order, null after the last */
  constructor (next: () => Promise<InputChunk | null>) {
    this.#next = next
  }

  has (partition: number): boolean {
    return partition >= this.#from && partition < this.#to
  }

  take (partition: number): unknown {
    return this.#values[partition - this.#from + this.#skip]
  }

  /**
   * Get chunks until there is one with this partition's input.
   *
   * @throws Error when there is none
   */
  async load (partition: number): Promise<void> {
    while (!this.has(partition)) {
      this.#values = []
      const chunk = await this.#next()
      if (chunk === null) throw new Error(`there is no input for partition ${partition}`)
      const node = nodeOf(chunk.bytes)
      this.#values = node.type === 'list' ? node.items : []
      this.#from = chunk.from
      this.#skip = chunk.skip
      this.#to = chunk.from + Math.min(chunk.count, this.#values.length - chunk.skip)
    }
  }
}
