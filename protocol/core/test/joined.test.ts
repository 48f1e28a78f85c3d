/** Row `joined`: an idle core asks any member for work, and takes the answer (J1, J2, J5). */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, EVE, Given, JOB, ME, aGrant, aHolder, aListener, aState, addressed, leasedTo, path } from './given.ts'
import { anAnnouncement, cancels, clears, computes, drops, finds, keeps, provides, publishes, sends, sets, subscribes, tells } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { PeerId } from '../ids.ts'

const joins = (to: PeerId): Effect => sends(to, { type: 'join', joiner: addressed(ME), rate: 0, hops: 0, phase: 'up', via: [] })

describe('joined', () => {
  it('[J2] an idle core asks a member for work', () => {
    expect(aListener().volunteer()).to.deep.equal([sets('join', '/', 3_000), joins(ANNA)])
  })

  it('[J1, J2] unanswered, it asks again, and then the DHT', () => {
    const given = aListener()
    given.volunteer()
    expect(given.after(3_000).fires('join', '/')).to.deep.equal([sets('join', '/', 3_000), joins(ANNA)])
    expect(given.after(3_000).fires('join', '/')).to.deep.equal([sets('join', '/', 3_000), finds(), joins(ANNA)])
    given.take({ type: 'members', job: JOB, contacts: [addressed(BERT), addressed(ME)] })
    expect(given.after(3_000).fires('join', '/')).to.deep.equal([sets('join', '/', 3_000), finds(), joins(ANNA)])
    expect(given.after(2_999).fires('join', '/')).to.deep.equal([sets('join', '/', 3_000), finds(), joins(BERT)])
  })

  it('[J2] a root is claimed only after the job, the DHT and L of asking gave no answer', () => {
    const given = aListener()
    given.volunteer()
    given.take({ type: 'disconnected', peer: ANNA })
    for (const ms of [3_000, 3_000, 0]) expect(given.after(ms).fires('join', '/')).to.not.deep.include(provides())
    expect(given.after(1).fires('join', '/')).to.deep.equal([
      sets('state', '/', 0),
      sets('renew', '/', 2_000),
      tells({ type: 'claim', path: path('/'), fence: [2] }),
      subscribes('/'),
      publishes('/', { type: 'claim', path: path('/'), fence: [2], peer: addressed(ME) }),
      provides(),
      sets('state', '/', 0),
      sets('renew', '0', 2_000),
      tells({ type: 'leased', path: path('0.0') }),
      computes('0.0')
    ])
  })

  it('[J2] where others are connected, who may only be slow, the first to claim does so after five times L, the last after ten', () => {
    const waits = Array.from({ length: 20 }, (_, i) => {
      const given = new Given({}, `peer ${i}` as PeerId).connect(ANNA)
      given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA])] })
      given.volunteer()
      while (given.now < 100_000 && !given.after(100).fires('join', '/').some(({ type }) => type === 'provide'));
      return given.now
    })
    expect(Math.min(...waits)).to.be.within(30_000, 36_000)
    expect(Math.max(...waits)).to.be.within(54_000, 60_100)
  })

  it('[J2] work is an answer, also that of a claim given up: asking begins anew after it', () => {
    const given = aListener()
    given.volunteer()
    given.hear(ANNA, { type: 'offer', job: JOB, to: ME, via: [], path: path('3.1'), fence: [1, 1, 1], coordinator: addressed(BERT) })
    for (let i = 0; i < 4; i++) given.after(3_000).fires('join', '/')
    const above = aState({ path: path('3'), fence: [1, 1], coordinator: addressed(BERT), children: [leasedTo(1, ME)], level: 1 })
    given.hear(BERT, aGrant('3.1', [1, 1, 1], above))
    given.after(60_000).hear(BERT, { type: 'ended', job: JOB, path: path('3.1') })
    expect(given.fires('join', '/')).to.not.deep.include(provides())
    expect(given.peer.jobs.get(JOB)?.positions.size).to.equal(0)
  })

  it('[J2] who hears a coordinator claims no root, however long it is without an answer', () => {
    const given = aHolder('3')
    given.volunteer(1)
    given.hear(ANNA, { type: 'ended', job: JOB, path: path('3') })
    for (let version = 2; version < 60; version++) {
      given.after(2_000).overhear(ANNA, '/', aState({ version }))
      expect(given.fires('join', '/')).to.not.deep.include(provides())
    }
    // Nobody is heard any more, and L has passed.
    given.after(6_001)
    expect(given.fires('join', '/')).to.deep.include(provides())
  })

  it('[J1] nothing at all is claimed by who computes nothing', () => {
    const given = aListener()
    expect(given.after(60_000).fires('join', '/')).to.deep.equal([])
  })

  it('[J2] a member that cannot be reached is not waited for: the next is asked', () => {
    const given = aListener()
    given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA, BERT])] })
    expect(given.volunteer()).to.deep.include(joins(ANNA))
    const soon = given.take({ type: 'unreachable', peer: ANNA }).find(effect => effect.type === 'set-timer')
    expect(soon?.type === 'set-timer' ? soon.ms : -1).to.be.within(20, 99)
    expect(given.after(99).fires('join', '/')).to.deep.include(joins(BERT))
  })

  it('[J2] nobody else is known: it is waited for the DHT', () => {
    const given = aListener()
    given.volunteer()
    expect(given.take({ type: 'unreachable', peer: ANNA }).filter(effect => effect.type === 'set-timer')).to.deep.equal([])
  })

  it('[J2] later: a joiner waits for its turn, at most the limit', () => {
    const given = aListener()
    given.volunteer()
    expect(given.hear(ANNA, { type: 'later', job: JOB, to: ME, via: [], ms: 300 })).to.deep.equal([sets('join', '/', 300)])
    expect(given.hear(ANNA, { type: 'later', job: JOB, to: ME, via: [], ms: 1e9 })).to.deep.equal([sets('join', '/', 30_000)])
    expect(given.after(30_000).fires('join', '/')).to.deep.equal([sets('join', '/', 3_000), joins(ANNA)])
  })

  it('[J2, J3] the joiner dials only the one who offers', () => {
    const given = aListener()
    given.volunteer()
    const offer = { type: 'offer' as const, job: JOB, to: ME, via: [], path: path('3.1'), fence: [1, 1, 4], coordinator: addressed(BERT) }
    expect(given.hear(ANNA, offer)).to.deep.equal([
      tells({ type: 'claim', path: path('3.1'), fence: [1, 1, 4] }),
      sends(BERT, { type: 'claim', path: path('3.1'), fence: [1, 1, 4], peer: addressed(ME) }),
      // It has to be dialled first.
      sets('join', '/', 3_000),
      keeps(BERT)
    ])
    expect(given.hear(ANNA, { ...offer, path: path('3.2') })).to.deep.equal([])
  })

  it('[J2] an offer to who did not ask changes nothing', () => {
    const offer = { type: 'offer' as const, job: JOB, to: ME, via: [], path: path('3'), fence: [1, 1], coordinator: addressed(EVE) }
    expect(aListener().hear(EVE, offer)).to.deep.equal([])
  })

  it('[J5] who asks tells its rate, also where a partition takes many seconds: else nobody would have it run a late bite again', () => {
    const given = aListener()
    given.volunteer()
    given.hear(ANNA, { type: 'rerun', job: JOB, to: ME, via: [], path: path('3.0'), coordinator: addressed(ANNA) })
    expect(given.computes('3.0', 40_000)).to.deep.include(sends(ANNA, { type: 'join', joiner: addressed(ME), rate: 0.1, hops: 0, phase: 'up', via: [] }))
  })

  it('[J5] a re-run has no authority: its value goes to who asked', () => {
    const given = aListener()
    given.volunteer()
    expect(given.hear(ANNA, { type: 'rerun', job: JOB, to: ME, via: [], path: path('3.0'), coordinator: addressed(BERT) })).to.deep.equal([
      clears('join', '/'),
      tells({ type: 'leased', path: path('3.0') }),
      computes('3.0')
    ])
    const [sent] = given.computes('3.0')
    expect(sent).to.deep.include({ type: 'send', to: BERT })
  })

  it('[J5] the first value wins: the other run is cancelled', () => {
    const given = aListener()
    given.volunteer()
    given.hear(ANNA, { type: 'rerun', job: JOB, to: ME, via: [], path: path('3.0'), coordinator: addressed(ANNA) })
    expect(given.hear(ANNA, { type: 'ended', job: JOB, path: path('3.0') })).to.deep.equal([
      cancels('3.0'),
      // The core is idle again.
      sets('join', '/', 3_000),
      joins(ANNA)
    ])
  })

  it('[J5] a re-run of a path that does not exist is dropped and counted', () => {
    const given = aListener()
    given.volunteer()
    expect(given.hear(EVE, { type: 'rerun', job: JOB, to: ME, via: [], path: path('9.9'), coordinator: addressed(EVE) })).to.deep.equal([
      drops(EVE, 'message of a path that does not exist')
    ])
  })

  it('[J3] a member names its neighbours: above it the coordinator and heirs, below it the holders', () => {
    const given = aHolder('3', { heirs: [addressed(CARL)], children: [leasedTo(3, ME), leasedTo(2, CARL)] })
    const effects = given.hear(DORA, { type: 'claim', job: JOB, path: path('3.3'), fence: [1, 1, 1], peer: addressed(DORA) })
    expect(effects.at(-1)).to.deep.equal(keeps(DORA, ANNA, CARL))
  })
})
