/**
 * How often each connected peer sent what no honest peer sends. A few are forgiven (a version apart, a bug), more
 * end the connection. Forgotten when the peer disconnects, so the book stays as small as the list of connections.
 */
import type { PeerId } from '../core/ids.ts'

/** A guess: enough for a stray message of another version, few enough that garbage costs its sender the connection. */
export const STRIKES_MAX = 8

export class Strikes {
  readonly #counts = new Map<PeerId, number>()

  /**
   * Count one.
   *
   * @param weight - how many it counts for
   * @returns true when it is enough
   */
  add (peer: PeerId, weight = 1): boolean {
    const count = (this.#counts.get(peer) ?? 0) + weight
    this.#counts.set(peer, count)
    return count >= STRIKES_MAX
  }

  forget (peer: PeerId): void {
    this.#counts.delete(peer)
  }
}
