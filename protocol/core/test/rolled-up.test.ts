/** Row `rolled up`: values are keyed by path, so nothing is folded twice (R4); collected in index order (G3); owed above (R1). */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, aCoordinator, aFailure, aGrant, aHolder, aListener, aState, aSubmitter, aValue, addressed, leasedTo, path } from './given.ts'
import { cancels, collects, drops, keeps, sends, sets, tells } from './effects.ts'
import type { Cid, PeerId } from '../ids.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { Value } from '../job.ts'
import { NO_SALT } from '../salt.ts'

const value = (given: Given, from: PeerId, made: Value): Effect[] => given.hear(from, { type: 'value', job: JOB, value: made, salt: NO_SALT })
const types = (effects: Effect[]): string[] => effects.map(effect => effect.type)

/** The holder of 3, whose value is made. */
function aProducer (): Given {
  const given = aHolder('3')
  for (const at of ['3.3', '3.2']) value(given, CARL, aValue(at, CARL))
  given.computes('3.1')
  given.computes('3.0')
  given.computes('3')
  return given
}

describe('rolled up', () => {
  it('[R1] a child\'s value: done, its holder no longer an heir, copies soon', () => {
    expect(value(aCoordinator({ 3: BERT, 2: CARL }), BERT, aValue('3', BERT))).to.deep.equal([
      tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [CARL] }),
      sets('hold', '/', 100),
      sets('state', '/', 250),
      sets('hold', '/', 100),
      tells({ type: 'progress', done: 16, partitions: 64, load: { remaining: 48, free: 48, helpers: 1, rate: 0, levels: 1 } }),
      keeps(CARL)
    ])
  })

  it('[R4] the same value again changes nothing: it is not folded twice', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    value(given, BERT, aValue('3', BERT))
    expect(value(given, BERT, aValue('3', BERT))).to.deep.equal([])
    expect(value(given, EVE, aValue('3', EVE))).to.deep.equal([])
  })

  it('[R4] a different value for one path is evidence; the first stays', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    value(given, BERT, aValue('3', BERT))
    expect(value(given, EVE, aValue('3', EVE, { cid: 'another' as Cid }))).to.deep.equal([
      tells({ type: 'conflict', path: path('3'), peers: [BERT, EVE] })
    ])
    const [copy] = given.after(100).fires('hold', '/')
    expect(copy).to.deep.equal(sends(CARL, { type: 'hold', values: [aValue('3', BERT)] }))
  })

  it('[R4, G3] a value with a wrong path or count is dropped and counted', () => {
    const wrong = [
      aValue('3', BERT, { count: 15 }), aValue('3', BERT, { count: 0 }), aValue('9', BERT), aValue('9', BERT, { count: 16 }), aValue('x', BERT),
      aValue('3.0.0', BERT, { count: 1 }), aValue('03', BERT, { count: 16 }), aValue('3', BERT, { count: NaN }), aValue('3', BERT, { count: -16 })
    ]
    for (const each of wrong) {
      expect(value(aCoordinator({ 3: BERT }), BERT, each)).to.deep.equal([drops(BERT, 'value with a wrong path or count')])
    }
  })

  it('[G3] collect runs once all children are there, in index order whatever their order of arrival', () => {
    const given = aSubmitter()
    for (const at of ['2', '0', '3']) expect(types(value(given, BERT, aValue(at, BERT)))).to.not.include('collect')
    expect(value(given, CARL, aValue('1', CARL)).at(-1)).to.deep.equal(
      collects('/', [aValue('0', BERT), aValue('1', CARL), aValue('2', BERT), aValue('3', BERT)]))
    expect(value(given, CARL, aValue('1', CARL))).to.deep.equal([])
  })

  it('[C4] a late value from somebody else is taken, and ends the holder\'s work', () => {
    const effects = value(aCoordinator({ 3: BERT, 2: CARL }), EVE, aValue('3', EVE))
    expect(effects).to.deep.include(sends(BERT, { type: 'ended', path: path('3') }))
  })

  it('[J5] a value that another was faster with cancels the own run', () => {
    const given = aHolder('3')
    expect(value(given, CARL, aValue('3.0', CARL))).to.deep.equal([
      cancels('3.0'),
      sets('hold', '/', 100)
    ])
  })

  it('[R4] a value for a path far below is passed to its holder', () => {
    const given = aCoordinator({ 3: BERT })
    expect(value(given, EVE, aValue('3.1', EVE))).to.deep.equal([sends(BERT, { type: 'hold', values: [aValue('3.1', EVE)] })])
  })

  it('[R1, R4] a value that its parent\'s covers is accepted without being kept', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    value(given, BERT, aValue('3', BERT))
    expect(value(given, EVE, aValue('3.1', EVE))).to.deep.equal([sends(EVE, { type: 'accepted', receipt: null, paths: [path('3.1')] })])
  })

  it('[R1] the value is owed to the parent\'s coordinator, and sent at once', () => {
    const given = aHolder('3')
    for (const at of ['3.3', '3.2']) value(given, CARL, aValue(at, CARL))
    given.computes('3.1')
    given.computes('3.0')
    const effects = given.computes('3')
    expect(types(effects)).to.deep.equal(['set-timer', 'send'])
    expect(effects[1]).to.deep.include({ type: 'send', to: ANNA })
  })

  it('[R1] and again until it is accepted', () => {
    const given = aProducer()
    const again = given.after(2_000).fires('hold', '/').filter(effect => effect.type === 'send')
    expect(again.map(effect => [effect.to, effect.message.type])).to.deep.equal([[ANNA, 'value']])
    given.hear(ANNA, { type: 'accepted', receipt: null, job: JOB, paths: [path('3')] })
    expect(given.after(2_000).fires('hold', '/')).to.deep.equal([])
  })

  it('[R1, C6] and to the next coordinator', () => {
    const given = aProducer()
    given.overhear(ANNA, '/', aState({ version: 2, children: [leasedTo(3, ME)], heirs: [addressed(BERT)] }))
    const effects = given.overhear(BERT, '/', aState({ fence: [2], coordinator: addressed(BERT), children: [leasedTo(3, ME)] }))
    const values = effects.flatMap(effect => effect.type === 'send' && effect.message.type === 'value' ? [[effect.to, effect.message.value.path]] : [])
    expect(values).to.deep.equal([[BERT, '3']])
  })

  it('[R4] who is granted what it keeps the value of tells it, and does not work', () => {
    const given = aHolder('3')
    given.hear(ANNA, { type: 'hold', job: JOB, values: [aValue('2', CARL)] })
    given.take({ type: 'leave' })
    given.connect(ANNA)
    given.volunteer()
    given.hear(ANNA, { type: 'offer', job: JOB, to: ME, via: [], path: path('2.1'), fence: [1, 1, 1], coordinator: addressed(BERT) })
    const state = aState({ path: path('2'), fence: [1, 1], coordinator: addressed(BERT), children: [leasedTo(1, ME)], level: 1 })
    const effects = given.hear(BERT, aGrant('2.1', [1, 1, 1], state))
    expect(effects.filter(effect => effect.type === 'compute')).to.deep.equal([])
    expect(effects).to.deep.include(sends(BERT, { type: 'value', value: aValue('2', CARL), salt: NO_SALT }))
  })

  it('[R2] a value still on its way covers nothing yet', () => {
    const given = aHolder('3')
    given.hear(ANNA, { type: 'hold', job: JOB, values: [aValue('2', CARL, { bytes: null, cid: 'big' as Cid })] })
    expect(value(given, EVE, aValue('2.1', EVE))).to.deep.equal([])
    given.take({ type: 'unfetchable', job: JOB, cid: 'big' as Cid })
    expect([...given.peer.jobs.get(JOB)?.ledger.keys() ?? []]).to.deep.equal(['2.1'])
  })

  it('[R1] a value of a job nobody here works in is kept, not answered', () => {
    expect(value(aListener(), EVE, aValue('3', EVE))).to.deep.equal([])
  })

  it('[E1] a value ends the failures of its path', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    given.hear(BERT, { type: 'failed', job: JOB, why: aFailure('3'), tried: [BERT] })
    value(given, DORA, aValue('3', DORA))
    expect(given.hear(BERT, { type: 'failed', job: JOB, why: aFailure('3'), tried: [BERT] })).to.deep.equal([])
  })
})
