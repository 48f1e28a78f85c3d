/** Who is certified for what (K1, K2, K4): what a coordinator asks its host to sign, and how much time it believes. */
import { expect } from 'chai'
import { NO_SALT } from '../salt.ts'
import { ANNA, BERT, CARL, DORA, JOB, ME, NO_STATS, aCoordinator, aHolder, aListener, aState, aSubmitter, aValue, addressed, path } from './given.ts'
import { anAnnouncement, certifies, sends } from './effects.ts'
import type { Credit } from '../credit.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { Value } from '../job.ts'

const certified = (effects: Effect[]): Effect[] => effects.filter(({ type }) => type === 'certify')
const own = (ms: number, ...runs: number[]): Credit => ({ own: { runs, ms }, receipts: [], sheets: [] })
const took = (computeMs: number): Partial<Value> => ({ stats: { ...NO_STATS, computeMs } })
const tell = (given: Given, by: typeof BERT, value: Value): Effect[] => given.hear(by, { type: 'value', job: JOB, salt: NO_SALT, value })
const kept = (given: Given, at: string): Value | undefined => given.peer.jobs.get(JOB)?.ledger.get(path(at))?.value

/** Dora's value for 1, kept by both heirs. */
function accepted (value: Value, waitMs = 0): Effect[] {
  const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA }).after(waitMs)
  tell(given, DORA, value)
  given.fires('hold', '/')
  given.hear(BERT, { type: 'held', job: JOB, paths: [path('1')] })
  return certified(given.hear(CARL, { type: 'held', job: JOB, paths: [path('1')] }))
}

describe('credit', () => {
  it('[K1] whoever computed a bite gets a receipt with its acceptance', () => {
    expect(accepted(aValue('1', DORA))).to.deep.equal([certifies(DORA, aValue('1', DORA))])
  })

  it('[K1] of a collected value, its producer gets one for what it computed itself', () => {
    const value = aValue('1', DORA, { bite: false, credit: own(5, 16, 20) })
    expect(accepted(value)).to.deep.equal([certifies(DORA, value)])
    expect(accepted(aValue('1', DORA, { bite: false, credit: own(0) }))).to.deep.equal([])
  })

  it('[K1] nobody gets one for what somebody else made', () => {
    expect(accepted(aValue('1', BERT))).to.deep.equal([])
  })

  it('[K1] nor for work that was not needed', () => {
    const given = aCoordinator({ 3: BERT })
    tell(given, CARL, aValue('3', CARL))
    expect(tell(given, BERT, aValue('3.1', BERT))).to.deep.equal([sends(BERT, { type: 'accepted', receipt: null, paths: [path('3.1')] })])
  })

  it('[K1] what was folded a moment before the value above is accepted counts with it', () => {
    const given = aHolder('3')
    for (const at of ['3.3', '3.2']) tell(given, CARL, aValue(at, CARL))
    for (const at of ['3.1', '3.0', '3']) given.computes(at)
    const effects = given.hear(ANNA, { type: 'accepted', receipt: null, job: JOB, paths: [path('3')] })
    expect(certified(effects)).to.deep.equal([certifies(CARL, aValue('3.3', CARL), aValue('3.2', CARL))])
  })

  it('[K1] and at the root before the job is done', () => {
    const given = aSubmitter()
    for (const at of ['0', '1', '2', '3']) tell(given, BERT, aValue(at, BERT))
    given.computes('/')
    const effects = given.fires('hold', '/')
    expect(certified(effects)).to.deep.equal([certifies(BERT, ...['0', '1', '2', '3'].map(at => aValue(at, BERT)))])
  })

  it('[K2] the first heir that keeps the root\'s value certifies what its coordinator computed', () => {
    const value = aValue('/', ANNA, { bite: false, credit: own(5, 0, 64) })
    const done = (...holders: typeof BERT[]): Effect[] => {
      const given = aHolder('3', { heirs: [addressed(ME)] })
      given.hear(ANNA, { type: 'hold', job: JOB, values: [value] })
      return certified(given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [], { type: 'done', value, holders: holders.map(addressed) })] }))
    }
    expect(done(ANNA, ME, BERT)).to.deep.equal([certifies(ANNA, value)])
    expect(done(ANNA, BERT, ME)).to.deep.equal([])
    expect(done(BERT, ME)).to.deep.equal([])
  })

  it('[K2] without an heir, whoever gave the last value is given the root\'s', () => {
    const given = aSubmitter()
    for (const at of ['0', '1', '2']) tell(given, at === '2' ? CARL : BERT, aValue(at, BERT))
    tell(given, DORA, aValue('3', DORA))
    given.computes('/', 1, { credit: own(3, 0, 4) })
    const root = kept(given, '/') as Value
    expect(given.fires('hold', '/').filter(effect => effect.type === 'send' && effect.message.type === 'hold')).to.deep.equal([sends(DORA, { type: 'hold', values: [root] })])

    const witness = aHolder('3')
    witness.hear(ANNA, { type: 'hold', job: JOB, values: [aValue('/', ANNA)] })
    const effects = witness.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [], { type: 'done', value: aValue('/', ANNA), holders: [addressed(ANNA)] })] })
    expect(certified(effects)).to.deep.equal([certifies(ANNA, aValue('/', ANNA))])
  })

  it('[K2] who does not keep it certifies nothing', () => {
    const given = aListener()
    const value = aValue('/', ANNA)
    expect(certified(given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [], { type: 'done', value, holders: [ANNA, ME].map(addressed) })] }))).to.deep.equal([])
  })

  it('[K4] a bite is not believed to have taken longer than its lease', () => {
    const given = aCoordinator({ 3: BERT }).after(2_000)
    tell(given, BERT, aValue('3', BERT, took(1_000_000)))
    expect(kept(given, '3')?.stats.computeMs).to.equal(3_000)
  })

  it('[K4] nor one without a lease longer than the job is known', () => {
    const given = aCoordinator({ 3: BERT }).after(2_000)
    tell(given, CARL, aValue('2', CARL, took(1_000_000)))
    tell(given, BERT, aValue('3', BERT, took(2_500)))
    expect(kept(given, '2')?.stats.computeMs).to.equal(3_000)
    expect(kept(given, '3')?.stats.computeMs).to.equal(2_500)
  })

  it('[K4] nor a subtree longer than its lease times the cores of the largest machine', () => {
    const given = aCoordinator({ 3: BERT }).after(2_000)
    tell(given, BERT, aValue('3', BERT, { bite: false, credit: own(1e12, 48, 64) }))
    expect(kept(given, '3')?.credit?.own).to.deep.equal({ runs: [48, 64], ms: 3_000 * 256 })
  })

  it('[K4] leases that came with an election are older than it: the job\'s age bounds them', () => {
    const given = aHolder('3', { heirs: [addressed(ME)], children: aState().children.concat([{ digit: 3, state: 'leased', term: 1, holder: ME }, { digit: 2, state: 'leased', term: 1, holder: BERT }]) })
    given.after(60_000).take({ type: 'disconnected', peer: ANNA })
    given.take({ type: 'unreachable', peer: ANNA })
    given.fires('ask', '/')
    given.fires('elect', '/')
    expect(given.peer.jobs.get(JOB)?.positions.has(path('/'))).to.equal(true)
    given.after(1_000)
    tell(given, BERT, aValue('2', BERT, took(50_000)))
    expect(kept(given, '2')?.stats.computeMs).to.equal(50_000)
  })
})
