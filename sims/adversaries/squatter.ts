/** Claims subtrees and renews them with progress it never made; computes nothing. */
import type { Adversary } from '../world/node.ts'
import type { Effect } from '../../protocol/core/effect.ts'
import type { Path } from '../../protocol/core/ids.ts'

export function createSquatter (): Adversary {
  const told = new Map<Path, number>()
  const bend = (effect: Effect): Effect => {
    if (effect.type !== 'send' || effect.message.type !== 'renew') return effect
    const { message } = effect
    // Always a little more, never all.
    const done = Math.min((told.get(message.path) ?? 0) + 1, message.done + Math.max(0, message.load.remaining - 1))
    told.set(message.path, done)
    return { ...effect, message: { ...message, done, load: { ...message.load, remaining: Math.max(1, message.load.remaining - done) } } }
  }
  return { name: 'squatter', bend: (_node, effects) => effects.map(bend) }
}
