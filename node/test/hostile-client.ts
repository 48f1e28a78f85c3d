/**
 * A raw libp2p client that does not keep the protocol: it speaks to a peer's streams and topics directly, with
 * whatever bytes a test gives it, and notes what is answered. Test helper.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { DIRECT_PROTOCOL } from '../../protocol/host/links.ts'
import { FRAME_BYTES_MAX } from '../../protocol/host/network.ts'
import { FrameSplitter, frameOf } from '../../protocol/host/frames.ts'
import { createNodeLibp2p } from '../libp2p/node.ts'
import { decodeMessage, encodeMessage } from '../../protocol/host/wire/codec.ts'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { MeshServices } from '../../protocol/host/services.ts'
import type { Message } from '../../protocol/core/message.ts'
import type { PeerId } from '../../protocol/core/ids.ts'

const DEADLINE_MS = 20_000
const LOOK_MS = 20

export class HostileClient {
  readonly libp2p: Libp2p<MeshServices>
  readonly victim: PeerId
  /** What the victim said over direct streams. */
  readonly heard: Message[] = []
  #stream: Stream | null = null

  private constructor (libp2p: Libp2p<MeshServices>, victim: PeerId) {
    this.libp2p = libp2p
    this.victim = victim
  }

  /** @param reads - false for one that never reads what it is sent */
  static async dial (addr: string, reads = true): Promise<HostileClient> {
    const { libp2p } = await createNodeLibp2p({ listen: [], identity: null, mdns: false, bootstrap: [], relay: false, dht: 'off' })
    const client = new HostileClient(libp2p, addr.slice(addr.lastIndexOf('/') + 1) as PeerId)
    await libp2p.handle(DIRECT_PROTOCOL, stream => { if (reads) client.#listen(stream); else stream.pause() }, { maxInboundStreams: 64 })
    await libp2p.start()
    await libp2p.dial(multiaddr(addr))
    return client
  }

  get id (): PeerId {
    return this.libp2p.peerId.toString() as PeerId
  }

  get isConnected (): boolean {
    return this.libp2p.getConnections(peerIdFromString(this.victim)).length > 0
  }

  async open (protocol: string): Promise<Stream> {
    return await this.libp2p.dialProtocol(peerIdFromString(this.victim), protocol, { maxOutboundStreams: 1_000 })
  }

  /** Bytes as they are, over one long-lived direct stream; waits while the victim takes no more. */
  async write (bytes: Uint8Array): Promise<void> {
    this.#stream ??= await this.open(DIRECT_PROTOCOL)
    if (!this.#stream.send(bytes)) await this.#stream.onDrain({ signal: AbortSignal.timeout(DEADLINE_MS) })
  }

  async send (...messages: Message[]): Promise<void> {
    for (const message of messages) await this.write(frameOf(encodeMessage(message)))
  }

  /** Publish again and again, since a mesh of gossip takes a moment to form, until told to stop or cut off. */
  publish (topic: string, payloads: Uint8Array[]): () => void {
    const { pubsub } = this.libp2p.services
    pubsub.subscribe(topic)
    const again = setInterval(() => { for (const bytes of payloads) pubsub.publish(topic, bytes).catch(() => {}) }, 200)
    return () => { clearInterval(again) }
  }

  /** Resolves when it is so; rejects after a generous while. */
  async until (what: string, isSo: () => boolean): Promise<void> {
    const late = Date.now() + DEADLINE_MS
    while (!isSo()) {
      if (Date.now() > late) throw new Error(`not seen in ${DEADLINE_MS} ms: ${what}; heard ${this.heard.map(({ type }) => type).join(' ')}`)
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
  }

  async close (): Promise<void> {
    await this.libp2p.stop()
  }

  #listen (stream: Stream): void {
    const splitter = new FrameSplitter(FRAME_BYTES_MAX)
    stream.addEventListener('message', ({ data }) => {
      for (const frame of splitter.push(data)) {
        const { message } = decodeMessage(frame)
        if (message !== null) this.heard.push(message)
      }
    })
  }
}
