/**
 * Frames that wait to be written to one peer, in order and bounded: past the limit, messages that will be said
 * again anyway are dropped, oldest first; when that is not enough the queue is overfull, and its owner gives the
 * peer up.
 */
import type { MessageType } from '../core/message.ts'

/** Messages that are repeated until they are of no more use (C1, C5, C6, J1, J2), so that a full queue may lose them. */
const REPEATED: readonly MessageType[] = ['jobs', 'join', 'later', 'claim', 'renew', 'state', 'beat', 'ask', 'heard']

interface Waiting { frame: Uint8Array, type: MessageType }

export class SendQueue {
  readonly #bytesMax: number
  #waiting: Waiting[] = []
  #bytes = 0

  constructor (bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes (): number {
    return this.#bytes
  }

  get isEmpty (): boolean {
    return this.#waiting.length === 0
  }

  /** More waits than may, and none of it can be dropped. */
  get isOverfull (): boolean {
    return this.#bytes > this.#bytesMax
  }

  /** @returns how many older messages were dropped to make room */
  push (frame: Uint8Array, type: MessageType): number {
    this.#waiting.push({ frame, type })
    this.#bytes += frame.length
    return this.isOverfull ? this.#makeRoom() : 0
  }

  /** Take the first frames, until they have at least `bytes` together. */
  take (bytes: number): Uint8Array[] {
    const frames: Uint8Array[] = []
    let taken = 0
    for (const { frame } of this.#waiting) {
      if (taken >= bytes) break
      frames.push(frame)
      taken += frame.length
    }
    this.#waiting = this.#waiting.slice(frames.length)
    this.#bytes -= taken
    return frames
  }

  clear (): void {
    this.#waiting = []
    this.#bytes = 0
  }

  #makeRoom (): number {
    const before = this.#waiting.length
    this.#waiting = this.#waiting.filter(({ frame, type }) => {
      if (!this.isOverfull || !REPEATED.includes(type)) return true
      this.#bytes -= frame.length
      return false
    })
    return before - this.#waiting.length
  }
}
