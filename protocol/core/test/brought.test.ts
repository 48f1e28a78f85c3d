/** What members bring a coordinator of the values they keep (R4, C7). */
import { expect } from 'chai'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { StateMessage } from '../message.ts'
import { ANNA, BERT, CARL, DORA, JOB, ME, aHolder, aState, aValue, addressed, leasedTo, path } from './given.ts'

const known = { children: [leasedTo(2, BERT), leasedTo(3, ME)], heirs: [addressed(BERT), addressed(ME)] }

/** The holder of 3 keeps as an heir a value of the root's child 0, one below child 1, which is free, one below child 2, and one of its own. */
function aKeeper (): Given {
  const given = aHolder('3', known)
  given.hear(ANNA, { type: 'hold', job: JOB, values: ['0', '1.2', '2.1'].map(at => aValue(at, CARL)) })
  given.computes('3.0')
  return given
}

const brought = (effects: Effect[]): Record<string, string[]> => Object.fromEntries(effects.flatMap(effect =>
  effect.type === 'send' && effect.message.type === 'hold' ? [[effect.to, effect.message.values.map(value => value.path)]] : []))

const byBert = (children: StateMessage['children'], version = 1): StateMessage =>
  aState({ fence: [2], version, coordinator: addressed(BERT), children, heirs: [addressed(ME)] })

describe('brought', () => {
  it('[C7, R4] a new coordinator is brought values of its children; whoever held a child before has what is below it', () => {
    expect(brought(aKeeper().overhear(BERT, '/', byBert([leasedTo(2, BERT), leasedTo(3, ME)])))).to.deep.equal({ [BERT]: ['0'] })
  })

  it('[C7, R4] of a child that two hold, whoever yields hands over what is below it', () => {
    expect(brought(aKeeper().overhear(BERT, '/', byBert([leasedTo(2, DORA), leasedTo(3, ME)])))).to.deep.equal({ [BERT]: ['0'] })
  })

  it('[C7, R4] a child that nobody was known to hold needs it', () => {
    expect(brought(aKeeper().overhear(BERT, '/', byBert([leasedTo(1, DORA), leasedTo(3, ME)])))).to.deep.equal({ [BERT]: ['0', '1.2'] })
  })

  it('[R4] what lies below a child that nobody holds stays where it is until somebody does', () => {
    const given = aKeeper()
    expect(brought(given.overhear(BERT, '/', byBert([leasedTo(3, ME)])))).to.deep.equal({ [BERT]: ['0'] })
    expect(brought(given.overhear(BERT, '/', byBert([leasedTo(1, DORA), leasedTo(3, ME)], 2)))).to.deep.equal({ [BERT]: ['1.2'] })
    expect(brought(given.overhear(BERT, '/', byBert([leasedTo(1, DORA), leasedTo(2, CARL), leasedTo(3, ME)], 3)))).to.deep.equal({ [BERT]: ['2.1'] })
    expect(brought(given.overhear(BERT, '/', byBert([leasedTo(1, DORA), leasedTo(2, CARL), leasedTo(3, ME)], 4)))).to.deep.equal({})
  })

  it('[R4] the next holder of a child needs it too', () => {
    expect(brought(aKeeper().overhear(ANNA, '/', aState({ version: 2, children: [leasedTo(2, DORA, 2), leasedTo(3, ME)], heirs: known.heirs })))).to.deep.equal({ [ANNA]: ['2.1'] })
  })

  it('[C7] so does the winner of a path that this peer had held', () => {
    const given = aKeeper()
    given.take({ type: 'disconnected', peer: ANNA })
    given.take({ type: 'unreachable', peer: ANNA })
    given.after(1_300).fires('ask', '/')
    given.after(1_300).fires('elect', '/')
    expect([...given.peer.jobs.get(JOB)?.positions.keys() ?? []]).to.include(path('/'))
    expect(brought(given.overhear(BERT, '/', { ...byBert([leasedTo(1, DORA), leasedTo(2, BERT), leasedTo(3, ME)]), fence: [9] }))).to.deep.equal({ [BERT]: ['0', '1.2'] })
  })
})
