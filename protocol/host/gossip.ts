/**
 * Gossip over libp2p's gossipsub, which nobody else in the project touches: topics, settings, and validators that
 * reject what the core would drop before it is passed on (DESIGN 4, C2, G4). Messages are signed by their
 * publisher; `from` is the signer, not whoever passed a message on.
 */
import { TopicValidatorResult, gossipsub } from '@libp2p/gossipsub'
import { ROOT } from '../core/geometry.ts'
import { checkSender } from './wire/senders.ts'
import { decodeMessage, encodeMessage } from './wire/codec.ts'
import { prefixOf } from './admission/mesh-name.ts'
import { GOSSIP_BYTES_MAX } from './network.ts'
import { GOSSIP_PARTS, TOPIC_BYTES_EACH } from './limits.ts'
export type { GossipSub } from '@libp2p/gossipsub'
import type { GossipSub, GossipSubComponents, Message as Envelope } from '@libp2p/gossipsub'
import type { Guard } from './guard.ts'
import type { Message, Topic } from '../core/message.ts'
import type { PeerId } from '../core/ids.ts'

/**
 * The service, with the settings that carried 16 members a topic in 12 ms (DESIGN 8).
 *
 * @param guard - who is struck is not gossiped with, who is out not listened to; nobody is punished for their address or for bursts
 */
export function gossip (guard: Guard): (components: GossipSubComponents) => GossipSub {
  return gossipsub({
    globalSignaturePolicy: 'StrictSign',
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    floodPublish: true,
    fallbackToFloodsub: false,
    // Its streams would stay on a relayed connection that ends with the relay, after the peers have met directly; the relay itself passes gossip on.
    runOnLimitedConnection: false,
    D: 16,
    Dlo: 12,
    Dhi: 32,
    Dscore: 8,
    Dout: 4,
    heartbeatInterval: 300,
    pruneBackoff: 5_000,
    unsubcribeBackoff: 1_000,
    maxInboundDataLength: GOSSIP_BYTES_MAX + 1024,
    maxOutboundBufferSize: 4 * 1024 * 1024,
    // Volunteers come many from one address, and leave and come back within a heartbeat.
    scoreParams: {
      IPColocationFactorWeight: 0,
      behaviourPenaltyThreshold: 6,
      appSpecificScore: peer => guard.scoreOf(peer as PeerId),
      appSpecificWeight: 1,
      retainScore: SCORE_MS
    },
    scoreThresholds: { gossipThreshold: -10, publishThreshold: -50, graylistThreshold: -80 },
    // One frame after the other, so that a flood waits at its sender and not here (X2).
    awaitRpcHandler: true,
    awaitRpcMessageHandler: true,
    maxTopicBytesPerPeer: TOPIC_BYTES_EACH,
    decodeRpcLimits: GOSSIP_PARTS
  })
}

/** Scores of peers that have gone are kept so long: an hour, the default, is a lot of memory for keys that cost nothing. A guess. */
const SCORE_MS = 600_000

/**
 * G4: `/millionfold/1/jobs`, or a subtree's `/millionfold/1/<job>/<path>`; in a private mesh its name comes after the `1` (A4).
 *
 * @param mesh - null for an open mesh
 */
export function topicName ({ job, path }: Topic, mesh: string | null = null): string {
  const prefix = prefixOf(mesh)
  if (job === null) return `${prefix}/jobs`
  return `${prefix}/${job}/${path === ROOT ? 'root' : path}`
}

export interface GossipUser {
  /** May this signer's message, passed on by `by`, go on? It is asked for those that are good. */
  mayPass: (by: PeerId, from: PeerId) => boolean
  onMessage: (from: PeerId, message: Message, topic: Topic) => void
  /** May this peer say that? What is wrong, or null. */
  faultIn: (from: PeerId, message: Message) => string | null
  /** A message was rejected; `by` passed it on, which no honest peer does. */
  onRejected: (by: PeerId, reason: string) => void
  onSent: (message: Message, copies: number, bytes: number) => void
}

interface Checked { from: PeerId, message: Message, topic: Topic }

export class Gossip {
  readonly #pubsub: GossipSub
  readonly #user: GossipUser
  readonly #mesh: string | null
  /** Between a message's validation and its delivery. */
  readonly #checked = new WeakMap<Envelope, Checked>()

  /** @param mesh - name of the private mesh; null for an open one */
  constructor (pubsub: GossipSub, user: GossipUser, mesh: string | null = null) {
    this.#pubsub = pubsub
    this.#user = user
    this.#mesh = mesh
    pubsub.addEventListener('message', this.#onMessage)
  }

  stop (): void {
    this.#pubsub.removeEventListener('message', this.#onMessage)
  }

  subscribe (topic: Topic): void {
    const name = topicName(topic, this.#mesh)
    this.#pubsub.topicValidators.set(name, (by, envelope) => this.#validate(by.toString() as PeerId, envelope, topic))
    this.#pubsub.subscribe(name)
  }

  unsubscribe (topic: Topic): void {
    const name = topicName(topic, this.#mesh)
    this.#pubsub.unsubscribe(name)
    this.#pubsub.topicValidators.delete(name)
  }

  /** @throws Error when the message breaks a limit of the wire */
  publish (topic: Topic, message: Message): void {
    const bytes = encodeMessage(message)
    if (bytes.length > GOSSIP_BYTES_MAX) throw new Error('a message is too long to be published')
    this.#pubsub.publish(topicName(topic, this.#mesh), bytes).then(
      ({ recipients }) => { if (recipients.length > 0) this.#user.onSent(message, recipients.length, recipients.length * bytes.length) },
      () => {} // Stopped meanwhile: what is published then is lost like any other message.
    )
  }

  #validate (by: PeerId, envelope: Envelope, topic: Topic): TopicValidatorResult {
    const reason = this.#check(envelope, topic)
    if (reason === null) {
      const { from, message } = this.#checked.get(envelope) as Checked
      // Whoever passed it on may have been within its own limits, and not have known the signer, so it is not to blame.
      const isFree = this.#user.faultIn(from, message) === null && this.#user.mayPass(by, from)
      return isFree ? TopicValidatorResult.Accept : TopicValidatorResult.Ignore
    }
    this.#user.onRejected(by, reason)
    return TopicValidatorResult.Reject
  }

  #check (envelope: Envelope, topic: Topic): string | null {
    if (envelope.type !== 'signed') return 'a message is not signed'
    if (envelope.data.length > GOSSIP_BYTES_MAX) return 'a published message is too long'
    const decoded = decodeMessage(envelope.data)
    if (decoded.message === null) return decoded.reason
    const from = envelope.from.toString() as PeerId
    const reason = checkSender(from, decoded.message, topic)
    if (reason === null) this.#checked.set(envelope, { from, message: decoded.message, topic })
    return reason
  }

  readonly #onMessage = ({ detail: envelope }: CustomEvent<Envelope>): void => {
    const checked = this.#checked.get(envelope)
    if (checked !== undefined) this.#user.onMessage(checked.from, checked.message, checked.topic)
  }
}
