/**
 * The door of a private mesh (A3): a libp2p service that lets no protocol but the handshake over a connection, in either direction
 * and whatever it runs over, before both ends have shown a valid chain. Streams opened here wait for that; streams that a stranger
 * opens end its connection. Who no longer counts, because an invitation expired or was revoked, is cut off (A5).
 *
 * It stands in libp2p's own middleware for streams, which every protocol's streams pass, so that it need not know the transports.
 */
import { ADMIT_PROTOCOL, GOODBYE_MS_MAX, HANDSHAKE_MS_MAX, readFrame, refuse, sendHello, welcome } from './handshake.ts'
import { InvitationError, faultOf } from './fault.ts'
import { RevocationExchange } from './revocation-exchange.ts'
import { equals } from 'multiformats/bytes'
import type { Connection, Libp2p, Startable, Stream } from '@libp2p/interface'
import type { Door, DoorComponents } from './door.ts'
import type { Membership, Standing } from './membership.ts'
import type { PeerId } from '../../core/ids.ts'

/** A connection's way in. */
interface Gate {
  state: 'pending' | 'admitted' | 'refused'
  passed: PromiseWithResolvers<void>
  standing: Standing | null
  /** Opens a stream without waiting. */
  open: Connection['newStream']
}

/** The clock is looked at this often at least: timers of months do not exist. */
const LOOK_MS_MAX = 3_600_000

const idOf = (connection: Connection): PeerId => connection.remotePeer.toString() as PeerId

export class Admission implements Door, Startable {
  readonly membership: Membership
  readonly #components: DoorComponents
  /** Of every connection, also of one that ended before somebody asked. */
  readonly #gates = new WeakMap<Connection, Gate>()
  readonly #open = new Set<Connection>()
  readonly #standings = new Map<PeerId, Standing>()
  readonly #listeners = new Set<(connection: Connection) => void>()
  /** Tell a peer that is about to be cut off why, over streams opened by `open`; set by whoever spreads revocations. */
  farewell: (open: Connection['newStream']) => Promise<void> = async () => {}
  /** Told once when this peer's own invitation no longer counts. */
  onOver: (why: InvitationError) => void = () => {}
  #isOver = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor (components: DoorComponents, membership: Membership) {
    this.membership = membership
    this.#components = components
    this.#guard()
    components.events.addEventListener('connection:open', event => { this.#onOpen((event as CustomEvent<Connection>).detail) })
    components.events.addEventListener('connection:close', event => { this.#onClose((event as CustomEvent<Connection>).detail) })
    membership.revocations.onNew(() => { this.#look() })
  }

  async beforeStart (): Promise<void> {
    await this.#components.registrar.handle(ADMIT_PROTOCOL, (stream, connection) => { void this.#onShown(stream, connection) }, {
      runOnLimitedConnection: true, maxInboundStreams: 1, maxOutboundStreams: 1
    })
  }

  start (): void {
    this.#look()
  }

  stop (): void {
    clearTimeout(this.#timer)
  }

  /** What spreads revocations over this door's node. */
  exchange (node: Libp2p): RevocationExchange {
    return new RevocationExchange(node, this)
  }

  async passed (connection: Connection): Promise<void> {
    const gate = this.#gates.get(connection)
    if (gate === undefined) throw new InvitationError('uninvited')
    await gate.passed.promise
  }

  standingOf (peer: PeerId): Standing | null {
    return this.#standings.get(peer) ?? null
  }

  /** Who was let in answers; who was not let in said why. */
  async whyNot (): Promise<null> {
    return null
  }

  check (): void {
    this.membership.check()
  }

  ownFault (): InvitationError | null {
    try {
      this.membership.check()
      return null
    } catch (error) {
      return error as InvitationError
    }
  }

  /** Connections that were let in, one for each peer and way. */
  admitted (): Connection[] {
    return [...this.#open].filter(connection => this.#gates.get(connection)?.state === 'admitted')
  }

  onAdmitted (listener: (connection: Connection) => void): void {
    this.#listeners.add(listener)
  }

  /** Every stream of every protocol passes libp2p's middleware, once negotiated and before anybody reads or writes it. */
  #guard (): void {
    const { registrar } = this.#components
    const others = registrar.getMiddleware.bind(registrar)
    registrar.getMiddleware = protocol => [...protocol === ADMIT_PROTOCOL ? [] : [this.#checkStream], ...others(protocol)]
  }

  readonly #checkStream = async (stream: Stream, connection: Connection, next: (stream: Stream, connection: Connection) => void): Promise<void> => {
    // What is opened here has waited already.
    if (stream.direction === 'outbound') return next(stream, connection)
    const gate = this.#gates.get(connection)
    if (gate === undefined) throw new InvitationError('uninvited')
    // Whoever was dialled opens streams as soon as it has said yes, which this end may not have read yet; whoever dialled shows its chain first.
    if (gate.state === 'pending' && connection.direction === 'inbound') this.#becomeRefused(connection, gate, new InvitationError('uninvited'))
    await gate.passed.promise
    if (gate.state !== 'admitted') throw new InvitationError('revoked')
    next(stream, connection)
  }

  #onOpen (connection: Connection): void {
    const gate: Gate = { state: 'pending', passed: Promise.withResolvers<void>(), standing: null, open: connection.newStream.bind(connection) }
    gate.passed.promise.catch(() => { /* told to whoever waits */ })
    this.#gates.set(connection, gate)
    this.#open.add(connection)
    this.#hide(connection, gate)
    connection.newStream = async (protocols, options) => {
      await gate.passed.promise
      if (gate.state !== 'admitted') throw new InvitationError('revoked')
      return await gate.open(protocols, options)
    }
    const late = setTimeout(() => { this.#becomeRefused(connection, gate, new InvitationError('uninvited')) }, HANDSHAKE_MS_MAX)
    gate.passed.promise.then(() => { clearTimeout(late) }, () => { clearTimeout(late) })
    if (connection.direction === 'outbound') void this.#show(connection, gate)
  }

  /**
   * A stranger that dialled is offered the handshake alone: libp2p tells whoever asks (`ls`) all protocols of a peer, and their names hold the
   * mesh's. Each connection asks a registrar of its own, which is the node's but for that.
   */
  #hide (connection: Connection, gate: Gate): void {
    const inside = connection as unknown as { components?: { registrar: DoorComponents['registrar'] } }
    if (inside.components === undefined) throw new Error('libp2p\'s connections have no components any more: strangers would see which protocols there are')
    const { registrar } = inside.components
    const isHidden = (): boolean => gate.state === 'refused' || (gate.state === 'pending' && connection.direction === 'inbound')
    const seen = Object.create(registrar, { getProtocols: { value: () => isHidden() ? [ADMIT_PROTOCOL] : registrar.getProtocols() } }) as typeof registrar
    inside.components = Object.create(inside.components, { registrar: { value: seen } }) as { registrar: typeof registrar }
  }

  #onClose (connection: Connection): void {
    const gate = this.#gates.get(connection)
    this.#open.delete(connection)
    if (gate?.state === 'pending') gate.passed.reject(new Error('the connection was closed'))
    const peer = idOf(connection)
    if (![...this.#open].some(other => idOf(other) === peer)) this.#standings.delete(peer)
  }

  /** This end dialled. */
  async #show (connection: Connection, gate: Gate): Promise<void> {
    let stream: Stream | undefined
    try {
      this.membership.check()
      stream = await gate.open(ADMIT_PROTOCOL, { runOnLimitedConnection: true, signal: AbortSignal.timeout(HANDSHAKE_MS_MAX) })
      await sendHello(stream, this.membership.founder, this.membership.tuples)
      const { yes, no } = await readFrame(stream)
      if (no !== undefined) throw new InvitationError(faultOf(no))
      const standing = await this.membership.standingOf(idOf(connection), yes)
      await stream.close()
      this.#becomeAdmitted(connection, gate, standing)
    } catch (error) {
      const isUnknown = (error as Error).name === 'UnsupportedProtocolError'
      this.#becomeRefused(connection, gate, isUnknown ? new InvitationError('not-private') : error as Error)
    }
  }

  /** The other end dialled, and shows its chain. */
  async #onShown (stream: Stream, connection: Connection): Promise<void> {
    const gate = this.#gates.get(connection)
    try {
      if (gate?.state !== 'pending' || connection.direction !== 'inbound') throw new Error('nobody waits for this')
      const { mesh, links } = await readFrame(stream)
      if (!(mesh instanceof Uint8Array)) throw new InvitationError('uninvited')
      if (!equals(mesh, this.membership.founder)) throw new InvitationError('other-mesh')
      const standing = await this.membership.standingOf(idOf(connection), links)
      this.membership.check()
      this.#becomeAdmitted(connection, gate, standing)
      await welcome(stream, this.membership.tuples)
    } catch (error) {
      if (error instanceof InvitationError) await refuse(stream, error.fault).catch(() => {})
      else stream.abort(error as Error)
      if (gate?.state === 'pending') await this.#part(connection, gate, error as Error)
    }
  }

  /** Let it read the refusal and go; cut it off if it does not. */
  async #part (connection: Connection, gate: Gate, error: Error): Promise<void> {
    gate.state = 'refused'
    const gone = Promise.withResolvers<void>()
    connection.addEventListener('close', () => { gone.resolve() }, { once: true })
    const late = setTimeout(gone.resolve, GOODBYE_MS_MAX)
    await gone.promise
    clearTimeout(late)
    this.#becomeRefused(connection, gate, error)
  }

  /** Who no longer counts is served nothing from now on, told why, and cut off. */
  async #evict (connection: Connection): Promise<void> {
    const gate = this.#gates.get(connection)
    if (gate?.state !== 'admitted') return
    const error = new InvitationError('revoked')
    gate.state = 'refused'
    for (const stream of connection.streams) stream.abort(error)
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, GOODBYE_MS_MAX)
    await Promise.race([this.farewell(gate.open).catch(() => { /* it is gone */ }), late.promise])
    clearTimeout(timer)
    connection.abort(error)
  }

  #becomeAdmitted (connection: Connection, gate: Gate, standing: Standing): void {
    if (gate.state !== 'pending') return
    gate.state = 'admitted'
    gate.standing = standing
    this.#standings.set(idOf(connection), standing)
    gate.passed.resolve()
    this.#look()
    for (const listener of this.#listeners) listener(connection)
  }

  #becomeRefused (connection: Connection, gate: Gate, error: Error): void {
    if (gate.state === 'admitted') return
    gate.state = 'refused'
    gate.passed.reject(error)
    connection.abort(error)
  }

  /** Cut off who no longer counts, and look again when the next invitation expires. */
  #look (): void {
    clearTimeout(this.#timer)
    const over = this.ownFault()
    let nextMs = this.membership.nowMs() + LOOK_MS_MAX
    if (over === null) nextMs = Math.min(nextMs, this.membership.own.expiresS * 1000)
    for (const connection of this.#open) {
      const standing = this.#gates.get(connection)?.standing ?? null
      if (standing === null) continue
      if (over !== null) connection.abort(over)
      else if (!this.membership.counts(standing)) void this.#evict(connection)
      else nextMs = Math.min(nextMs, standing.expiresS * 1000)
    }
    this.#timer = setTimeout(() => { this.#look() }, Math.max(0, nextMs - this.membership.nowMs()));
    // Where a timer keeps a process running, this one does not.
    (this.#timer as { unref?: () => void }).unref?.()
    if (over === null || this.#isOver) return
    this.#isOver = true
    this.onOver(over)
  }
}

/** The service of a private mesh's peer. */
export const admission = (membership: Membership) => (components: DoorComponents): Admission => new Admission(components, membership)
