/** Peers that do not do what their core decided, by name. Each bends the effects of an unchanged core (world/node.ts). */
import type { Adversary } from '../world/node.ts'
import { createCopier } from './copier.ts'
import { createLiar } from './liar.ts'
import { createLyingCoordinator } from './lying-coordinator.ts'
import { createSlanderer } from './slanderer.ts'
import { createSquatter } from './squatter.ts'
import { createSybil } from './sybil.ts'
import { createTurncoat } from './turncoat.ts'

export { groundName } from './sybil.ts'

export const ADVERSARIES = {
  liar: createLiar, turncoat: createTurncoat, squatter: createSquatter, 'lying-coordinator': createLyingCoordinator, copier: createCopier, slanderer: createSlanderer,
  sybil: createSybil
}

export type AdversaryName = keyof typeof ADVERSARIES

/** The adversary of one peer; those that remember something remember it for this peer alone. */
export const adversaryOf = (name: AdversaryName): Adversary => ADVERSARIES[name]()

/** Does it compute values that a job with a trust policy does not take? Its core's time is lost to the job. */
export const isUseless = (name: AdversaryName | undefined): boolean => name === 'liar' || name === 'turncoat'

/** Does it compute nothing at all? Nobody could do anything with its core's time. */
export const isIdle = (name: AdversaryName | undefined): boolean => name === 'squatter' || name === 'sybil'
