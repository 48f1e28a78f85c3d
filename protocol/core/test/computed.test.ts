/** Row `computed`: the sandbox's answers become values; what this peer adds is its name and statistics (G3). */
import { expect } from 'chai'
import { ANNA, CARL, Given, JOB, ME, NO_STATS, SPEC, aHolder, aListener, aSubmitter, aValue, made, path } from './given.ts'
import { collects, computes, sends, sets } from './effects.ts'
import { mergeSketches, sketchOf } from '../sketch.ts'
import { NO_SALT } from '../salt.ts'

const mine = (at: string, computeMs: number, levels: number): ReturnType<typeof aValue> =>
  aValue(at, ME, { bite: true, stats: { ...NO_STATS, computeMs, producers: sketchOf(ME), levels } })

describe('computed', () => {
  it('[G3] a bite is a child\'s value; the next bite starts', () => {
    const given = aSubmitter(SPEC, { queuePerCore: 1 })
    given.volunteer()
    expect(given.computes('0.0', 40)).to.deep.equal([
      sets('hold', '/', 100),
      computes('0.1')
    ])
  })

  it('[G3] the last child\'s value folds them all, in index order, once', () => {
    const given = aHolder('3')
    for (const at of ['3.3', '3.2']) given.hear(ANNA, { type: 'value', job: JOB, value: aValue(at, CARL), salt: NO_SALT })
    given.computes('3.1', 10)
    expect(given.computes('3.0', 40).filter(effect => effect.type === 'collect')).to.deep.equal([
      collects('3', [mine('3.0', 40, 2), mine('3.1', 10, 2), aValue('3.2', CARL), aValue('3.3', CARL)])
    ])
    expect(given.fires('hold', '/').filter(effect => effect.type === 'collect')).to.deep.equal([])
  })

  it('[G3] statistics add up beside the value', () => {
    const given = aHolder('3').after(1_000)
    given.peer.countTraffic(5, 500)
    for (const at of ['3.3', '3.2']) {
      const stats = { ...NO_STATS, computeMs: 7, producers: sketchOf(CARL), levels: 4, failovers: 1, duplicates: 2, messages: 3, bytes: 30 }
      given.hear(ANNA, { type: 'value', job: JOB, value: aValue(at, CARL, { stats }), salt: NO_SALT })
    }
    given.computes('3.1', 10)
    given.computes('3.0', 40)
    const value = aValue('3', ME, {
      bite: false,
      stats: {
        computeMs: 66, producers: mergeSketches(sketchOf(ME), sketchOf(CARL)), levels: 4, failovers: 2, duplicates: 4, messages: 11, bytes: 560
      }
    })
    expect(given.computes('3', 2)).to.deep.equal([sets('hold', '/', 100), sends(ANNA, { type: 'value', value, salt: NO_SALT })])
  })

  it('[G3] an answer nobody waits for changes nothing', () => {
    expect(aHolder('3').computes('2.2')).to.deep.equal([])
    expect(aListener().computes('2.2')).to.deep.equal([])
    expect(new Given().take({ type: 'computed', job: JOB, value: made('2.2'), ms: 1, commitment: null, salt: NO_SALT })).to.deep.equal([])
  })

  it('[C4, J5] the value of a bite whose authority was lost goes to who won', () => {
    const given = aHolder('3')
    given.hear(CARL, { type: 'stale', job: JOB, path: path('3'), fence: [2, 1] })
    expect(given.computes('3.0', 40)).to.deep.equal([
      sends(CARL, { type: 'value', value: mine('3.0', 40, 1), salt: NO_SALT }),
      sets('hold', '/', 2_000)
    ])
  })
})
