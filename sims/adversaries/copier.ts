/** Votes without computing: commits to anything, and reveals what it hears from others, which is right more often than not. */
import type { Adversary } from '../world/node.ts'
import type { Effect } from '../../protocol/core/effect.ts'

const ANYTHING = new Uint8Array(32)

const bend = (effect: Effect): Effect =>
  effect.type === 'send' && effect.message.type === 'commit' ? { ...effect, message: { ...effect.message, digest: ANYTHING } } : effect

export const createCopier = (): Adversary => ({ name: 'copier', bend: (_node, effects) => effects.map(bend) })
