/** One seed is one world: in this process twice, in another process, and whatever else is watched or switched off. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Plan } from '../scenarios/plan.ts'
import { prepare, run } from '../play.ts'
import { scenarioOf } from '../scenarios/index.ts'
import { simulate } from '../simulate.ts'

const SCRIPT = fileURLToPath(new URL('print-hash.ts', import.meta.url))

const planOf = (name: string, seed: number): Plan => scenarioOf(name)!.make(seed, 30, 60_000)
const hashOf = (plan: Plan): string => simulate({ plan, now: () => 0 }).hash
const elsewhere = (name: string, seed: number): string => execFileSync(process.execPath, [SCRIPT, name, String(seed)], { encoding: 'utf8' }).trim()

describe('determinism', () => {
  for (const name of ['steady', 'swarm', 'tabs']) {
    it(`plays the same world twice, and in another process: ${name}`, () => {
      const hash = hashOf(planOf(name, 7))
      expect(hash).to.match(/^[0-9a-f]{16}$/)
      expect(hashOf(planOf(name, 7))).to.equal(hash)
      expect(elsewhere(name, 7)).to.equal(hash)
    }).timeout(60_000)
  }

  it('plays another world with another seed', () => {
    expect(new Set([1, 2, 3].map(seed => hashOf(planOf('steady', seed)))).size).to.equal(3)
  }).timeout(60_000)

  it('makes plans that are data', () => {
    const plan = planOf('swarm', 7)
    expect(planOf('swarm', 7)).to.deep.equal(plan)
    expect(hashOf(JSON.parse(JSON.stringify(plan)) as Plan)).to.equal(hashOf(plan))
  }).timeout(60_000)

  it('is not changed by being measured and checked', () => {
    const play = prepare({ plan: planOf('steady', 7) })
    run(play)
    expect(play.world.tally.hash).to.equal(hashOf(planOf('steady', 7)))
  }).timeout(60_000)

  it('draws who comes and how fast they are whatever the faults', () => {
    const plan = planOf('exodus', 7)
    const [faulty, whole] = [prepare({ plan }), prepare({ plan: { ...plan, faults: [] } })]
    expect(faulty.stays).to.deep.equal(whole.stays)
    for (const play of [faulty, whole]) run(play)
    expect(faulty.volunteers.slice(0, 30).map(node => node.speed)).to.deep.equal(whole.volunteers.slice(0, 30).map(node => node.speed))
  }).timeout(60_000)
})
