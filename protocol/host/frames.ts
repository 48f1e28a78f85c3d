/**
 * Messages on a byte stream: each frame is its length as an unsigned varint, then its bytes (the usual framing
 * of libp2p protocols). The splitter never keeps more than one unfinished frame, and refuses one that is
 * announced as too long before its bytes arrive.
 */
import { Uint8ArrayList } from 'uint8arraylist'

/** Lengths are below 2^28, so four bytes of seven bits hold them. */
const PREFIX_BYTES_MAX = 4

/** A stream that does not keep the framing; it cannot be read any further. */
export class FrameError extends Error {
  override name = 'FrameError'
}

/** A frame with its length in front. */
export function frameOf (bytes: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = bytes.length
  for (; rest > 127; rest >>>= 7) prefix.push(rest & 127 | 128)
  prefix.push(rest)
  const frame = new Uint8Array(prefix.length + bytes.length)
  frame.set(prefix)
  frame.set(bytes, prefix.length)
  return frame
}

export class FrameSplitter {
  readonly #bytesMax: number
  readonly #rest = new Uint8ArrayList()

  /** @param bytesMax - the longest frame taken */
  constructor (bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * Take what arrived.
   *
   * @returns the frames it completes
   * @throws FrameError when a frame is too long
   */
  push (chunk: Uint8Array | Uint8ArrayList): Uint8Array[] {
    this.#rest.append(chunk)
    const frames: Uint8Array[] = []
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next (): Uint8Array | null {
    let length = 0
    for (let at = 0; at < this.#rest.byteLength; at++) {
      if (at === PREFIX_BYTES_MAX) throw new FrameError('a frame is too long')
      const byte = this.#rest.get(at)
      length |= (byte & 127) << 7 * at
      if (byte > 127) continue
      if (length > this.#bytesMax) throw new FrameError('a frame is too long')
      return this.#take(at + 1, length)
    }
    return null
  }

  #take (prefixBytes: number, length: number): Uint8Array | null {
    if (this.#rest.byteLength < prefixBytes + length) return null
    const frame = this.#rest.subarray(prefixBytes, prefixBytes + length)
    this.#rest.consume(prefixBytes + length)
    return frame
  }
}
