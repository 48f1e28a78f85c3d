/** The scenarios of SCENARIOS, S0 to S13, by name. */
import type { Scenario } from './scenario.ts'
import { assassin } from './assassin.ts'
import { calm } from './calm.ts'
import { exodus } from './exodus.ts'
import { hasty } from './hasty.ts'
import { liars } from './liars.ts'
import { planet } from './planet.ts'
import { rush } from './rush.ts'
import { split } from './split.ts'
import { steady } from './steady.ts'
import { stragglers } from './stragglers.ts'
import { swarm } from './swarm.ts'
import { sybil } from './sybil.ts'
import { tabs } from './tabs.ts'
import { trace } from './trace.ts'

export const SCENARIOS: readonly Scenario[] = [calm, trace, steady, tabs, hasty, exodus, split, assassin, liars, sybil, swarm, stragglers, rush, planet]

/** @returns the scenario of this name; undefined when there is none */
export const scenarioOf = (name: string): Scenario | undefined => SCENARIOS.find(scenario => scenario.name === name)
