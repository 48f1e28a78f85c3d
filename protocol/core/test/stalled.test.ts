/** Leases that nothing comes of end, and what is merely said buys no time (C5). */
import { expect } from 'chai'
import type { Load, RenewMessage } from '../message.ts'
import type { Effect } from '../effect.ts'
import type { Cid, PeerId } from '../ids.ts'
import type { Given } from './given.ts'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, SPEC, addressed, aCoordinator, aGrant, aHolder, aState, aValue, leasedTo, path } from './given.ts'
import { NO_SALT } from '../salt.ts'
import { VOTES, aLie, accuses, proved } from './court.ts'
import { ROOT } from '../geometry.ts'
import type { Child } from '../state.ts'

const DIGIT_OF: Record<string, number> = { [BERT]: 3, [CARL]: 2, [DORA]: 1, [EVE]: 0 }

/** Says that the holder of the child of its number is there, and how far it is. */
function renews (given: Given, from: PeerId, { done = 0, digit = DIGIT_OF[from] as number, ...load }: Partial<Load> & { done?: number, digit?: number } = {}): Effect[] {
  const message: RenewMessage = {
    type: 'renew', job: JOB, path: path(String(digit)), fence: [1, childOf(given, digit).term], done, seen: 99,
    load: { remaining: 16 - done, free: 0, helpers: 1, rate: 0, levels: 1, ...load }
  }
  return given.hear(from, message)
}

const childOf = (given: Given, digit: number): Child => given.peer.jobs.get(JOB)?.positions.get(ROOT)?.children[digit] as Child

/** Seconds for which a holder keeps its child while it renews every second and says the same. */
function keptFor (given: Given, from: PeerId, told: Parameters<typeof renews>[2] = {}): number {
  const digit = told.digit ?? DIGIT_OF[from] as number
  const startMs = given.now
  while (given.now - startMs < 2_000_000) {
    given.after(1_000)
    renews(given, from, told)
    given.fires('renew', '/')
    if (childOf(given, digit).holder !== from) break
  }
  return (given.now - startMs) / 1_000
}

const claims = (given: Given, from: PeerId, digit: number): string | undefined => {
  const [answer] = given.hear(from, { type: 'claim', job: JOB, path: path(String(digit)), fence: [1, 1], peer: addressed(from) }).filter(({ type }) => type === 'send')
  return answer?.type === 'send' ? answer.message.type : undefined
}

/** Its holder finished some: at so many partitions a second. */
function worksAt (given: Given, from: PeerId, rate: number): void {
  renews(given, from, { rate })
  given.after(1_000)
  renews(given, from, { rate, done: 4 })
}

describe('stalled', () => {
  it('[C5] a holder that gets nothing done at all loses its lease after 30 s, whatever it says of its speed', () => {
    expect(keptFor(aCoordinator({ 3: BERT }), BERT)).to.equal(30)
    expect(keptFor(aCoordinator({ 3: BERT }), BERT, { rate: 0.01 })).to.equal(30)
    // Values it was granted with are not its doing.
    expect(keptFor(aCoordinator({ 3: BERT }), BERT, { done: 8 })).to.equal(30)
  })

  it('[C5, V3] where bites are voted on a voter ends its own first, so a holder has three times as long', () => {
    const trust = { type: 'votes' as const, quorum: 2, voters: 3, deadlineMs: 0 }
    expect(keptFor(aCoordinator({ 3: BERT }, { ...SPEC, trust }), BERT)).to.equal(90)
  })

  it('[C5, V5] but not one whose accusations proved nothing: nobody votes with it', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL }, VOTES)
    worksAt(given, BERT, 1)
    accuses(given, BERT, aLie('2', CARL))
    proved(given, null)
    expect(keptFor(given, BERT, { done: 4 })).to.be.within(30, 32)
  })

  it('[C5, V1] a value is progress once it stands, so that those who have many to look at get on', () => {
    const given = aCoordinator({ 3: BERT }, { ...SPEC, trust: { type: 'audit', rate: 0.1 } })
    renews(given, BERT, { done: 16 })
    const value = aValue('3', BERT, { bite: false, commitment: { root: 'root' as Cid, signature: new Uint8Array(64) } })
    given.hear(BERT, { type: 'value', job: JOB, value, salt: NO_SALT })
    const done = (): number[] => given.fires('renew', '/').flatMap(effect => effect.type === 'notice' && effect.notice.type === 'progress' ? effect.notice.done : [])
    expect(done()).to.deep.equal([0])
    given.take({ type: 'checked', job: JOB, path: value.path, cid: value.cid, by: BERT, verdict: { type: 'valid' } })
    expect(done()).to.deep.equal([16])
  })

  it('[C5] one that has shown something gets a minute', () => {
    const given = aCoordinator({ 3: BERT })
    worksAt(given, BERT, 1)
    expect(keptFor(given, BERT, { done: 4, rate: 1 })).to.equal(61)
  })

  it('[C5] or two of the leaves that its told speed makes, up to 150 s each', () => {
    const kept = (rate: number): number => {
      const given = aCoordinator({ 3: BERT })
      worksAt(given, BERT, rate)
      return keptFor(given, BERT, { done: 4, rate })
    }
    expect(kept(0.05)).to.equal(2 * 80 + 1)
    expect(kept(1e-9)).to.equal(2 * 150 + 1)
  })

  it('[C5] where leaves are known to take longer, three of them; a single liar does not move the median', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA, 0: EVE })
    // Leaves of four partitions: 20 s.
    worksAt(given, CARL, 0.2)
    worksAt(given, DORA, 0.2)
    worksAt(given, EVE, 1e-9)
    const startMs = given.now
    while (childOf(given, 3).holder === BERT) {
      for (const [peer, rate] of [[CARL, 0.2], [DORA, 0.2], [EVE, 1e-9]] as const) renews(given, peer, { done: 4, rate })
      given.after(1_000)
      renews(given, BERT)
      given.fires('renew', '/')
    }
    expect(Math.round((given.now - startMs) / 1_000)).to.be.within(55, 61)
  })

  it('[C5] the next holder of a child that stalled gets half of that, if it has shown nothing; the third the whole, the fourth twice as long', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    worksAt(given, CARL, 1)
    const kept = (from: PeerId): number => {
      given.connect(from)
      if (childOf(given, 3).holder !== from) expect(claims(given, from, 3)).to.equal('grant')
      renews(given, CARL, { done: 4, rate: 1 })
      const startMs = given.now
      while (childOf(given, 3).holder === from) {
        given.after(1_000)
        renews(given, from, { digit: 3 })
        // Carl goes on, a leaf at a time, so that what a leaf takes is known.
        renews(given, CARL, { done: 4 + (given.now - startMs) / 1_000, rate: 1 })
        given.fires('renew', '/')
      }
      return Math.round((given.now - startMs) / 1_000)
    }
    // Bert was granted it a second before Carl showed how fast he is.
    expect([BERT, DORA, EVE, 'fred' as PeerId].map(kept)).to.deep.equal([29, 16, 31, 61])
  })

  it('[C5] while nobody knows what a leaf takes, each gets twice as long as the last', () => {
    const given = aCoordinator({ 3: BERT })
    expect(keptFor(given, BERT)).to.equal(30)
    expect(claims(given.connect(CARL), CARL, 3)).to.equal('grant')
    expect(keptFor(given, CARL, { digit: 3 })).to.equal(61)
  })

  it('[C5] who let a child stall is given none here for a minute, the next time for two', () => {
    const given = aCoordinator({ 3: BERT })
    keptFor(given, BERT)
    expect(claims(given, BERT, 3)).to.equal('refused')
    expect(claims(given, BERT, 2)).to.equal('refused')
    given.after(60_000)
    expect(claims(given, BERT, 2)).to.equal('grant')
    keptFor(given, BERT, { digit: 2 })
    given.after(60_001)
    expect(claims(given, BERT, 1)).to.equal('refused')
    given.after(60_000)
    expect(claims(given, BERT, 1)).to.equal('grant')
  })

  it('[C5] unless a value comes of it after all', () => {
    const given = aCoordinator({ 3: BERT })
    keptFor(given, BERT)
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT), salt: NO_SALT })
    expect(claims(given, BERT, 2)).to.equal('grant')
    // It has shown that it works, at no speed that is known.
    expect(keptFor(given, BERT, { digit: 2 })).to.equal(61)
  })

  it('[C5] values of others that it only passes on show nothing', () => {
    const given = aCoordinator({ 3: BERT })
    keptFor(given, BERT)
    given.hear(BERT, { type: 'hold', job: JOB, values: [aValue('3', CARL)] })
    expect(claims(given, BERT, 2)).to.equal('refused')
  })

  it('[C5, C6] whose lease was granted by a coordinator that is lost is not on trial again', () => {
    const given = aHolder('3', { children: [leasedTo(2, BERT), leasedTo(3, ME)], heirs: [addressed(ME)] })
    given.take({ type: 'disconnected', peer: ANNA })
    given.take({ type: 'unreachable', peer: ANNA })
    given.after(800).fires('ask', '/')
    const startMs = given.now
    while (childOf(given, 2).holder === BERT) {
      given.after(1_000)
      given.hear(BERT, { type: 'renew', job: JOB, path: path('2'), fence: [2, 1], done: 0, seen: 99, load: { remaining: 16, free: 0, helpers: 1, rate: 0, levels: 1 } })
      given.fires('renew', '/')
    }
    expect((given.now - startMs) / 1_000).to.equal(61)
  })

  it('[C5, J4] the first bite of a lease takes half as long as others: 15 s', () => {
    const bites = (effects: Effect[]): string[] => effects.flatMap(effect => effect.type === 'compute' ? [effect.path] : [])
    const given = aHolder('3')
    given.computes('3.0', 4 * 1_800)
    given.computes('3.1', 4 * 1_800)
    // All 16 partitions of a child take 28.8 s.
    given.hear(ANNA, { type: 'offer', job: JOB, to: ME, via: [], path: path('2'), fence: [1, 1], coordinator: addressed(ANNA) })
    given.hear(ANNA, { type: 'ended', job: JOB, path: path('3') })
    const state = aState({ children: [leasedTo(2, ME)] })
    given.volunteer()
    given.hear(ANNA, { type: 'offer', job: JOB, to: ME, via: [], path: path('2'), fence: [1, 1], coordinator: addressed(ANNA) })
    expect(bites(given.hear(ANNA, aGrant('2', [1, 1], state)))).to.deep.equal(['2.0'])
  })
})
