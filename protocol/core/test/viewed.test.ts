/** Row `viewed`: the higher fence is believed; two holders of one path meet here (C2, C3, C6, C7). */
import { expect } from 'chai'
import {
  ANNA, BERT, CARL, EVE, JOB, ME, aCoordinator, aHolder, aListener, aSubmitter, aState, aValue, addressed, leasedTo, path
} from './given.ts'
import { clears, drops, fetches, keeps, publishes, sends, sets, subscribes, tells, unsubscribes } from './effects.ts'
import { claimRank } from '../fence.ts'
import type { StateMessage } from '../message.ts'
import { NO_SALT } from '../salt.ts'

const load = { remaining: 60, free: 60, helpers: 2, rate: 3, levels: 1 }

/** The root's state as Bert tells it, elected after Anna. */
const berts = (changes: Partial<StateMessage> = {}): StateMessage =>
  aState({ fence: [2], coordinator: addressed(BERT), children: [leasedTo(3, ME)], load, ...changes })

const known = { heirs: [addressed(BERT)], children: [leasedTo(2, BERT), leasedTo(3, ME)] }

describe('viewed', () => {
  it('[C6] a state renews what a member believes, and silence is counted from its nextMs', () => {
    const given = aHolder('3', known)
    expect(given.overhear(ANNA, '/', aState({ version: 2, ...known, load }))).to.deep.equal([
      sets('silence', '/', 8_000),
      tells({ type: 'progress', done: 4, partitions: 64, load })
    ])
  })

  it('[C6] an older version changes nothing', () => {
    const given = aHolder('3', { ...known, version: 7 })
    expect(given.overhear(ANNA, '/', aState({ ...known, version: 6 }))).to.deep.equal([])
  })

  it('[C2] states carry grants again: a member takes its new fence from them', () => {
    const given = aHolder('3', known)
    given.overhear(ANNA, '/', aState({ ...known, version: 2, children: [leasedTo(3, ME, 4)] }))
    expect(given.fires('renew', '3')).to.deep.include(
      sends(ANNA, { type: 'renew', path: path('3'), fence: [1, 4], done: 0, load: { remaining: 16, free: 8, helpers: 0, rate: 0, levels: 1 }, seen: 2 }))
  })

  it('[C2] a member that is not named there claims again', () => {
    const given = aHolder('3', known)
    expect(given.overhear(ANNA, '/', aState({ version: 2, children: [leasedTo(3, BERT)], load }))).to.deep.equal([
      sets('silence', '/', 8_000),
      sends(ANNA, { type: 'claim', path: path('3'), fence: [1, 1], peer: addressed(ME) }),
      sets('claim', '3', 1_000),
      tells({ type: 'coordinator', path: path('3'), fence: [1, 1], heirs: [ANNA] }),
      sets('hold', '/', 100),
      sets('state', '3', 0),
      tells({ type: 'progress', done: 4, partitions: 64, load }),
      keeps(ANNA)
    ])
  })

  it('[C4] done there ends the work here', () => {
    const given = aHolder('3', known)
    const effects = given.overhear(ANNA, '/', aState({ version: 2, children: [{ digit: 3, state: 'done', term: 1, holder: null }], load }))
    expect(effects.filter(effect => effect.type === 'cancel-compute').map(effect => effect.path)).to.deep.equal(['3.0', '3.1'])
    expect(given.fires('renew', '3')).to.deep.equal([])
  })

  it('[C4] a lower fence is answered stale', () => {
    const given = aHolder('3', { ...known, fence: [3] })
    expect(given.overhear(BERT, '/', berts())).to.deep.equal([sends(BERT, { type: 'stale', path: path('/'), fence: [3] })])
  })

  it('[C6] a new coordinator is followed: it is told what its member is doing and what it keeps', () => {
    const given = aHolder('3', known)
    given.hear(ANNA, { type: 'hold', job: JOB, values: [aValue('2', CARL)] })
    expect(given.overhear(BERT, '/', berts())).to.deep.equal([
      sets('silence', '/', 8_000),
      tells({ type: 'coordinator', path: path('3'), fence: [2, 1], heirs: [BERT] }),
      sets('hold', '/', 100),
      sends(BERT, { type: 'renew', path: path('3'), fence: [2, 1], done: 0, load: { remaining: 16, free: 8, helpers: 0, rate: 0, levels: 1 }, seen: 1 }),
      sends(BERT, { type: 'hold', values: [aValue('2', CARL)] }),
      tells({ type: 'progress', done: 4, partitions: 64, load }),
      keeps(BERT)
    ])
  })

  it('[C6] only one who was a member of the root becomes its coordinator', () => {
    const given = aHolder('3', known)
    expect(given.overhear(EVE, '/', berts({ coordinator: addressed(EVE) }))).to.deep.equal([drops(EVE, 'state of a peer that cannot be its coordinator')])
  })

  it('[C6] a state of another peer is dropped and counted', () => {
    expect(aHolder('3', known).overhear(EVE, '/', berts())).to.deep.equal([drops(EVE, 'state of another peer')])
  })

  it('[C6] a state of a path that is none of this peer\'s business changes nothing', () => {
    expect(aHolder('3', known).overhear(CARL, '2', aState({ path: path('2'), coordinator: addressed(CARL) }))).to.deep.equal([])
    expect(aListener().overhear(ANNA, '/', aState())).to.deep.equal([])
  })

  it('[J1] for who follows a job, the root\'s state is progress', () => {
    const given = aListener()
    given.take({ type: 'watch', job: JOB })
    expect(given.overhear(ANNA, '/', aState({ load }))).to.deep.equal([tells({ type: 'progress', done: 4, partitions: 64, load })])
  })

  it('[R5] an heir of the root is told so by the state, and stocks', () => {
    const given = aHolder('3', known)
    const effects = given.overhear(ANNA, '/', aState({ version: 2, ...known, heirs: [addressed(ME)] }))
    expect(effects.filter(effect => effect.type === 'fetch')).to.deep.equal([fetches('bundle', ANNA), fetches('params', ANNA)])
  })
})

describe('two holders of one path', () => {
  it('[C7] the lower fence cedes: it hands over its table, claims what it works on and becomes a member', () => {
    const given = aSubmitter()
    given.hear(CARL, { type: 'value', job: JOB, value: aValue('3', CARL), salt: NO_SALT })
    given.volunteer()
    given.volunteer(0)
    expect(given.overhear(BERT, '/', berts({ children: [] }))).to.deep.equal([
      clears('renew', '/'),
      clears('state', '/'),
      clears('claim', '/'),
      unsubscribes('/'),
      subscribes('/'),
      sends(BERT, { type: 'hold', values: [aValue('3', CARL)] }),
      sends(BERT, { type: 'claim', path: path('0'), fence: [1, 1], peer: addressed(ME) }),
      sets('claim', '0', 1_000),
      sets('silence', '/', 8_000),
      sends(BERT, { type: 'claim', path: path('0'), fence: [1, 1], peer: addressed(ME) }),
      sets('claim', '0', 1_000),
      tells({ type: 'coordinator', path: path('0'), fence: [1, 1], heirs: [BERT] }),
      sets('hold', '/', 100),
      sets('state', '0', 0),
      tells({ type: 'progress', done: 4, partitions: 64, load }),
      keeps(BERT)
    ])
  })

  it('[C7] the higher fence keeps its holders, and says so', () => {
    const given = aCoordinator({ 3: BERT })
    const mine = aState({
      version: 3, coordinator: addressed(ME), children: [leasedTo(3, BERT)], heirs: [addressed(BERT)], load: { remaining: 64, free: 64, helpers: 1, rate: 0, levels: 1 }
    })
    const rival = aState({ fence: [0], coordinator: addressed(EVE) })
    expect(given.after(250).overhear(EVE, '/', rival)).to.deep.equal([sends(EVE, mine), publishes('/', mine)])
    expect(given.overhear(EVE, '/', rival)).to.deep.equal([])
    expect(given.after(250).overhear(EVE, '/', rival)).to.deep.equal([sends(EVE, mine), publishes('/', mine)])
  })

  it('[C3] among equal fences at the root the smallest rank stays', () => {
    const ranks = [ANNA, BERT, CARL, EVE].map(peer => ({ peer, wins: claimRank(JOB, path('/'), [1], peer) < claimRank(JOB, path('/'), [1], ME) }))
    const outcomes = ranks.map(({ peer }) => {
      const given = aSubmitter()
      given.overhear(peer, '/', aState({ coordinator: addressed(peer) }))
      return { peer, wins: given.fires('renew', '/').length === 0 }
    })
    expect(outcomes).to.deep.equal(ranks)
    expect(new Set(ranks.map(({ wins }) => wins)).size).to.equal(2)
  })

  it('[C3] a grant beats another claim of equal fence', () => {
    const given = aHolder('3')
    const rival = aState({ path: path('3'), fence: [1, 1], coordinator: addressed(EVE) })
    const effects = given.overhear(EVE, '3', rival)
    expect(effects.map(effect => effect.type)).to.deep.equal(['send'])
    expect(effects[0]).to.deep.include({ type: 'send', to: EVE })
  })

  it('[C4] nobody cedes to a rival below a root that it knows to be lost', () => {
    const given = aHolder('3')
    given.overhear(ANNA, '/', aState({ fence: [3], version: 2, children: [leasedTo(3, EVE)] }))
    const rival = aState({ path: path('3'), fence: [2, 1], coordinator: addressed(BERT), level: 1 })
    expect(given.overhear(BERT, '3', rival)).to.deep.equal([sends(BERT, { type: 'stale', path: path('/'), fence: [3] })])
  })

  it('[C7] the same happens one level down', () => {
    const given = aHolder('3')
    const rival = aState({ path: path('3'), fence: [2, 1], coordinator: addressed(BERT), level: 1 })
    const claims = given.overhear(BERT, '3', rival).filter(effect => effect.type === 'send' && effect.message.type === 'claim')
    const claim = (at: string): unknown => sends(BERT, { type: 'claim', path: path(at), fence: [1, 1, 1], peer: addressed(ME) })
    expect(claims.slice(0, 2)).to.deep.equal([claim('3.0'), claim('3.1')])
  })
})
