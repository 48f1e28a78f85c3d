/**
 * An accepted value never changes. Where all are honest every accepted value is the oracle's, so it cannot, and nobody ever sees two
 * values of one path; where some are not, what one peer has accepted stays as it is.
 */
import type { Cid, Path } from '../../protocol/core/ids.ts'
import type { Entry } from '../../protocol/core/state.ts'
import type { Invariant } from './checker.ts'
import type { Node } from '../world/node.ts'
import { isHonest } from './honesty.ts'
import { rangeOf } from '../../protocol/core/geometry.ts'
import { jobOf, rotation } from './rotation.ts'

export const acceptedNeverChanges: Invariant = (play, report) => {
  const { world, job, spec, plan } = play
  const next = rotation(play)
  const seen = new WeakMap<Entry, Cid>()
  const areHonest = isHonest(plan)

  const onValue = (node: Node, path: Path): void => {
    const range = rangeOf(spec, path)
    const entry = jobOf(play, node)?.ledger.get(path)
    // Released in the same moment, because its parent's value was accepted with it.
    if (range === null || entry === undefined) return
    const { cid } = world.oracleOf(job).value(path, range)
    if (entry.value.cid !== cid) report(`${node.id} accepted "${entry.value.cid}" as the value of ${path}, the oracle says "${cid}"`)
  }

  return {
    name: 'accepted-never-changes',
    kind: 'safety',
    watcher: areHonest
      ? {
        onNotice: (node, notice) => {
          if (notice.type === 'value') onValue(node, notice.path)
          else if (notice.type === 'conflict') report(`${node.id} saw two values of ${notice.path}, by ${notice.peers.join(' and ')}`)
        }
      }
      : {},
    sample: () => next().flatMap(node => [...jobOf(play, node)?.ledger.values() ?? []].flatMap(entry => {
      if (entry.state !== 'accepted') return []
      const before = seen.get(entry)
      seen.set(entry, entry.value.cid)
      return before === undefined || before === entry.value.cid ? [] : [`${node.id} had accepted "${before}" for ${entry.value.path}, which is "${entry.value.cid}" now`]
    }))
  }
}
