/**
 * The DHT of a tab, as a client. It is a fifth of all code, and work comes first: so it is loaded some seconds after the
 * start, or when a job's members are looked for or told before. Then it is libp2p's own, from the peers that are
 * connected, and first looks around: a tab that has met no other relay has nowhere to go when its own one ends.
 */
import { contentRoutingSymbol, peerRoutingSymbol } from '@libp2p/interface'
import { dhtService } from '../../protocol/host/services.ts'
import type { CID } from 'multiformats/cid'
import type { ContentRouting, PeerInfo, PeerRouting, Provider, RoutingOptions, Startable } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'

/** How kad-dht meets peers; those that were there before it must be introduced. */
type Meeting = { onPeerConnect: (peer: { id: unknown, multiaddrs: unknown[] }) => Promise<void> }

export /** By then a volunteer has its first lease, or there is no work. A guess. */
const LOAD_AFTER_MS = 5_000
const LOOK_AROUND_MS_MAX = 20_000

export class LateDht implements Startable {
  readonly #components: KadDHTComponents
  readonly #mesh: string | null
  #loaded: Promise<KadDHT & Startable> | null = null
  #isStarted = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Resolves when it is time to look for peers. */
  readonly #due = Promise.withResolvers<void>()

  constructor (components: KadDHTComponents, mesh: string | null) {
    this.#components = components
    this.#mesh = mesh
  }

  readonly [Symbol.toStringTag] = 'late-dht'

  get [contentRoutingSymbol] (): Pick<ContentRouting, 'provide' | 'findProviders'> {
    return {
      provide: async (cid, options) => { await (await this.#routing()).provide(cid, options) },
      findProviders: (cid, options) => this.#find(cid, options)
    }
  }

  /** Asked by the relay transport as long as a tab has no relay: at the start it is about to get one. */
  get [peerRoutingSymbol] (): Pick<PeerRouting, 'findPeer' | 'getClosestPeers'> {
    return {
      findPeer: async (id, options) => await (await this.#peers()).findPeer(id, options),
      getClosestPeers: (key, options) => this.#closest(key, options)
    }
  }

  isStarted (): boolean {
    return this.#isStarted
  }

  start (): void {
    this.#isStarted = true
    this.#timer = setTimeout(() => {
      this.#due.resolve()
      this.#lookAround().catch(() => { /* nobody else is there, or the tab is closing */ })
    }, LOAD_AFTER_MS)
  }

  async stop (): Promise<void> {
    this.#isStarted = false
    clearTimeout(this.#timer)
    this.#due.resolve()
    await (await this.#loaded)?.stop()
  }

  async * #find (cid: CID, options?: RoutingOptions): AsyncGenerator<Provider> {
    yield * (await this.#routing()).findProviders(cid, options)
  }

  async * #closest (key: Uint8Array, options?: RoutingOptions): AsyncGenerator<PeerInfo> {
    await this.#due.promise
    yield * (await this.#peers()).getClosestPeers(key, options)
  }

  async #lookAround (): Promise<void> {
    const own = this.#components.peerId.toMultihash().bytes
    for await (const { id } of this.#closest(own, { signal: AbortSignal.timeout(LOOK_AROUND_MS_MAX) })) void id
  }

  async #routing (): Promise<ContentRouting> {
    return (await this.#dht() as unknown as { [contentRoutingSymbol]: ContentRouting })[contentRoutingSymbol]
  }

  async #peers (): Promise<PeerRouting> {
    return (await this.#dht() as unknown as { [peerRoutingSymbol]: PeerRouting })[peerRoutingSymbol]
  }

  #dht (): Promise<KadDHT & Startable> {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  async #load (): Promise<KadDHT & Startable> {
    const dht = (await dhtService('lan', true, this.#mesh))(this.#components) as KadDHT & Startable
    if (!this.#isStarted) throw new Error('this peer has stopped')
    await dht.start()
    for (const { remotePeer, remoteAddr } of this.#components.connectionManager.getConnections()) {
      await (dht as unknown as Meeting).onPeerConnect({ id: remotePeer, multiaddrs: [remoteAddr] })
    }
    return dht
  }
}

/** @param mesh - name of the private mesh; null for an open one */
export const lateDht = (mesh: string | null) => (components: KadDHTComponents): LateDht => new LateDht(components, mesh)
