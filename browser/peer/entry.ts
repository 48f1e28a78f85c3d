/** Entering a mesh by the addresses of a link, and what is said when none of them works. */
import type { MeshPeer } from '../../protocol/host/mesh-peer.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import { EntryError, entryErrorOf } from './entry-error.ts'
import { InvitationError } from '../../protocol/host/admission/fault.ts'

/** How a dial ends at a peer that is there and speaks something else (Links). */
const OTHER_VERSION = 'does not speak this protocol'

/**
 * Connect to those of these addresses that answer.
 *
 * @returns the peers found, at least one
 * @throws EntryError with `no-answer`, `uninvited` or `other-version`
 */
export async function enter (mesh: MeshPeer, addrs: string[]): Promise<PeerId[]> {
  const outcomes = await Promise.allSettled(addrs.map(async (addr) => await mesh.connect(addr)))
  const found = outcomes.flatMap((outcome) => outcome.status === 'fulfilled' ? [outcome.value] : [])
  if (found.length > 0) return found
  const refusal = outcomes.find((outcome) => outcome.status === 'rejected' && outcome.reason instanceof InvitationError)
  if (refusal?.status === 'rejected') throw entryErrorOf(refusal.reason as InvitationError)
  const reasons = outcomes.flatMap((outcome) => outcome.status === 'rejected' ? [(outcome.reason as Error).message] : [])
  const other = reasons.find((reason) => reason.includes(OTHER_VERSION))
  if (other !== undefined) throw new EntryError('other-version', 'The peer of this link answers, but speaks another version of the protocol.')
  if (location.protocol === 'https:' && addrs.every((addr) => /\/ws\//.test(addr))) {
    throw new EntryError('no-answer', 'This page came over https, from which browsers dial no plain WebSocket: the link needs an address with wss or webrtc-direct.')
  }
  throw new EntryError('no-answer', reasons[0] ?? 'No peer answers.')
}
