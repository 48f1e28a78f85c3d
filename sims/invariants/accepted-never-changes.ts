/**
 * An accepted value never changes. Where all are honest every accepted value is the oracle's, so it cannot, and nobody ever sees two
 * values of one path; where some are not, what one peer has accepted stays as it is.
 */
import type { Cid, Path } from '../../protocol/core/ids.ts'
import type { Entry } from '../../protocol/core/state.ts'
import type { Checker, Invariant } from './checker.ts'
import type { Node } from '../world/node.ts'
import type { Play } from '../play.ts'
import { isHonest } from './honesty.ts'
import { rangeOf } from '../../protocol/core/geometry.ts'
import { FEW_A_SECOND, jobOf, rotation } from './rotation.ts'

export const acceptedNeverChanges: Invariant = (play, report) => isHonest(play.plan) ? againstOracle(play, report) : againstMemory(play)

const NAME = { name: 'accepted-never-changes', kind: 'safety' } as const

function againstOracle (play: Play, report: (what: string) => void): Checker {
  const { world, job, spec } = play
  const next = rotation(play, FEW_A_SECOND)

  const wrongIn = (node: Node, { value }: Entry): string[] => {
    const range = rangeOf(spec, value.path)
    if (range === null) return []
    const { cid } = world.oracleOf(job).value(value.path, range)
    return value.cid === cid ? [] : [`${node.id} accepted "${value.cid}" as the value of ${value.path}, the oracle says "${cid}"`]
  }

  const onValue = (node: Node, path: Path): void => {
    const entry = jobOf(play, node)?.ledger.get(path)
    // Released in the same moment, because its parent's value was accepted with it.
    if (entry !== undefined) wrongIn(node, entry).forEach(report)
  }

  return {
    ...NAME,
    watcher: {
      onNotice: (node, notice) => {
        if (notice.type === 'value') onValue(node, notice.path)
        else if (notice.type === 'conflict') report(`${node.id} saw two values of ${notice.path}, by ${notice.peers.join(' and ')}`)
      }
    },
    sample: () => next().flatMap(node => [...jobOf(play, node)?.ledger.values() ?? []].flatMap(entry => entry.state === 'accepted' ? wrongIn(node, entry) : []))
  }
}

function againstMemory (play: Play): Checker {
  const next = rotation(play)
  const seen = new WeakMap<Entry, Cid>()
  return {
    ...NAME,
    sample: () => next().flatMap(node => [...jobOf(play, node)?.ledger.values() ?? []].flatMap(entry => {
      if (entry.state !== 'accepted') return []
      const before = seen.get(entry)
      seen.set(entry, entry.value.cid)
      return before === undefined || before === entry.value.cid ? [] : [`${node.id} had accepted "${before}" for ${entry.value.path}, which is "${entry.value.cid}" now`]
    }))
  }
}
