/**
 * Questions to other peers about their jobs, matched with the answers: one hop, one deadline. Only the peer
 * that was asked can answer.
 */
import type { JobReport, ReportMessage } from '../core/message.ts'
import type { PeerId } from '../core/ids.ts'

/** A dial and a round trip across the world, with a busy peer in between. DESIGN: one hop, 5 s. */
export const QUERY_MS_MAX = 5_000

interface Pending { to: PeerId, resolve: (jobs: JobReport[]) => void, reject: (error: Error) => void }

export class Queries {
  readonly #pending = new Map<number, Pending>()
  #lastId = 0

  /**
   * Ask, and wait for the answer.
   *
   * @param ask - sends the question with this id
   * @throws Error in one sentence when the peer does not answer in time
   */
  async ask (to: PeerId, ask: (id: number) => void): Promise<JobReport[]> {
    const id = this.#lastId = this.#lastId + 1 >>> 0
    const { promise, resolve, reject } = Promise.withResolvers<JobReport[]>()
    const deadline = setTimeout(() => { reject(new Error(`Peer ${to} did not answer within ${QUERY_MS_MAX / 1000} s.`)) }, QUERY_MS_MAX)
    this.#pending.set(id, { to, resolve, reject })
    try {
      ask(id)
      return await promise
    } finally {
      clearTimeout(deadline)
      this.#pending.delete(id)
    }
  }

  /** Take an answer; false when nobody waits for it. */
  answer (from: PeerId, { id, jobs }: ReportMessage): boolean {
    const pending = this.#pending.get(id)
    if (pending?.to !== from) return false
    pending.resolve(jobs)
    return true
  }

  /** A peer cannot be reached: what was asked of it fails now. */
  fail (peer: PeerId): void {
    for (const { to, reject } of this.#pending.values()) {
      if (to === peer) reject(new Error(`Peer ${peer} does not answer.`))
    }
  }

  /** Fail everything. */
  close (): void {
    for (const { reject } of this.#pending.values()) reject(new Error('This peer has stopped.'))
  }
}
