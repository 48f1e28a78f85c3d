/**
 * The outputs of a job without `collect`, encoded in pieces while they come: encoding a batch at once is
 * several times faster than one by one, and the lengths of its items are known from normalising them.
 */
import { encode } from '@ipld/dag-cbor'
import { headBytes, normalise, numberBytes } from '../value.ts'
import type { Encoded } from '../gathered.ts'
import type { Sink } from './fold.ts'

/** Closed pieces are handed out at this many, so that they do not pile up inside the sandbox. */
const PIECES_MAX = 4
/** A piece is closed at this many outputs or bytes; large enough to encode in bulk. */
const PIECE_OUTPUTS = 4096
const PIECE_BYTES = 262_144

/** Some outputs in order, encoded one behind the other. */
export interface Piece extends Encoded { ends: Uint32Array }

export class Listing implements Sink {
  #values: unknown[] = []
  #ends: number[] = []
  #bytes = 0
  readonly #pieces: Piece[] = []

  get full (): boolean {
    return this.#pieces.length >= PIECES_MAX
  }

  take (output: unknown): void {
    if (typeof output === 'number' && Number.isFinite(output)) {
      this.#values.push(output === 0 ? 0 : output)
      this.#bytes += numberBytes(output)
    } else {
      const sized = normalise(output)
      this.#values.push(sized.value)
      this.#bytes += sized.bytes
    }
    this.#ends.push(this.#bytes)
    if (this.#bytes >= PIECE_BYTES || this.#ends.length >= PIECE_OUTPUTS) this.flush()
  }

  /** Close the piece that is open. */
  flush (): void {
    if (this.#ends.length === 0) return
    const body = encode(this.#values).subarray(headBytes(this.#values.length))
    this.#pieces.push({ bytes: body, ends: Uint32Array.from(this.#ends) })
    this.#values = []
    this.#ends = []
    this.#bytes = 0
  }

  /** The pieces closed since the last call. */
  drain (): Piece[] {
    return this.#pieces.splice(0)
  }
}

/** Pieces put together. */
export function joinPieces (pieces: Piece[]): Encoded {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.bytes.length, 0))
  const ends = new Float64Array(pieces.reduce((sum, piece) => sum + piece.ends.length, 0))
  let at = 0
  let index = 0
  for (const piece of pieces) {
    bytes.set(piece.bytes, at)
    for (const end of piece.ends) ends[index++] = at + end
    at += piece.bytes.length
  }
  return { bytes, ends }
}
