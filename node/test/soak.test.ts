/** The soak of `npm run soak` for one minute: what it holds over twenty is only hinted at here. */
import { expect } from 'chai'
import { faultsOf, soak } from './soak/soak.ts'
import { trendOf } from './soak/readings.ts'

describe('soak', function () {
  this.timeout(300_000)

  it('[X7] a minute of kills, goodbyes, joins and jobs: all exact, nobody left behind', async () => {
    const report = await soak({ totalMs: 60_000, seed: 1, print: line => { console.log(`      ${line}`) } })
    expect(faultsOf(report)).to.deep.equal([])
    expect(report.jobs).to.be.at.least(1)
    expect(report.kills + report.leaves).to.be.at.least(2)
  })

  it('[X7] memory and handles that grow are seen', () => {
    const readings = Array.from({ length: 100 }, (_, i) => ({ ms: i * 1_000, rssBytes: (100 + i) * 2 ** 20, handles: 20 + i }))
    const trend = trendOf(readings, 100_000)
    const faults = faultsOf({ jobs: 1, faults: [], kills: 0, joins: 0, leaves: 0, trends: trend === null ? [] : [trend], orphans: [1] })
    expect(faults.length).to.equal(3)
  })
})
