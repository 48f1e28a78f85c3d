/** Row `joined`, the answering side: a question goes up, then down to free work; where none is, to what takes longest (J2, J5). */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, SPEC, aCoordinator, aHolder, aListener, aValue, addressed, leasedTo, path } from './given.ts'
import { drops, sends } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { JoinMessage, Load } from '../message.ts'
import type { PeerId } from '../ids.ts'
import { NO_SALT } from '../salt.ts'

const join = (joiner: PeerId, changes: Partial<JoinMessage> = {}): JoinMessage =>
  ({ type: 'join', job: JOB, joiner: addressed(joiner), rate: 0, hops: 0, phase: 'up', via: [], ...changes })

const offers = (to: PeerId, at: string, fence: number[], by = to, via: PeerId[] = []): Effect =>
  sends(by, { type: 'offer', to, via, path: path(at), fence, coordinator: addressed(ME) })

const reruns = (to: PeerId, at: string): Effect => sends(to, { type: 'rerun', to, via: [], path: path(at), coordinator: addressed(ME) })

const waits = (to: PeerId, ms: number, by = to): Effect => sends(by, { type: 'later', to, via: [], ms })

/** A holder of a child of the root tells of it. */
function renews (given: Given, peer: PeerId, at: string, load: Partial<Load>): void {
  const all: Load = { remaining: 16, free: 0, helpers: 1, rate: 1_000, levels: 1, ...load }
  given.hear(peer, { type: 'renew', job: JOB, path: path(at), fence: [1, 1], done: 0, load: all, seen: 9 })
}

/** All four children are leased to others; there is free work in 3 alone. */
function aFullCoordinator (): Given {
  const given = aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: CARL })
  renews(given, CARL, '3', { free: 8, helpers: 2, rate: 1 })
  for (const at of ['0', '1', '2']) renews(given, BERT, at, { remaining: 0, rate: 1 })
  return given
}

/** The same, but nothing is free anywhere; what is left takes a second where nothing else is said. */
function aBusyCoordinator (loads: Record<string, Partial<Load>> = {}): Given {
  const given = aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: CARL })
  for (const at of ['0', '1', '2', '3']) renews(given, at === '3' ? CARL : BERT, at, loads[at] ?? {})
  return given
}

/** A state of the root that names all of its children, so that nobody need go up for them. */
const allNamed = { children: [leasedTo(0, BERT), leasedTo(1, BERT), leasedTo(2, BERT), leasedTo(3, ME)] }

/** The holder of 3, whose children are all taken: two of its own run, two are Carl's. */
function aTakenHolder (): Given {
  const given = aHolder('3', allNamed).connect(CARL)
  for (const at of ['3.3', '3.2']) given.hear(CARL, { type: 'claim', job: JOB, path: path(at), fence: [1, 1, 1], peer: addressed(CARL) })
  return given
}

describe('routed: up', () => {
  it('[J2] a member whose coordinator may have children nobody ever had sends the question up: these are larger', () => {
    const given = aHolder('3')
    expect(given.hear(DORA, join(DORA))).to.deep.equal([sends(ANNA, join(DORA, { hops: 1 }))])
  })

  it('[J2] where none are above, what is free here is offered', () => {
    expect(aHolder('3', allNamed).hear(DORA, join(DORA))).to.deep.equal([offers(DORA, '3.3', [1, 1, 1])])
  })

  it('[J2] where nothing is free here either, it goes up all the same', () => {
    expect(aTakenHolder().hear(DORA, join(DORA))).to.deep.equal([sends(ANNA, join(DORA, { hops: 1 }))])
  })

  it('[J2] not for a second after the one above has told another that nothing is free', () => {
    const given = aTakenHolder()
    const sentUp = (): boolean => given.hear(EVE, join(EVE)).some(effect => effect.type === 'send' && effect.to === ANNA)
    const told = (by: PeerId): Effect[] => given.hear(by, { type: 'later', job: JOB, to: DORA, via: [], ms: 2_000 })
    told(CARL)
    expect(sentUp()).to.equal(true)
    told(ANNA)
    expect(sentUp()).to.equal(false)
    given.after(1_000)
    expect(sentUp()).to.equal(true)
  })

  it('[J2] not to a coordinator in doubt', () => {
    const given = aHolder('3')
    given.take({ type: 'disconnected', peer: ANNA })
    expect(given.hear(DORA, join(DORA))).to.deep.equal([offers(DORA, '3.3', [1, 1, 1])])
  })

  it('[J2] not to whom it has passed, so it never goes in circles', () => {
    const given = aHolder('3')
    expect(given.hear(CARL, join(DORA, { hops: 2, via: [ANNA] }))).to.deep.equal([offers(DORA, '3.3', [1, 1, 1], CARL, [ANNA])])
  })

  it('[J2] a peer without a position sends it on to a member it knows of', () => {
    expect(aListener().hear(DORA, join(DORA))).to.deep.equal([sends(ANNA, join(DORA, { hops: 1 }))])
  })

  it('[J2] it knows no better than the joiner where that is all it knows, or the question was there', () => {
    expect(aListener().hear(ANNA, join(ANNA))).to.deep.equal([])
    expect(aListener().hear(CARL, join(DORA, { hops: 2, via: [ANNA] }))).to.deep.equal([])
  })

  it('[J2] its own question changes nothing', () => {
    expect(aHolder('3').hear(ANNA, join(ME, { hops: 1 }))).to.deep.equal([])
  })

  it('[J2] a join for another peer is dropped and counted', () => {
    expect(aCoordinator({}).hear(EVE, join(DORA))).to.deep.equal([drops(EVE, 'join for another peer')])
  })
})

describe('routed: down', () => {
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

  it('[J2] without a free child the question goes down to where work is free', () => {
    const given = aFullCoordinator()
    expect(given.hear(DORA, join(DORA))).to.deep.equal([sends(CARL, join(DORA, { hops: 1, phase: 'down' }))])
  })

  it('[J2] by work per helper, joiners just sent counted as helpers', () => {
    const given = aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: CARL })
    renews(given, CARL, '3', { remaining: 15, free: 8, rate: 1 })
    renews(given, BERT, '2', { remaining: 1, free: 1, rate: 1 })
    for (const at of ['0', '1']) renews(given, BERT, at, { remaining: 0, rate: 1 })
    const takers: PeerId[] = []
    for (let i = 0; i < 60; i++) for (const effect of given.hear(DORA, join(DORA))) if (effect.type === 'send') takers.push(effect.to)
    // Without counting those just sent, Bert's share would be 1 in 16; with it, the shares are as the roots of the work: 1 in 5.
    expect(takers).to.have.length(60)
    expect(takers.filter(peer => peer === BERT)).to.have.length.within(8, 18)
  })

  it('[J2] a child just granted, of which nothing was told yet, may be all free; a leaf is not', () => {
    expect(aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: BERT }).hear(DORA, join(DORA))).to.deep.equal([sends(BERT, join(DORA, { hops: 1, phase: 'down' }))])
    expect(aTakenHolder().hear(ANNA, join(DORA, { hops: 1, phase: 'down' }))).to.deep.equal([waits(DORA, 300, ANNA)])
  })

  it('[J2] the peer that sent the question is on the way back', () => {
    const given = aFullCoordinator()
    const asked = join(DORA, { hops: 1, via: [EVE] })
    expect(given.hear(ANNA, asked)).to.deep.equal([sends(CARL, join(DORA, { hops: 2, phase: 'down', via: [EVE, ANNA] }))])
  })

  it('[J2] a question that came down does not go up again', () => {
    expect(aHolder('3').hear(ANNA, join(DORA, { hops: 1, phase: 'down' }))).to.deep.equal([offers(DORA, '3.3', [1, 1, 1], ANNA)])
  })

  it('[J2] where it finds nothing any more, the joiner asks again soon; it does not run again what runs', () => {
    const given = aTakenHolder()
    given.hear(CARL, { type: 'renew', job: JOB, path: path('3.3'), fence: [1, 1, 1], done: 0, load: { remaining: 4, free: 0, helpers: 1, rate: 1, levels: 2 }, seen: 9 })
    expect(given.hear(ANNA, join(DORA, { hops: 1, phase: 'down', rate: 1_000 }))).to.deep.equal([waits(DORA, 300, ANNA)])
    expect(given.after(1_000).hear(ANNA, join(DORA, { hops: 1, phase: 'tail', rate: 1_000 }))).to.deep.equal([
      sends(ANNA, { type: 'rerun', to: DORA, via: [], path: path('3.3'), coordinator: addressed(ME) })
    ])
  })

  it('[J2] more hops than 2 * depth + 4 are answered by later', () => {
    const given = aCoordinator({})
    const via = [BERT, CARL]
    expect(given.hear(ANNA, join(DORA, { hops: 9, via }))).to.deep.equal([sends(ANNA, { type: 'later', to: DORA, via, ms: 2_000 })])
    expect(given.hear(ANNA, join(DORA, { hops: 8, via }))).to.deep.equal([offers(DORA, '3', [1, 1], ANNA, via)])
  })

  it('[J2] an offer, a rerun or a later for somebody else travels back along the way', () => {
    const offer = { type: 'offer' as const, to: DORA, path: path('3'), fence: [1, 1], coordinator: addressed(ANNA) }
    expect(aListener().hear(ANNA, { ...offer, job: JOB, via: [BERT, CARL] })).to.deep.equal([sends(CARL, { ...offer, via: [BERT] })])
    const later = { type: 'later' as const, to: DORA, ms: 5 }
    expect(aListener().hear(ANNA, { ...later, job: JOB, via: [] })).to.deep.equal([sends(DORA, { ...later, via: [] })])
  })
})

describe('routed: later', () => {
  it('[J2] those sent away come back one after the other', () => {
    const given = aBusyCoordinator()
    expect([DORA, EVE, ANNA].flatMap(peer => given.hear(peer, join(peer)))).to.deep.equal([waits(DORA, 100), waits(EVE, 200), waits(ANNA, 300)])
    expect(given.after(300).hear(DORA, join(DORA))).to.deep.equal([waits(DORA, 100)])
  })

  it('[J2] but however many they are, nobody waits longer than the limit', () => {
    const given = aBusyCoordinator()
    for (let i = 0; i < 2_000; i++) given.hear(DORA, join(DORA))
    expect(given.hear(EVE, join(EVE))).to.deep.equal([waits(EVE, 30_000)])
  })

  it('[J2] a joiner waits about as long as half the work left takes', () => {
    const load = { remaining: 5, rate: 16, helpers: 2 }
    const given = aBusyCoordinator({ 0: load, 1: load, 2: load, 3: load })
    expect(given.hear(DORA, join(DORA))).to.deep.equal([waits(DORA, Math.round(20 / 64 * 500))])
  })
})

describe('routed: tail', () => {
  it('[J5] where nothing is free, a joiner that would be faster re-runs an outstanding bite, one more of those that take long each time', () => {
    const given = aBusyCoordinator()
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('0', BERT), salt: NO_SALT })
    const told = ['', '', ''].flatMap(() => given.hear(DORA, join(DORA, { rate: 100 })))
    expect(told).to.have.deep.members(['1', '2', '3'].map(at => reruns(DORA, at)))
  })

  it('[J5] as many as two others run a bite, each once', () => {
    const given = aBusyCoordinator()
    for (const at of ['0', '1', '2']) given.hear(BERT, { type: 'value', job: JOB, value: aValue(at, BERT), salt: NO_SALT })
    const ask = (peer: PeerId): Effect[] => given.hear(peer, join(peer, { rate: 100 }))
    expect([DORA, DORA, EVE, ANNA].map(peer => ask(peer))).to.deep.equal([
      [reruns(DORA, '3')], [waits(DORA, 100)], [reruns(EVE, '3')], [waits(ANNA, 200)]
    ])
  })

  it('[J5, V3] where a bite waits for a voter a joiner that would be faster votes as well, as long as the policy has room', () => {
    const aPoll = (voters: number): Given => {
      const trust = { type: 'votes' as const, quorum: 2, voters, deadlineMs: 0 }
      const given = aCoordinator({ 0: BERT, 1: EVE, 2: BERT, 3: CARL }, { ...SPEC, trust })
      for (const [digit, peer] of [BERT, EVE, BERT, CARL].entries()) renews(given, peer, `${digit}`, { remaining: 0, rate: 1 })
      given.hear(CARL, { type: 'commit', job: JOB, path: path('3'), digest: new Uint8Array(32) })
      return given
    }
    expect(aPoll(3).hear(DORA, join(DORA, { rate: 100 }))).to.deep.equal([reruns(DORA, '3')])
    expect(aPoll(3).hear(DORA, join(DORA, { rate: 0.1 }))).to.not.deep.include(reruns(DORA, '3'))
    expect(aPoll(2).hear(DORA, join(DORA, { rate: 100 }))).to.not.deep.include(reruns(DORA, '3'))
    // Its holder may be gone.
    const left = aPoll(3)
    left.hear(CARL, { type: 'leave', job: JOB })
    expect(left.hear(DORA, join(DORA, { rate: 100 }))).to.deep.equal([reruns(DORA, '3')])
  })

  it('[J5] one that would be slower does not, nor one that does not know its speed', () => {
    expect(aBusyCoordinator().hear(EVE, join(EVE, { rate: 1 }))).to.deep.equal([waits(EVE, 100)])
    expect(aBusyCoordinator().hear(EVE, join(EVE, { rate: 0 }))).to.deep.equal([waits(EVE, 100)])
  })

  it('[J5] a branch whose helpers take longest is asked instead, in phase `tail`', () => {
    const given = aBusyCoordinator({ 3: { remaining: 12, rate: 16, helpers: 3 } })
    expect(given.hear(DORA, join(DORA))).to.deep.equal([sends(CARL, join(DORA, { hops: 1, phase: 'tail' }))])
  })

  it('[J5] a branch of several helpers is no bite, though nothing in it is done yet', () => {
    const given = aBusyCoordinator({ 3: { remaining: 16, rate: 1, helpers: 3 } })
    for (const at of ['0', '1', '2']) given.hear(BERT, { type: 'value', job: JOB, value: aValue(at, BERT), salt: NO_SALT })
    expect(given.hear(DORA, join(DORA, { rate: 100 }))).to.deep.equal([sends(CARL, join(DORA, { rate: 100, hops: 1, phase: 'tail' }))])
  })

  it('[J5] what is over within two steals is left alone', () => {
    const given = aBusyCoordinator({ 3: { remaining: 12, rate: 40, helpers: 3 } })
    expect(given.hear(DORA, join(DORA))).to.deep.equal([waits(DORA, 100)])
  })

  it('[J5] but not one in which nothing has been finished for long, however soon it should be over', () => {
    const given = aBusyCoordinator({ 3: { remaining: 12, rate: 40, helpers: 3 } }).after(6_001)
    renews(given, CARL, '3', { remaining: 12, rate: 40, helpers: 3 })
    expect(given.hear(DORA, join(DORA))).to.deep.equal([sends(CARL, join(DORA, { hops: 1, phase: 'tail' }))])
  })

  it('[J5] a question in phase `tail` does not go up, and free work does not hold it', () => {
    const given = aHolder('3')
    expect(given.hear(ANNA, join(DORA, { hops: 1, phase: 'tail' }))).to.deep.equal([waits(DORA, 2_000, ANNA)])
  })

  it('[J5] the first value wins: the coordinator cancels the holder\'s run and the other re-run', () => {
    const given = aBusyCoordinator()
    for (const at of ['0', '1', '2']) given.hear(BERT, { type: 'value', job: JOB, value: aValue(at, BERT), salt: NO_SALT })
    for (const peer of [DORA, EVE]) given.hear(peer, join(peer, { rate: 100 }))
    const ended = given.hear(DORA, { type: 'value', job: JOB, value: aValue('3', DORA), salt: NO_SALT }).filter(effect => effect.type === 'send')
    expect(ended).to.deep.equal([CARL, EVE].map(peer => sends(peer, { type: 'ended', path: path('3') })))
  })
})
