/**
 * What waits to be written to one peer. Frames are written in order over one long-lived stream, opened when the
 * first waits; what comes in one turn of the event loop goes out together. Bounded: past its limit, messages
 * that will be repeated anyway are dropped, oldest first, and when that is not enough, or the peer reads nothing
 * for ten seconds, it is given up, so that a slow reader never makes this peer's memory grow.
 */
import { Uint8ArrayList } from 'uint8arraylist'
import type { Stream } from '@libp2p/interface'

/** DESIGN: write deadline. */
export const WRITE_MS_MAX = 10_000

/** Bytes handed to the stream at once: one full window of the muxer is 256 KiB. */
const BATCH_BYTES = 128 * 1024

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

interface Waiting { frame: Uint8Array, isRepeated: boolean }

export class Outbox {
  readonly #init: OutboxInit
  #waiting: Waiting[] = []
  #bytes = 0
  #stream: Stream | null = null
  #state: 'idle' | 'writing' | 'closed' = 'idle'

  constructor (init: OutboxInit) {
    this.#init = init
  }

  /** Bytes that wait, those handed to the stream but not yet taken by it included. */
  get bytes (): number {
    return this.#bytes + (this.#stream?.writeBufferLength ?? 0)
  }

  get isIdle (): boolean {
    return this.#state !== 'writing' && this.bytes === 0
  }

  /** @param isRepeated - the message will be said again, so it may be dropped */
  push (frame: Uint8Array, isRepeated: boolean): void {
    if (this.#state === 'closed') return
    this.#waiting.push({ frame, isRepeated })
    this.#bytes += frame.length
    if (this.#bytes > this.#init.bytesMax) this.#makeRoom()
    if (this.#state !== 'idle') return
    this.#state = 'writing'
    queueMicrotask(() => { void this.#write() })
  }

  /** Drop everything; nothing is reported. */
  close (): void {
    this.#state = 'closed'
    this.#waiting = []
    this.#bytes = 0
    this.#stream?.abort(new Error('closed'))
    this.#stream = null
  }

  #makeRoom (): void {
    const kept: Waiting[] = []
    for (const waiting of this.#waiting) {
      if (!waiting.isRepeated || this.#bytes <= this.#init.bytesMax) {
        kept.push(waiting)
        continue
      }
      this.#bytes -= waiting.frame.length
      this.#init.onDropped()
    }
    this.#waiting = kept
    if (this.#bytes > this.#init.bytesMax) this.#giveUp('too much waits to be sent to it')
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
      if (this.#waiting.length === 0) {
        this.#state = 'idle'
        return
      }
      const stream = this.#stream
      if (stream === null || stream.status !== 'open' || stream.writeStatus !== 'writable') {
        this.#stream = null
        return await this.#write()
      }
      await this.#writeBatch(stream)
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
    const batch = new Uint8ArrayList()
    let taken = 0
    for (; taken < this.#waiting.length && batch.byteLength < BATCH_BYTES; taken++) batch.append((this.#waiting[taken] as Waiting).frame)
    this.#waiting = this.#waiting.slice(taken)
    this.#bytes -= batch.byteLength
    const signal = AbortSignal.timeout(WRITE_MS_MAX)
    try {
      if (!stream.send(batch)) await stream.onDrain({ signal })
    } catch (error) {
      stream.abort(error as Error)
      if (signal.aborted && this.#state !== 'closed') this.#giveUp('it does not read')
    }
  }
}
