/**
 * What makes a restarted peer the same one to those it knew: its key, and the ports it listened on, so that they find it where it was (D3).
 * A port that is taken meanwhile is given up for any other.
 */
import { createServer } from 'node:net'
import { createSocket } from 'node:dgram'
import { ephemeralKey, persistentKey } from '../libp2p/identity.ts'
import { privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import type { PeerStore } from '../../protocol/host/store/peer-store.ts'

/**
 * The key in a file, else the one in the store, each made on first use, else one that is kept nowhere.
 *
 * @param isLasting - false for a store's key that lasts only as long as jobs that were submitted with it
 * @throws Error in one sentence when the file is no key or cannot be written
 */
export async function keyOf (file: string | null, store: PeerStore, isLasting: boolean): Promise<PrivateKey> {
  if (file !== null) return await persistentKey(file)
  return store.mode === 'keep' ? await keptKey(store, isLasting) : await ephemeralKey()
}

async function keptKey (store: PeerStore, isLasting: boolean): Promise<PrivateKey> {
  const bytes = isLasting || await hasJobs(store) ? await store.read('self', 'key') : null
  try {
    if (bytes !== null) return privateKeyFromProtobuf(bytes)
  } catch { /* whoever has no key is somebody new */ }
  const key = await ephemeralKey()
  store.set('self', 'key', privateKeyToProtobuf(key))
  return key
}

async function hasJobs (store: PeerStore): Promise<boolean> {
  for await (const _job of store.entries('jobs')) return true
  return false
}

/** Addresses that leave the port to the system, with the port of the time before where it is free. */
export async function keptPorts (store: PeerStore, listen: string[]): Promise<string[]> {
  const bytes = await store.read('self', 'ports')
  const ports = bytes === null ? {} : JSON.parse(new TextDecoder().decode(bytes)) as Record<string, number>
  return await Promise.all(listen.map(async addr => {
    const port = ports[addr]
    return port !== undefined && await isFree(addr, port) ? addr.replace(/\/(tcp|udp)\/0(?=\/|$)/, `/$1/${port}`) : addr
  }))
}

/** @param addrs - where the peer listens in fact */
export function keepPorts (store: PeerStore, listen: string[], addrs: string[]): void {
  const ports: Record<string, number> = {}
  for (const addr of listen) {
    const [, kind, rest] = /\/(tcp|udp)\/0(\/.*)?$/.exec(addr) ?? []
    if (kind === undefined) continue
    const pattern = new RegExp(`/${kind}/(\\d+)${rest ?? ''}(/certhash/.*)?/p2p/\\w+$`)
    const port = Number(addrs.map(each => pattern.exec(each)?.[1]).find(each => each !== undefined))
    if (port > 0) ports[addr] = port
  }
  store.set('self', 'ports', new TextEncoder().encode(JSON.stringify(ports)))
}

async function isFree (addr: string, port: number): Promise<boolean> {
  const host = /^\/ip[46]\/([^/]+)/.exec(addr)?.[1]
  return await new Promise(resolve => {
    if (addr.includes('/udp/')) {
      const socket = createSocket(addr.startsWith('/ip6') ? 'udp6' : 'udp4')
      socket.once('error', () => { resolve(false) })
      socket.bind(port, host, () => { socket.close(() => { resolve(true) }) })
      return
    }
    const server = createServer()
    server.once('error', () => { resolve(false) })
    server.listen({ port, host }, () => { server.close(() => { resolve(true) }) })
  })
}
