/** Row `elected`: when nobody hears a coordinator its heirs take turns (C3, C6). */
import { expect } from 'chai'
import type { Given } from './given.ts'
import {
  ANNA, BERT, CARL, DORA, EVE, JOB, ME, aClaimant, aCoordinator, aGrant, aHolder, aState, addressed, leasedTo, path
} from './given.ts'
import { AUDIT, aLie, accuses, proved } from './court.ts'
import { about, anAnnouncement, announces, clears, finds, greets, keeps, provides, publishes, sends, sets, subscribes, tells } from './effects.ts'
import type { PeerId } from '../ids.ts'
import type { HeardMessage, StateMessage } from '../message.ts'

/** Anna's root has two holders besides this one; all three are her heirs. */
const three = { children: [leasedTo(1, CARL), leasedTo(2, BERT), leasedTo(3, ME)], heirs: [addressed(BERT), addressed(ME), addressed(CARL)] }

const suspecting = (): Given => {
  const given = aHolder('3', three).connect(BERT)
  given.take({ type: 'disconnected', peer: ANNA })
  return given
}

const FRED = 'fred' as PeerId

/** The holder of 3, whose four children are four others', and which has lost Anna. */
function aFullHand (): Given {
  const given = aClaimant('3', [1, 1])
  given.volunteer(0)
  given.hear(ANNA, aGrant('3', [1, 1], aState(three)))
  for (const [digit, peer] of [BERT, CARL, DORA, EVE].entries()) {
    given.connect(peer).hear(peer, { type: 'claim', job: JOB, path: path(`3.${digit}`), fence: [1, 1, 1], peer: addressed(peer) })
  }
  given.take({ type: 'disconnected', peer: ANNA })
  given.take({ type: 'unreachable', peer: ANNA })
  return given
}

const heard = (ms: number): HeardMessage => ({ type: 'heard', job: JOB, path: path('/'), peer: ANNA, ms, now: null })

/** What the winner of an election says of the root of `three`, when it holds child 3 itself. */
const elected = (changes: Partial<StateMessage> = {}): StateMessage => aState({
  fence: [2], version: 3, coordinator: addressed(ME), children: three.children, heirs: [addressed(BERT), addressed(CARL)],
  load: { remaining: 64, free: 56, helpers: 2, rate: 0, levels: 1 }, ...changes
})

describe('elected', () => {
  it('[C6] nobody hears it: heir k claims after k * 500 ms', () => {
    const given = suspecting()
    given.take({ type: 'unreachable', peer: ANNA })
    expect(given.hear(BERT, heard(-1))).to.deep.equal([clears('ask', '/'), sets('elect', '/', 500)])
  })

  it('[V5] who is accused itself looks at that first: it may only not be heard any more', () => {
    const given = aHolder('3', three, AUDIT).connect(BERT)
    accuses(given, BERT, aLie('3', ME))
    given.take({ type: 'disconnected', peer: ANNA })
    given.take({ type: 'unreachable', peer: ANNA })
    given.hear(BERT, heard(-1))
    expect(given.after(500).fires('elect', '/')).to.deep.equal([sets('elect', '/', 6_000)])
    proved(given, null)
    expect(given.after(6_000).fires('elect', '/')).to.deep.include(tells({ type: 'claim', path: path('/'), fence: [2] }))
  })

  it('[C6] nobody answers: the same', () => {
    const given = suspecting()
    given.take({ type: 'unreachable', peer: ANNA })
    expect(given.after(800).fires('ask', '/')).to.deep.equal([clears('ask', '/'), sets('elect', '/', 500)])
  })

  it('[C6] holders that are no heirs come after the heirs', () => {
    const given = aHolder('3', { ...three, heirs: [addressed(BERT), addressed(CARL)] }).connect(BERT)
    given.fires('silence', '/')
    expect(given.hear(BERT, heard(-1))).to.deep.equal([clears('ask', '/'), sets('elect', '/', 1_000)])
  })

  it('[C6, J3] who has as many helpers as the fan-out lets three others go first', () => {
    expect(aFullHand().hear(BERT, heard(-1))).to.deep.include(sets('elect', '/', 2_000))
  })

  it('[C6, J3] whoever held a child before comes with the place, however many helpers its successor has; newcomers do not', () => {
    const given = aFullHand()
    given.hear(BERT, heard(-1))
    given.after(2_000).fires('elect', '/')
    const answers = (fence: number[]): unknown[] =>
      given.hear(FRED, { type: 'claim', job: JOB, path: path('0'), fence, peer: addressed(FRED) }).flatMap(effect => effect.type === 'send' ? [effect.message.type] : [])
    expect(answers([2, 1])).to.deep.equal(['refused'])
    expect(answers([1, 3])).to.deep.equal(['grant'])
    expect(given.peer.jobs.get(JOB)?.positions.get(path('/'))?.children[0]).to.include({ holder: FRED, term: 3 })
  })

  it('[C3, C4, C6] the elected lifts the fence, says so on the topic, and keeps the children of the living', () => {
    const given = suspecting()
    given.take({ type: 'unreachable', peer: ANNA })
    given.hear(BERT, heard(-1))
    expect(given.after(1_300).fires('elect', '/')).to.deep.equal([
      clears('silence', '/'),
      clears('ask', '/'),
      clears('elect', '/'),
      tells({ type: 'failover', path: path('/'), fence: [2], ms: 1_300 }),
      sets('state', '/', 0),
      tells({ type: 'coordinator', path: path('3'), fence: [2, 1], heirs: [] }),
      sets('hold', '/', 100),
      sets('renew', '/', 2_000),
      tells({ type: 'coordinator', path: path('/'), fence: [2], heirs: [BERT, CARL] }),
      sets('hold', '/', 100),
      tells({ type: 'coordinator', path: path('3'), fence: [2, 1], heirs: [BERT, CARL] }),
      sets('hold', '/', 100),
      sets('state', '/', 0),
      tells({ type: 'claim', path: path('/'), fence: [2] }),
      subscribes('/'),
      publishes('/', { type: 'claim', path: path('/'), fence: [2], peer: addressed(ME) }),
      publishes('/', elected()),
      provides(),
      announces(anAnnouncement(ANNA, [ME, BERT, CARL])),
      greets(BERT, anAnnouncement(ANNA, [ME, BERT, CARL])),
      keeps(BERT, CARL)
    ])
  })

  it('[C6] the dead coordinator\'s own children are kept free a moment for values on their way', () => {
    const given = aHolder('3', { ...three, children: [leasedTo(1, ANNA), leasedTo(2, BERT), leasedTo(3, ME)], heirs: [addressed(ME)] })
    given.take({ type: 'disconnected', peer: ANNA })
    given.take({ type: 'unreachable', peer: ANNA })
    given.fires('ask', '/')
    given.connect(DORA)
    const claim = { type: 'claim' as const, job: JOB, path: path('1'), fence: [2, 2], peer: addressed(DORA) }
    expect(given.hear(DORA, claim)).to.deep.equal([sends(DORA, { type: 'refused', path: path('1'), next: path('0'), ask: null })])
    expect(given.after(1_000).hear(DORA, claim).filter(effect => effect.type === 'send').map(effect => effect.message.type)).to.deep.equal(['grant'])
  })

  it('[C4] an election is above every fence seen of the path, also as part of those below', () => {
    const given = aHolder('3.3', { heirs: [addressed(ME)] })
    given.overhear(ANNA, '3', aState({ path: path('3'), version: 2, fence: [4, 1], level: 1, children: [leasedTo(3, ME)], heirs: [addressed(ME)] }))
    given.hear(ANNA, { type: 'leave', job: JOB })
    const fences = given.after(12_001).fires('claim', '3').flatMap(effect => effect.type === 'notice' && effect.notice.type === 'failover' ? [effect.notice.fence] : [])
    expect(fences).to.deep.equal([[5]])
  })

  it('[C3] an heir whose turn comes later waits for the state of who was first', () => {
    const given = suspecting()
    given.take({ type: 'unreachable', peer: ANNA })
    given.hear(BERT, heard(-1))
    const claim = { type: 'claim' as const, job: JOB, path: path('/'), fence: [2], peer: addressed(BERT) }
    expect(given.overhear(BERT, '/', claim)).to.deep.equal([clears('elect', '/'), sets('silence', '/', 2_000)])
  })

  it('[C4] who holds the path answers a claim that is not above its fence with its state', () => {
    const given = aCoordinator({ 3: BERT })
    const claim = { type: 'claim' as const, job: JOB, path: path('/'), fence: [1], peer: addressed(BERT) }
    expect(given.overhear(BERT, '/', claim)).to.deep.equal([sends(BERT, aState({
      version: 3, coordinator: addressed(ME), children: [leasedTo(3, BERT)], heirs: [addressed(BERT)], load: { remaining: 64, free: 64, helpers: 1, rate: 0, levels: 1 }
    }))])
    expect(given.overhear(BERT, '/', { ...claim, fence: [2] })).to.deep.equal([])
  })

  it('[C4] a timer of an election that is over is a no-op', () => {
    const given = aHolder('3', three)
    expect(['elect', 'ask'].flatMap(name => given.fires(name as 'elect', '/'))).to.deep.equal([])
    expect(given.fires('silence', '2')).to.deep.equal([])
  })
})

describe('elected below the root', () => {
  /** Anna held 3; this peer holds 3.3 below her and takes over, provisionally. */
  const provisional = (): Given => {
    const given = aHolder('3.3', { heirs: [addressed(ME)], up: [addressed(DORA), addressed(EVE)] })
    given.fires('silence', '3')
    given.hear(DORA, { type: 'heard', job: JOB, path: path('3'), peer: ANNA, ms: -1, now: null })
    return given
  }

  const claim = about({ type: 'claim', path: path('3'), fence: [1, 2], peer: addressed(ME) })

  it('[C3] the claim is told to who may grant it, and gossiped on both topics', () => {
    const given = aHolder('3.3', { heirs: [addressed(ME)], up: [addressed(DORA), addressed(EVE)] })
    given.fires('silence', '3')
    const effects = given.hear(DORA, { type: 'heard', job: JOB, path: path('3'), peer: ANNA, ms: -1, now: null })
    const claims = effects.filter(effect => (effect.type === 'send' || effect.type === 'publish') && effect.message.type === 'claim')
    expect(claims).to.deep.equal([
      { type: 'publish', topic: { job: JOB, path: '3' }, message: claim },
      { type: 'publish', topic: { job: JOB, path: '/' }, message: claim },
      { type: 'send', to: DORA, message: claim }
    ])
  })

  it('[C1] unanswered, it repeats after 1 s, to each in turn, and looks in the DHT', () => {
    const given = provisional()
    const repeated = { type: 'publish' as const, topic: { job: JOB, path: path('/') }, message: claim }
    expect(given.after(1_000).fires('claim', '3')).to.deep.equal([{ type: 'send', to: EVE, message: claim }, repeated, sets('claim', '3', 1_000)])
    expect(given.after(1_000).fires('claim', '3')).to.deep.equal([{ type: 'send', to: ANNA, message: claim }, repeated, finds(), sets('claim', '3', 1_000)])
  })

  it('[C3] a grant ends it: what was provisional is held', () => {
    const given = provisional()
    const state = aState({ coordinator: addressed(DORA), children: [leasedTo(3, ME, 2)] })
    const effects = given.hear(DORA, aGrant('3', [1, 2], state))
    expect(effects.filter(effect => effect.type === 'send')).to.deep.equal([
      sends(DORA, { type: 'renew', path: path('3'), fence: [1, 2], done: 0, load: { remaining: 16, free: 12, helpers: 0, rate: 0, levels: 1 }, seen: 1 })
    ])
    expect(given.fires('claim', '3')).to.deep.equal([])
  })

  it('[C6] those above whom only the state before had named are members: one of them may be elected root', () => {
    const given = provisional()
    expect(given.overhear(EVE, '/', aState({ fence: [2], coordinator: addressed(EVE), children: [leasedTo(3, ME, 2)] })).map(({ type }) => type)).to.not.include('drop')
    expect(given.peer.jobs.get(JOB)?.views.get(path('/'))?.state.coordinator.peer).to.equal(EVE)
  })

  it('[C6] nobody above answers for 2 L: the parent is claimed too, up to the root', () => {
    const given = provisional()
    const effects = given.after(12_001).fires('claim', '3')
    expect(effects.flatMap(effect => effect.type === 'notice' && effect.notice.type !== 'coordinator' ? [effect.notice] : [])).to.deep.equal([
      { type: 'failover', job: JOB, path: '/', fence: [2], ms: 12_001 },
      { type: 'claim', job: JOB, path: '/', fence: [2] }
    ])
    expect(effects.filter(effect => effect.type === 'publish')).to.deep.equal([
      publishes('/', { type: 'claim', path: path('/'), fence: [2], peer: addressed(ME) })
    ])
  })

  /** The holder of 3.3 under Anna, and of 2 under Bert, the root, whom it has followed there. */
  function rootAbove (): Given {
    const given = aHolder('3.3', { heirs: [addressed(ME)] }).connect(BERT)
    given.volunteer(2)
    given.hear(ANNA, { type: 'refused', job: JOB, path: path('3.2'), next: null, ask: null })
    given.hear(ANNA, { type: 'offer', job: JOB, to: ME, via: [], path: path('2'), fence: [1, 1], coordinator: addressed(BERT) })
    given.hear(BERT, aGrant('2', [1, 1], aState({ coordinator: addressed(BERT), children: [leasedTo(2, ME), leasedTo(3, ANNA)], heirs: [addressed(ME)] })))
    given.volunteer(0)
    given.take({ type: 'disconnected', peer: BERT })
    given.take({ type: 'unreachable', peer: BERT })
    given.fires('ask', '/')
    return given
  }

  it('[C4] who holds the position above, too, decides it there: under that fence, with the next term', () => {
    const given = rootAbove()
    const effects = given.fires('silence', '3')
    expect(effects.flatMap(effect => effect.type === 'notice' && effect.notice.type === 'failover' ? [effect.notice.fence] : [])).to.deep.equal([[2, 2]])
    const positions = given.peer.jobs.get(JOB)?.positions
    expect(positions?.get(path('/'))?.children[3]).to.include({ state: 'leased', holder: ME, term: 2 })
    expect(positions?.get(path('3'))).to.deep.include({ fence: [2, 2], state: 'granted' })
  })
})
