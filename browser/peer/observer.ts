/**
 * Feeds a picture of a job from the mesh, once a second: what its coordinators hold, as protocol/client/observer.ts gathers
 * it, in the picture's own terms.
 */
import { Observer } from '../../protocol/client/observer.ts'
import type { JobId, PeerId } from '../../protocol/core/ids.ts'
import type { JobReport } from '../../protocol/core/message.ts'
import type { Observed } from '../../protocol/client/observer.ts'
import type { PositionSnapshot } from '../picture/snapshot.ts'
import type { TabPeer } from './tab-peer.ts'

/**
 * Watch a job until told to stop.
 *
 * @param onRound - snapshots of those who answered; partitions done and the report of whoever is closest to the root
 * @returns what ends it
 */
export function observeJob (tab: TabPeer, job: JobId, onRound: (snapshots: PositionSnapshot[], report: JobReport) => void): () => void {
  const { mesh } = tab
  const observer = new Observer(job, {
    query: async (to, jobs, tables) => await mesh.query(to, jobs, tables),
    entries: () => [{ peer: mesh.id, addrs: [] }, ...tab.neighbours().map(({ peer }) => ({ peer, addrs: [] }))],
    onRound: (observed, report) => { onRound(observed.flatMap(snapshotsOf), report) }
  })
  return () => { observer.stop() }
}

function snapshotsOf ({ peer, tables }: Observed): PositionSnapshot[] {
  return tables.map(({ path, fence, level, heirs, children, runs }) => ({
    path,
    fence,
    level,
    coordinator: peer as PeerId,
    heirs,
    children: children.map((child) => ({ ...child, holder: child.holder?.peer ?? null })),
    ranges: runs
  }))
}
