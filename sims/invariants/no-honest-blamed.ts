/** No honest peer is ever blamed by another honest one (V5): only who signed what recomputing does not give. */
import type { Invariant } from './checker.ts'

export const noHonestBlamed: Invariant = ({ world }, report) => ({
  name: 'no-honest-blamed',
  kind: 'safety',
  watcher: {
    onNotice: (node, notice) => {
      if (notice.type !== 'blamed' || node.adversary !== null) return
      if (world.byId(notice.peer)?.adversary === null) report(`${node.id} blames ${notice.peer}, which is honest, for partition ${notice.partition} of ${notice.path}`)
    }
  }
})
