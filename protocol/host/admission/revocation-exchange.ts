/**
 * How revocations spread (A5): peers give each other all they know as soon as they have let each other in, and each new one goes
 * to every connected peer, which passes it on once. A flood reaches whoever is connected at all; there are few. What is not valid
 * ends the stream.
 */
import { FrameSplitter, frameOf } from '../frames.ts'
import { InvitationError } from './fault.ts'
import { REVOCATIONS_MAX } from './revocations.ts'
import { prefixOf } from './mesh-name.ts'
import { write } from '../write.ts'
import type { Admission } from './admission.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Revocation } from './revocation.ts'

/** A chain of the greatest length is below a kilobyte. */
const REVOCATION_BYTES_MAX = 2_048
const OPEN_MS_MAX = 5_000

/** One connection is enough for each peer. */
const oneEach = (connections: Connection[]): Connection[] => [...new Map(connections.map(connection => [connection.remotePeer.toString(), connection])).values()]

export class RevocationExchange {
  readonly #node: Libp2p
  readonly #admission: Admission
  readonly #protocol: string
  readonly #telling = new Set<Promise<void>>()

  constructor (node: Libp2p, admission: Admission) {
    this.#node = node
    this.#admission = admission
    this.#protocol = `${prefixOf(admission.membership.mesh)}/revoked`
    admission.onAdmitted(connection => { this.#begin(connection, this.#revocations.all()) })
    admission.farewell = async open => { await this.#write(open, this.#revocations.all()) }
    this.#revocations.onNew(revocation => { this.#pass(revocation) })
  }

  async start (): Promise<void> {
    await this.#node.handle(this.#protocol, stream => { this.#onStream(stream) }, { runOnLimitedConnection: true, maxInboundStreams: 4, maxOutboundStreams: 4 })
  }

  get #revocations (): Admission['membership']['revocations'] {
    return this.#admission.membership.revocations
  }

  #pass (revocation: Revocation): void {
    for (const connection of oneEach(this.#admission.admitted())) this.#begin(connection, [revocation])
  }

  /** Resolves when all that is being told has been, or after `ms` milliseconds. */
  async flush (ms: number): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, ms)
    await Promise.race([Promise.all(this.#telling), late.promise])
    clearTimeout(timer)
  }

  #begin (connection: Connection, revocations: Revocation[]): void {
    const telling = this.#tell(connection, revocations)
    this.#telling.add(telling)
    void telling.then(() => { this.#telling.delete(telling) })
  }

  async #tell (connection: Connection, revocations: Revocation[]): Promise<void> {
    if (revocations.length === 0) return
    try {
      await this.#write(connection.newStream, revocations)
    } catch { /* it is gone, or will hear of it from others */ }
  }

  /** Resolves when the other end has read them all: it closes its side then. */
  async #write (open: Connection['newStream'], revocations: Revocation[]): Promise<void> {
    const stream = await open(this.#protocol, { runOnLimitedConnection: true, signal: AbortSignal.timeout(OPEN_MS_MAX) })
    const closed = Promise.withResolvers<void>()
    stream.addEventListener('close', () => { closed.resolve() }, { once: true })
    for (const { bytes } of revocations) await write(stream, frameOf(bytes))
    await stream.close({ signal: AbortSignal.timeout(OPEN_MS_MAX) })
    await closed.promise
  }

  #onStream (stream: Stream): void {
    const splitter = new FrameSplitter(REVOCATION_BYTES_MAX)
    let count = 0
    // One after the other: checking one takes milliseconds.
    let taking = Promise.resolve()
    stream.addEventListener('message', ({ data }) => {
      try {
        for (const frame of splitter.push(data)) {
          if (++count > REVOCATIONS_MAX) throw new InvitationError('forged')
          taking = taking.then(async () => { await this.#revocations.take(frame) }).catch((error: unknown) => { stream.abort(error as Error) })
        }
      } catch (error) {
        stream.abort(error as Error)
      }
    })
    // What came before the end is handed on in the next turn, and closing drops what was not.
    stream.addEventListener('remoteCloseWrite', () => { setTimeout(() => { void taking.then(async () => { await stream.close() }).catch(() => {}) }) })
  }
}
