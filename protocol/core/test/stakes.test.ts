/** Row `elected`: only who has a stake in a position looks after it; who merely keeps its values asks above whether it ended (C4, C6). */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, aCoordinator, aHolder, aValue, addressed, leasedTo, path } from './given.ts'
import { clears, dials, drops, keeps, sends, sets, unsubscribes } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { StateMessage } from '../message.ts'

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
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT) })
    return given.hear(CARL, { type: 'ask', job: JOB, path: path(at), peer: BERT })
  }

  it('[C4, C6] says that the position ended when it has the value of it, or of one above', () => {
    expect(asked('3')).to.deep.equal([sends(CARL, { type: 'ended', path: path('3') })])
    expect(asked('3.1')).to.deep.equal([sends(CARL, { type: 'ended', path: path('3.1') })])
  })

  it('[C6] and else that nobody holds it, or whether it hears who does (elected.test.ts)', () => {
    expect(asked('2')).to.deep.equal([sends(CARL, { type: 'heard', path: path('2'), peer: BERT, ms: -1, now: null })])
  })

  it('[C4] a stranger\'s word does not end work', () => {
    const given = aHolder('3.3', { up: [addressed(DORA)] })
    given.take({ type: 'disconnected', peer: ANNA })
    expect(given.hear(EVE, ended)).to.deep.equal([drops(EVE, 'end of work by a peer that is not above')])
  })
})
