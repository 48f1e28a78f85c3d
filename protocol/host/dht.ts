/**
 * Finding a job's members without knowing any: provider records in libp2p's DHT under the job's id, which is a
 * content id (DESIGN 4). Without a DHT nothing is found and nothing is said. It never fails loudly: a look-up
 * that finds nobody in time has found nobody.
 */
import { CID } from 'multiformats/cid'
import { withPeer } from './addrs.ts'
import type { Contact, JobId, PeerId } from '../core/ids.ts'
import type { Libp2p } from '@libp2p/interface'

/** J1 asks the DHT before a root is claimed; six seconds are L, so a look-up must end before. */
const LOOKUP_MS_MAX = 5_000
const PROVIDE_MS_MAX = 30_000
/** A joiner needs one member that answers; more only cost dials. A guess. */
const FOUND_MAX = 8

/** Contacts of peers that say they know a job; the own is left out. */
export async function findMembers (node: Libp2p, job: JobId): Promise<Contact[]> {
  const contacts: Contact[] = []
  try {
    const signal = AbortSignal.timeout(LOOKUP_MS_MAX)
    for await (const { id, multiaddrs } of node.contentRouting.findProviders(CID.parse(job), { signal })) {
      if (id.equals(node.peerId)) continue
      const peer = id.toString() as PeerId
      contacts.push({ peer, addrs: multiaddrs.map(addr => withPeer(addr.toString(), peer)) })
      if (contacts.length === FOUND_MAX) break
    }
  } catch {
    // No router, nobody there, or out of time: what was found until then counts.
  }
  return contacts
}

/** Say that this peer knows a job. Records are renewed by libp2p while the peer runs. */
export async function provideJob (node: Libp2p, job: JobId): Promise<void> {
  try {
    await node.contentRouting.provide(CID.parse(job), { signal: AbortSignal.timeout(PROVIDE_MS_MAX) })
  } catch {
    // As above: a mesh without a DHT, or one of a single peer.
  }
}
