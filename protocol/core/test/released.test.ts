/** What need not be kept any more: what an accepted value covers (R3), what was passed down (R4), and copies for others' positions. */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, JOB, ME, aCoordinator, aGrant, aHolder, aState, aValue, addressed, leasedTo, path } from './given.ts'
import type { PeerId } from '../ids.ts'
import type { Given } from './given.ts'
import { sends } from './effects.ts'
import { NO_SALT } from '../salt.ts'

const keeps = (given: Given): string[] => [...given.peer.jobs.get(JOB)?.ledger.keys() ?? []]
const hold = (given: Given, from: PeerId, ...paths: string[]): void => {
  given.hear(from, { type: 'hold', job: JOB, values: paths.map(at => aValue(at, DORA)) })
}

describe('released', () => {
  it('[R4] what was passed down is kept until its holder and heirs have accepted it', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    hold(given, DORA, '3.1', '3.2', '2.1')
    expect(keeps(given)).to.deep.equal(['3.1', '3.2', '2.1'])
    expect(given.hear(CARL, { type: 'accepted', receipt: null, job: JOB, paths: [path('3.2')] })).to.deep.equal([])
    expect(given.hear(BERT, { type: 'accepted', receipt: null, job: JOB, paths: [path('3.1')] })).to.deep.equal([sends(DORA, { type: 'accepted', receipt: null, paths: [path('3.1')] })])
    expect(keeps(given)).to.deep.equal(['3.2', '2.1'])
  })

  it('[R2, R4] not what this peer answers for itself', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT), salt: NO_SALT })
    given.hear(BERT, { type: 'accepted', receipt: null, job: JOB, paths: [path('3')] })
    expect(keeps(given)).to.deep.equal(['3'])
  })

  it('[R2, R4] the coordinator above that is an heir here is not told: it would drop its copy', () => {
    const given = aHolder('3')
    given.hear(ANNA, { type: 'hold', job: JOB, values: [aValue('3.1', DORA)] })
    // Of two copies that are to be made, Anna has one: nobody else works here.
    given.after(100).fires('hold', '/')
    const effects = given.hear(ANNA, { type: 'held', job: JOB, paths: [path('3.1')] })
    expect(effects.filter(effect => effect.type === 'send')).to.deep.equal([])
    expect(given.peer.jobs.get(JOB)?.ledger.get(path('3.1'))?.state).to.equal('accepted')
  })

  it('[R3] a state that names a child as done stands for all that is kept below it', () => {
    const given = aHolder('3')
    hold(given, ANNA, '2.0', '2.1', '1.0')
    given.overhear(ANNA, '/', aState({ version: 2, children: [leasedTo(3, ME), { digit: 2, state: 'done', term: 1, holder: null }] }))
    expect(keeps(given)).to.deep.equal(['1.0'])
  })

  it('[C8] who leaves hands on what it owes and keeps where it works, but no copies for positions it has left behind', () => {
    const given = aHolder('3')
    given.computes('3.0')
    hold(given, BERT, '1.0')
    given.hear(ANNA, { type: 'ended', job: JOB, path: path('3') })
    given.volunteer()
    given.after(3_000).fires('join', '/')
    given.hear(CARL, { type: 'offer', job: JOB, to: ME, via: [], path: path('2.1'), fence: [1, 1, 1], coordinator: addressed(CARL) })
    const above = aState({ path: path('2'), fence: [1, 1], coordinator: addressed(CARL), children: [leasedTo(1, ME)], level: 1 })
    given.hear(CARL, aGrant('2.1', [1, 1, 1], above))
    hold(given, CARL, '2.2')
    expect(keeps(given)).to.deep.equal(['3.0', '1.0', '2.2'])
    const handed = given.take({ type: 'leave' }).flatMap(effect => effect.type === 'send' && effect.message.type === 'hold' ? effect.message.values.map(value => value.path) : [])
    expect(new Set(handed)).to.deep.equal(new Set(['2.2']))
  })
})
