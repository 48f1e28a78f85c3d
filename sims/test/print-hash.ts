/** Plays one small world in a process of its own and prints its hash (determinism.test.ts): `node print-hash.ts SCENARIO SEED`. */
import { scenarioOf } from '../scenarios/index.ts'
import { simulate } from '../simulate.ts'

const [name = '', seed = ''] = process.argv.slice(2)
const scenario = scenarioOf(name)
if (scenario === undefined) throw new Error(`no scenario ${name}`)
const { hash } = simulate({ plan: scenario.make(Number(seed), 30, 60_000), now: () => 0 })
console.log(hash)
