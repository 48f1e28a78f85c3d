/**
 * Multiaddrs as people and messages carry them, and what people are told when one does not work. Never connects
 * anywhere.
 */
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '../core/ids.ts'

/** An address that ends in the peer's id. */
export function withPeer (addr: string, peer: PeerId): string {
  return addr.endsWith(`/p2p/${peer}`) ? addr : `${addr}/p2p/${peer}`
}

/** @throws Error in one sentence when it is no multiaddr */
export function parseAddr (addr: string): Multiaddr {
  try {
    return multiaddr(addr)
  } catch {
    throw new Error(`${addr} is not an address such as /ip4/192.0.2.1/tcp/22580.`)
  }
}

/** The id of the peer an address leads to, or null when it names none. */
export function peerIn (addr: Multiaddr): string | null {
  return addr.getComponents().findLast(({ name }) => name === 'p2p')?.value ?? null
}

/** Why a dial failed, as the end of a sentence. */
export function dialFault (error: unknown): string {
  const { name, message, code } = error as Error & { code?: string }
  if (code === 'ECONNREFUSED') return 'the connection was refused'
  if (name === 'NoValidAddressesError') return 'there is no transport for this kind of address'
  return name === 'TimeoutError' || name === 'AbortError' ? 'it took too long' : (message.split('\n')[0] ?? '').replace(/\.$/, '')
}

/** Why listening failed, as one sentence. libp2p lists every address with its error below a paragraph of its own. */
export function listenFault (error: unknown): string {
  const { message } = error as Error
  const [, addr = 'an address', why = message.split('\n')[0]] = /^ *(\/\S+): (?:\w*Error: )?(.*)$/m.exec(message) ?? []
  if (/UDP mux/.test(message)) return 'Cannot listen for WebRTC: the UDP port is in use, so choose another.'
  if (/EADDRINUSE/.test(message)) return `Cannot listen on ${addr}: the port is in use, so choose another.`
  if (/EACCES/.test(message)) return `Cannot listen on ${addr}: this needs more rights, so choose a port above 1023.`
  if (/EADDRNOTAVAIL/.test(message)) return `Cannot listen on ${addr}: this machine does not have that address.`
  return `Cannot listen on ${addr}: ${why}.`
}
