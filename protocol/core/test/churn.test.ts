/**
 * Whole jobs under churn, from seeds: kills, leaves, pauses, splits, losses, duplicates, re-orderings and joins.
 * The result is exact every time, fences never decrease, and what was accepted is hardly ever computed again.
 */
import { all, joinLater, killAllButTwo, killHalf, killHeirToo, killMidLevel, killParentAndChild, killSubmitter, leaveHalf, leaveTogether, pauseSome, splitInTwo } from './faults.ts'
import { fencesRise, hasNoConflicts, isExact, recomputed } from './checks.ts'
import { noticesOf, play } from './scenario.ts'
import type { Plan } from './scenario.ts'
import { expect } from 'chai'

interface Case {
  title: string
  faults?: Plan['faults']
  /** Messages are lost, come twice and overtake each other. */
  isLossy?: boolean
  /** The share of the partitions that may be computed after their acceptance, on average: two that are killed at once may take all copies with them. */
  againMax?: number
  /** Does somebody have to take over? */
  hasFailover?: boolean
}

const SEEDS = 10
const FANOUTS = [2, 4, 8]

const cases: Case[] = [
  { title: '[C6] the submitter is killed', faults: killSubmitter, againMax: 0, hasFailover: true },
  { title: '[C6] the submitter is killed, then the heir that took over', faults: killHeirToo, againMax: 0.02, hasFailover: true },
  { title: '[C3, C6] coordinators on the levels between are killed', faults: killMidLevel, againMax: 0.02 },
  { title: '[R2, C6] a parent and its child are killed together', faults: killParentAndChild, againMax: 0.05 },
  { title: '[C6, J1] all but two are killed', faults: killAllButTwo },
  { title: '[C6, R2] half of all are killed, one after the other', faults: killHalf },
  { title: '[C8] half of all leave, one after the other', faults: leaveHalf, againMax: 0.02 },
  { title: '[C8] half of all leave in one moment', faults: leaveTogether },
  { title: '[C4, C5] some stop for 10 s and go on', faults: pauseSome },
  { title: '[C7, R4] the mesh splits in two for 15 s and heals', faults: splitInTwo },
  { title: '[J1, J2] others join late', faults: joinLater, againMax: 0.02 },
  { title: '[C1, R1] messages are lost, come twice and overtake each other', isLossy: true },
  { title: '[C7, R1] a split, with such messages', faults: splitInTwo, isLossy: true },
  { title: '[C4, C6, R4] kills, joins and pauses, with such messages', faults: all(killHalf, joinLater, pauseSome), isLossy: true }
]

describe('exact under churn', () => {
  for (const { title, faults, isLossy, againMax, hasFailover } of cases) {
    it(title, () => {
      let again = 0
      for (let seed = 1; seed <= SEEDS; seed++) {
        const spec = { fanout: FANOUTS[seed % FANOUTS.length] as number }
        const wire = isLossy === true ? { loss: 0.05, duplication: 0.3, delayMs: [1, 150] as [number, number] } : {}
        const run = play({ seed, peers: 10, spec, faults, ...wire })
        expect([...isExact(run), ...fencesRise(run), ...hasNoConflicts(run)], `seed ${seed}`).to.deep.equal([])
        again += recomputed(run) / SEEDS
        if (hasFailover === true) expect(noticesOf(run, 'failover').length, `failovers, seed ${seed}`).to.be.greaterThan(0)
      }
      if (againMax !== undefined) expect(again, 'share computed again').to.be.at.most(againMax)
    })
  }

  it('[C6] the heir of a killed coordinator takes over within two turns and a dial', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = play({ seed, peers: 10, faults: killSubmitter })
      const killedMs = run.startMs + run.workMs * 0.4
      const took = noticesOf(run, 'failover').filter(({ at }) => at > killedMs).map(({ at }) => at - killedMs)
      expect(Math.min(...took), `seed ${seed}`).to.be.below(1_500)
    }
  })
})
