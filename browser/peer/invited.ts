/**
 * A tab in a private mesh: the link's invitation bound to the tab's key, what the mesh peer needs to hold others to theirs, and why it is
 * no good in words of the page. Nothing in an open mesh.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { Admission } from '../../protocol/host/admission/admission.ts'
import { Duties } from '../../protocol/host/admission/duties.ts'
import { EntryError, entryErrorOf, overErrorOf } from './entry-error.ts'
import { InvitationError } from '../../protocol/host/admission/fault.ts'
import { Membership } from '../../protocol/host/admission/membership.ts'
import { bitsOf, hasRight } from '../../protocol/host/admission/rights.ts'
import { narrow, readInvitation } from '../../protocol/host/admission/invitation.ts'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Door } from '../../protocol/host/admission/door.ts'
import type { Invitation } from '../../protocol/host/admission/invitation.ts'
import type { MeshPeerInit } from '../../protocol/host/mesh-peer.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { PeerStore } from '../../protocol/host/store/peer-store.ts'
import type { PrivateKey } from '@libp2p/interface'
import type { Right } from '../../protocol/host/admission/rights.ts'

/** An invitation that a page passes on lasts so long at most. A guess. */
const LENT_S = 30 * 86_400

/**
 * Read a link's invitation.
 *
 * @param right what the page is about to do; null for a page that only looks
 * @throws EntryError with `bad-invitation`
 */
export async function invitationIn (text: string | undefined, right: Right | null): Promise<Invitation | null> {
  if (text === undefined) return null
  try {
    const invitation = await readInvitation(text, Date.now())
    if (right !== null && !hasRight(invitation.chain.rights, right)) {
      throw new EntryError('bad-invitation', right === 'volunteer' ? 'This invitation does not allow volunteering.' : 'This invitation does not allow submitting jobs.')
    }
    return invitation
  } catch (error) {
    throw error instanceof InvitationError ? entryErrorOf(error) : error
  }
}

/** Bound to the tab's key; null in an open mesh. */
export const membershipOf = async (invitation: Invitation | null, key: PrivateKey): Promise<Membership | null> =>
  invitation === null ? null : await Membership.of({ invitation, peer: peerIdFromPrivateKey(key).toString() as PeerId })

/**
 * Before the node starts: revocations that this tab heard of in earlier visits count from the start (A5), and new ones are kept.
 *
 * @throws EntryError when the own invitation is among them
 */
export async function keepRevocations (door: Door, store: PeerStore): Promise<void> {
  if (!(door instanceof Admission)) return
  const { revocations } = door.membership
  await revocations.takeAll(listIn(await store.read('self', REVOKED)))
  revocations.onNew(() => { store.set('self', REVOKED, encode(revocations.all().map(({ bytes }) => bytes))) })
  const fault = door.ownFault()
  if (fault !== null) throw entryErrorOf(fault)
}

const REVOKED = 'revoked'

/** Whoever takes them checks them; what is damaged is heard of again. */
function listIn (bytes: Uint8Array | null): Uint8Array[] {
  try {
    const list: unknown = bytes === null ? [] : decode(bytes)
    return Array.isArray(list) ? list.filter((item) => item instanceof Uint8Array) : []
  } catch {
    return []
  }
}

/** Tells when the own invitation expires or is revoked. */
export function watchDoor (door: Door, onOver: (why: EntryError) => void): void {
  if (door instanceof Admission) door.onOver = (why) => { onOver(overErrorOf(why)) }
}

/** What the mesh peer needs behind this door. */
export function privateParts (door: Door, invitation: Invitation | null, sign: MeshPeerInit['sign']): Partial<MeshPeerInit> {
  return { mesh: invitation?.mesh ?? '', readingKey: invitation?.readingKey ?? null, duties: door instanceof Admission ? new Duties(door, sign) : null }
}

/**
 * An invitation to pass on: with these rights, where the own one can be narrowed; else the own one as it is.
 *
 * @param text the own one
 */
export async function lentOf (text: string, rights: readonly Right[]): Promise<{ text: string, isNarrowed: boolean }> {
  const invitation = await readInvitation(text, Date.now())
  const { chain, secret } = invitation
  if (secret === null || !hasRight(chain.rights, 'invite')) return { text, isNarrowed: false }
  const lent = await narrow(invitation, { rights: bitsOf(rights) & chain.rights, expiresS: Math.min(chain.expiresS, Math.floor(Date.now() / 1000) + LENT_S), peer: null })
  return { text: lent.text, isNarrowed: true }
}
