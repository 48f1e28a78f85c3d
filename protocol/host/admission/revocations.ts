/**
 * The revocations that a peer knows of its mesh (A5): each once, until it expires, and no more than there is room for. New ones
 * are told to whoever listens, to pass them on and to keep them.
 */
import { InvitationError } from './fault.ts'
import { isExpired } from './capability.ts'
import { readRevocation } from './revocation.ts'
import type { Revocation } from './revocation.ts'

/** A revocation is below a kilobyte. Those of a mesh with more are missing at some peers, the ones that expire soonest. A guess. */
export const REVOCATIONS_MAX = 1024

export class Revocations {
  readonly #founder: Uint8Array
  readonly #nowMs: () => number
  readonly #known = new Map<string, Revocation>()
  readonly #listeners = new Set<(revocation: Revocation) => void>()

  /** @param nowMs - Unix milliseconds */
  constructor (founder: Uint8Array, nowMs: () => number) {
    this.#founder = founder
    this.#nowMs = nowMs
  }

  /** Every one that still counts. */
  all (): Revocation[] {
    for (const [id, revocation] of this.#known) if (isExpired(revocation, this.#nowMs())) this.#known.delete(id)
    return [...this.#known.values()]
  }

  /** Is one of these links revoked? */
  has (ids: readonly string[]): boolean {
    return this.#known.size > 0 && ids.some(id => this.#known.has(id))
  }

  /**
   * Take one that came from anywhere.
   *
   * @returns false for one that was known or no longer counts
   * @throws InvitationError when it is not valid in this mesh
   */
  async take (bytes: Uint8Array): Promise<boolean> {
    const revocation = await readRevocation(bytes, this.#founder)
    if (this.#known.has(revocation.id) || isExpired(revocation, this.#nowMs())) return false
    this.#known.set(revocation.id, revocation)
    this.#trim()
    for (const listener of this.#listeners) listener(revocation)
    return true
  }

  /** As `take`, of many; those that are not valid are left out. */
  async takeAll (many: readonly Uint8Array[]): Promise<void> {
    for (const bytes of many) {
      await this.take(bytes).catch((error: unknown) => { if (!(error instanceof InvitationError)) throw error })
    }
  }

  onNew (listener: (revocation: Revocation) => void): void {
    this.#listeners.add(listener)
  }

  #trim (): void {
    if (this.#known.size <= REVOCATIONS_MAX) return
    const [first] = [...this.#known.values()].sort((a, b) => a.expiresS - b.expiresS)
    if (first !== undefined) this.#known.delete(first.id)
  }
}
