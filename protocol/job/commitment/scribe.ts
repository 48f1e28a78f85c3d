/**
 * Writes a commitment's nodes one behind the other into one buffer: tens of thousands of small arrays that live until a bite's end cost the
 * garbage collector more than their hashes take. The commonest nodes, those of whole numbers, it writes itself, several times faster than a
 * general encoder: the same bytes of dag-cbor. What it cannot write it leaves to the encoder.
 */
import type { Pack } from './pack.ts'

/** A list of 256 whole numbers, or 128 children, is shorter. */
const BYTES_MAX = 8192
/** The nodes of a bite of a few thousand partitions; the buffer doubles where they are more. A guess. */
const BYTES_FIRST = 16 * BYTES_MAX
const DIGEST_HEAD = [0x58, 0x20]

const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value)

export class Scribe {
  #bytes = new Uint8Array(BYTES_FIRST)
  /** Where the node that is being written begins, and where its next byte goes. */
  #start = 0
  #at = 0
  #ends: number[] = []

  /** Write `[0, items]`. @param items - at most 256 @returns the node; null, and nothing written, when an item is no whole number */
  list (items: unknown[]): Uint8Array | null {
    this.#begin(0, items.length)
    for (const item of items) {
      if (!isWhole(item)) return null
      this.#whole(item)
    }
    return this.#end()
  }

  /** Write `[3, [[item, digest]]]`, as `list`. @param items - at most 128 */
  inner (items: unknown[], digests: Uint8Array[]): Uint8Array | null {
    this.#begin(3, items.length)
    for (let i = 0; i < items.length; i++) {
      const item = items[i]
      if (!isWhole(item)) return null
      this.#bytes[this.#at++] = 0x82
      this.#whole(item)
      this.#bytes.set(DIGEST_HEAD, this.#at)
      this.#bytes.set(digests[i]!, this.#at + 2)
      this.#at += 2 + digests[i]!.length
    }
    return this.#end()
  }

  /** A node that the encoder wrote. @returns it */
  add (node: Uint8Array): Uint8Array {
    this.#reserve(node.length)
    this.#at = this.#start + node.length
    this.#bytes.set(node, this.#start)
    return this.#end()
  }

  /** All nodes since the last call, or since `clear`. */
  take (): Pack {
    const pack = { bytes: this.#bytes.slice(0, this.#start), ends: Uint32Array.from(this.#ends) }
    this.clear()
    return pack
  }

  /** Forget what was written. */
  clear (): void {
    this.#start = 0
    this.#ends = []
  }

  #begin (type: number, length: number): void {
    this.#reserve(BYTES_MAX)
    this.#at = this.#start
    this.#bytes[this.#at++] = 0x82
    this.#bytes[this.#at++] = type
    this.#head(0x80, length)
  }

  #end (): Uint8Array {
    const node = this.#bytes.subarray(this.#start, this.#at)
    this.#start = this.#at
    this.#ends.push(this.#at)
    return node
  }

  #reserve (length: number): void {
    if (this.#start + length <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.#start + length))
    larger.set(this.#bytes.subarray(0, this.#start))
    this.#bytes = larger
  }

  #whole (value: number): void {
    if (value < 0) this.#head(0x20, -1 - value)
    else this.#head(0, value)
  }

  /** A head of CBOR: the shortest there is for `n`. */
  #head (major: number, n: number): void {
    const bytes = this.#bytes
    if (n < 24) bytes[this.#at++] = major | n
    else if (n < 0x100) {
      bytes[this.#at++] = major | 24
      bytes[this.#at++] = n
    } else if (n < 0x10000) {
      bytes[this.#at++] = major | 25
      this.#big(n, 2)
    } else if (n < 0x100000000) {
      bytes[this.#at++] = major | 26
      this.#big(n, 4)
    } else {
      bytes[this.#at++] = major | 27
      this.#big(Math.floor(n / 0x100000000), 4)
      this.#big(n % 0x100000000, 4)
    }
  }

  #big (n: number, length: number): void {
    for (let shift = 8 * (length - 1); shift >= 0; shift -= 8) this.#bytes[this.#at++] = n >>> shift & 0xff
  }
}
