/**
 * The DHT of a tab, as a client: most visits never need it, and it is a fifth of all code, so it is loaded when a job's
 * members are first looked for or told. Then it is libp2p's own, from the peers that are connected.
 */
import { contentRoutingSymbol } from '@libp2p/interface'
import { dhtService } from '../../protocol/host/services.ts'
import type { CID } from 'multiformats/cid'
import type { ContentRouting, Provider, RoutingOptions, Startable } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'

/** How kad-dht meets peers; those that were there before it must be introduced. */
type Meeting = { onPeerConnect: (peer: { id: unknown, multiaddrs: unknown[] }) => Promise<void> }

export class LateDht implements Startable {
  readonly #components: KadDHTComponents
  #loaded: Promise<KadDHT & Startable> | null = null
  #isStarted = false

  constructor (components: KadDHTComponents) {
    this.#components = components
  }

  readonly [Symbol.toStringTag] = 'late-dht'

  get [contentRoutingSymbol] (): Pick<ContentRouting, 'provide' | 'findProviders'> {
    return {
      provide: async (cid, options) => { await (await this.#routing()).provide(cid, options) },
      findProviders: (cid, options) => this.#find(cid, options)
    }
  }

  isStarted (): boolean {
    return this.#isStarted
  }

  start (): void {
    this.#isStarted = true
  }

  async stop (): Promise<void> {
    this.#isStarted = false
    await (await this.#loaded)?.stop()
  }

  async * #find (cid: CID, options?: RoutingOptions): AsyncGenerator<Provider> {
    yield * (await this.#routing()).findProviders(cid, options)
  }

  async #routing (): Promise<ContentRouting> {
    this.#loaded ??= this.#load()
    return (await this.#loaded as unknown as { [contentRoutingSymbol]: ContentRouting })[contentRoutingSymbol]
  }

  async #load (): Promise<KadDHT & Startable> {
    const dht = (await dhtService('lan', true))(this.#components) as KadDHT & Startable
    if (!this.#isStarted) throw new Error('this peer has stopped')
    await dht.start()
    for (const { remotePeer, remoteAddr } of this.#components.connectionManager.getConnections()) {
      await (dht as unknown as Meeting).onPeerConnect({ id: remotePeer, multiaddrs: [remoteAddr] })
    }
    return dht
  }
}

export const lateDht = () => (components: KadDHTComponents): LateDht => new LateDht(components)
