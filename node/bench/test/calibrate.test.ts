/** A calibration in small: four real peers and four simulated ones play a short trial, and both get it right. */
import { expect } from 'chai'
import { compare, tableOf } from '../calibrate/comparison.ts'
import { endPeers } from '../calibrate/peer-child.ts'
import { playReal } from '../calibrate/real.ts'
import { playSimulated } from '../calibrate/simulated.ts'
import { sampleOf } from '../calibrate/recording.ts'
import type { Sample } from '../calibrate/recording.ts'
import { trialOf } from '../calibrate/trial.ts'

describe('calibration', () => {
  const trial = trialOf(4, 5)
  after(endPeers)

  it('plays a trial on real peers and in the simulator, and both results are exact', async () => {
    const real = sampleOf((await playReal(trial, 1, () => {})).recording)
    const simulated = sampleOf(playSimulated(trial, 1))
    for (const sample of [real, simulated]) {
      expect(sample.isExact).to.equal(true)
      // Four work for five seconds, and no sooner; the root is killed, and a worker.
      expect(sample.completionMs).to.be.at.least(5_000)
      expect(sample.failovers).to.be.at.least(1)
      expect(sample.byType).to.include.keys('join', 'offer', 'claim', 'grant', 'value', 'state')
    }
    const { byType } = simulated
    expect(Object.keys(byType).filter((type) => byType[type]!.messages >= 10 && real.byType[type] === undefined)).to.deep.equal([])
  })

  it('plays the same again from the same seed', () => {
    expect(playSimulated(trial, 2)).to.deep.equal(playSimulated(trial, 2))
  })

  it('marks what is beyond a fifth, and medians of nothing as none', () => {
    const sample: Sample = {
      completionMs: 1_000, firstLeaseMs: 10, leaseMs: 20, rootFailoverMs: null, coordinatorFailoverMs: 100, failovers: 2, duplicates: 0, recomputed: 4,
      messages: 100, bytes: 5_000, byType: { join: { messages: 50, bytes: 100 } }, isExact: true
    }
    const lines = compare([sample], [{ ...sample, completionMs: 1_200, messages: 121, byType: { join: { messages: 39, bytes: 80 } } }], 1)
    expect(lines.filter(({ agrees }) => !agrees).map(({ measure, ratio }) => [measure, ratio])).to.deep.equal([['messages', 1.21], ['messages: join', 0.78]])
    expect(lines.every(({ why }) => why === null)).to.equal(true)
    expect(tableOf(lines, 1, 1).find((line) => line.includes('failover of the root'))).to.match(/none +none$/)
  })

  it('judges no times of peers that waited for a processor, and excuses nothing else', () => {
    const sample: Sample = {
      completionMs: 1_000, firstLeaseMs: 10, leaseMs: 20, rootFailoverMs: 9, coordinatorFailoverMs: 100, failovers: 2, duplicates: 0, recomputed: 4,
      messages: 100, bytes: 5_000, byType: {}, isExact: true
    }
    const lines = compare([{ ...sample, rootFailoverMs: 300, messages: 200 }], [sample], 80).filter(({ agrees }) => !agrees)
    expect(lines.map(({ measure, why }) => [measure, why !== null])).to.deep.equal([['failover of the root', true], ['messages', false]])
  })
})
