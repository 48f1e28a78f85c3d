/**
 * The libp2p services every peer runs, in Node and in browsers, with the settings that were found to work
 * (DESIGN 8, traps). The platform adds transports, encryption and its own discovery.
 */
import { identify, identifyPush } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { ARRIVING_MAX, INBOUND_STREAMS_MAX } from './limits.ts'
import { CONNECTIONS_MAX } from './network.ts'
import { gossip } from './gossip.ts'
import { openDoor } from './admission/door.ts'
import { prefixOf } from './admission/mesh-name.ts'
import type { ConnectionManagerInit, ConnectionMonitorInit, ServiceFactoryMap } from 'libp2p'
import type { Identify, IdentifyPush } from '@libp2p/identify'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'
import type { Admission } from './admission/admission.ts'
import type { GossipSub } from './gossip.ts'
import type { Guard } from './guard.ts'
import type { Membership } from './admission/membership.ts'
import type { OpenDoor } from './admission/door.ts'
import type { Ping } from '@libp2p/ping'

/** `lan`: private addresses count, every peer serves. `wan`: public ones only, whoever is reachable serves. */
export type DhtMode = 'lan' | 'wan' | 'off'

/** A type, not an interface: libp2p wants an index signature. */
export type MeshServices = {
  /** Who is let in: everybody, or those with an invitation to this private mesh. */
  door: OpenDoor | Admission
  identify: Identify
  identifyPush: IdentifyPush
  ping: Ping
  pubsub: GossipSub
  dht?: KadDHT
}

/** Room for the DHT's and gossip's own streams while hundreds of volunteers arrive from one address. A guess. */
const ARRIVALS_MAX = 512

/** A ping now and then keeps a NAT's mapping alive; whether a peer lives is C5's question. */
const PING_MS = 60_000

/**
 * @param mode - which DHT to take part in
 * @param guard - of the same node; gossip is not exchanged with whom it keeps out
 * @param membership - of a private mesh; null for an open one
 */
export async function meshServices (mode: DhtMode, guard: Guard, membership: Membership | null = null): Promise<ServiceFactoryMap<MeshServices>> {
  const own = membership === null ? {} : { protocolPrefix: prefixOf(membership.mesh).slice(1) }
  return {
    // First: what others do when a connection opens waits for it.
    door: membership === null ? openDoor : (await import('./admission/admission.ts')).admission(membership),
    // In a private mesh the network runs it once a peer has been let in (A3).
    identify: identify({ ...own, runOnConnectionOpen: membership === null }),
    identifyPush: identifyPush(own),
    ping: ping({ ...own, maxInboundStreams: 16, maxOutboundStreams: 16, runOnLimitedConnection: true }),
    pubsub: gossip(guard),
    ...(mode === 'off' ? {} : { dht: await dhtService(mode, false, membership?.mesh ?? null) })
  }
}

/**
 * libp2p's DHT, loaded only where there is one: a local mesh starts sooner without.
 *
 * @param isClient - ask it only and serve nobody, as a peer that cannot be dialled must
 * @param mesh - name of the private mesh; null for an open one
 */
export async function dhtService (mode: 'lan' | 'wan', isClient: boolean, mesh: string | null): Promise<(components: KadDHTComponents) => KadDHT> {
  const { kadDHT, passthroughMapper, removePrivateAddressesMapper } = await import('@libp2p/kad-dht')
  const isLan = mode === 'lan'
  const name = mesh === null ? '/millionfold' : `/millionfold/${mesh}`
  return kadDHT({
    protocol: isLan ? `${name}/lan/kad/1.0.0` : `${name}/kad/1.0.0`,
    logPrefix: `millionfold:dht-${mode}`,
    datastorePrefix: `/dht-${mode}`,
    metricsPrefix: `millionfold_dht_${mode}`,
    peerInfoMapper: isLan ? passthroughMapper : removePrivateAddressesMapper,
    clientMode: isClient,
    // On a LAN every peer is dialable; elsewhere libp2p finds out and switches by itself.
    ...(isLan ? { initialQuerySelfInterval: 1_000 } : {})
  })
}

/**
 * A burst of volunteers comes from one address (a test, a school, a NAT). Above its own cap libp2p refuses everybody, so
 * it is given some more, and room.ts decides who goes.
 *
 * @param max - connections of this peer (J3)
 */
export const connectionManager = (max = CONNECTIONS_MAX): ConnectionManagerInit => ({
  maxConnections: max + ARRIVING_MAX,
  inboundConnectionThreshold: ARRIVALS_MAX,
  maxIncomingPendingConnections: ARRIVALS_MAX,
  // One address that swallows packets must not use up the time for the others.
  addressDialTimeout: 1_500,
  reconnectRetries: 0
})

/** Streams that are opened and never used cost their maker little and this peer memory (X4). */
export const muxer = { maxInboundStreams: INBOUND_STREAMS_MAX }

/** The default pings every 10 s and cuts connections whose ping failed on a busy core. */
export const connectionMonitor: ConnectionMonitorInit = {
  enabled: true,
  pingInterval: PING_MS,
  abortConnectionOnPingFailure: false
}

/**
 * A Node peer has an address that others can dial, and a tab meets it there; so nobody is asked from outside the mesh
 * what one's own address is. (libp2p would ask four companies.)
 */
export const rtcConfiguration = { iceServers: [] }
