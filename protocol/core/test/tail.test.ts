/** At the end of a job whose bites are voted on: what will want another's vote anyhow is begun at once (J5, V3). */
import { expect } from 'chai'
import { BERT, CARL, DORA, EVE, JOB, ME, SPEC, aCoordinator, addressed, path } from './given.ts'
import { sends } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { PeerId } from '../ids.ts'
import type { Trust } from '../job.ts'

const votes = (quorum: number): Trust => ({ type: 'votes', quorum, voters: 4, deadlineMs: 0 })
const reruns = (to: PeerId): Effect => sends(to, { type: 'rerun', to, via: [], path: path('3'), coordinator: addressed(ME) })

/** Bert's branches are all but done, Carl has begun the bite 3. */
function aTail (trust: Trust): Given {
  const given = aCoordinator({ 0: BERT, 1: BERT, 2: BERT, 3: CARL }, { ...SPEC, trust })
  for (const [digit, peer] of [BERT, BERT, BERT, CARL].entries()) {
    const load = { remaining: peer === CARL ? 16 : 0, free: 0, helpers: peer === CARL ? 1 : 0, rate: 100, levels: 1 }
    given.hear(peer, { type: 'renew', job: JOB, path: path(`${digit}`), fence: [1, 1], done: 0, load, seen: 9 })
  }
  return given
}

/** An idle core that does so many partitions a second. */
const asks = (given: Given, joiner: PeerId, rate = 10): Effect[] =>
  given.hear(joiner, { type: 'join', job: JOB, joiner: addressed(joiner), rate, hops: 0, phase: 'up', via: [] })

describe('the tail of a job with votes', () => {
  it('[J5, V3] a bite is voted on before its holder has finished, also by one that is slower', () => {
    expect(asks(aTail(votes(2)), DORA)).to.deep.equal([reruns(DORA)])
  })

  it('[J5, V3] by as many as will be wanted', () => {
    const two = aTail(votes(2))
    asks(two, DORA)
    expect(asks(two, EVE)).to.not.deep.include(reruns(EVE))
    const three = aTail(votes(3))
    for (const peer of [DORA, EVE]) expect(asks(three, peer)).to.deep.equal([reruns(peer)])
  })

  it('[J5, V3] under adaptive only where its holder has not been confirmed often, and not under audit', () => {
    expect(asks(aTail({ type: 'adaptive', after: 3, deadlineMs: 0 }), DORA)).to.deep.equal([reruns(DORA)])
    expect(asks(aTail({ type: 'adaptive', after: 0, deadlineMs: 0 }), DORA)).to.not.deep.include(reruns(DORA))
    expect(asks(aTail({ type: 'audit', rate: 1 }), DORA)).to.not.deep.include(reruns(DORA))
  })

  it('[J5, V3] not by its holder, nor where it is over within a round trip', () => {
    expect(asks(aTail(votes(2)), CARL)).to.not.deep.include(reruns(CARL))
    expect(asks(aTail(votes(2)), DORA, 1_000)).to.not.deep.include(reruns(DORA))
  })

  it('[J5, V3] where the other is faster, its holder\'s vote is waited for, and nobody else begins', () => {
    const given = aTail(votes(2))
    asks(given, DORA)
    const effects = given.hear(DORA, { type: 'commit', job: JOB, path: path('3'), digest: new Uint8Array(32) })
    expect(effects.filter(({ type }) => type === 'send')).to.deep.equal([reruns(CARL)])
  })
})
