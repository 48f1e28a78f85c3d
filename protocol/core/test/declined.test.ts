/** Row `declined`: jobs that this peer's rules do not accept (A7). */
import { expect } from 'chai'
import { ANNA, BERT, JOB, ME, addressed, aHolder, aListener, path } from './given.ts'
import { anAnnouncement } from './effects.ts'
import { Given } from './given.ts'
import type { Effect } from '../effect.ts'

const decline = { type: 'decline' as const, job: JOB, declined: true }
const sent = (effects: Effect[]): string[] => effects.flatMap(effect => effect.type === 'send' ? `${effect.message.type} to ${effect.to}` : [])

describe('declined', () => {
  it('[A7] a job declined before it is heard of is known and passed on, and never asked for work', () => {
    const given = new Given().connect(ANNA)
    given.volunteer()
    given.take(decline)
    expect(given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA])] }).filter(({ type }) => type !== 'notice')).to.deep.equal([])
    expect(given.volunteer(2)).to.deep.equal([])
    expect(sent(given.take({ type: 'connected', peer: BERT, addrs: [] }))).to.deep.equal([`jobs to ${BERT}`])
    const [report] = given.hear(BERT, { type: 'query', id: 1, jobs: [JOB], tables: false })
    expect(report).to.have.nested.property('message.jobs[0].declined', true)
    expect(given.hear(ANNA, { type: 'rerun', job: JOB, to: ME, via: [], path: path('3'), coordinator: addressed(ANNA) })).to.deep.equal([])
  })

  it('[A7] accepted again, it is asked for work at once', () => {
    const given = aListener()
    given.take(decline)
    expect(sent(given.volunteer())).to.deep.equal([])
    expect(sent(given.take({ ...decline, declined: false }))).to.deep.equal([`join to ${ANNA}`])
  })

  it('[A7] [C8] one that is worked for is left: what runs ends, and those above and below hear of it', () => {
    const given = aHolder('3')
    const effects = given.take(decline)
    expect(effects.filter(({ type }) => type === 'cancel-compute').length).to.equal(2)
    expect(sent(effects)).to.include(`leave to ${ANNA}`)
    expect(sent(given.volunteer(2))).to.deep.equal([])
  })

  it('[A7] an own job is not left', () => {
    const given = new Given()
    given.take({ type: 'submit', job: JOB, spec: anAnnouncement(ME, []).spec, proof: null })
    expect(given.take(decline)).to.deep.equal([])
  })
})
