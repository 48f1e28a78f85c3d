/**
 * The end of an input looks only at jobs in which something changed (settled.ts), and copies only where keepers changed (accepted.ts).
 * Looking at everything after every input must come to the same.
 */
import { all, joinLater, killHalf, leaveHalf, pauseSome, splitInTwo } from './faults.ts'
import type { Node } from './world.ts'
import type { Plan } from './scenario.ts'
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { play } from './scenario.ts'

/** Let a peer look at everything at its next input. */
function forgetSettled (node: Node): void {
  for (const job of node.peer.jobs.values()) {
    job.rolling = job.naming = 'due'
    job.uncopied = null
  }
}

function effectsOf (plan: Plan, andThen: (node: Node) => void): string {
  const sum = createHash('sha256')
  play({
    ...plan,
    tap: (node, effects) => {
      sum.update(node.id + JSON.stringify(effects))
      andThen(node)
    }
  })
  return sum.digest('hex')
}

describe('settled', () => {
  const cases: Array<{ title: string, faults: Plan['faults'] }> = [
    { title: 'without faults', faults: undefined },
    { title: 'with kills, joins and pauses', faults: all(killHalf, joinLater, pauseSome) },
    { title: 'with leaves', faults: leaveHalf },
    { title: 'with a split', faults: splitInTwo }
  ]
  for (const { title, faults } of cases) {
    it(`looking at what changed is as good as looking at everything, ${title}`, () => {
      for (let seed = 1; seed <= 4; seed++) {
        const plan: Plan = { seed, peers: 10, faults, loss: 0.05, duplication: 0.3, delayMs: [1, 150] }
        expect(effectsOf(plan, () => {}), `seed ${seed}`).to.equal(effectsOf(plan, forgetSettled))
      }
    })
  }
})
