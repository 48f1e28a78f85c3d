/**
 * Writing to a libp2p stream at the pace of its reader. A stream that says `drain` has room for something, not for
 * everything, so what was written before has to be gone before more is written: else its buffer grows.
 */
import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** DESIGN: how long a reader may take nothing at all. */
export const WRITE_MS_MAX = 10_000

/** The other end took nothing for too long. */
export class SlowReaderError extends Error {
  override name = 'SlowReaderError'
}

/**
 * Write, and wait until the stream has passed all of it on.
 *
 * @throws SlowReaderError when the reader takes nothing for ten seconds; Error when the stream is closed
 */
export async function write (stream: Stream, bytes: Uint8Array | Uint8ArrayList): Promise<void> {
  stream.send(bytes)
  while (stream.writableNeedsDrain || stream.writeBufferLength > 0) await drained(stream)
}

/** libp2p's own `onDrain` keeps its first promise, so from the second time on it waits for nothing (seen in 3.3). */
async function drained (stream: Stream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onClose = (): void => { reject(new Error('the stream was closed')) }
  const deadline = setTimeout(() => { reject(new SlowReaderError('it does not read')) }, WRITE_MS_MAX)
  if (stream.status !== 'open') onClose()
  stream.addEventListener('drain', resolve as () => void, { once: true })
  stream.addEventListener('close', onClose, { once: true })
  try {
    await promise
  } finally {
    clearTimeout(deadline)
    stream.removeEventListener('drain', resolve as () => void)
    stream.removeEventListener('close', onClose)
  }
}
