/** C8: leaving on purpose is one synchronous input; heir 0 claims at once. */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, Given, JOB, aCoordinator, aHolder, aListener, aValue, addressed, leasedTo, path, ME } from './given.ts'
import { cancels, clears, keeps, sends, sets, tells } from './effects.ts'
import { NO_SALT } from '../salt.ts'

describe('left', () => {
  it('[C8] a coordinator hands what it keeps to all it works with, up to five, and tells them', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA })
    given.hear(ANNA, { type: 'value', job: JOB, value: aValue('0', ANNA), salt: NO_SALT })
    expect(given.take({ type: 'leave' })).to.deep.equal([
      ...[DORA, CARL, BERT].map(peer => sends(peer, { type: 'hold', values: [aValue('0', ANNA)] })),
      ...[DORA, CARL, BERT].map(peer => sends(peer, { type: 'leave' }))
    ])
  })

  it('[C8] a holder stops its work, and tells its coordinator', () => {
    const given = aHolder('3')
    given.hear(CARL, { type: 'value', job: JOB, value: aValue('3.3', CARL), salt: NO_SALT })
    expect(given.take({ type: 'leave' })).to.deep.equal([
      sends(ANNA, { type: 'hold', values: [aValue('3.3', CARL)] }),
      cancels('3.0'),
      cancels('3.1'),
      sends(ANNA, { type: 'leave' })
    ])
  })

  it('[C8] nothing is left to do after it', () => {
    const given = aHolder('3')
    given.take({ type: 'leave' })
    expect(given.fires('renew', '3')).to.deep.equal([keeps()])
    expect(['renew', 'state', 'hold', 'join'].flatMap(name => given.fires(name as 'renew', '3'))).to.deep.equal([])
    expect(aListener().take({ type: 'leave' })).to.deep.equal([])
    expect(new Given().take({ type: 'leave' })).to.deep.equal([])
  })

  it('[C8] a child whose holder leaves is free at once', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    expect(given.hear(BERT, { type: 'leave', job: JOB })).to.deep.equal([
      tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [CARL] }),
      sets('hold', '/', 100),
      sets('state', '/', 250),
      keeps(CARL)
    ])
  })

  it('[C8] heir 0 claims at once when the coordinator leaves', () => {
    const given = aHolder('3', { children: [leasedTo(2, BERT), leasedTo(3, ME)], heirs: [ME, BERT].map(addressed) })
    const notices = given.after(700).hear(ANNA, { type: 'leave', job: JOB })
      .flatMap(effect => effect.type === 'notice' && effect.notice.type !== 'coordinator' ? [effect.notice] : [])
    expect(notices).to.deep.equal([
      { type: 'failover', job: JOB, path: '/', fence: [2], ms: 700 },
      { type: 'claim', job: JOB, path: '/', fence: [2] }
    ])
  })

  it('[C8] the other heirs wait for their turn', () => {
    const given = aHolder('3', { children: [leasedTo(2, BERT), leasedTo(3, ME)], heirs: [BERT, ME].map(addressed) })
    expect(given.hear(ANNA, { type: 'leave', job: JOB })).to.deep.equal([clears('ask', '/'), sets('elect', '/', 500)])
  })

  it('[C8] a stranger that leaves changes nothing', () => {
    expect(aCoordinator({ 3: BERT }).hear(DORA, { type: 'leave', job: JOB })).to.deep.equal([])
    expect(aListener().hear(DORA, { type: 'leave', job: JOB })).to.deep.equal([])
  })
})
