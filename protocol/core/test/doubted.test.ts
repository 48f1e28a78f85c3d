/** Row `doubted`: a coordinator that is lost or silent is asked after, and trusted, replaced or left; who has no stake asks no more (C4, C6). */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, aCoordinator, aHolder, aValue, addressed, leasedTo, path } from './given.ts'
import { clears, dials, drops, keeps, sends, sets, unsubscribes } from './effects.ts'
import type { AskMessage, HeardMessage, StateMessage } from '../message.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { PeerId } from '../ids.ts'
import { NO_SALT } from '../salt.ts'

/** Anna's root has two holders besides this one; all three are her heirs. */
const three = { children: [leasedTo(1, CARL), leasedTo(2, BERT), leasedTo(3, ME)], heirs: [addressed(BERT), addressed(ME), addressed(CARL)] }

const suspecting = (): Given => {
  const given = aHolder('3', three).connect(BERT)
  given.take({ type: 'disconnected', peer: ANNA })
  return given
}

const asks = (to: PeerId, at = '/'): Effect => sends(to, { type: 'ask', path: path(at), peer: ANNA })

const ask = (at: string, peer: PeerId): AskMessage => ({ type: 'ask', job: JOB, path: path(at), peer })

const heard = (ms: number): HeardMessage => ({ type: 'heard', job: JOB, path: path('/'), peer: ANNA, ms, now: null })

/** The root's state that named Bert too. */
const withBert = { children: [leasedTo(2, BERT), leasedTo(3, ME)], heirs: [ME, BERT].map(addressed) }

/** It held 3 of Anna's root; that is done, and nothing of it is left here. */
function aLeftover (changes: Partial<StateMessage> = withBert): Given {
  const given = aHolder('3', changes)
  given.hear(ANNA, { type: 'ended', job: JOB, path: path('3') })
  return given
}

/** An heir of 3, Anna's, under Dora's root: its own 3.3 is done, but it keeps a value of Carl's. */
function aKeeper (): Given {
  const given = aHolder('3.3', { children: [leasedTo(2, CARL), leasedTo(3, ME)], heirs: [ME, CARL].map(addressed), up: [DORA, EVE].map(addressed) }).connect(CARL)
  given.hear(ANNA, { type: 'hold', job: JOB, values: [aValue('3.2', CARL)] })
  given.hear(ANNA, { type: 'ended', job: JOB, path: path('3.3') })
  return given
}

const forgets = (at: string): Effect[] => [clears('silence', at), clears('ask', at), clears('elect', at), unsubscribes(at)]
const kept = (given: Given): string[] => [...given.peer.jobs.get(JOB)?.ledger.keys() ?? []]
const ended = { type: 'ended' as const, job: JOB, path: path('3') }

describe('doubted', () => {
  it('[C6] a disconnect is a hint: redial, and ask a witness at once, because a dial to nobody takes seconds to fail', () => {
    expect(aHolder('3', three).connect(BERT).take({ type: 'disconnected', peer: ANNA })).to.deep.equal([dials(ANNA), asks(BERT), sets('ask', '/', 800)])
  })

  it('[C6] a witness that has to be dialled gets three times as long', () => {
    expect(aHolder('3', three).take({ type: 'disconnected', peer: ANNA })).to.deep.equal([dials(ANNA), asks(CARL), sets('ask', '/', 2_400)])
  })

  it('[C6] cannot be redialled: ask another member of the root, one that is connected', () => {
    expect(suspecting().take({ type: 'unreachable', peer: ANNA })).to.deep.equal([asks(BERT), sets('ask', '/', 800)])
  })

  it('[C6] below the root, `up` is asked', () => {
    const given = aHolder('3.3', { up: [addressed(DORA), addressed(EVE)] })
    expect(given.fires('silence', '3')).to.deep.equal([asks(DORA, '3'), sets('ask', '3', 2_400)])
  })

  it('[C6] who works below asks who is connected, were it only another member', () => {
    const given = aHolder('3.3', { children: [leasedTo(3, ME), leasedTo(2, CARL)], up: [addressed(DORA), addressed(EVE)] }).connect(EVE, CARL)
    expect(given.fires('silence', '3')).to.deep.equal([asks(CARL, '3'), sets('ask', '3', 800)])
  })

  it('[C6] who is asked says how long ago it heard the holder, or that it does not any more', () => {
    const given = aCoordinator({ 3: BERT })
    const answer = (ms: number): Effect[] => [sends(CARL, { type: 'heard', path: path('3'), peer: BERT, ms, now: null })]
    expect(given.after(500).hear(CARL, ask('3', BERT))).to.deep.equal(answer(1_500))
    given.take({ type: 'disconnected', peer: BERT })
    expect(given.hear(CARL, ask('3', BERT))).to.deep.equal(answer(-1))
  })

  it('[C6] a member says when it last heard it as the coordinator: it may live on as something else', () => {
    const given = aHolder('3', three)
    given.after(3_000).hear(ANNA, { type: 'released', job: JOB, path: path('1') })
    expect(given.hear(CARL, ask('/', ANNA))).to.deep.equal([sends(CARL, { type: 'heard', path: path('/'), peer: ANNA, ms: 3_000, now: null })])
  })

  it('[C6] who knows that the path is held by another now, or by nobody, says so', () => {
    const given = aCoordinator({ 3: BERT })
    expect(given.hear(CARL, ask('3', EVE))).to.deep.equal([sends(CARL, { type: 'heard', path: path('3'), peer: EVE, ms: -1, now: addressed(BERT) })])
    expect(given.hear(CARL, ask('/', EVE))).to.deep.equal([sends(CARL, { type: 'heard', path: path('/'), peer: EVE, ms: -1, now: addressed(ME) })])
    expect(given.hear(CARL, ask('2', EVE))).to.deep.equal([sends(CARL, { type: 'heard', path: path('2'), peer: EVE, ms: -1, now: null })])
  })

  it('[C6] told who holds it now, a member claims there what it works on, and doubts no more', () => {
    const given = suspecting()
    expect(given.hear(BERT, { ...heard(-1), now: addressed(CARL) })).to.deep.equal([
      sends(CARL, { type: 'claim', path: path('3'), fence: [1, 1], peer: addressed(ME) }),
      clears('ask', '/'),
      sets('silence', '/', 6_000)
    ])
    expect(given.fires('ask', '/')).to.deep.equal([])
  })

  it('[C6] a witness that never knew the peer cannot tell, and does not', () => {
    expect(aCoordinator({ 3: BERT }).hear(CARL, ask('3.1', EVE))).to.deep.equal([])
    // Named by others is not known.
    expect(aHolder('3', { heirs: [addressed(EVE)] }).hear(CARL, ask('2', EVE))).to.deep.equal([])
  })

  it('[C6] somebody hears it: try again, all of it', () => {
    const given = suspecting()
    given.take({ type: 'unreachable', peer: ANNA })
    expect(given.hear(BERT, heard(100))).to.deep.equal([sets('ask', '/', 800)])
    expect(given.after(800).fires('ask', '/')).to.deep.equal([dials(ANNA), asks(BERT), sets('ask', '/', 800)])
  })

  it('[C6] while the dial is under way, nobody\'s answer is no verdict: try again', () => {
    expect(suspecting().after(800).fires('ask', '/')).to.deep.equal([dials(ANNA), asks(BERT), sets('ask', '/', 800)])
  })

  it('[C6] a witness that does not hear it either is one, whether or not the dial has failed yet', () => {
    expect(suspecting().hear(BERT, heard(-1))).to.deep.equal([clears('ask', '/'), sets('elect', '/', 500)])
    expect(suspecting().hear(BERT, heard(6_000))).to.deep.equal([clears('ask', '/'), sets('elect', '/', 500)])
  })

  it('[C6] an answer nobody asked for changes nothing', () => {
    expect(aHolder('3', three).hear(EVE, heard(-1))).to.deep.equal([])
  })

  it('[C6] it answers after all: no election', () => {
    const given = suspecting()
    given.take({ type: 'unreachable', peer: ANNA })
    given.hear(BERT, heard(-1))
    const effects = given.take({ type: 'connected', peer: ANNA, addrs: addressed(ANNA).addrs })
    expect(effects.slice(1)).to.deep.equal([clears('ask', '/'), clears('elect', '/'), sets('silence', '/', 6_000)])
    expect(given.fires('elect', '/')).to.deep.equal([])
  })
})

describe('a view without a stake', () => {
  it('[C6] is forgotten when the coordinator is lost, is silent, or cannot be dialled: no election', () => {
    const ways = [
      (given: Given) => given.take({ type: 'disconnected', peer: ANNA }),
      (given: Given) => given.fires('silence', '/'),
      (given: Given) => given.take({ type: 'unreachable', peer: ANNA })
    ]
    for (const way of ways) expect(way(aLeftover())).to.deep.equal([...forgets('/'), keeps()])
  })

  it('[C6, J2] its heirs, who may be coordinators now, are asked for work first', () => {
    const given = aLeftover()
    given.take({ type: 'disconnected', peer: ANNA })
    const asked = given.volunteer().flatMap(effect => effect.type === 'send' && effect.message.type === 'join' ? [effect.to] : [])
    expect(asked).to.deep.equal([BERT])
  })

  it('[C6] so is one whose stake was lost while it was in doubt', () => {
    const given = aHolder('3', withBert)
    given.take({ type: 'disconnected', peer: ANNA })
    given.hear(ANNA, { type: 'ended', job: JOB, path: path('3') })
    expect(given.take({ type: 'unreachable', peer: ANNA })).to.deep.equal([...forgets('/'), keeps()])
  })
})

describe('who only keeps values', () => {
  it('[C6] asks above, where it is known whether the position has ended, not the nearest member', () => {
    expect(aKeeper().take({ type: 'disconnected', peer: ANNA })).to.deep.equal([
      dials(ANNA),
      sends(DORA, { type: 'ask', path: path('3'), peer: ANNA }),
      sets('ask', '3', 2_400)
    ])
  })

  it('[C4, C6] is told that it has: the values are part of another, and the view is forgotten', () => {
    const given = aKeeper()
    given.take({ type: 'disconnected', peer: ANNA })
    expect(given.hear(DORA, ended)).to.deep.equal([...forgets('3'), keeps()])
    expect(kept(given)).to.deep.equal([])
  })

  it('[C4, C6] who works below hears it too: the work ends', () => {
    const given = aHolder('3.3', { up: [addressed(DORA)], heirs: [addressed(ME)] })
    given.fires('silence', '3')
    expect(given.hear(DORA, ended).filter(({ type }) => type === 'cancel-compute')).to.deep.equal([{ type: 'cancel-compute', job: JOB, path: path('3.3') }])
    expect([...given.peer.jobs.get(JOB)?.positions.keys() ?? []]).to.deep.equal([])
  })

  it('[C4] believes that of those above alone, and only when it has asked', () => {
    const given = aKeeper()
    expect(given.hear(DORA, ended)).to.deep.equal([])
    given.take({ type: 'disconnected', peer: ANNA })
    expect(given.hear(CARL, ended)).to.deep.equal([])
    expect(kept(given)).to.deep.equal(['3.2'])
  })

  it('[C6] takes its turn as an heir when nobody above hears the coordinator either', () => {
    const given = aKeeper()
    given.take({ type: 'disconnected', peer: ANNA })
    const claims = given.hear(DORA, { type: 'heard', job: JOB, path: path('3'), peer: ANNA, ms: -1, now: null })
      .flatMap(effect => effect.type === 'notice' && effect.notice.type === 'claim' ? [effect.notice] : [])
    expect(claims).to.deep.equal([{ type: 'claim', job: JOB, path: path('3'), fence: [1, 2] }])
  })
})

describe('who is asked above', () => {
  const asked = (at: string): Effect[] => {
    const given = aCoordinator({ 3: BERT })
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT), salt: NO_SALT })
    return given.hear(CARL, { type: 'ask', job: JOB, path: path(at), peer: BERT })
  }

  it('[C4, C6] says that the position ended when it has the value of it, or of one above', () => {
    expect(asked('3')).to.deep.equal([sends(CARL, { type: 'ended', path: path('3') })])
    expect(asked('3.1')).to.deep.equal([sends(CARL, { type: 'ended', path: path('3.1') })])
  })

  it('[C6] and else that nobody holds it, or whether it hears who does (above)', () => {
    expect(asked('2')).to.deep.equal([sends(CARL, { type: 'heard', path: path('2'), peer: BERT, ms: -1, now: null })])
  })

  it('[C4] a stranger\'s word does not end work', () => {
    const given = aHolder('3.3', { up: [addressed(DORA)] })
    given.take({ type: 'disconnected', peer: ANNA })
    expect(given.hear(EVE, ended)).to.deep.equal([drops(EVE, 'end of work by a peer that is not above')])
  })
})
