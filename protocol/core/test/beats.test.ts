/** Rows `leased` and `viewed`: a state that says nothing new is told as a beat, and who missed what was new gets it (C6). */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, aCoordinator, aHolder, aListener, aState, aSubmitter, addressed, leasedTo, path } from './given.ts'
import { clears, publishes, sends, sets, tells } from './effects.ts'
import type { BeatMessage, RenewMessage, StateMessage } from '../message.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'

const whole = { remaining: 64, free: 64, helpers: 1, rate: 0, levels: 1 }

/** What a coordinator of one holder, Bert, says of the root. */
const mine = (changes: Partial<StateMessage> = {}): StateMessage =>
  aState({ version: 3, coordinator: addressed(ME), children: [leasedTo(3, BERT)], heirs: [addressed(BERT)], load: whole, ...changes })

const beats = (version: number, since: number, load = whole, nextMs = 2_000): Effect =>
  publishes('/', { type: 'beat', path: path('/'), fence: [1], version, since, load, nextMs })

const turns = (given: Given, at = '/'): Effect[] => given.after(2_000).fires('renew', at).filter(({ type }) => type === 'publish')

const renewal = (seen: number): RenewMessage => ({ type: 'renew', job: JOB, path: path('3'), fence: [1, 1], done: 0, load: { ...whole, remaining: 16, free: 16 }, seen })

describe('a coordinator', () => {
  it('[C6] with nothing new to say at its turn beats: it names the version that last changed', () => {
    const given = aCoordinator({ 3: BERT })
    expect(turns(given)).to.deep.equal([beats(4, 3)])
    given.hear(BERT, renewal(4))
    expect(turns(given)).to.deep.equal([beats(5, 3, whole, 4_000)])
  })

  it('[C5] with nothing new to say takes its next turn later, unless somebody below is late or the work changed', () => {
    const given = aCoordinator({ 3: BERT })
    turns(given)
    given.hear(BERT, renewal(4))
    expect(given.after(2_000).fires('renew', '/')).to.deep.include(sets('renew', '/', 4_000))
    given.hear(BERT, { ...renewal(5), load: { remaining: 12, free: 4, helpers: 2, rate: 5, levels: 2 } })
    expect(given.after(4_000).fires('renew', '/')).to.deep.include(sets('renew', '/', 2_000))
    expect(given.after(2_000).fires('renew', '/')).to.deep.include(sets('renew', '/', 2_000))
  })

  it('[C6] tells of a changed load in a beat too', () => {
    const given = aCoordinator({ 3: BERT })
    given.hear(BERT, { ...renewal(3), load: { remaining: 12, free: 4, helpers: 2, rate: 5, levels: 2 } })
    expect(turns(given)).to.deep.equal([beats(4, 3, { remaining: 60, free: 52, helpers: 2, rate: 5, levels: 2 })])
  })

  it('[C6] that changed since it last told its state tells all of it', () => {
    const given = aCoordinator({ 3: BERT }).connect(CARL)
    given.hear(CARL, { type: 'claim', job: JOB, path: path('2'), fence: [1, 1], peer: addressed(CARL) })
    const changed = { version: 5, children: [leasedTo(2, CARL), leasedTo(3, BERT)], heirs: [BERT, CARL].map(addressed), load: { ...whole, helpers: 2 } }
    expect(turns(given)).to.deep.equal([publishes('/', mine(changed))])
    given.hear(BERT, renewal(5))
    given.hear(CARL, { ...renewal(5), path: path('2') })
    expect(turns(given)).to.deep.equal([beats(6, 4, { ...whole, helpers: 2 }, 4_000)])
  })

  it('[C6] that never told its state tells all of it', () => {
    expect(turns(aSubmitter())).to.deep.equal([publishes('/', aState({ version: 3, coordinator: addressed(ME), load: { ...whole, helpers: 0, levels: 0 } }))])
  })

  it('[C6] tells all of it when others are above it now: they are the witnesses of its members', () => {
    const heirs = (...peers: Array<typeof BERT>): Partial<StateMessage> => ({ heirs: peers.map(addressed), children: [leasedTo(1, BERT), leasedTo(2, CARL), leasedTo(3, ME)] })
    const given = aHolder('3', heirs(BERT)).connect(DORA, EVE)
    for (const [at, peer] of [['3.3', DORA], ['3.2', EVE]] as const) given.hear(peer, { type: 'claim', job: JOB, path: path(at), fence: [1, 1, 1], peer: addressed(peer) })
    given.after(250).fires('state', '3')
    const types = (): string[] => turns(given, '3').flatMap(effect => effect.type === 'publish' ? [effect.message.type] : [])
    expect(types()).to.deep.equal(['beat'])
    given.overhear(ANNA, '/', aState({ version: 2, ...heirs(CARL) }))
    expect(types()).to.deep.equal(['state'])
  })

  it('[C6] that nobody listens to says nothing', () => {
    expect(turns(aHolder('3'), '3')).to.deep.equal([])
  })

  it('[C6] answers a renewal that has not seen the last change with all of its state, and no other', () => {
    const given = aCoordinator({ 3: BERT })
    turns(given)
    turns(given)
    expect(given.hear(BERT, renewal(3))).to.deep.equal([])
    expect(given.hear(BERT, renewal(2))).to.deep.equal([sends(BERT, mine({ version: 5 }))])
  })

  it('[C6, C7] answers the beat of a rival with its state, once a turn', () => {
    const given = aCoordinator({ 3: BERT })
    expect(given.after(250).overhear(EVE, '/', beat())).to.deep.equal([sends(EVE, mine()), publishes('/', mine())])
    expect(given.overhear(EVE, '/', beat())).to.deep.equal([])
  })
})

/** Anna's of the root. */
const beat = (changes: Partial<BeatMessage> = {}): BeatMessage => ({ type: 'beat', job: JOB, path: path('/'), fence: [1], version: 5, since: 1, load: whole, nextMs: 2_000, ...changes })

const renews = (given: Given): Effect[] => given.fires('renew', '3').filter(({ type }) => type === 'send')

const renewed = (seen: number, to = ANNA): Effect =>
  sends(to, { type: 'renew', path: path('3'), fence: [1, 1], done: 0, load: { remaining: 16, free: 8, helpers: 0, rate: 0, levels: 1 }, seen })

describe('a member', () => {
  it('[C6] takes a beat for the state it knows, and counts silence from it', () => {
    const given = aHolder('3')
    const load = { ...whole, remaining: 60 }
    expect(given.overhear(ANNA, '/', beat({ load }))).to.deep.equal([
      sets('silence', '/', 8_000),
      tells({ type: 'progress', done: 4, partitions: 64, load })
    ])
    expect(renews(given)).to.deep.equal([renewed(5)])
  })

  it('[C6] that missed what was new says so with its next renewal', () => {
    const given = aHolder('3')
    given.overhear(ANNA, '/', beat({ since: 4 }))
    expect(renews(given)).to.deep.equal([renewed(1)])
  })

  it('[C6] hears that a coordinator in doubt lives', () => {
    const given = aHolder('3')
    given.take({ type: 'disconnected', peer: ANNA })
    expect(given.overhear(ANNA, '/', beat())).to.deep.equal([
      clears('ask', '/'),
      clears('elect', '/'),
      sets('silence', '/', 6_000),
      sets('silence', '/', 8_000),
      tells({ type: 'progress', done: 0, partitions: 64, load: whole })
    ])
  })

  it('[C4] answers a lower fence stale', () => {
    expect(aHolder('3', { fence: [2] }).overhear(ANNA, '/', beat())).to.deep.equal([sends(ANNA, { type: 'stale', path: path('/'), fence: [2] })])
  })

  it('[C4, C6] renews with who beats under a higher fence, or in another\'s place, so as to be sent its state; a beat alone is not believed', () => {
    const given = aHolder('3')
    expect(given.overhear(BERT, '/', beat({ fence: [2] }))).to.deep.equal([renewed(1, BERT)])
    expect(given.overhear(BERT, '/', beat())).to.deep.equal([renewed(1, BERT)])
    expect(renews(given)).to.deep.equal([renewed(1)])
  })

  it('[C6] hears nothing of a path that is none of its business', () => {
    expect(aHolder('3').overhear(CARL, '2', beat({ path: path('2'), fence: [1, 1] }))).to.deep.equal([])
    expect(aListener().overhear(ANNA, '/', beat())).to.deep.equal([])
  })

  it('[J1] for who follows a job, the root\'s beat is progress', () => {
    const given = aListener()
    given.take({ type: 'watch', job: JOB })
    const load = { ...whole, remaining: 60 }
    expect(given.overhear(ANNA, '/', beat({ load }))).to.deep.equal([tells({ type: 'progress', done: 4, partitions: 64, load })])
  })
})
