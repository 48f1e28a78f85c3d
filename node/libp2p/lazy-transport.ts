/**
 * A transport that is loaded when an address is first dialled with it, so that peers which never do (local
 * volunteers) start without it. It never listens: whoever listens has the real one.
 */
import { transportSymbol } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Transport } from '@libp2p/interface'

/**
 * @param name - for logs
 * @param isFor - can it dial this address?
 * @param load - make the real transport
 */
export function lazyTransport (name: string, isFor: (addr: Multiaddr) => boolean, load: () => Promise<Transport>): Transport {
  let loaded: Promise<Transport> | null = null
  return {
    [Symbol.toStringTag]: name,
    [transportSymbol]: true,
    dial: async (addr, options) => await (await (loaded ??= load())).dial(addr, options),
    createListener: () => { throw new Error(`${name} was not loaded to listen`) },
    listenFilter: () => [],
    dialFilter: addrs => addrs.filter(isFor)
  }
}
