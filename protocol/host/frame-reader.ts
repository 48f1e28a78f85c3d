/** Frames read from a libp2p stream as they are asked for, with a deadline for each; the other end is paused while too many wait. */
import { FrameSplitter } from './frames.ts'
import type { Stream } from '@libp2p/interface'

/** The muxer's largest window, so that pausing never overflows what was allowed to be sent. */
const WINDOW_BYTES_MAX = 16 * 1024 * 1024

/** Frames one by one as they are asked for; the other end is paused while too many wait. */
export class FrameReader {
  readonly #stream: Stream
  readonly #splitter: FrameSplitter
  /** What may wait unread before the other end is told to pause; above it only what is on its way still arrives. */
  readonly #unreadBytesMax: number
  readonly #msMax: number
  readonly #frames: Uint8Array[] = []
  #unread = 0
  #ended: Error | null = null
  #wake: (() => void) | null = null

  /**
   * @param bytesMax - of a frame
   * @param msMax - how long to wait for one that is asked for
   */
  constructor (stream: Stream, bytesMax: number, msMax: number) {
    this.#stream = stream
    this.#splitter = new FrameSplitter(bytesMax)
    this.#unreadBytesMax = 2 * bytesMax
    this.#msMax = msMax
    stream.maxReadBufferLength = 2 * WINDOW_BYTES_MAX
    stream.addEventListener('message', ({ data }) => { this.#onData(data) })
    stream.addEventListener('remoteCloseWrite', () => { this.#onEnd() })
    stream.addEventListener('close', () => { this.#onEnd() })
  }

  /** @throws Error when no frame comes in time or the stream ends */
  async next (): Promise<Uint8Array> {
    const deadline = setTimeout(() => { this.#onEnd(new Error('too slow')) }, this.#msMax)
    try {
      while (this.#frames.length === 0) {
        if (this.#ended !== null) throw this.#ended
        await new Promise<void>(resolve => { this.#wake = resolve })
      }
    } finally {
      clearTimeout(deadline)
    }
    const frame = this.#frames.shift() as Uint8Array
    this.#unread -= frame.length
    if (this.#unread <= this.#unreadBytesMax && this.#stream.readStatus === 'paused') this.#stream.resume()
    return frame
  }

  #onData (data: Parameters<FrameSplitter['push']>[0]): void {
    try {
      for (const frame of this.#splitter.push(data)) {
        this.#frames.push(frame)
        this.#unread += frame.length
      }
      if (this.#unread > this.#unreadBytesMax && this.#stream.readStatus === 'readable') this.#stream.pause()
    } catch (error) {
      this.#onEnd(error as Error)
      this.#stream.abort(error as Error)
    }
    this.#wake?.()
  }

  #onEnd (error = new Error('the stream ended')): void {
    this.#ended ??= error
    this.#wake?.()
  }
}
