/**
 * Computes nothing right: tells wrong values of its bites, which all liars tell alike, and where it coordinates or votes it never finds anything
 * wrong with other liars, nor anything right with honest peers.
 */
import type { Adversary } from '../world/node.ts'
import { lieOfBite } from './lie.ts'

export const createLiar = (): Adversary => ({
  name: 'liar',
  isBlind: true,
  bend: (_node, effects) => effects,
  make: (value, isBite) => isBite ? lieOfBite(value) : value
})
