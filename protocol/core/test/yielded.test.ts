/** Row `yielded`: authority that was lost goes to the winner with all that is known; those above may lift it again (C4, C7). */
import { expect } from 'chai'
import { ANNA, BERT, CARL, JOB, ME, aCoordinator, aHolder, aListener, aSubmitter, addressed, path } from './given.ts'
import { clears, sends } from './effects.ts'
import type { Given } from './given.ts'
import { ROOT } from '../geometry.ts'

const positions = (given: Given): string[] => [...given.peer.jobs.get(JOB)?.positions.keys() ?? []]
const staleRoot = (term: number): { type: 'stale', job: typeof JOB, path: typeof ROOT, fence: number[] } => ({ type: 'stale', job: JOB, path: ROOT, fence: [term] })

describe('yielded', () => {
  it('[C4] a holder below the highest fence has no authority, and hands over what it knows', () => {
    const given = aHolder('3')
    given.computes('3.0')
    const [handed, ...rest] = given.hear(BERT, { type: 'stale', job: JOB, path: path('3'), fence: [2, 1] })
    expect(handed).to.deep.include({ type: 'send', to: BERT })
    expect(handed?.type === 'send' && handed.message.type === 'hold' ? handed.message.values.map(value => value.path) : []).to.deep.equal(['3.0'])
    expect(rest).to.deep.equal([
      ...['renew', 'state', 'claim'].map(name => clears(name as 'renew', '3')),
      { type: 'unsubscribe', topic: { job: JOB, path: path('3') } }
    ])
  })

  it('[C4] under the same coordinator above: whoever was granted the path asks that one for a higher term, once a turn', () => {
    const given = aHolder('3')
    const stale = { type: 'stale' as const, job: JOB, path: path('3'), fence: [1, 2] }
    expect(given.after(1_000).hear(BERT, stale)).to.deep.equal([sends(ANNA, { type: 'claim', path: path('3'), fence: [1, 3], peer: addressed(ME) })])
    expect(given.hear(BERT, stale)).to.deep.equal([])
  })

  it('[C4] a lower fence changes nothing', () => {
    expect(aHolder('3').hear(BERT, { type: 'stale', job: JOB, path: path('3'), fence: [1] })).to.deep.equal([])
    expect(aListener().hear(BERT, { type: 'stale', job: JOB, path: path('3'), fence: [9] })).to.deep.equal([])
  })

  it('[C4] told by the coordinator above that the path was granted again, a holder yields at once', () => {
    const given = aHolder('3')
    given.after(1_000).hear(ANNA, { type: 'stale', job: JOB, path: path('3'), fence: [1, 2] })
    expect(positions(given)).to.deep.equal([])
  })

  it('[C4] what runs below it ends as a late value, for the winner', () => {
    const given = aHolder('3')
    given.hear(BERT, { type: 'stale', job: JOB, path: path('3'), fence: [2, 1] })
    const [sent] = given.computes('3.1')
    expect(sent).to.deep.include({ type: 'send', to: BERT })
  })

  it('[C4] a lost child of a position that stays is free again', () => {
    const given = aSubmitter().connect(BERT)
    given.volunteer()
    expect(positions(given)).to.deep.equal(['/', '0'])
    given.volunteer(0)
    given.hear(BERT, { type: 'stale', job: JOB, path: path('0'), fence: [1, 9] })
    expect(positions(given)).to.deep.equal(['/'])
    expect(given.peer.jobs.get(JOB)?.positions.get(ROOT)?.children[0]).to.deep.include({ state: 'free', holder: null })
  })
})

describe('yielded: a higher root was seen', () => {
  it('[C4] the root lifts itself above it, and tells its members', () => {
    const given = aCoordinator({ 3: BERT })
    given.hear(BERT, staleRoot(4))
    expect(given.peer.jobs.get(JOB)?.positions.get(ROOT)?.fence).to.deep.equal([5])
    const fences = given.fires('state', '/').flatMap(effect => effect.type === 'publish' && effect.message.type === 'state' ? [effect.message.fence] : [])
    expect(fences).to.deep.equal([[5]])
  })

  it('[C4] a lower one changes nothing', () => {
    expect(aCoordinator({ 3: BERT }).hear(BERT, staleRoot(1))).to.deep.equal([])
  })

  it('[C4] who is below the root passes the word up, if it is news there', () => {
    expect(aHolder('3').hear(CARL, staleRoot(4))).to.deep.equal([sends(ANNA, { type: 'stale', path: ROOT, fence: [4] })])
    expect(aHolder('3').hear(CARL, staleRoot(1))).to.deep.equal([])
  })
})
