/** Computes rightly, and tells wrong values of what it folded from others' values. */
import type { Adversary } from '../world/node.ts'
import { bendValues, lieOf } from './bend.ts'

export const createLyingCoordinator = (): Adversary => ({
  name: 'lying-coordinator',
  bend: ({ id }, effects) => bendValues(effects, value => value.by === id && !value.bite ? lieOf(value) : value)
})
