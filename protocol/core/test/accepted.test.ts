/** Row `accepted`: a value counts when the coordinator and two heirs keep it (R2); then what it covers may go (R3). */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, EVE, JOB, aCoordinator, aHolder, aValue, path } from './given.ts'
import { certifies, clears, fetches, keeps, sends, sets, tells, unsubscribes } from './effects.ts'
import type { Cid } from '../ids.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { Value } from '../job.ts'
import { NO_SALT } from '../salt.ts'

const value = (given: Given, by: typeof BERT, made: Value): Effect[] => given.hear(by, { type: 'value', job: JOB, value: made, salt: NO_SALT })
const held = (given: Given, by: typeof BERT, ...paths: string[]): Effect[] => given.hear(by, { type: 'held', job: JOB, paths: paths.map(path) })
const accepts = (at: string, from = DORA): Effect => tells({ type: 'value', path: path(at), count: 16, from, by: from })

/** The root, with Bert, Carl and Dora at work on 3, 2 and 1. */
const busy = (): Given => aCoordinator({ 3: BERT, 2: CARL, 1: DORA })

describe('accepted', () => {
  it('[R2] a value goes to two heirs first', () => {
    const given = busy()
    value(given, DORA, aValue('1', DORA))
    expect(given.after(100).fires('hold', '/')).to.deep.equal([
      sends(BERT, { type: 'hold', values: [aValue('1', DORA)] }),
      sends(CARL, { type: 'hold', values: [aValue('1', DORA)] })
    ])
  })

  it('[R2] it is accepted when both have it, and not before', () => {
    const given = busy()
    value(given, DORA, aValue('1', DORA))
    given.fires('hold', '/')
    expect(held(given, BERT, '1')).to.deep.equal([])
    expect(held(given, EVE, '1')).to.deep.equal([])
    expect(held(given, CARL, '1')).to.deep.equal([accepts('1'), certifies(DORA, aValue('1', DORA))])
  })

  it('[R2] once', () => {
    const given = busy()
    value(given, DORA, aValue('1', DORA))
    for (const peer of [BERT, CARL]) held(given, peer, '1')
    expect(held(given, CARL, '1')).to.deep.equal([])
    expect(given.fires('hold', '/')).to.deep.equal([])
  })

  it('[R1, R2] sent again after acceptance, it is answered at once', () => {
    const given = busy()
    value(given, DORA, aValue('1', DORA))
    for (const peer of [BERT, CARL]) held(given, peer, '1')
    expect(value(given, DORA, aValue('1', DORA))).to.deep.equal([certifies(DORA, aValue('1', DORA))])
  })

  it('[R2] all members, if they are fewer', () => {
    const given = aCoordinator({ 1: DORA })
    value(given, DORA, aValue('1', DORA))
    expect(given.fires('hold', '/')).to.deep.equal([accepts('1'), certifies(DORA, aValue('1', DORA))])
  })

  it('[R2] the coordinator\'s own bites are held too', () => {
    const given = aCoordinator({ 3: BERT })
    given.volunteer()
    given.volunteer(0)
    given.computes('0.0')
    const [batch] = given.after(100).fires('hold', '/')
    expect(batch?.type === 'send' && batch.message.type === 'hold' ? [batch.to, batch.message.values.map(held => held.path)] : []).to.deep.equal([BERT, ['0.0']])
  })

  it('[R2] copies that got lost are made again at the regular turn, and new ones wait for their batch', () => {
    const given = busy()
    value(given, DORA, aValue('1', DORA))
    const copies = (effects: Effect[]): Effect[] => effects.filter(effect => effect.type === 'send' && effect.message.type === 'hold')
    expect(copies(given.fires('renew', '/'))).to.deep.equal([])
    given.fires('hold', '/')
    expect(copies(given.after(2_000).fires('renew', '/'))).to.deep.equal([])
    held(given, BERT, '1')
    expect(copies(given.after(2_000).fires('renew', '/'))).to.deep.equal([sends(CARL, { type: 'hold', values: [aValue('1', DORA)] })])
    held(given, CARL, '1')
    expect(copies(given.after(4_000).fires('renew', '/'))).to.deep.equal([])
  })

  it('[R2] an heir that leaves is replaced by the next before anything is accepted', () => {
    const given = busy()
    value(given, DORA, aValue('1', DORA))
    given.fires('hold', '/')
    given.take({ type: 'unreachable', peer: BERT })
    expect(held(given, CARL, '1')).to.deep.equal([accepts('1'), certifies(DORA, aValue('1', DORA))])
  })

  it('[R2] blocks are fetched and verified before a value is kept', () => {
    const given = busy()
    const big = aValue('1', DORA, { bytes: null, cid: 'big' as Cid })
    expect(value(given, DORA, big)).to.deep.equal([fetches('big', DORA)])
    expect(given.take({ type: 'fetched', job: JOB, cid: big.cid })).to.deep.equal([
      tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [BERT, CARL] }),
      sets('hold', '/', 100),
      sets('state', '/', 250),
      sets('hold', '/', 100),
      tells({ type: 'progress', done: 16, partitions: 64, load: { remaining: 48, free: 48, helpers: 2, rate: 0, levels: 1 } }),
      sends(DORA, { type: 'held', paths: [path('1')] }),
      keeps(CARL, BERT)
    ])
  })

  it('[R2] what cannot be fetched is not kept; the next who has it is asked', () => {
    const given = busy()
    const big = aValue('1', DORA, { bytes: null, cid: 'big' as Cid })
    value(given, DORA, big)
    expect(given.take({ type: 'unfetchable', job: JOB, cid: big.cid })).to.deep.equal([])
    expect(given.fires('hold', '/')).to.deep.equal([])
    expect(value(given, EVE, big)).to.deep.equal([fetches('big', EVE, DORA)])
  })

  it('[R2] an heir says what it keeps', () => {
    const given = aHolder('3')
    expect(given.hear(ANNA, { type: 'hold', job: JOB, values: [aValue('2', CARL), aValue('1', DORA, { links: true, cid: 'big' as Cid })] })).to.deep.equal([
      fetches('big', ANNA, DORA),
      sends(ANNA, { type: 'held', paths: [path('2')] })
    ])
  })

  it('[R1, R3] accepted above, the producer forgets its position; what lies below goes', () => {
    const given = aHolder('3')
    for (const at of ['3.3', '3.2']) value(given, CARL, aValue(at, CARL))
    given.computes('3.1')
    given.computes('3.0')
    given.computes('3')
    expect(given.hear(ANNA, { type: 'accepted', receipt: null, job: JOB, paths: [path('3')] })).to.deep.equal([
      clears('renew', '3'),
      clears('state', '3'),
      clears('claim', '3'),
      unsubscribes('3'),
      sends(CARL, { type: 'released', path: path('3') }),
      certifies(CARL, aValue('3.3', CARL), aValue('3.2', CARL))
    ])
  })

  it('[R3] released: an heir drops what an accepted value covers, and nothing else', () => {
    const given = aHolder('3')
    given.hear(ANNA, { type: 'hold', job: JOB, values: ['2.0', '2.1', '1.0'].map(at => aValue(at, CARL)) })
    expect(given.hear(ANNA, { type: 'released', job: JOB, path: path('2') })).to.deep.equal([])
    const [handed] = given.hear(BERT, { type: 'stale', job: JOB, path: path('3'), fence: [2, 1] })
    expect(handed?.type).to.equal('clear-timer')
    expect([...given.peer.jobs.get(JOB)?.ledger.keys() ?? []]).to.deep.equal(['1.0'])
  })

  it('[R2, R3] accepting a value releases the copies below it', () => {
    const given = aCoordinator({ 3: BERT })
    for (const at of ['0.0', '0.1', '0.2', '0.3']) given.hear(BERT, { type: 'value', job: JOB, value: aValue(at, CARL), salt: NO_SALT })
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('0', CARL), salt: NO_SALT })
    const effects = held(given, BERT, '0')
    expect(effects).to.deep.include(sends(BERT, { type: 'released', path: path('0') }))
    expect([...given.peer.jobs.get(JOB)?.ledger.keys() ?? []]).to.deep.equal(['0'])
  })

  it('[R1] accepted for nothing owed changes nothing', () => {
    expect(aHolder('3').hear(EVE, { type: 'accepted', receipt: null, job: JOB, paths: [path('3')] })).to.deep.equal([])
  })
})
