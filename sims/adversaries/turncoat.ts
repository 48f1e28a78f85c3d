/** Honest until it may be trusted, then a liar. */
import type { Adversary } from '../world/node.ts'
import { lieOfBite } from './lie.ts'

/** Right values it tells first: as many as make a peer trusted (BOINC's adaptive replication, Anderson 2020). */
export const HONEST = 10

export function createTurncoat (): Adversary {
  let told = 0
  return {
    name: 'turncoat',
    bend: (_node, effects) => effects,
    make: (value, isBite) => isBite && told++ >= HONEST ? lieOfBite(value) : value
  }
}
