/**
 * The libp2p node under a Node peer: transports, encryption, discovery and relay around the services that every
 * peer runs. Only what an address or option asks for is loaded: a local volunteer listens on loopback TCP and
 * starts in a fraction of a second. The node is returned unstarted; the network starts it.
 */
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { createLibp2p } from 'libp2p'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { WebRTC } from '@multiformats/multiaddr-matcher'
import { CappedDatastore } from '../../protocol/host/capped-datastore.ts'
import { CONNECTIONS_MAX } from '../../protocol/host/network.ts'
import { Guard } from '../../protocol/host/guard.ts'
import { parseAddr } from '../../protocol/host/addrs.ts'
import { lazyTransport } from './lazy-transport.ts'
import { ephemeralKey, persistentKey } from './identity.ts'
import { Membership } from '../../protocol/host/admission/membership.ts'
import { signWith, verifyBy } from '../../protocol/host/keys.ts'
import { connectionManager, connectionMonitor, meshServices, muxer, rtcConfiguration } from '../../protocol/host/services.ts'
import type { DhtMode, MeshServices } from '../../protocol/host/services.ts'
import type { Libp2p, PrivateKey, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Invitation } from '../../protocol/host/admission/invitation.ts'
import type { Libp2pOptions } from 'libp2p'
import type { MeshPeerInit } from '../../protocol/host/mesh-peer.ts'
import type { PeerId } from '../../protocol/core/ids.ts'

export interface NodeLibp2pInit {
  /** Multiaddrs to listen on; none for a peer that only dials. */
  listen: string[]
  /** The peer's Ed25519 key, or the file of one, made when missing; null for a key that is kept nowhere. */
  identity: string | PrivateKey | null
  /** Find peers on the LAN and be found. */
  mdns: boolean
  /** Multiaddrs of peers to dial at start and keep an eye on. */
  bootstrap: string[]
  /** Relay connections for peers that cannot be dialled, such as tabs. */
  relay: boolean
  /** Tabs enter the mesh here: each stays connected to the relay that others reach it by. */
  tabs?: boolean
  dht: DhtMode
  /** To a private mesh; null or nothing for an open one. */
  invitation?: Invitation | null
}

/** Every interface, TCP for Node peers, WebSocket and WebRTC for tabs; the system chooses the ports. */
export const LISTEN_ANYWHERE = ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0/ws', '/ip4/0.0.0.0/udp/0/webrtc-direct']
/** Peers of one machine. */
export const LISTEN_LOOPBACK = ['/ip4/127.0.0.1/tcp/0']

/** Defaults grant 15 reservations of 2 minutes and 128 KiB: far too little for a mesh of tabs (DESIGN 8). */
const RELAY = { reservations: { maxReservations: 256, defaultDurationLimit: 3_600_000, defaultDataLimit: 1n << 30n } }

/** Room for tabs beside the peers that J3 bounds. */
const TABS_MAX = RELAY.reservations.maxReservations

/** How much of a private mesh's name goes into its service's, whose labels hold 63 characters. */
const MDNS_NAME_LENGTH = 26

/** How often the LAN is asked for peers, milliseconds. */
const MDNS_MS = 10_000

export interface NodeLibp2p extends Pick<MeshPeerInit, 'sign' | 'verify'> {
  /** Not yet started. */
  libp2p: Libp2p<MeshServices>
  /** For the network over it. */
  guard: Guard
  connectionsMax: number
}

/** @throws Error in one sentence when the identity file cannot be used or an address is none */
export async function createNodeLibp2p (init: NodeLibp2pInit): Promise<NodeLibp2p> {
  for (const addr of [...init.listen, ...init.bootstrap]) parseAddr(addr)
  const { identity } = init
  const key = identity === null ? await ephemeralKey() : typeof identity === 'string' ? await persistentKey(identity) : identity
  const membership = init.invitation == null ? null : await Membership.of({ invitation: init.invitation, peer: peerIdFromPrivateKey(key).toString() as PeerId })
  const guard = new Guard()
  const connectionsMax = init.tabs === true ? CONNECTIONS_MAX + TABS_MAX : CONNECTIONS_MAX
  const libp2p = await createLibp2p<MeshServices>({
    start: false,
    privateKey: key,
    datastore: new CappedDatastore(),
    nodeInfo: { userAgent: 'millionfold-node' },
    addresses: { listen: init.listen },
    transports: await transports(init),
    connectionEncrypters: [noise()],
    streamMuxers: [yamux(muxer)],
    connectionManager: connectionManager(connectionsMax),
    connectionGater: guard.gater,
    connectionMonitor,
    peerDiscovery: await discovery(init),
    services: {
      ...await meshServices(init.dht, guard, membership),
      ...(init.relay ? { relay: circuitRelayServer(RELAY) } : {})
    }
  })
  return { libp2p, guard, connectionsMax, sign: signWith(key), verify: verifyBy }
}

type Transports = NonNullable<Libp2pOptions['transports']>

async function transports ({ listen, bootstrap }: NodeLibp2pInit): Promise<Transports> {
  const isUsed = (part: string): boolean => [...listen, ...bootstrap].some(addr => addr.includes(part))
  const all: Transports = [tcp(), circuitRelayTransport()]
  all.push(isUsed('/ws') ? (await import('@libp2p/websockets')).webSockets() : components => lazyTransport('websockets', isWebSocket, async () => {
    const { webSockets } = await import('@libp2p/websockets')
    return webSockets()(components) as unknown as Transport
  }))
  if (isUsed('/webrtc')) {
    const { webRTC, webRTCDirect } = await import('@libp2p/webrtc')
    all.push(webRTC({ rtcConfiguration }), webRTCDirect({ rtcConfiguration }))
  } else {
    all.push(components => lazyTransport('webrtc', addr => WebRTC.exactMatch(addr), async () => {
      const { webRTC } = await import('@libp2p/webrtc')
      return webRTC({ rtcConfiguration })(components as never) as unknown as Transport
    }))
  }
  return all
}

/** Ends in /ws or /wss, but for the peer's id; one behind a relay is the relay transport's. */
function isWebSocket (addr: Multiaddr): boolean {
  const names = addr.getComponents().map(({ name }) => name)
  return (names.includes('ws') || names.includes('wss')) && !names.includes('p2p-circuit')
}

type Discovery = NonNullable<Libp2pOptions['peerDiscovery']>

async function discovery (init: NodeLibp2pInit): Promise<Discovery> {
  const all: Discovery = []
  if (init.mdns) {
    const { mdns } = await import('@libp2p/mdns')
    // A name of its own for each private mesh, so that two on one network stay apart (A4).
    const mesh = init.invitation == null ? '' : `-${init.invitation.mesh.slice(0, MDNS_NAME_LENGTH)}`
    all.push(mdns({ serviceTag: `_millionfold${mesh}._udp.local`, interval: MDNS_MS }))
  }
  if (init.bootstrap.length > 0) {
    const { bootstrap } = await import('@libp2p/bootstrap')
    all.push(bootstrap({ list: init.bootstrap, timeout: 0 }))
  }
  return all
}
