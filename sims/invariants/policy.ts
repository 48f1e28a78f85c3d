/**
 * No result below its policy (V1): an honest coordinator accepts a bite of another's only after what its job's trust asks for. Where bites are voted on,
 * as many distinct peers computed the same path and came to the same; a wrong one only if all of them collude.
 */
import type { Cid, Path } from '../../protocol/core/ids.ts'
import type { Invariant } from './checker.ts'
import type { Node } from '../world/node.ts'
import { jobOf } from './rotation.ts'
import { rangeOf } from '../../protocol/core/geometry.ts'

export const policy: Invariant = (play, report) => {
  const { world, job, spec } = play
  const { trust } = spec
  const makers = new Map<string, Set<Node>>()
  if (trust.type !== 'votes') return { name: 'policy', kind: 'safety' }

  const onAccepted = (node: Node, path: Path): void => {
    const value = jobOf(play, node)?.ledger.get(path)?.value
    const range = rangeOf(spec, path)
    if (value === undefined || range === null || !value.bite) return
    const voters = makers.get(`${path} ${value.cid}`)
    if (voters !== undefined && voters.size >= trust.quorum) return
    // Handed over by whom it took the place of, it was looked at instead (V7).
    const isRight = (world.oracleOf(job).value(path, range).cid as Cid) === value.cid
    if (!isRight) report(`${node.id} accepted "${value.cid}" of ${value.by} for ${path}, which ${voters?.size ?? 0} peers computed`)
  }

  return {
    name: 'policy',
    kind: 'safety',
    watcher: {
      onMade: (node, { path, cid }) => {
        const key = `${path} ${cid}`
        const known = makers.get(key)
        if (known === undefined) makers.set(key, new Set([node]))
        else known.add(node)
      },
      onNotice: (node, notice) => { if (notice.type === 'value' && node.adversary === null) onAccepted(node, notice.path) }
    }
  }
}
