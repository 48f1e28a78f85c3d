/** Row `joined`: a joiner's question is routed in bounded hops, the answer comes back the same way (J2, J5). */
import { expect } from 'chai'
import {
  ANNA, BERT, CARL, DORA, EVE, JOB, ME, aCoordinator, aHolder, aListener, aValue, addressed, leasedTo, path
} from './given.ts'
import { cancels, clears, computes, drops, finds, keeps, provides, publishes, sends, sets, subscribes, tells } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { JoinMessage } from '../message.ts'
import type { PeerId } from '../ids.ts'

const join = (joiner: PeerId, changes: Partial<JoinMessage> = {}): JoinMessage =>
  ({ type: 'join', job: JOB, joiner: addressed(joiner), rate: 0, hops: 0, phase: 'up', via: [], ...changes })

const joins = (to: PeerId): Effect => sends(to, { type: 'join', joiner: addressed(ME), rate: 0, hops: 0, phase: 'up', via: [] })

const offers = (to: PeerId, at: string, fence: number[]): Effect =>
  sends(to, { type: 'offer', to, via: [], path: path(at), fence, coordinator: addressed(ME) })

const renew = { type: 'renew' as const, job: JOB, fence: [1, 1], done: 0, seen: 9 }

/** All four children are leased to others; the holder of 3 has one helper, the others none. */
function aFullCoordinator (): Given {
  const given = aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: CARL })
  given.hear(CARL, { ...renew, path: path('3'), load: { remaining: 16, helpers: 2, rate: 1, levels: 1 } })
  for (const at of ['0', '1', '2']) given.hear(BERT, { ...renew, path: path(at), load: { remaining: 0, helpers: 1, rate: 1, levels: 1 } })
  return given
}

describe('joined', () => {
  it('[J2] an idle core asks a member for work', () => {
    expect(aListener().volunteer()).to.deep.equal([sets('join', '/', 1_500), joins(ANNA)])
  })

  it('[J1, J2] unanswered, it asks again, and then the DHT', () => {
    const given = aListener()
    given.volunteer()
    expect(given.after(1_500).fires('join', '/')).to.deep.equal([sets('join', '/', 1_500), joins(ANNA)])
    expect(given.after(1_500).fires('join', '/')).to.deep.equal([sets('join', '/', 1_500), finds(), joins(ANNA)])
    given.take({ type: 'members', job: JOB, contacts: [addressed(BERT), addressed(ME)] })
    expect(given.after(1_500).fires('join', '/')).to.deep.equal([sets('join', '/', 1_500), finds(), joins(ANNA)])
    expect(given.after(1_499).fires('join', '/')).to.deep.equal([sets('join', '/', 1_500), finds(), joins(BERT)])
  })

  it('[J1] a root is claimed only after the job, the DHT and L of asking gave no answer', () => {
    const given = aListener()
    given.volunteer()
    // Who told of the job is connected, so five times L: it may only be slow.
    for (let asked = 0; asked < 20; asked++) expect(given.after(1_500).fires('join', '/')).to.not.deep.include(provides())
    expect(given.after(1).fires('join', '/')).to.deep.equal([
      sets('state', '/', 0),
      sets('renew', '/', 2_000),
      tells({ type: 'claim', path: path('/'), fence: [2] }),
      subscribes('/'),
      publishes('/', { type: 'claim', path: path('/'), fence: [2], peer: addressed(ME) }),
      provides(),
      sets('state', '/', 0),
      sets('state', '0', 0),
      sets('renew', '0', 2_000),
      sets('state', '0', 0),
      tells({ type: 'leased', path: path('0.0') }),
      computes('0.0'),
      sets('state', '0', 0),
      computes('0.1')
    ])
  })

  it('[J1] nothing at all is claimed by who computes nothing', () => {
    const given = aListener()
    expect(given.after(60_000).fires('join', '/')).to.deep.equal([])
  })

  it('[J2] a coordinator offers its last free child, and keeps it for the joiner', () => {
    const given = aCoordinator({}).connect(DORA, EVE)
    expect(given.hear(DORA, join(DORA))).to.deep.equal([offers(DORA, '3', [1, 1])])
    expect(given.hear(EVE, join(EVE))).to.deep.equal([offers(EVE, '2', [1, 1])])
  })

  it('[J2] an offer reserves for 2 s', () => {
    const given = aCoordinator({}).connect(DORA, EVE)
    given.hear(DORA, join(DORA))
    expect(given.after(2_000).hear(EVE, join(EVE))).to.deep.equal([offers(EVE, '3', [1, 1])])
  })

  it('[J2] without free children the question goes down, by work per helper', () => {
    const given = aFullCoordinator()
    expect(given.hear(DORA, join(DORA))).to.deep.equal([sends(CARL, join(DORA, { hops: 1, phase: 'up' }))])
  })

  it('[J2] the joiner that was asked is on the way back', () => {
    const given = aFullCoordinator()
    const asked = join(DORA, { hops: 1, phase: 'up', via: [EVE] })
    expect(given.hear(ANNA, asked)).to.deep.equal([sends(CARL, join(DORA, { hops: 2, phase: 'up', via: [EVE, ANNA] }))])
  })

  it('[J2] a member whose coordinator may have free children sends the question up', () => {
    const given = aHolder('3')
    expect(given.hear(DORA, join(DORA))).to.deep.equal([sends(ANNA, join(DORA, { hops: 1 }))])
  })

  it('[J2] a question that came down does not go up again', () => {
    const given = aHolder('3')
    expect(given.hear(ANNA, join(DORA, { hops: 1, phase: 'up' }))).to.deep.equal([
      sends(ANNA, { type: 'offer', to: DORA, via: [], path: path('3.3'), fence: [1, 1, 1], coordinator: addressed(ME) })
    ])
  })

  it('[J2] more hops than 2 * depth + 4 are answered by later', () => {
    const given = aCoordinator({})
    const via = [BERT, CARL]
    expect(given.hear(ANNA, join(DORA, { hops: 9, via }))).to.deep.equal([
      sends(ANNA, { type: 'later', to: DORA, via, ms: 2_000 })
    ])
    expect(given.hear(ANNA, join(DORA, { hops: 8, via }))).to.deep.equal([
      sends(ANNA, { type: 'offer', to: DORA, via, path: path('3'), fence: [1, 1], coordinator: addressed(ME) })
    ])
  })

  it('[J2] a question that was here before does not go in circles', () => {
    const given = aHolder('3')
    expect(given.hear(CARL, join(DORA, { hops: 2, via: [ME] }))).to.deep.equal([
      sends(CARL, { type: 'later', to: DORA, via: [ME], ms: 2_000 })
    ])
  })

  it('[J2] a join for another peer is dropped and counted', () => {
    expect(aCoordinator({}).hear(EVE, join(DORA))).to.deep.equal([drops(EVE, 'join for another peer')])
  })

  it('[J2] an offer, a rerun or a later for somebody else travels back along the way', () => {
    const offer = { type: 'offer' as const, to: DORA, path: path('3'), fence: [1, 1], coordinator: addressed(ANNA) }
    expect(aListener().hear(ANNA, { ...offer, job: JOB, via: [BERT, CARL] })).to.deep.equal([sends(CARL, { ...offer, via: [BERT] })])
    const later = { type: 'later' as const, to: DORA, ms: 5 }
    expect(aListener().hear(ANNA, { ...later, job: JOB, via: [] })).to.deep.equal([sends(DORA, { ...later, via: [] })])
  })

  it('[J2] later: a joiner waits as long, at most the limit', () => {
    const given = aListener()
    given.volunteer()
    expect(given.hear(ANNA, { type: 'later', job: JOB, to: ME, via: [], ms: 300 })).to.deep.equal([sets('join', '/', 300)])
    expect(given.hear(ANNA, { type: 'later', job: JOB, to: ME, via: [], ms: 1e9 })).to.deep.equal([sets('join', '/', 2_000)])
    expect(given.after(2_000).fires('join', '/')).to.deep.equal([sets('join', '/', 1_500), joins(ANNA)])
  })

  it('[J2, J3] the joiner dials only the one who offers', () => {
    const given = aListener()
    given.volunteer()
    const offer = { type: 'offer' as const, job: JOB, to: ME, via: [], path: path('3.1'), fence: [1, 1, 4], coordinator: addressed(BERT) }
    expect(given.hear(ANNA, offer)).to.deep.equal([
      tells({ type: 'claim', path: path('3.1'), fence: [1, 1, 4] }),
      sends(BERT, { type: 'claim', path: path('3.1'), fence: [1, 1, 4], peer: addressed(ME) }),
      sets('join', '/', 1_000),
      keeps(BERT)
    ])
    expect(given.hear(ANNA, { ...offer, path: path('3.2') })).to.deep.equal([])
  })

  it('[J2] an offer to who did not ask changes nothing', () => {
    const offer = { type: 'offer' as const, job: JOB, to: ME, via: [], path: path('3'), fence: [1, 1], coordinator: addressed(EVE) }
    expect(aListener().hear(EVE, offer)).to.deep.equal([])
  })

  it('[J5] where no work is free, a joiner that would be faster re-runs an outstanding child', () => {
    const given = aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: BERT })
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('0', BERT) })
    for (const at of ['1', '2', '3']) given.hear(BERT, { ...renew, path: path(at), load: { remaining: 16, helpers: 1, rate: 1_000, levels: 1 } })
    const rerun = { type: 'rerun' as const, to: DORA, via: [], path: path('1'), coordinator: addressed(ME) }
    expect(given.hear(DORA, join(DORA, { rate: 100 }))).to.deep.equal([sends(DORA, rerun)])
    expect(given.hear(DORA, join(DORA, { rate: 100 }))).to.deep.equal([sends(DORA, { ...rerun, path: path('2') })])
    expect(given.hear(EVE, join(EVE, { rate: 1 }))).to.deep.equal([sends(EVE, { type: 'later', to: EVE, via: [], ms: 100 })])
  })

  it('[J5] a re-run has no authority: its value goes to who asked', () => {
    const given = aListener()
    given.volunteer()
    expect(given.hear(ANNA, { type: 'rerun', job: JOB, to: ME, via: [], path: path('3.0'), coordinator: addressed(BERT) })).to.deep.equal([
      clears('join', '/'),
      tells({ type: 'leased', path: path('3.0') }),
      computes('3.0'),
      sets('join', '/', 1_500),
      joins(ANNA)
    ])
    const [sent] = given.computes('3.0')
    expect(sent).to.deep.include({ type: 'send', to: BERT })
  })

  it('[J5] the first value wins: the other run is cancelled', () => {
    const given = aListener()
    given.volunteer()
    given.hear(ANNA, { type: 'rerun', job: JOB, to: ME, via: [], path: path('3.0'), coordinator: addressed(ANNA) })
    expect(given.hear(ANNA, { type: 'ended', job: JOB, path: path('3.0') })).to.deep.equal([cancels('3.0')])
  })

  it('[J5] the first value wins: the coordinator cancels the holder\'s run and the other re-run', () => {
    const given = aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: CARL })
    for (const at of ['0', '1', '2']) given.hear(BERT, { type: 'value', job: JOB, value: aValue(at, BERT) })
    given.hear(CARL, { ...renew, path: path('3'), load: { remaining: 16, helpers: 1, rate: 1_000, levels: 1 } })
    for (const peer of [DORA, EVE]) given.hear(peer, join(peer, { rate: 100 }))
    const ended = given.hear(DORA, { type: 'value', job: JOB, value: aValue('3', DORA) }).filter(effect => effect.type === 'send')
    expect(ended).to.deep.equal([CARL, EVE].map(peer => sends(peer, { type: 'ended', path: path('3') })))
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
