/** Records what a network reports and lets a test wait for it, with a deadline instead of a sleep. */
import type { Cid, PeerId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { Network, NetworkEvent, NetworkUser } from '../network.ts'

export const DEADLINE_MS = 15_000

export class Recorder implements NetworkUser {
  readonly events: NetworkEvent[] = []
  readonly blocks = new Map<Cid, Uint8Array>()
  readonly #waiting = new Set<() => void>()

  readonly onEvent = (event: NetworkEvent): void => {
    this.events.push(event)
    for (const wake of this.#waiting) wake()
  }

  readonly readBlock = async (cid: Cid): Promise<Uint8Array | null> => this.blocks.get(cid) ?? null

  open: NetworkUser['open'] = async () => null

  /** Resolves when the condition holds; rejects, naming it, after the deadline. */
  async until (what: string, condition: () => boolean): Promise<void> {
    if (condition()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const deadline = setTimeout(() => { reject(new Error(`waited in vain for: ${what}; saw ${this.events.map(({ type }) => type).join(' ')}`)) }, DEADLINE_MS)
    const wake = (): void => { if (condition()) resolve() }
    this.#waiting.add(wake)
    try {
      await promise
    } finally {
      clearTimeout(deadline)
      this.#waiting.delete(wake)
    }
  }

  of<K extends NetworkEvent['type']> (type: K): Array<Extract<NetworkEvent, { type: K }>> {
    return this.events.filter(event => event.type === type) as Array<Extract<NetworkEvent, { type: K }>>
  }

  async saw (type: NetworkEvent['type'], peer: PeerId): Promise<void> {
    await this.until(`${type} ${peer}`, () => this.events.some(event => event.type === type && 'peer' in event && event.peer === peer))
  }

  messages (): Message[] {
    return this.of('message').map(({ message }) => message)
  }

  async gotMessages (count: number): Promise<void> {
    await this.until(`${count} messages`, () => this.of('message').length >= count)
  }
}

/** A network that runs, and what it reported. */
export interface Station { network: Network, seen: Recorder }
