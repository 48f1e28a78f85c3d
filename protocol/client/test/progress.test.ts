/** Progress arithmetic: rates, time left and the texts people read. */
import { expect } from 'chai'
import type { JobId } from '../../core/ids.ts'
import { ProgressMeter, durationText, progressLine, rateText } from '../progress.ts'

const JOB = 'bafy-job' as JobId
const load = { remaining: 0, free: 0, helpers: 3, rate: 0, levels: 1 }

describe('progress', () => {
  it('takes the first rate as it is and smooths later ones', () => {
    const meter = new ProgressMeter(JOB, 10_000, 0)
    expect(meter.update(1_000, load, 1_000)).to.include({ rate: 1_000, leftMs: 9_000, peers: 3, levels: 1, elapsedMs: 1_000 })
    const { rate } = meter.update(1_000, load, 2_000)
    expect(rate).to.be.within(600, 800)
  })

  it('uses the peers\' own rate until it has one', () => {
    const meter = new ProgressMeter(JOB, 1_000, 0)
    expect(meter.update(0, { ...load, rate: 50 }, 10)).to.include({ rate: 50, leftMs: 20_000 })
  })

  it('does not go back when a new coordinator knows less', () => {
    const meter = new ProgressMeter(JOB, 1_000, 0)
    meter.update(500, load, 1_000)
    const progress = meter.update(400, load, 2_000)
    expect(progress.done).to.equal(500)
    expect(progress.rate).to.be.greaterThan(0)
  })

  it('knows no time left without a rate, and none at the end', () => {
    expect(new ProgressMeter(JOB, 10, 0).update(0, load, 5).leftMs).to.equal(null)
    expect(new ProgressMeter(JOB, 10, 0).update(10, load, 5).leftMs).to.equal(0)
  })

  it('writes a line a person can read', () => {
    const progress = new ProgressMeter(JOB, 1_000_000, 0).update(250_000, load, 10_000)
    expect(progressLine(progress)).to.equal('250,000 of 1,000,000 partitions (25 %), 25.0 k/s, 3 peers, 1 level, 30 s left')
  })

  it('writes rates and durations short', () => {
    expect([0, 0.25, 12, 9_999, 12_345, 4_560_000].map(rateText)).to.deep.equal(['0/s', '0.25/s', '12/s', '9999/s', '12.3 k/s', '4.56 M/s'])
    expect([400, 59_400, 61_000, 7_500_000].map(durationText)).to.deep.equal(['0 s', '59 s', '1 min 1 s', '2 h 5 min'])
  })
})
