/** Row `leased`: bites fitted to speed (J4), leases kept alive by renewals (C5). */
import { expect } from 'chai'
import {
  ANNA, BERT, CARL, EVE, Given, JOB, ME, SPEC, aClaimant, aCoordinator, aGrant, aHolder, aListener, aState, aSubmitter, aValue, addressed,
  leasedTo, path
} from './given.ts'
import { cancels, clears, keeps, publishes, sends, sets, tells, unsubscribes } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { RenewMessage } from '../message.ts'
import { NO_SALT } from '../salt.ts'

const renewal = (changes: Partial<RenewMessage> = {}): RenewMessage => ({
  type: 'renew', job: JOB, path: path('3'), fence: [1, 1], done: 0, load: { remaining: 16, free: 16, helpers: 1, rate: 0, levels: 1 }, seen: 3, ...changes
})

const bites = (effects: Effect[]): string[] => effects.flatMap(effect => effect.type === 'compute' ? [effect.path] : [])
const sent = (effects: Effect[]): Effect[] => effects.filter(effect => effect.type === 'send')

/** The root of 256 partitions; Bert is at work on the last quarter, with as many partitions a second. */
function aPair (rate: number): Given {
  const given = aSubmitter({ ...SPEC, partitions: 256 }, { queuePerCore: 1 }).connect(BERT)
  given.hear(BERT, { type: 'claim', job: JOB, path: path('3'), fence: [1, 1], peer: addressed(BERT) })
  given.hear(BERT, renewal({ load: { remaining: 64, free: 0, helpers: 1, rate, levels: 1 } }))
  return given
}

describe('leased: bites', () => {
  it('[J4] before its speed is known a core gets a leaf', () => {
    expect(bites(aSubmitter().volunteer(1))).to.deep.equal(['0.0'])
    expect(bites(aSubmitter().volunteer(2))).to.deep.equal(['0.0', '0.1'])
  })

  it('[J4] where one that runs ends soon, the next waits in the sandbox', () => {
    const given = aSubmitter()
    given.after(1).volunteer()
    expect(bites(given.computes('0.0', 40))).to.deep.equal(['0.1', '0.2'])
    expect(bites(given.fires('state', '0'))).to.deep.equal([])
  })

  it('[J4] where it takes longer, the next is taken 2 s before its end, and not sooner: a slow peer would keep it from faster ones', () => {
    const given = aSubmitter()
    given.volunteer()
    const effects = given.after(1).computes('0.0', 8_000)
    expect(bites(effects)).to.deep.equal(['0.1'])
    expect(effects).to.deep.include(sets('fill', '/', 6_000))
    expect(bites(given.after(5_999).fires('state', '0'))).to.deep.equal([])
    expect(bites(given.after(1).fires('fill', '/'))).to.deep.equal(['0.2'])
  })

  it('[J4] then the largest path of remaining / (2 * helpers)', () => {
    const given = aSubmitter({ ...SPEC, partitions: 256 }, { queuePerCore: 1 })
    expect(bites(given.volunteer())).to.deep.equal(['0.0.0'])
    const next = ['0.0.1', '0.0.2', '0.0.3', '0.1', '0.2', '0.3', '1', '2', '3.0', '3.1', '3.2']
    let last = '0.0.0'
    for (const expected of next) {
      const count = 4 ** (4 - last.split('.').length)
      expect(bites(given.computes(last, count, { count }))).to.deep.equal([expected])
      last = expected
    }
  })

  it('[J4] and never more than 30 s of work', () => {
    const given = aSubmitter({ ...SPEC, partitions: 256 }, { queuePerCore: 1 })
    given.volunteer()
    for (const leaf of ['0.0.0', '0.0.1', '0.0.2', '0.0.3']) given.computes(leaf, 29_000, { count: 4 })
    expect(bites(given.computes('0.1.0', 29_000, { count: 4 }))).to.deep.equal(['0.1.1'])
  })

  it('[J4] a coordinator leases children to itself; helpers get what is left', () => {
    const given = aSubmitter().connect(BERT)
    given.volunteer()
    const claim = { type: 'claim' as const, job: JOB, path: path('0'), fence: [1, 1], peer: addressed(BERT) }
    expect(given.hear(BERT, claim)).to.deep.equal([sends(BERT, { type: 'refused', path: path('0'), next: path('3'), ask: null })])
  })

  it('[J4] a leaf is computed whole', () => {
    const given = aClaimant('3.3', [1, 1, 1])
    const state = aState({ path: path('3'), fence: [1, 1], level: 1, children: [leasedTo(3, ME)] })
    expect(bites(given.hear(ANNA, aGrant('3.3', [1, 1, 1], state)))).to.deep.equal(['3.3'])
  })

  it('[J4] with its last free leaf taken a core that is soon idle asks for more', () => {
    const given = aClaimant('3.3', [1, 1, 1])
    given.volunteer(2)
    const state = aState({ path: path('3'), fence: [1, 1], level: 1, children: [0, 1, 2].map(digit => leasedTo(digit, BERT)).concat(leasedTo(3, ME)) })
    expect(sent(given.hear(ANNA, aGrant('3.3', [1, 1, 1], state)))).to.deep.equal([
      sends(ANNA, { type: 'join', joiner: addressed(ME), rate: 0, hops: 0, phase: 'up', via: [] })
    ])
  })

  it('[J4] half of what is left is cut by time: a slow peer among fast ones takes less than its even share, 60 partitions here', () => {
    const after = (ms: number, others: number): string[] => {
      const given = aPair(others)
      given.volunteer()
      return bites(given.computes('0.0', 16 * ms, { count: 16 }))
    }
    expect(after(10, 900)).to.deep.equal(['0.1.0'])
    expect(after(10, 100)).to.deep.equal(['0.1'])
  })

  it('[J4] a fast one among slow ones takes more, twice its even share at most', () => {
    const given = aPair(100)
    given.volunteer()
    for (const at of ['0.0', '0.1', '0.2']) given.computes(at, 16, { count: 16 })
    // 192 are left; the even share is 48.
    expect(bites(given.computes('0.3', 16, { count: 16 }))).to.deep.equal(['1'])
  })

  it('[J4] the first bite is cautious: a newcomer may be four times as slow as those who told their speed', () => {
    const given = aPair(1_000)
    expect(bites(given.volunteer())).to.deep.equal(['0.0'])
  })

  it('[C4] ended: all work at or below the path stops', () => {
    const given = aHolder('3')
    expect(given.hear(ANNA, { type: 'ended', job: JOB, path: path('3') })).to.deep.equal([
      cancels('3.0'),
      cancels('3.1'),
      clears('renew', '3'),
      clears('state', '3'),
      clears('claim', '3'),
      unsubscribes('3')
    ])
  })
})

describe('leased: renewals', () => {
  it('[C5] a holder renews every 2 s, with its progress', () => {
    const given = aHolder('3')
    given.computes('3.0')
    expect(given.fires('renew', '3')).to.deep.equal([
      sets('renew', '3', 2_000),
      sends(ANNA, { type: 'renew', path: path('3'), fence: [1, 1], done: 4, load: { remaining: 12, free: 8, helpers: 0, rate: 0, levels: 1 }, seen: 1 })
    ])
  })

  it('[C5, C6] the root has nobody to renew with; it tells its members and its application', () => {
    const given = aCoordinator({ 3: BERT })
    const load = { remaining: 64, free: 64, helpers: 1, rate: 0, levels: 1 }
    expect(given.fires('renew', '/')).to.deep.equal([
      sets('renew', '/', 2_000),
      publishes('/', { type: 'beat', path: path('/'), fence: [1], version: 4, since: 3, load, nextMs: 2_000 }),
      tells({ type: 'progress', done: 0, partitions: 64, load })
    ])
  })

  it('[C5] a renewal is heard; nothing is answered to who knows the state', () => {
    expect(aCoordinator({ 3: BERT }).hear(BERT, renewal())).to.deep.equal([])
  })

  it('[C6] who missed states is sent the last', () => {
    const state = aState({
      version: 3, coordinator: addressed(ME), children: [leasedTo(3, BERT)], heirs: [addressed(BERT)], load: { remaining: 16 + 48, free: 16 + 48, helpers: 1, rate: 0, levels: 1 }
    })
    expect(aCoordinator({ 3: BERT }).hear(BERT, renewal({ seen: 1 }))).to.deep.equal([sends(BERT, state)])
  })

  it('[C5] unheard for 8 s: free, and granted to the next under a higher fence', () => {
    const given = aCoordinator({ 3: BERT }).connect(CARL)
    given.after(7_000)
    expect(given.fires('renew', '/').map(effect => effect.type)).to.deep.equal(['set-timer', 'publish', 'notice'])
    given.after(1_001)
    expect(given.fires('renew', '/')).to.deep.include(tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [] }))
    const [grant] = sent(given.hear(CARL, { type: 'claim', job: JOB, path: path('3'), fence: [1, 1], peer: addressed(CARL) }))
    expect(grant?.type === 'send' && grant.message.type === 'grant' ? grant.message.fence : null).to.deep.equal([1, 2])
  })

  it('[C5] heard within 8 s: kept', () => {
    const given = aCoordinator({ 3: BERT })
    given.after(4_000).hear(BERT, renewal())
    expect(given.after(7_999).fires('renew', '/').map(effect => effect.type)).to.deep.equal(['set-timer', 'publish', 'notice'])
  })

  it('[C4] a lower fence than granted is answered stale', () => {
    expect(aCoordinator({ 3: BERT }).hear(EVE, renewal())).to.deep.equal([sends(EVE, { type: 'stale', path: path('3'), fence: [1, 1] })])
    expect(aCoordinator({}).hear(EVE, renewal())).to.deep.equal([sends(EVE, { type: 'stale', path: path('3'), fence: [1, 0] })])
  })

  it('[C5] a freed child is not given to whoever names its term', () => {
    const given = aCoordinator({ 3: BERT })
    given.after(8_001).fires('renew', '/')
    expect(given.hear(EVE, renewal({ seen: 99 }))).to.deep.equal([sends(EVE, { type: 'stale', path: path('3'), fence: [1, 1] })])
  })

  it('[C5] a holder that was given up but nobody replaced returns', () => {
    const given = aCoordinator({ 3: BERT })
    given.after(8_001).fires('renew', '/')
    const effects = given.hear(BERT, renewal({ seen: 99 }))
    expect(effects).to.deep.equal([
      tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [BERT] }),
      sets('hold', '/', 100),
      sets('state', '/', 250),
      keeps(BERT)
    ])
  })

  it('[C5] a silent child that has members is kept for them for 4 s', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    given.hear(BERT, renewal({ load: { remaining: 16, free: 16, helpers: 3, rate: 0, levels: 2 } }))
    expect(given.take({ type: 'unreachable', peer: BERT })).to.deep.equal([
      sets('kept', '3', 4_000),
      tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [CARL] }),
      sets('hold', '/', 100),
      sets('state', '/', 250),
      keeps(CARL)
    ])
    const claim = (fence: number[]): Effect[] => sent(given.hear(EVE, { type: 'claim', job: JOB, path: path('3'), fence, peer: addressed(EVE) }))
    expect(claim([1, 1])).to.deep.equal([sends(EVE, { type: 'refused', path: path('3'), next: path('1'), ask: null })])
    const [granted] = claim([1, 2])
    expect(granted?.type === 'send' ? granted.message.type : '').to.equal('grant')
  })

  it('[C5] after that it is anybody\'s', () => {
    const given = aCoordinator({ 3: BERT })
    given.hear(BERT, renewal({ load: { remaining: 16, free: 16, helpers: 3, rate: 0, levels: 2 } }))
    given.take({ type: 'unreachable', peer: BERT })
    given.after(4_000)
    const [granted] = sent(given.hear(EVE, { type: 'claim', job: JOB, path: path('3'), fence: [1, 1], peer: addressed(EVE) }))
    expect(granted?.type === 'send' ? granted.message.type : '').to.equal('grant')
  })

  it('[C6] a disconnect is a hint for holders too: redial', () => {
    expect(aCoordinator({ 3: BERT }).take({ type: 'disconnected', peer: BERT })).to.deep.equal([
      { type: 'dial', contact: addressed(BERT) }
    ])
  })

  it('[C4] a renewal of what is done is ended', () => {
    const given = aCoordinator({ 3: BERT })
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT), salt: NO_SALT })
    expect(given.hear(BERT, renewal())).to.deep.equal([sends(BERT, { type: 'ended', path: path('3') })])
  })

  it('[C5] a peer without the parent\'s position says whom to ask', () => {
    expect(aListener().hear(EVE, renewal())).to.deep.equal([sends(EVE, { type: 'refused', path: path('3'), next: null, ask: null })])
    expect(aHolder('3').hear(EVE, renewal({ path: path('2') }))).to.deep.equal([
      sends(EVE, { type: 'refused', path: path('2'), next: null, ask: addressed(ANNA) })
    ])
  })

  it('[C5] a timer of a position that is gone is a no-op', () => {
    const given = new Given()
    expect(given.fires('renew', '3')).to.deep.equal([])
    expect(aListener().fires('renew', '3')).to.deep.equal([])
    expect(aListener().fires('state', '3')).to.deep.equal([])
  })
})
