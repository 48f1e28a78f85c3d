/** S8 in small: liars, turncoats, copiers, slanderers and lying coordinators against each trust policy, on the unchanged core. */
import { expect } from 'chai'
import { POLICIES, liars } from '../scenarios/liars.ts'
import { adaptiveRisk, auditRisk, coordinatorRisk, escapeRisk, overheadOf, votesRisk } from '../models/risk.ts'
import { simulate } from '../simulate.ts'

/** Of peers and minutes there are too few here for a bound on time. */
const PEERS = 24
const SEEDS = [1, 2, 3, 4, 5, 6]
const LIMIT_MS = 120_000
const UNTIL_MS = 3_000_000

describe('liars', () => {
  for (const trust of POLICIES) {
    it(`[V1, V3, V5, V7] under ${trust.type}: no honest peer is blamed, nothing below the policy is accepted, all end with one result, and no more is wrong than it says`, function () {
      this.timeout(120_000)
      for (const seed of SEEDS) {
        const plan = { ...liars.make(seed, PEERS, LIMIT_MS, trust), untilMs: UNTIL_MS }
        const report = simulate({ plan, now: () => 0 })
        expect(report.violations, `seed ${seed}`).to.deep.equal([])
        expect(report.wallVirtualMs, `seed ${seed}`).to.be.greaterThan(0)
        expect(report.bounds.find(({ name }) => name === 'wrong partitions, share')?.holds, `seed ${seed}`).to.equal(true)
      }
    })
  }
})

describe('risks of trust policies', () => {
  it('[V3] are those of the sources: f^m for votes, (1 - w)^k for samples', () => {
    expect(votesRisk(0.3, 2)).to.be.closeTo(0.09, 1e-12)
    expect(escapeRisk(0.5, 3)).to.equal(0.125)
  })

  it('[V7] fall with the rate, with what a liar would compute, and with samples', () => {
    expect(auditRisk(0.2, 0.1, 100)).to.be.closeTo(0.02, 1e-12)
    expect(auditRisk(0.2, 0.01, 10)).to.equal(0.2)
    expect(coordinatorRisk(0.2, 1)).to.equal(0.05)
    expect(adaptiveRisk(0.1, 10, 1_000)).to.be.lessThan(adaptiveRisk(0.1, 10, 100))
  })

  it('[V3, V7] cost what voters and samples compute', () => {
    expect(overheadOf({ type: 'votes', quorum: 3, voters: 5, deadlineMs: 0 }, 10)).to.equal(2)
    expect(overheadOf({ type: 'audit', rate: 0.01 }, 10)).to.equal(0.02)
    expect(overheadOf({ type: 'adaptive', after: 10, deadlineMs: 0 }, 10_000)).to.be.lessThan(0.02)
    expect(overheadOf({ type: 'none' }, 10)).to.equal(0)
  })
})
