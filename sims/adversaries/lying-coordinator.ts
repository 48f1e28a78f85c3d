/** Computes rightly, and tells wrong values of what it folded from others' values. */
import type { Adversary } from '../world/node.ts'
import { lieOfFold } from './lie.ts'

export const createLyingCoordinator = (): Adversary => ({
  name: 'lying-coordinator',
  isBlind: true,
  bend: (_node, effects) => effects,
  make: (value, isBite) => isBite ? value : lieOfFold(value)
})
