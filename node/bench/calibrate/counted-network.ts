/**
 * A peer's libp2p network with a count of what passes and a note of whom the peer coordinates. It changes nothing. What is
 * published is counted where it arrives as well, since gossip passes it on to peers that its publisher is not connected to.
 */
import type { Libp2p } from '@libp2p/interface'
import type { MeshServices } from '../../../protocol/host/services.ts'
import type { Message, Topic } from '../../../protocol/core/message.ts'
import type { NetworkEvent, NetworkUser } from '../../../protocol/host/network.ts'
import type { Path, PeerId } from '../../../protocol/core/ids.ts'
import type { ByType } from './recording.ts'
import { Libp2pNetwork } from '../../../protocol/host/libp2p-network.ts'
import { countInto } from './recording.ts'
import { encodeMessage } from '../../../protocol/host/wire/codec.ts'

export class CountedNetwork extends Libp2pNetwork {
  /** What this peer sent, direct and published, each copy counted (the `sent` events). */
  readonly sent: ByType = {}
  /** What of it was direct. */
  readonly direct: ByType = {}
  /** Published messages that arrived here. */
  readonly heard: ByType = {}
  /** Called when a connection is lost, before the core hears of it. */
  onLost: () => void = () => {}
  /** Paths below which others work for this peer. */
  readonly #coordinated = new Set<Path>()
  readonly #onCoordinated: (paths: Path[]) => void

  /** @param onCoordinated - called with all paths that this peer coordinates, with members, when they change */
  constructor (node: Libp2p<MeshServices>, onCoordinated: (paths: Path[]) => void) {
    super(node)
    this.#onCoordinated = onCoordinated
  }

  override async start (user: NetworkUser): Promise<void> {
    await super.start({
      ...user,
      onEvent: (event) => {
        this.#count(event)
        user.onEvent(event)
      }
    })
  }

  override publish (topic: Topic, message: Message): void {
    if (message.type === 'state') this.#note(message.path, message.children.some(({ state, holder }) => state === 'leased' && holder !== null && holder !== this.id))
    super.publish(topic, message)
  }

  override unsubscribe (topic: Topic): void {
    if (topic.job !== null) this.#note(topic.path, false)
    super.unsubscribe(topic)
  }

  override send (to: PeerId, message: Message): void {
    // A grant goes before the state that tells of it.
    if (message.type === 'grant') this.#note(message.state.path, true)
    countInto(this.direct, message.type, 1, encodeMessage(message).length)
    super.send(to, message)
  }

  #note (path: Path, hasMembers: boolean): void {
    if (hasMembers === this.#coordinated.has(path)) return
    if (hasMembers) this.#coordinated.add(path)
    else this.#coordinated.delete(path)
    this.#onCoordinated([...this.#coordinated])
  }

  #count (event: NetworkEvent): void {
    if (event.type === 'disconnected') this.onLost()
    if (event.type === 'sent') countInto(this.sent, event.message.type, event.copies, event.bytes)
    if (event.type === 'message' && event.topic !== null) countInto(this.heard, event.message.type, 1, encodeMessage(event.message).length)
  }
}
