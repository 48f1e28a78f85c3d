/** Any peer answers what it knows of jobs; `up` leads closer to the root (C6), where it is exact. */
import { expect } from 'chai'
import type { Given} from './given.ts'
import { ANNA, BERT, CARL, JOB, ME, SPEC, aCoordinator, aHolder, aListener, aValue, addressed, leasedTo, path } from './given.ts'
import { anAnnouncement } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { JobId } from '../ids.ts'
import type { JobReport } from '../message.ts'
import { NO_SALT } from '../salt.ts'

const reports = (...jobs: Array<Omit<JobReport, 'tables' | 'declined'> & Partial<JobReport>>): Effect[] =>
  [{ type: 'send', to: CARL, message: { type: 'report', id: 5, jobs: jobs.map(job => ({ tables: [], declined: false, ...job })) } }]
const none = { remaining: 0, free: 0, helpers: 0, rate: 0, levels: 0 }

describe('queried', () => {
  const ask = (given: Given, ...jobs: JobId[]): Effect[] => given.hear(CARL, { type: 'query', id: 5, jobs, tables: false })

  it('[R5] the root\'s coordinator knows exactly', () => {
    const given = aCoordinator({ 3: BERT })
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT), salt: NO_SALT })
    expect(ask(given, JOB)).to.deep.equal(reports({
      announcement: anAnnouncement(ME, [ME]), done: 16, load: { remaining: 48, free: 48, helpers: 0, rate: 0, levels: 0 }, up: []
    }))
  })

  it('[C6] who was granted several children counts as one helper, before it tells its load and after', () => {
    const given = aCoordinator({ 3: BERT, 2: BERT, 1: ANNA })
    const helpers = (): unknown => {
      const [report] = given.peer.reports([JOB], false)
      return report?.load.helpers
    }
    expect(helpers()).to.equal(2)
    given.hear(BERT, { type: 'renew', job: JOB, path: path('3'), fence: [1, 1], done: 0, load: { remaining: 16, free: 12, helpers: 1, rate: 5, levels: 1 }, seen: 9 })
    expect(helpers()).to.equal(2)
    given.hear(BERT, { type: 'renew', job: JOB, path: path('2'), fence: [1, 1], done: 0, load: { remaining: 16, free: 16, helpers: 0, rate: 0, levels: 1 }, seen: 9 })
    expect(helpers()).to.equal(2)
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT), salt: NO_SALT })
    given.hear(ANNA, { type: 'renew', job: JOB, path: path('1'), fence: [1, 1], done: 0, load: { remaining: 16, free: 8, helpers: 3, rate: 9, levels: 2 }, seen: 9 })
    expect(helpers()).to.equal(3)
  })

  it('[C6] a member of the root tells what it was told, and who knows better', () => {
    const load = { remaining: 40, free: 40, helpers: 2, rate: 9, levels: 1 }
    const given = aHolder('3', { load, heirs: [addressed(BERT)], children: [leasedTo(3, ME), leasedTo(2, BERT)] })
    expect(ask(given)).to.deep.equal(reports({
      announcement: anAnnouncement(ANNA, [ME, ANNA, BERT]), done: 24, load, up: [addressed(ANNA), addressed(BERT)]
    }))
  })

  it('[C6] a listener names the members it heard of', () => {
    expect(ask(aListener(), JOB)).to.deep.equal(reports({ announcement: anAnnouncement(ANNA, [ANNA]), done: 0, load: none, up: [addressed(ANNA)] }))
  })

  it('[R5] of a finished job all partitions are done', () => {
    const given = aListener()
    const outcome = { type: 'done' as const, value: aValue('/', BERT), holders: [] }
    given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [], outcome)] })
    expect(ask(given, JOB)).to.deep.equal(reports({ announcement: anAnnouncement(ANNA, [ANNA], outcome), done: SPEC.partitions, load: none, up: [] }))
  })

  it('[C6] asked for tables, a coordinator tells who holds what and who computed what', () => {
    const given = aCoordinator({ 3: BERT })
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT), salt: NO_SALT })
    const [effect] = given.hear(CARL, { type: 'query', id: 5, jobs: [JOB], tables: true })
    const message = effect?.type === 'send' && effect.message.type === 'report' ? effect.message : null
    const [table] = message?.jobs[0]?.tables ?? []
    expect(table).to.deep.include({ path: '/', fence: [1], level: 0, heirs: [], runs: [{ from: 48, to: 64, by: BERT }] })
    expect(table?.children.map(({ digit, state }) => `${digit} ${state}`)).to.deep.equal(['0 free', '1 free', '2 free', '3 done'])
  })

  it('of an unknown job there is no report', () => {
    expect(ask(aListener(), 'other' as JobId)).to.deep.equal(reports())
  })

  it('a report nobody asked for is for the application, not for the core', () => {
    expect(aListener().hear(CARL, { type: 'report', id: 5, jobs: [] })).to.deep.equal([])
  })
})
