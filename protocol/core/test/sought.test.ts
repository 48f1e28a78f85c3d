/** A root that was elected looks for others (C7). */
import { expect } from 'chai'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import { ANNA, BERT, CARL, DORA, JOB, ME, SPEC, aCoordinator, aHolder, aSubmitter, aValue, addressed, leasedTo } from './given.ts'
import { finds } from './effects.ts'

/** Anna, the root's coordinator, is gone; this peer was elected, and Carl and Dora have been named, of whom it is connected to Carl. */
function anElected (): Given {
  const given = aHolder('3', { children: [leasedTo(3, ME)], heirs: [addressed(ME)] })
  given.take({ type: 'disconnected', peer: ANNA })
  given.take({ type: 'unreachable', peer: ANNA })
  given.after(800).fires('ask', '/')
  given.connect(CARL)
  given.hear(CARL, { type: 'jobs', jobs: [{ job: JOB, spec: SPEC, submitter: ANNA, members: [addressed(CARL), addressed(DORA)], outcome: null, proof: null }] })
  return given
}

const asked = (effects: Effect[]): unknown[] =>
  effects.flatMap((effect): unknown[] => effect.type === 'find-members' ? [finds()] : effect.type === 'send' && effect.message.type === 'state' ? [effect.to] : [])

describe('sought', () => {
  it('[C7] an elected root tells its state to a member it is not connected to, every half a minute, and looks in the DHT', () => {
    const given = anElected()
    expect(asked(given.after(29_000).fires('renew', '/'))).to.deep.equal([])
    expect(asked(given.after(1_000).fires('renew', '/'))).to.deep.equal([DORA, finds()])
    expect(asked(given.after(2_000).fires('renew', '/'))).to.deep.equal([])
    expect(asked(given.after(28_000).fires('renew', '/'))).to.deep.equal([DORA, finds()])
  })

  it('[C7] those that cannot be reached are not asked again', () => {
    const given = anElected()
    given.take({ type: 'unreachable', peer: DORA })
    expect(asked(given.after(30_000).fires('renew', '/'))).to.deep.equal([finds()])
  })

  it('[C7] the submitter\'s root, which nobody else has held, asks nobody', () => {
    expect(asked(aCoordinator({ 3: BERT }).after(60_000).fires('renew', '/'))).to.deep.equal([])
  })

  it('[R5, C7] whoever knows the end tells a root that asks', () => {
    const given = anElected()
    const outcome = { type: 'done' as const, value: aValue('/', BERT), holders: [addressed(BERT)] }
    const over = aSubmitter()
    over.hear(BERT, { type: 'value', job: JOB, value: outcome.value, salt: new Uint8Array() })
    over.fires('hold', '/')
    const [question] = given.after(30_000).fires('renew', '/').flatMap(effect => effect.type === 'send' && effect.message.type === 'state' ? [effect.message] : [])
    const answers = over.hear(CARL, question!).flatMap(effect => effect.type === 'send' ? [effect.message.type] : [])
    expect(answers).to.deep.equal(['jobs'])
  })
})
