/**
 * Which of a tab's addresses others are told: contacts travel in many messages, so they stay short. A tab is reached
 * through its relays; of each, one way to the relay that most peers can take is enough.
 */
import type { Multiaddr } from '@multiformats/multiaddr'

/** How well peers of all kinds can dial a relay: Node and tabs dial WebSockets, encrypted ones from anywhere; tabs no TCP. */
const WAYS = ['wss', 'tls', 'ws', 'webrtc-direct', 'tcp']

/** The address of a relayed peer in parts. */
interface Relayed { addr: Multiaddr, relay: string, rank: number, isDirect: boolean }

/** The shortest set: for each relay `…/p2p-circuit/webrtc`, over which peers meet, and `…/p2p-circuit`, for those that cannot. */
export function announced (addrs: Multiaddr[]): Multiaddr[] {
  const best = new Map<string, Relayed>()
  for (const relayed of addrs.flatMap(partsOf)) {
    const key = `${relayed.relay} ${relayed.isDirect}`
    if (relayed.rank < (best.get(key)?.rank ?? Infinity)) best.set(key, relayed)
  }
  return [...best.values()].sort((a, b) => Number(b.isDirect) - Number(a.isDirect)).map(({ addr }) => addr)
}

function partsOf (addr: Multiaddr): Relayed[] {
  const parts = addr.getComponents()
  const circuit = parts.findIndex(({ name }) => name === 'p2p-circuit')
  const relay = parts.slice(0, Math.max(0, circuit)).findLast(({ name }) => name === 'p2p')?.value
  if (relay === undefined) return []
  const names = parts.slice(0, circuit).map(({ name }) => name)
  const way = WAYS.findIndex((name) => names.includes(name))
  const isLocal = parts[0]?.value?.startsWith('127.') === true
  // A relay's address on its own machine is known to few; where it is the only one, all are on that machine.
  return [{ addr, relay, rank: (way === -1 ? WAYS.length : way) + (isLocal ? WAYS.length + 1 : 0), isDirect: parts.slice(circuit).some(({ name }) => name === 'webrtc') }]
}
