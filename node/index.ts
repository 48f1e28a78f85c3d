/**
 * The library's door: `connect` opens a mesh of local volunteers or joins one by address, and everything
 * a program needs to run jobs hangs on what it returns. Types of job modules are exported for job authors.
 *
 * @example
 * ```ts
 * import { connect } from 'millionfold'
 *
 * const mesh = await connect('local:?peers=4')
 * const job = mesh.run('examples/primes.ts', { limit: 1e7 })
 * for await (const { done, partitions } of job.progress) console.error(done, 'of', partitions)
 * console.log(await job)
 * await mesh.close()
 * ```
 */
import { availableParallelism } from 'node:os'
import { UsageError } from '../protocol/client/errors.ts'
import { invitationFor } from './invitation.ts'
import { Mesh } from './mesh.ts'

export { JobCancelledError, JobFailedError, UsageError } from '../protocol/client/errors.ts'
export { Mesh } from './mesh.ts'
export { JobHandle } from '../protocol/client/job-handle.ts'
export { JobResult } from '../protocol/client/result.ts'
export type { Finished } from '../protocol/client/job-handle.ts'
export type { RunOptions } from './mesh.ts'
export type { JobOptions, JobSource } from './prepare-job.ts'
export type { AuditOptions, Audited } from '../protocol/client/audit.ts'
export type { Progress } from '../protocol/client/progress.ts'
export type { Figures } from '../protocol/client/result.ts'
export type { JobStatus } from '../protocol/client/view.ts'
export type { Assemble, Collect, Compute, ComputeRange, Ctx, Equal, JobModule, Log, LogCtx, LogEvent, Prepare, Prepared, Setup } from '../protocol/job/module.ts'

export interface ConnectOptions {
  /** Local volunteer processes to start; wins over `?peers=`. */
  peers?: number
  /** File to append the event log to. */
  events?: string
  /** File of the peer's key, made if it is missing; by default each peer has a new one. */
  identity?: string
  /** To a private mesh: its text, a link with it, or a file; by default what MILLIONFOLD_INVITATION holds. */
  invitation?: string
}

/** More local processes than this are a typing mistake. A guess. */
export const PEERS_MAX = 256

/**
 * Open a mesh.
 *
 * @param where `local:?peers=4` for a mesh of that many volunteer processes on this machine (`local:` and
 *   nothing at all mean one a core), or the multiaddr of any peer of a mesh
 * @returns the mesh, connected; its volunteers may still be starting
 * @throws UsageError when the address does not answer or is none
 */
export async function connect (where = 'local:', options: ConnectOptions = {}): Promise<Mesh> {
  const { events = null, identity = null } = options
  const invitation = await invitationFor(options.invitation)
  if (where.startsWith('/')) return await new Mesh({ addrs: [where], peers: options.peers ?? 0, events, identity, invitation }).ready()
  const peers = options.peers ?? localPeers(where)
  if (!Number.isInteger(peers) || peers < 1 || peers > PEERS_MAX) {
    throw new UsageError(`The number of local volunteers must be a whole number from 1 to ${PEERS_MAX}, not ${peers}.`)
  }
  return await new Mesh({ addrs: [], peers, events, identity, invitation }).ready()
}

function localPeers (where: string): number {
  const url = URL.parse(where)
  if (url?.protocol !== 'local:') {
    throw new UsageError(`\`${where}\` is neither a multiaddr such as /ip4/192.0.2.7/tcp/4001/p2p/12D3… nor \`local:?peers=4\`.`)
  }
  const peers = url.searchParams.get('peers')
  return peers === null ? availableParallelism() : Number(peers)
}
