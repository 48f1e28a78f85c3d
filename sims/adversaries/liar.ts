/** Computes, and tells wrong values of what it computed; all liars tell the same. */
import type { Adversary } from '../world/node.ts'
import { bendValues, lieOf } from './bend.ts'

export const createLiar = (): Adversary => ({
  name: 'liar',
  bend: ({ id }, effects) => bendValues(effects, value => value.by === id && value.bite ? lieOf(value) : value)
})
