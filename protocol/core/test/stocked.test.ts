/** R5: the root's heirs hold bundle and params before the submitter may leave. */
import { expect } from 'chai'
import type { Given } from './given.ts'
import { ANNA, BERT, CARL, DORA, JOB, ME, SPEC, aClaimant, aCoordinator, aGrant, aHolder, aState, addressed, leasedTo } from './given.ts'
import type { Cid } from '../ids.ts'
import type { Effect } from '../effect.ts'
import { anAnnouncement, announces, fetches, greets, provides, sends, tells } from './effects.ts'

const only = (effects: Effect[], type: Effect['type']): Effect[] => effects.filter(effect => effect.type === type)

function anHeir (): Given {
  const given = aClaimant('3', [1, 1])
  given.hear(ANNA, aGrant('3', [1, 1], aState({ children: [leasedTo(3, ME)], heirs: [addressed(ME)] })))
  return given
}

describe('stocked', () => {
  it('[R5] an heir of the root fetches the goods from the coordinator', () => {
    const given = aClaimant('3', [1, 1])
    const effects = given.hear(ANNA, aGrant('3', [1, 1], aState({ children: [leasedTo(3, ME)], heirs: [addressed(ME)] })))
    expect(only(effects, 'fetch')).to.deep.equal([fetches('bundle', ANNA), fetches('params', ANNA)])
  })

  it('[R5] who is no heir does not', () => {
    const given = aClaimant('3', [1, 1])
    const effects = given.hear(ANNA, aGrant('3', [1, 1], aState({ children: [leasedTo(3, ME)], heirs: [addressed(BERT)] })))
    expect(only(effects, 'fetch')).to.deep.equal([])
  })

  it('[R5] it says so when all of them are here', () => {
    const given = anHeir()
    expect(given.take({ type: 'fetched', job: JOB, cid: SPEC.bundle })).to.deep.equal([])
    expect(given.take({ type: 'fetched', job: JOB, cid: SPEC.params })).to.deep.equal([provides(), sends(ANNA, { type: 'stocked' })])
  })

  it('[R5] what could not be had is fetched again with the next state', () => {
    const given = anHeir()
    given.take({ type: 'unfetchable', job: JOB, cid: SPEC.bundle })
    const effects = given.overhear(ANNA, '/', aState({ version: 2, children: [leasedTo(3, ME)], heirs: [addressed(ME)] }))
    expect(only(effects, 'fetch')).to.deep.equal([fetches('bundle', ANNA), fetches('params', ANNA)])
  })

  it('[R5] an unfetchable block of something else changes nothing', () => {
    const given = anHeir()
    expect(given.take({ type: 'unfetchable', job: JOB, cid: 'other' as Cid })).to.deep.equal([])
  })

  it('[R5] the next coordinator is told too', () => {
    const given = anHeir()
    given.take({ type: 'fetched', job: JOB, cid: SPEC.bundle })
    given.take({ type: 'fetched', job: JOB, cid: SPEC.params })
    const state = aState({ fence: [2], coordinator: addressed(BERT), children: [leasedTo(3, ME)], heirs: [addressed(ME)] })
    const known = aState({ version: 2, children: [leasedTo(3, ME)], heirs: [addressed(ME), addressed(BERT)] })
    given.overhear(ANNA, '/', known)
    expect(given.overhear(BERT, '/', state)).to.deep.include(sends(BERT, { type: 'stocked' }))
  })

  it('[R5] the submitter may leave when three heirs have said so', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA })
    for (const peer of [BERT, CARL]) expect(given.hear(peer, { type: 'stocked', job: JOB })).to.deep.equal([])
    const news = anAnnouncement(ME, [ME, BERT, CARL, DORA])
    expect(given.hear(DORA, { type: 'stocked', job: JOB })).to.deep.equal([
      tells({ type: 'stocked' }), announces(news), ...[DORA, CARL, BERT].map(peer => greets(peer, news))
    ])
    expect(given.hear(DORA, { type: 'stocked', job: JOB })).to.deep.equal([])
  })

  it('[R5] or all of fewer, after a lease\'s time', () => {
    const given = aCoordinator({ 3: BERT })
    expect(given.hear(BERT, { type: 'stocked', job: JOB })).to.deep.equal([])
    expect(given.after(4_999).fires('renew', '/')).to.not.deep.include(tells({ type: 'stocked' }))
    expect(given.after(1).fires('renew', '/')).to.deep.include(tells({ type: 'stocked' }))
  })

  it('[R5] a peer that is not the root\'s coordinator takes no note', () => {
    expect(aHolder('3').hear(BERT, { type: 'stocked', job: JOB })).to.deep.equal([])
  })
})
