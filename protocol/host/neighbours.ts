/**
 * Keeps the tree's connections (J3): the union of all jobs' neighbours is connected, redialled with back-off when
 * lost, and protected from pruning; whoever is no longer anyone's neighbour is let go of, not cut.
 */
import type { Contact, JobId, PeerId } from '../core/ids.ts'

/** Between tries to reach a lost neighbour: the core hears of each failure and decides long before the last. A guess. */
const RETRY_MS_MIN = 500
const RETRY_MS_MAX = 15_000

export interface NeighboursInit {
  isConnected: (peer: PeerId) => boolean
  dial: (contact: Contact) => void
  /** Protect a peer's connections from pruning, or no longer. */
  protect: (peer: PeerId, isProtected: boolean) => void
}

interface Kept { contact: Contact, retryMs: number, timer: ReturnType<typeof setTimeout> | null }

export class Neighbours {
  readonly #init: NeighboursInit
  readonly #byJob = new Map<JobId, Contact[]>()
  readonly #kept = new Map<PeerId, Kept>()

  constructor (init: NeighboursInit) {
    this.#init = init
  }

  /** The whole set of one job. */
  set (job: JobId, contacts: Contact[]): void {
    if (contacts.length === 0) this.#byJob.delete(job)
    else this.#byJob.set(job, contacts)
    const wanted = new Map<PeerId, Contact>()
    for (const contact of [...this.#byJob.values()].flat()) {
      const known = wanted.get(contact.peer)
      if (known === undefined || known.addrs.length === 0) wanted.set(contact.peer, contact)
    }
    for (const peer of [...this.#kept.keys()]) if (!wanted.has(peer)) this.#release(peer)
    for (const contact of wanted.values()) this.#keep(contact)
  }

  has (peer: PeerId): boolean {
    return this.#kept.has(peer)
  }

  onConnected (peer: PeerId): void {
    const kept = this.#kept.get(peer)
    if (kept === undefined) return
    kept.retryMs = RETRY_MS_MIN
    this.#stopTimer(kept)
    this.#init.protect(peer, true)
  }

  /** Lost, or could not be dialled: it is tried again later. */
  onLost (peer: PeerId): void {
    const kept = this.#kept.get(peer)
    if (kept === undefined || kept.timer !== null) return
    kept.timer = setTimeout(() => {
      kept.timer = null
      if (!this.#init.isConnected(peer)) this.#init.dial(kept.contact)
    }, kept.retryMs)
    kept.retryMs = Math.min(RETRY_MS_MAX, kept.retryMs * 2)
  }

  stop (): void {
    for (const kept of this.#kept.values()) this.#stopTimer(kept)
    this.#kept.clear()
    this.#byJob.clear()
  }

  #keep (contact: Contact): void {
    const kept = this.#kept.get(contact.peer)
    if (kept !== undefined) {
      kept.contact = contact
      return
    }
    this.#kept.set(contact.peer, { contact, retryMs: RETRY_MS_MIN, timer: null })
    if (this.#init.isConnected(contact.peer)) this.#init.protect(contact.peer, true)
    else this.#init.dial(contact)
  }

  #release (peer: PeerId): void {
    const kept = this.#kept.get(peer)
    if (kept === undefined) return
    this.#stopTimer(kept)
    this.#kept.delete(peer)
    this.#init.protect(peer, false)
  }

  #stopTimer (kept: Kept): void {
    if (kept.timer !== null) clearTimeout(kept.timer)
    kept.timer = null
  }
}
