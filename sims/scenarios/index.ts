/** The scenarios of SCENARIOS, by name. */
import type { Scenario } from './scenario.ts'
import { calm } from './calm.ts'
import { hasty } from './hasty.ts'
import { steady } from './steady.ts'
import { swarm } from './swarm.ts'

export const SCENARIOS: readonly Scenario[] = [calm, steady, hasty, swarm]

/** @returns the scenario of this name; undefined when there is none */
export const scenarioOf = (name: string): Scenario | undefined => SCENARIOS.find(scenario => scenario.name === name)
