/**
 * A Node peer's part in a private mesh's door: revocations that this machine has heard of count from the start, new ones are kept
 * for later starts, and whoever runs the peer is told when its own invitation no longer counts. Nothing in an open mesh.
 */
import { Admission } from '../protocol/host/admission/admission.ts'
import { Duties } from '../protocol/host/admission/duties.ts'
import { UsageError } from '../protocol/client/errors.ts'
import { keepRevoked, revokedHere } from './meshes-dir.ts'
import type { MeshPeerInit } from '../protocol/host/mesh-peer.ts'
import type { Door } from '../protocol/host/admission/door.ts'

interface Watched extends Required<Pick<MeshPeerInit, 'duties'>> {
  over: Promise<never>
}

/**
 * Look after a door before its node starts.
 *
 * @param sign with the key of the peer behind it
 * @returns what a mesh peer needs of it, and what rejects when the own invitation expires or is revoked, and otherwise never settles
 * @throws UsageError when it was revoked already
 */
export async function watchDoor (door: Door, sign: MeshPeerInit['sign']): Promise<Watched> {
  const { promise: over, reject } = Promise.withResolvers<never>()
  over.catch(() => { /* told to whoever waits */ })
  if (!(door instanceof Admission)) return { over, duties: null }
  const { membership } = door
  const { revocations, mesh } = membership
  await revocations.takeAll(revokedHere(mesh))
  revocations.onNew(({ bytes }) => {
    try {
      keepRevoked(mesh, bytes, () => revocations.all().map((revocation) => revocation.bytes))
    } catch { /* a state directory that cannot be written: it counts as long as this process runs */ }
  })
  const fault = door.ownFault()
  if (fault !== null) throw new UsageError(fault.message, { cause: fault })
  door.onOver = (why) => { reject(new UsageError(why.message, { cause: why })) }
  return { over, duties: new Duties(door, sign) }
}
