/** How scenarios draw what they leave to chance: from a stream of their seed for each concern, at the time the plan is made. */
import type { Fault, Whom } from './fault.ts'
import type { NetworkPlan } from '../world/network.ts'
import type { Random } from '../../protocol/core/random.ts'
import { createRandom } from '../../protocol/core/random.ts'

/** The stream of one concern of a plan. */
export const stream = (seed: number, concern: string): Random => createRandom(seed, concern)

export const between = (random: Random, least: number, most: number): number => least + random.next() * (most - least)

export const isHeads = (random: Random): boolean => random.next() < 0.5

/** A number from 0 to `most` or, as often, 0. */
export const coinOf = (random: Random, most: number): number => isHeads(random) ? between(random, 0, most) : 0

export const oneOf = <T>(random: Random, choices: readonly T[]): T => choices[random.below(choices.length)] as T

/** Milliseconds after the submission. */
export interface Span { fromMs: number, toMs: number }

/** @returns faults of one kind at random times; none as often as some */
export function drawSome (random: Random, most: number, { fromMs, toMs }: Span, make: (atMs: number, forMs: number) => Fault): Fault[] {
  if (!isHeads(random)) return []
  return Array.from({ length: 1 + random.below(most) }, () => {
    const atMs = Math.round(between(random, fromMs, toMs))
    return make(atMs, Math.round(between(random, 0, toMs - atMs)))
  })
}

export const drawWhom = (random: Random): Whom => oneOf(random, ['root', 'coordinator', 'anyone'] as const)

/** What SCENARIOS asks of the swarm's network: up to half of all messages twice, a third lost, some overtaken, some garbage. */
export function drawNoise (random: Random): Partial<NetworkPlan> {
  return {
    duplicate: coinOf(random, 0.5), loss: coinOf(random, 0.3), vanish: coinOf(random, 0.3), reorder: coinOf(random, 0.3), corrupt: coinOf(random, 0.05)
  }
}
