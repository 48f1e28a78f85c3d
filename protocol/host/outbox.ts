/**
 * What waits to be written to one peer. Frames are written in order over one long-lived stream, opened when the
 * first waits; what comes in one turn of the event loop goes out together. When the queue is overfull, or the peer
 * reads nothing for ten seconds, it is given up, so that a slow reader never makes this peer's memory grow.
 */
import { SendQueue } from './send-queue.ts'
import { Uint8ArrayList } from 'uint8arraylist'
import { SlowReaderError, write } from './write.ts'
import type { MessageType } from '../core/message.ts'
import type { Stream } from '@libp2p/interface'

/** Bytes handed to the stream at once: one full window of the muxer is 256 KiB. */
const BATCH_BYTES = 128 * 1024
/** A peer that does not read to the end of a stream within this many milliseconds is written to anew all the same. A guess. */
const MOVE_MS_MAX = 2_000

export interface OutboxInit {
  bytesMax: number
  /** Open the stream, dialling if need be. */
  open: () => Promise<Stream>
  /** The stream could not be opened; the queue is lost. */
  onUnopened: (error: Error) => void
  /** The peer does not read, or the queue is full of what must not be lost; the queue is lost. */
  onGivenUp: (reason: string) => void
  /** A frame was dropped to make room. */
  onDropped: () => void
}

export class Outbox {
  readonly #init: OutboxInit
  readonly #queue: SendQueue
  #stream: Stream | null = null
  #state: 'idle' | 'writing' | 'closed' = 'idle'
  /** The next frames go over a new stream: there is a better connection. */
  #isMoving = false

  constructor (init: OutboxInit) {
    this.#init = init
    this.#queue = new SendQueue(init.bytesMax)
  }

  /** Bytes that wait, those handed to the stream but not yet taken by it included. */
  get bytes (): number {
    return this.#queue.bytes + (this.#stream?.writeBufferLength ?? 0)
  }

  get isIdle (): boolean {
    return this.#state !== 'writing' && this.bytes === 0
  }

  push (frame: Uint8Array, type: MessageType): void {
    if (this.#state === 'closed') return
    for (let dropped = this.#queue.push(frame, type); dropped > 0; dropped--) this.#init.onDropped()
    if (this.#queue.isOverfull) return this.#giveUp('too much waits to be sent to it')
    if (this.#state !== 'idle') return
    this.#state = 'writing'
    queueMicrotask(() => { void this.#write() })
  }

  /** There is a better connection: once all that was written has been read, go on over a new stream, so that order is kept. */
  move (): void {
    this.#isMoving = this.#stream !== null
  }

  /** Drop everything; nothing is reported. */
  close (): void {
    this.#state = 'closed'
    this.#queue.clear()
    this.#stream?.abort(new Error('closed'))
    this.#stream = null
  }

  #giveUp (reason: string): void {
    this.close()
    this.#init.onGivenUp(reason)
  }

  async #write (): Promise<void> {
    try {
      this.#stream ??= await this.#open()
    } catch (error) {
      if (this.#state === 'closed') return
      this.close()
      this.#init.onUnopened(error as Error)
      return
    }
    while (this.#state === 'writing') {
      if (this.#queue.isEmpty) {
        this.#state = 'idle'
        return
      }
      if (this.#isMoving) await this.#leave()
      const stream = this.#stream
      if (stream === null || stream.status !== 'open' || stream.writeStatus !== 'writable') {
        this.#stream = null
        return await this.#write()
      }
      await this.#writeBatch(stream)
    }
  }

  async #leave (): Promise<void> {
    const stream = this.#stream
    this.#isMoving = false
    this.#stream = null
    if (stream === null || stream.status !== 'open') return
    try {
      // The reader closes its side when it has seen the end of ours.
      const read = Promise.withResolvers<void>()
      stream.addEventListener('close', () => { read.resolve() }, { once: true })
      setTimeout(read.resolve, MOVE_MS_MAX)
      await stream.close({ signal: AbortSignal.timeout(MOVE_MS_MAX) })
      await read.promise
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  async #open (): Promise<Stream> {
    const stream = await this.#init.open()
    if (this.#state === 'closed') {
      stream.abort(new Error('closed'))
      throw new Error('closed')
    }
    return stream
  }

  /** What fails to be written is lost with the stream; the next frames go over a new one. */
  async #writeBatch (stream: Stream): Promise<void> {
    const batch = new Uint8ArrayList(...this.#queue.take(BATCH_BYTES))
    try {
      await write(stream, batch)
    } catch (error) {
      stream.abort(error as Error)
      if (error instanceof SlowReaderError && this.#state !== 'closed') this.#giveUp(error.message)
    }
  }
}
