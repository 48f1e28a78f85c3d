/**
 * The way into a peer, as the network uses it: whether a connection has been let in, and what its peer may do. A private mesh's
 * door is admission.ts; an open mesh's lets everybody in and, where a private mesh shows it the door, says so.
 */
import { InvitationError, faultOf } from './fault.ts'
import { ADMIT_PROTOCOL, HANDSHAKE_MS_MAX, readFrame, refuse, sendHello } from './handshake.ts'
import type { Connection, Startable, Stream } from '@libp2p/interface'
import type { PeerId } from '../../core/ids.ts'
import type { Standing } from './membership.ts'

export interface Door {
  /**
   * Resolves once both ends have let each other in.
   *
   * @throws InvitationError when one of them does not
   */
  passed: (connection: Connection) => Promise<void>
  /** What an admitted peer that is connected may do; null in an open mesh, where all may do everything, and for strangers. */
  standingOf: (peer: PeerId) => Standing | null
  /** Why a peer that is connected answers nothing, if that is because its mesh is private. */
  whyNot: (connection: Connection) => Promise<InvitationError | null>
  /** @throws InvitationError when this peer's own invitation no longer counts */
  check: () => void
}

/** What a door needs of libp2p: a service is given all of its components. */
export interface DoorComponents {
  registrar: {
    handle: (protocol: string, handler: (stream: Stream, connection: Connection) => void, options: { runOnLimitedConnection: boolean, maxInboundStreams: number, maxOutboundStreams: number }) => Promise<void>
    getProtocols: () => string[]
    getMiddleware: (protocol: string) => Middleware[]
  }
  events: EventTarget
}

export type Middleware = (stream: Stream, connection: Connection, next: (stream: Stream, connection: Connection) => void) => void | Promise<void>

export class OpenDoor implements Door, Startable {
  readonly #components: DoorComponents
  /** What connections were asked: several may want to know at once. */
  readonly #asked = new WeakMap<Connection, Promise<InvitationError | null>>()

  constructor (components: DoorComponents) {
    this.#components = components
  }

  async beforeStart (): Promise<void> {
    await this.#components.registrar.handle(ADMIT_PROTOCOL, stream => { void this.#onStream(stream) }, {
      runOnLimitedConnection: true, maxInboundStreams: 1, maxOutboundStreams: 1
    })
  }

  start (): void {}

  stop (): void {}

  async passed (): Promise<void> {}

  standingOf (): null {
    return null
  }

  check (): void {}

  /** Only peers that answered nothing are asked. */
  async whyNot (connection: Connection): Promise<InvitationError | null> {
    const asked = this.#asked.get(connection) ?? this.#ask(connection)
    this.#asked.set(connection, asked)
    return await asked
  }

  async #ask (connection: Connection): Promise<InvitationError | null> {
    try {
      const stream = await connection.newStream(ADMIT_PROTOCOL, { runOnLimitedConnection: true, signal: AbortSignal.timeout(HANDSHAKE_MS_MAX) })
      await sendHello(stream, null, null)
      const { no } = await readFrame(stream)
      return faultOf(no) === 'uninvited' ? new InvitationError('uninvited') : null
    } catch {
      return null
    }
  }

  /** A private mesh's peer takes this one for one of its own. */
  async #onStream (stream: Stream): Promise<void> {
    try {
      await readFrame(stream)
      await refuse(stream, 'not-private')
    } catch (error) {
      stream.abort(error as Error)
    }
  }
}

/** The service of an open mesh's peer. */
export const openDoor = (components: DoorComponents): OpenDoor => new OpenDoor(components)
