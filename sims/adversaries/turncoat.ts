/** Honest until it may be trusted, then a liar. */
import type { Adversary } from '../world/node.ts'
import type { Path } from '../../protocol/core/ids.ts'
import { bendValues, lieOf } from './bend.ts'

/** Right values it tells first: as many as make a peer trusted (BOINC's adaptive replication, Anderson 2020). */
const HONEST = 10

export function createTurncoat (): Adversary {
  const told = new Set<Path>()
  const honest = new Set<Path>()
  return {
    name: 'turncoat',
    bend: ({ id }, effects) => bendValues(effects, value => {
      if (value.by !== id || !value.bite) return value
      told.add(value.path)
      if (told.size <= HONEST) honest.add(value.path)
      return honest.has(value.path) ? value : lieOf(value)
    })
  }
}
