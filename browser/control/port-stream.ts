/**
 * Streams over a message port, pulled by whoever reads them: nothing is sent before it is asked for, and then a batch at
 * a time. Used between the page and the sandbox of the submitter's functions, in both directions; what comes from there
 * is data and nothing else. It knows no jobs.
 */

/** What both sides say about streams; `id` tells them apart. */
export type StreamMessage =
  /** The reader wants the next batch. */
  | { type: 'pull', id: number }
  /** The reader has enough. */
  | { type: 'enough', id: number }
  | { type: 'items', id: number, items: unknown[], isLast: boolean }
  | { type: 'broken', id: number, message: string, stack: string }

/** A batch is sent when it has so many items, is about this large, or took this long: then the reader sees that it goes on. */
const ITEMS_MAX = 1024
const BYTES_MAX = 262_144
const BATCH_MS = 100

type Send = (message: StreamMessage) => void
type Items = Iterable<unknown> | AsyncIterable<unknown>

export class PortStreams {
  readonly #send: Send
  readonly #sources = new Map<number, AsyncIterator<unknown> | Iterator<unknown>>()
  readonly #readers = new Map<number, (message: Extract<StreamMessage, { type: 'items' | 'broken' }>) => void>()

  constructor (send: Send) {
    this.#send = send
  }

  /** Let the other side read these. */
  offer (id: number, items: Items): void {
    this.#sources.set(id, Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]())
  }

  /** What the other side offers under this id. @throws Error with its message and stack when it breaks */
  async * read (id: number): AsyncGenerator<unknown> {
    let isOver = false
    try {
      while (!isOver) {
        const message = await new Promise<Extract<StreamMessage, { type: 'items' | 'broken' }>>((resolve) => {
          this.#readers.set(id, resolve)
          this.#send({ type: 'pull', id })
        })
        isOver = message.type === 'broken' || message.isLast
        if (message.type === 'broken') throw asError(message)
        yield * message.items
      }
    } finally {
      this.#readers.delete(id)
      if (!isOver) this.#send({ type: 'enough', id })
    }
  }

  /** Everything that waits for the other side is told that it will not come. */
  breakAll (reason: string): void {
    for (const [id, reader] of this.#readers) reader({ type: 'broken', id, message: reason, stack: '' })
  }

  onMessage (message: StreamMessage): void {
    switch (message.type) {
      case 'pull': void this.#answer(message.id); break
      case 'enough': this.#drop(message.id); break
      default: this.#readers.get(message.id)?.(message)
    }
  }

  #drop (id: number): void {
    const source = this.#sources.get(id)
    this.#sources.delete(id)
    Promise.resolve(source?.return?.()).catch(() => { /* nobody wants it any more */ })
  }

  async #answer (id: number): Promise<void> {
    const source = this.#sources.get(id)
    if (source === undefined) return
    try {
      const { items, isLast } = await batchOf(source)
      if (isLast) this.#sources.delete(id)
      this.#send({ type: 'items', id, items, isLast })
    } catch (error) {
      this.#drop(id)
      this.#send({ type: 'broken', id, ...plain(error) })
    }
  }
}

async function batchOf (source: AsyncIterator<unknown> | Iterator<unknown>): Promise<{ items: unknown[], isLast: boolean }> {
  const items: unknown[] = []
  const endMs = performance.now() + BATCH_MS
  for (let bytes = 0; items.length < ITEMS_MAX && bytes < BYTES_MAX;) {
    const next = source.next()
    const { value, done } = next instanceof Promise ? await next : next as IteratorResult<unknown>
    if (done === true) return { items, isLast: true }
    bytes += sizeOf(value)
    items.push(value)
    if (performance.now() > endMs) break
  }
  return { items, isLast: false }
}

/** About the size of an item, bytes: enough to bound a batch. */
function sizeOf (value: unknown): number {
  if (typeof value === 'string') return value.length
  return ArrayBuffer.isView(value) ? value.byteLength : 64
}

const MESSAGE_MAX = 1024
const STACK_MAX = 16_384

/** Whatever was thrown, as data. */
export function plain (thrown: unknown): { message: string, stack: string } {
  try {
    if (!(thrown instanceof Error)) return { message: `threw ${String(thrown)}`.slice(0, MESSAGE_MAX), stack: '' }
    const { name, message, stack } = thrown
    return { message: (name === 'Error' ? message : `${name}: ${message}`).slice(0, MESSAGE_MAX), stack: String(stack ?? '').slice(0, STACK_MAX) }
  } catch {
    return { message: 'threw something that cannot be shown', stack: '' }
  }
}

export function asError ({ message, stack }: { message: unknown, stack: unknown }): Error {
  const error = new Error(String(message).slice(0, MESSAGE_MAX))
  error.stack = String(stack).slice(0, STACK_MAX)
  return error
}
