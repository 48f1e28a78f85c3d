/**
 * Keeps what a remote peer may ask of this one within bounds (X2, X3): it counts messages, gossip and requests against
 * the rates of limits.ts, remembers who misbehaves, and keeps those out at the door (libp2p's connection gater) and out
 * of gossip (gossipsub's scores). One a node; it knows nothing of jobs and closes no connection itself.
 */
import { Bucket } from './bucket.ts'
import { DIRECT_BYTES, GOSSIP_RATE, MESSAGE_RATES, METERS_KEPT, OVER_WEIGHT, PASSED_RATE, REQUEST_RATE, SENT_SHARE, SIGNED_RATE, SIGNERS_KEPT, classOf } from './limits.ts'
import { Strikes } from './strikes.ts'
import type { ConnectionGater, PeerId as Libp2pPeerId } from '@libp2p/interface'
import type { MessageClass } from './limits.ts'
import type { MessageType } from '../core/message.ts'
import type { PeerId } from '../core/ids.ts'

/** Gossipsub's graylist begins at -80: whoever is out is not listened to, also where a connection is left. */
const OUT_SCORE = -1_000
/** Seven strikes, one below the end of the connection, stop the exchange of gossip (-10) and publishing to it (-50), not more. */
const STRIKE_SCORE = -8

interface Meter { bytes: Bucket, passed: Bucket, requests: Bucket, classes: Map<MessageClass, Bucket>, sent: Map<MessageClass, Bucket> }

export class Guard {
  readonly #now: () => number
  readonly #strikes = new Strikes()
  /** Kept over connections, so that coming back does not begin anew. */
  readonly #meters = new Map<PeerId, Meter>()
  readonly #signers = new Map<PeerId, Bucket>()
  readonly #gossip: Bucket

  constructor (now: () => number = () => performance.now()) {
    this.#now = now
    this.#gossip = new Bucket(GOSSIP_RATE, now())
  }

  /** For libp2p: who was cut off is neither let in nor dialled for a while. */
  get gater (): ConnectionGater {
    const isOut = (peer: Libp2pPeerId): boolean => this.isOut(peer.toString() as PeerId)
    return { denyDialPeer: isOut, denyInboundEncryptedConnection: isOut, denyOutboundEncryptedConnection: isOut }
  }

  /** May this peer say one more message of this type now? */
  mayDirect (peer: PeerId, type: MessageType): boolean {
    return this.#take(this.#meterOf(peer).classes, type, 1)
  }

  /** May this peer be told one more message of this type, so that it never takes this one for a flood? */
  maySend (peer: PeerId, type: MessageType): boolean {
    return this.#take(this.#meterOf(peer).sent, type, SENT_SHARE)
  }

  /** Bytes arrived from this peer. @returns milliseconds for which no more should be read of it */
  countBytes (peer: PeerId, bytes: number): number {
    return this.#meterOf(peer).bytes.owe(bytes, this.#now())
  }

  /** May this peer ask for blocks once more? */
  mayRequest (peer: PeerId): boolean {
    return this.#meterOf(peer).requests.take(1, this.#now())
  }

  /** May a message of this signer, passed on by this neighbour, go on? If not, who is over its limit. */
  mayGossip (by: PeerId, signer: PeerId): 'yes' | 'signer' | 'passer' | 'all' {
    if (!this.#meterOf(by).passed.take(1, this.#now())) return 'passer'
    if (!this.#signerOf(signer).take(1, this.#now())) return 'signer'
    return this.#gossip.take(1, this.#now()) ? 'yes' : 'all'
  }

  /** A peer sent what no honest peer sends. @returns true when it is out: its connections should end */
  strike (peer: PeerId, weight = 1): boolean {
    return this.#strikes.add(peer, weight, this.#now())
  }

  /** A peer is over a limit. @returns as `strike` */
  over (peer: PeerId): boolean {
    return this.strike(peer, OVER_WEIGHT)
  }

  isOut (peer: PeerId): boolean {
    return this.#strikes.isOut(peer, this.#now())
  }

  /** What gossipsub should think of a peer; 0 for all that keep the protocol. */
  scoreOf (peer: PeerId): number {
    return this.isOut(peer) ? OUT_SCORE : Math.floor(this.#strikes.of(peer, this.#now())) * STRIKE_SCORE
  }

  /** Peers and signers that are remembered; for tests of bounds. */
  get remembered (): { meters: number, signers: number, strikes: number } {
    return { meters: this.#meters.size, signers: this.#signers.size, strikes: this.#strikes.size }
  }

  #take (buckets: Map<MessageClass, Bucket>, type: MessageType, share: number): boolean {
    const name = classOf(type)
    let bucket = buckets.get(name)
    if (bucket === undefined) {
      const { burst, perSecond } = MESSAGE_RATES[name]
      buckets.set(name, bucket = new Bucket({ burst: burst * share, perSecond: perSecond * share }, this.#now()))
    }
    return bucket.take(1, this.#now())
  }

  #meterOf (peer: PeerId): Meter {
    let meter = this.#meters.get(peer)
    if (meter === undefined) {
      const nowMs = this.#now()
      meter = { bytes: new Bucket(DIRECT_BYTES, nowMs), passed: new Bucket(PASSED_RATE, nowMs), requests: new Bucket(REQUEST_RATE, nowMs), classes: new Map(), sent: new Map() }
      this.#meters.set(peer, meter)
      forgetOldest(this.#meters, METERS_KEPT)
    }
    return meter
  }

  #signerOf (signer: PeerId): Bucket {
    const bucket = this.#signers.get(signer) ?? new Bucket(SIGNED_RATE, this.#now())
    this.#signers.delete(signer)
    this.#signers.set(signer, bucket)
    forgetOldest(this.#signers, SIGNERS_KEPT)
    return bucket
  }
}

function forgetOldest (map: Map<PeerId, unknown>, kept: number): void {
  if (map.size <= kept) return
  const oldest = map.keys().next().value
  if (oldest !== undefined) map.delete(oldest)
}
