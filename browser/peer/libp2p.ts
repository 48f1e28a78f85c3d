/**
 * The libp2p node under a tab's peer. A tab cannot be dialled: it listens through a relay, over which two tabs agree on
 * a WebRTC connection of their own, and dials Node peers by WebSocket or WebRTC-direct. It asks the DHT and serves
 * nobody there. The node is returned unstarted; the network starts it.
 */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { createLibp2p } from 'libp2p'
import { noise } from '@libp2p/noise'
import { webRTC, webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { lateDht } from './late-dht.ts'
import { announced } from './announced.ts'
import type { LateDht } from './late-dht.ts'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { CappedDatastore } from '../../protocol/host/capped-datastore.ts'
import { connectionManager, connectionMonitor, meshServices, muxer, rtcConfiguration } from '../../protocol/host/services.ts'
import type { Membership } from '../../protocol/host/admission/membership.ts'
import type { Guard } from '../../protocol/host/guard.ts'
import type { MeshServices } from '../../protocol/host/services.ts'

/** J3: connections of a tab. */
export const CONNECTIONS_MAX = 32

/** How tabs name themselves when peers meet (identify). */
export const TAB_AGENT = 'millionfold-tab'

/**
 * @param guard - of the same node
 * @param stun - servers that tell a tab its address outside of its NAT; none by default, so that nobody outside the mesh is asked
 * @param membership - of a private mesh; null for an open one
 */
export async function createTabLibp2p (key: PrivateKey, guard: Guard, stun: string[] = [], membership: Membership | null = null): Promise<Libp2p<MeshServices>> {
  const rtc = { rtcConfiguration: stun.length > 0 ? { iceServers: [{ urls: stun }] } : rtcConfiguration }
  return await createLibp2p<MeshServices & { lateDht: LateDht }>({
    start: false,
    privateKey: key,
    datastore: new CappedDatastore(),
    nodeInfo: { userAgent: TAB_AGENT },
    addresses: { listen: ['/p2p-circuit', '/webrtc'], announceFilter: announced },
    transports: [webSockets(), webRTC(rtc), webRTCDirect(rtc), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux(muxer)],
    connectionManager: connectionManager(CONNECTIONS_MAX),
    connectionMonitor,
    // Browsers' own rules decide what a page may dial; a mesh of one machine or one house is a mesh.
    connectionGater: { denyDialMultiaddr: () => false, ...guard.gater },
    services: { ...await meshServices('off', guard, membership), lateDht: lateDht(membership?.mesh ?? null) }
  })
}
