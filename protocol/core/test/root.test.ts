/** Row `root`: the last value is accepted by the heirs, told to all, and kept until the job expires (R3, R5). */
import { expect } from 'chai'
import { BERT, CARL, JOB, ME, SPEC, aCoordinator, aListener, aSubmitter, aValue, addressed, path } from './given.ts'
import { anAnnouncement, announces, certifies, clears, greets, keeps, provides, sets, tells, unsubscribes } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import { sketchOf } from '../sketch.ts'
import { NO_SALT } from '../salt.ts'

/** All of the root's children are there; Bert is at work on 3 until the end. */
function complete (): Given {
  const given = aCoordinator({ 3: BERT })
  for (const at of ['0', '1', '2']) given.hear(BERT, { type: 'value', job: JOB, value: aValue(at, BERT, { stats: { ...aValue('0', BERT).stats, producers: sketchOf(BERT) } }), salt: NO_SALT })
  return given
}

const ends = (holders: Parameters<typeof addressed>[0][], effects: Effect[]): void => {
  const outcome = effects.flatMap(effect => effect.type === 'notice' && effect.notice.type === 'done' ? [effect.notice] : [])
  expect(outcome.map(notice => notice.holders)).to.deep.equal([holders.map(addressed)])
}

describe('root', () => {
  it('[R3, R5] without members the root\'s value is done at once', () => {
    const given = aSubmitter()
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('/', BERT), salt: NO_SALT })
    const value = aValue('/', BERT)
    const outcome = anAnnouncement(ME, [], { type: 'done', value, holders: [addressed(ME)] })
    expect(given.fires('hold', '/')).to.deep.equal([
      tells({ type: 'value', path: path('/'), count: 64, from: BERT, by: BERT }),
      clears('renew', '/'),
      clears('state', '/'),
      clears('claim', '/'),
      unsubscribes('/'),
      clears('hold', '/'),
      clears('join', '/'),
      sets('expire', '/', SPEC.expiryMs),
      provides(),
      tells({ type: 'done', value, holders: [addressed(ME)] }),
      announces(outcome),
      certifies(BERT, value)
    ])
  })

  it('[G3, R2] the root folds, its heir keeps the value, and then the job is done', () => {
    const given = complete()
    given.hear(CARL, { type: 'value', job: JOB, value: aValue('3', CARL), salt: NO_SALT })
    given.computes('/', 3)
    ends([ME], given.fires('hold', '/'))
  })

  it('[R2, R3] with members it waits for their copies', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    given.hear(CARL, { type: 'value', job: JOB, value: aValue('/', CARL), salt: NO_SALT })
    expect(given.fires('hold', '/').filter(effect => effect.type === 'notice')).to.deep.equal([])
    given.hear(BERT, { type: 'held', job: JOB, paths: [path('/')] })
    ends([ME, BERT, CARL], given.hear(CARL, { type: 'held', job: JOB, paths: [path('/')] }))
  })

  it('[R5] those worked with hear of it directly, because this peer may leave right after', () => {
    const given = aCoordinator({ 3: BERT })
    given.hear(CARL, { type: 'value', job: JOB, value: aValue('/', CARL), salt: NO_SALT })
    const value = aValue('/', CARL)
    const outcome = anAnnouncement(ME, [], { type: 'done', value, holders: [ME, BERT].map(addressed) })
    const effects = given.hear(BERT, { type: 'held', job: JOB, paths: [path('/')] })
    expect(effects.slice(-4)).to.deep.equal([greets(BERT, outcome), announces(outcome), certifies(CARL, value), keeps()])
  })

  it('[R5] the job expires in the end, and may then be heard of anew', () => {
    const given = aListener()
    expect(given.fires('expire', '/')).to.deep.equal([{ type: 'forget', job: JOB }])
    expect(given.fires('expire', '/')).to.deep.equal([])
    const announcement = anAnnouncement(BERT, [])
    expect(given.hear(BERT, { type: 'jobs', jobs: [announcement] })).to.deep.equal([{ type: 'notice', notice: { type: 'known', announcement } }])
  })

  it('[R5] who holds the result provides it; others do not', () => {
    const outcome = (holder: typeof BERT): Effect[] => {
      const done = { type: 'done' as const, value: aValue('/', BERT), holders: [addressed(holder)] }
      return aListener().hear(BERT, { type: 'jobs', jobs: [anAnnouncement(BERT, [], done)] }).filter(effect => effect.type === 'provide')
    }
    expect(outcome(ME)).to.deep.equal([provides()])
    expect(outcome(BERT)).to.deep.equal([])
  })
})
