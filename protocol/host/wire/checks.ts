/**
 * What must hold between the fields of a message, beyond each field alone. Each check says what is wrong, or
 * null. What needs memory of the job (is the path in its tree, is the fence high enough) is the core's part.
 */
import { cidOfDag } from '../../job/cid.ts'
import { depthOf } from '../../core/geometry.ts'
import { hasLinks } from './links.ts'
import type { Value } from '../../core/job.ts'
import type { Fence, StateMessage } from '../../core/message.ts'
import type { Path } from '../../core/ids.ts'

/** C4: a fence has one term for every level from the root to its path. */
export function checkFence ({ path, fence }: { path: Path, fence: Fence }): string | null {
  return fence.length === depthOf(path) + 1 ? null : 'a fence does not fit its path'
}

/** R1: a value counts something, its bytes are what its content id says, and it hides no links. */
export function checkValue (value: Value): string | null {
  if (value.count < 1) return 'a value counts nothing'
  const { producers } = value.stats
  for (let i = 1; i < producers.length; i++) {
    if ((producers[i] as number) <= (producers[i - 1] as number)) return 'producers are not in order'
  }
  if (value.bytes === null) return null
  if (cidOfDag(value.bytes) !== value.cid) return 'a value is not what its content id says'
  return !value.links && hasLinks(value.bytes) ? 'a value hides its links' : null
}

/** C6: children are told once each, in order, and a leased one has a holder. */
export function checkState (state: Omit<StateMessage, 'type' | 'job'>): string | null {
  let last = -1
  for (const child of state.children) {
    if (child.digit <= last) return 'children are not in order'
    if (child.state === 'leased' && child.holder === null) return 'a leased child has no holder'
    last = child.digit
  }
  return checkFence(state)
}
