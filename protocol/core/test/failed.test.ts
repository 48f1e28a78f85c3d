/** E1: what fails is tried at two other peers, then the job fails with that reason. */
import { expect } from 'chai'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, SPEC, aCoordinator, aFailure, aHolder, aListener, aSubmitter, aValue, addressed, path } from './given.ts'
import { anAnnouncement, announces, clears, computes, drops, greets, keeps, sends, sets, tells, unsubscribes } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import { ROOT } from '../geometry.ts'
import { NO_SALT } from '../salt.ts'
import { VOTES } from './court.ts'

const fails = (given: Given, at: string): Effect[] => given.take({ type: 'compute-failed', job: JOB, why: aFailure(at) })
const told = (given: Given, from: typeof BERT, at: string, tried: Array<typeof BERT>): Effect[] =>
  given.hear(from, { type: 'failed', job: JOB, why: aFailure(at), tried })
const rerun = (to: typeof BERT, at: string): Effect =>
  sends(to, { type: 'rerun', to, via: [], path: path(at), coordinator: addressed(ME) })

/** What the end of the job with a failure looks like at the root, whose holders hear of it. */
const givesUp = (at: string, ...holders: Array<typeof BERT>): Effect[] => {
  const failed = anAnnouncement(ME, [], { type: 'failed', why: aFailure(at) })
  return [
    ...holders.map(holder => sends(holder, { type: 'ended', path: ROOT })),
    clears('renew', '/'), clears('state', '/'), clears('claim', '/'), unsubscribes('/'),
    clears('hold', '/'), clears('join', '/'), sets('expire', '/', SPEC.expiryMs),
    tells({ type: 'job-failed', why: aFailure(at) }),
    ...holders.map(holder => greets(holder, failed)),
    announces(failed),
    keeps()
  ]
}

describe('failed', () => {
  it('[E1] a failure without helpers goes up to who may have others', () => {
    expect(fails(aHolder('3'), '3.0')).to.deep.equal([
      tells({ type: 'failed', path: path('3.0'), why: aFailure('3.0') }),
      sends(ANNA, { type: 'failed', why: aFailure('3.0'), tried: [ME] })
    ])
  })

  it('[E1] it is tried at a second peer, then at a third', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA })
    expect(told(given, BERT, '3.0', [BERT])).to.deep.equal([rerun(DORA, '3.0')])
    expect(told(given, DORA, '3.0', [DORA])).to.deep.equal([rerun(CARL, '3.0')])
  })

  it('[E1] a peer that was asked and is gone without an answer is replaced by another', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA })
    told(given, BERT, '3.0', [BERT])
    given.take({ type: 'disconnected', peer: DORA })
    expect(given.take({ type: 'unreachable', peer: DORA })).to.deep.include(rerun(CARL, '3.0'))
  })

  it('[E1] after three peers the job fails with that partition', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA })
    told(given, BERT, '3.0', [BERT])
    told(given, DORA, '3.0', [DORA])
    expect(told(given, CARL, '3.0', [CARL])).to.deep.equal(givesUp('3.0', DORA, CARL, BERT))
  })

  it('[E1] with fewer peers, after all of them', () => {
    const given = aCoordinator({ 3: BERT })
    expect(told(given, BERT, '3.0', [BERT])).to.deep.equal(givesUp('3.0', BERT))
  })

  it('[E1] at the end of a job others are tried whose own work is done', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    given.hear(CARL, { type: 'value', job: JOB, value: aValue('2', CARL), salt: NO_SALT })
    expect(told(given, BERT, '3.0', [BERT])).to.deep.equal([rerun(CARL, '3.0')])
  })

  it('[E1] a peer that was asked and may have had too much to do is asked again', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    told(given, BERT, '3.0', [BERT])
    expect(given.after(2_000).fires('renew', '/')).to.not.deep.include(rerun(CARL, '3.0'))
    for (const peer of [BERT, CARL]) given.after(2_000).hear(peer, { type: 'renew', job: JOB, path: path(peer === BERT ? '3' : '2'), fence: [1, 1], done: 0, load: { remaining: 16, free: 0, helpers: 1, rate: 1, levels: 1 }, seen: 99 })
    expect(given.after(1).fires('renew', '/')).to.deep.include(rerun(CARL, '3.0'))
  })

  it('[E1] a coordinator that computes tries itself', () => {
    const given = aCoordinator({ 3: BERT })
    given.volunteer()
    expect(told(given, BERT, '3.0', [BERT])).to.deep.equal([computes('3.0')])
  })

  it('[E1] a run elsewhere that succeeds ends it: the value is taken', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    told(given, BERT, '3', [BERT])
    const effects = given.hear(CARL, { type: 'value', job: JOB, value: aValue('3', CARL), salt: NO_SALT })
    expect(effects).to.deep.include(sends(BERT, { type: 'ended', path: path('3') }))
    expect(told(given, BERT, '3', [BERT])).to.deep.equal([])
  })

  it('[E1] a failed run without authority is told to who asked', () => {
    const given = aListener()
    given.volunteer()
    given.hear(ANNA, { type: 'rerun', job: JOB, to: ME, via: [], path: path('3.0'), coordinator: addressed(BERT) })
    expect(fails(given, '3.0').slice(0, 2)).to.deep.equal([
      tells({ type: 'failed', path: path('3.0'), why: aFailure('3.0') }),
      sends(BERT, { type: 'failed', why: aFailure('3.0'), tried: [ME] })
    ])
  })

  it('[E1] a report from below counts once, and goes up with the names of all that failed', () => {
    const given = aHolder('3')
    given.hear(BERT, { type: 'claim', job: JOB, path: path('3.3'), fence: [1, 1, 1], peer: addressed(BERT) })
    expect(told(given, BERT, '3.3', [BERT, CARL, DORA])).to.deep.equal([
      sends(ANNA, { type: 'failed', why: aFailure('3.3'), tried: [BERT, CARL, DORA] })
    ])
  })

  it('[E1] a report from a peer that was not asked and holds nothing there is dropped', () => {
    expect(told(aHolder('3'), BERT, '3.0', [BERT, CARL, DORA])).to.deep.equal([
      { type: 'drop', from: BERT, reason: 'failure of a path that is not the sender\'s' }
    ])
  })

  it('[E1] the same for collect', () => {
    const given = aSubmitter()
    for (const at of ['0', '1', '2', '3']) given.hear(BERT, { type: 'value', job: JOB, value: aValue(at, BERT), salt: NO_SALT })
    const why = aFailure('/', { kind: 'collect', partition: -1 })
    const effects = given.take({ type: 'compute-failed', job: JOB, why })
    expect(effects.slice(0, 1)).to.deep.equal([tells({ type: 'failed', path: ROOT, why })])
    expect(effects).to.deep.include(tells({ type: 'job-failed', why }))
  })

  it('[E1] what failed is not handed out as free work', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL })
    told(given, BERT, '3', [BERT])
    given.take({ type: 'unreachable', peer: BERT })
    expect(given.hear(EVE, { type: 'claim', job: JOB, path: path('3'), fence: [1, 9], peer: addressed(EVE) })).to.deep.equal([
      sends(EVE, { type: 'refused', path: path('3'), next: path('1'), ask: null })
    ])
  })

  it('[E1, G2] a failure of a path that does not exist is dropped and counted', () => {
    expect(told(aCoordinator({ 3: BERT }), EVE, '9', [EVE])).to.deep.equal([drops(EVE, 'failure of a path that does not exist')])
  })

  it('[E1] its own second try at what failed elsewhere fails, too: that counts', () => {
    const given = aCoordinator({ 3: BERT })
    given.volunteer()
    given.volunteer(0)
    given.computes('0.0')
    given.volunteer()
    expect(told(given, BERT, '3', [BERT])).to.deep.include(computes('3'))
    expect(fails(given, '3')).to.deep.include(tells({ type: 'job-failed', why: aFailure('3') }))
  })

  /** Voters below do not agree on a path, their coordinator says. */
  const differs = (given: Given, from: typeof BERT, at: string): Effect[] =>
    given.hear(from, { type: 'failed', job: JOB, why: aFailure(at, { kind: 'trust', partition: -1 }), tried: [] })

  it('[V3, E1] voters that do not agree below: another takes their coordinator\'s place, until three have said so, of any path', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA, 0: EVE }, VOTES)
    const childOf = (digit: number): unknown => given.peer.jobs.get(JOB)?.positions.get(path('/'))?.children[digit]?.state
    expect(differs(given, BERT, '3.1').flatMap(effect => effect.type === 'notice' ? [effect.notice.type] : [])).to.deep.equal(['coordinator'])
    expect([childOf(3), childOf(2)]).to.deep.equal(['free', 'leased'])
    differs(given, CARL, '2.2')
    expect(given.peer.jobs.get(JOB)?.outcome).to.equal(null)
    expect(differs(given, DORA, '1.0')).to.deep.include(tells({ type: 'job-failed', why: aFailure('1.0', { kind: 'trust', partition: -1 }) }))
  })

  it('[V3, E1] the only one there is says so: the job fails', () => {
    const given = aCoordinator({ 3: BERT }, VOTES)
    expect(differs(given, BERT, '3.1').flatMap(effect => effect.type === 'notice' ? [effect.notice.type] : [])).to.include('job-failed')
  })
})
