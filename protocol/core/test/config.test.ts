/** Limits that contradict each other are a programmer's error. */
import { expect } from 'chai'
import { DEFAULTS, configure } from '../config.ts'

describe('config', () => {
  it('[C5] the defaults are those of the design', () => {
    expect(configure()).to.deep.equal(DEFAULTS)
    const { renewMs, leaseMs, keptMs, claimRepeatMs, heirStepMs, reserveMs, copies, heirs, stallMsMin, biteMsMax, triesMax } = configure()
    expect({ renewMs, leaseMs, keptMs, claimRepeatMs, heirStepMs, reserveMs, copies, heirs, stallMsMin, biteMsMax, triesMax }).to.deep.equal({
      renewMs: 2_000, leaseMs: 6_000, keptMs: 4_000, claimRepeatMs: 1_000, heirStepMs: 500, reserveMs: 2_000, copies: 3, heirs: 3,
      stallMsMin: 60_000, biteMsMax: 30_000, triesMax: 3
    })
  })

  it('one limit is replaced, the others stay', () => {
    expect(configure({ holdMs: 7 })).to.deep.equal({ ...DEFAULTS, holdMs: 7 })
  })

  const contradictions = [
    { leaseMs: 3_999 }, { keptMs: 1_899 }, { copies: 5 }, { stateMs: 2_001 }, { queuePerCore: 0 }
  ]
  for (const changes of contradictions) {
    it(`refuses ${JSON.stringify(changes)}`, () => {
      expect(() => configure(changes)).to.throw(/^config: /)
    })
  }
})
