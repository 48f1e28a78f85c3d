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
  let hasRoom = stream.send(bytes)
  while (!hasRoom && stream.status === 'open') {
    const signal = AbortSignal.timeout(WRITE_MS_MAX)
    try {
      await stream.onDrain({ signal })
    } catch (error) {
      throw signal.aborted ? new SlowReaderError('it does not read') : error
    }
    hasRoom = stream.writeBufferLength === 0
  }
}
