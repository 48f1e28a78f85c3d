/** A light peer that asks a mesh and goes: what `jobs`, `status`, `result`, `audit` and `cancel` share. */
import { Mesh } from '../mesh.ts'
import { UsageError } from '../../protocol/client/errors.ts'
import { invitationFor } from '../invitation.ts'

export interface AskOptions {
  /** Multiaddr of any peer of the mesh; it must be given. */
  mesh?: string
  /** To a private mesh: its text, a link with it, or a file. */
  invitation?: string
  json?: boolean
}

/**
 * Ask with a peer of its own that never volunteers.
 *
 * @param identity file of the key to ask with; a new one by default
 * @param runsCode does it look into what job code computed?
 * @throws UsageError when nobody is named to be asked
 */
export async function asking<T> (options: AskOptions, ask: (mesh: Mesh) => Promise<T>, identity: string | null = null, runsCode = false): Promise<T> {
  if (options.mesh === undefined) throw new UsageError('Give --mesh ADDR, the multiaddr of any peer of the mesh.')
  const mesh = new Mesh({ addrs: [options.mesh], peers: 0, identity, runsCode, invitation: await invitationFor(options.invitation) })
  try {
    await mesh.ready()
    return await ask(mesh)
  } finally {
    await mesh.close()
  }
}
