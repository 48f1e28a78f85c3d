/** Row `blamed`: an accusation is believed once it is proved here, and what a liar made is done again (V5). */
import { expect } from 'chai'
import { AUDIT, VALID, VOTES, aLie, aSigned, accuses, checked, commits, gives, makes, proved, proves } from './court.ts'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, aCoordinator, aHolder, addressed, path } from './given.ts'
import { clears, computes, drops, keeps, sends, sets, tells, unsubscribes } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { PeerId } from '../ids.ts'

/** The root, with Bert, Carl and Dora at work on 3, 2 and 1. */
const busy = (): Given => aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, AUDIT)
const doras = aLie('1', DORA, 20)
const blame = (lie: typeof doras): { type: 'blame', peer: PeerId, evidence: Uint8Array, within: null } => ({ type: 'blame', peer: lie.peer, evidence: lie.evidence, within: null })
const claims = (given: Given, peer: PeerId, at: string, term: number): Effect[] =>
  given.connect(peer).hear(peer, { type: 'claim', job: JOB, path: path(at), fence: [1, term], peer: addressed(peer) })

/** Dora's child is free again. */
const frees = [tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [BERT, CARL] }), sets('hold', '/', 100), sets('state', '/', 250)]

describe('blamed', () => {
  it('[V5] one who works here is accused: the evidence is proved, and nothing else happens', () => {
    expect(accuses(busy(), BERT, doras)).to.deep.equal([proves(doras)])
  })

  it('[V5] proved: its child is free, it is told on, but not to whoever said so', () => {
    const given = busy()
    accuses(given, BERT, doras)
    expect(proved(given, doras)).to.deep.equal([
      tells({ type: 'blamed', peer: DORA, path: path('1'), partition: 20 }), ...frees, sends(CARL, blame(doras)), keeps(CARL, BERT)
    ])
  })

  it('[V5] the next that gets the liar\'s child has a higher term', () => {
    const given = busy()
    accuses(given, BERT, doras)
    proved(given, doras)
    const fences = claims(given, EVE, '1', 1).flatMap(effect => effect.type === 'send' && effect.message.type === 'grant' ? [effect.message.fence] : [])
    expect(fences).to.deep.equal([[1, 2]])
  })

  it('[V5] it gets nothing more, is told why when it asks, and what it sends is dropped', () => {
    const given = busy()
    accuses(given, BERT, doras)
    proved(given, doras)
    const dropped = drops(DORA, 'message of a peer that lied')
    expect(claims(given, DORA, '0', 1)).to.deep.equal([dropped, sends(DORA, blame(doras))])
    expect(gives(given, aSigned('1', DORA))).to.deep.equal([dropped])
    expect(given.hear(DORA, { type: 'held', job: JOB, paths: [path('2')] })).to.deep.equal([dropped])
  })

  it('[V5] of one that is not near nothing is proved, whoever says it, nor for a claim that others decide; when it comes near, it is', () => {
    const given = aHolder('3', {}, AUDIT)
    const eves = aLie('2', EVE)
    expect([...accuses(given, ANNA, eves), ...accuses(given, BERT, eves)]).to.deep.equal([])
    expect(claims(given, EVE, '2', 2)).to.not.deep.include(proves(eves))
    const claim = { type: 'claim' as const, job: JOB, path: path('3.0'), fence: [1, 1, 1], peer: addressed(EVE) }
    expect(given.hear(EVE, claim)).to.deep.include(proves(eves))
  })

  it('[V5] what it made and is not folded yet is done again', () => {
    const given = busy()
    gives(given, aSigned('1', DORA))
    checked(given, aSigned('1', DORA), VALID)
    accuses(given, BERT, doras)
    proved(given, doras)
    const job = given.peer.jobs.get(JOB)
    expect([...job?.ledger.keys() ?? []]).to.deep.equal([])
    expect(job?.positions.get(path('/'))?.children[1]?.state).to.equal('free')
  })

  it('[V5] nothing is proved: the accuser is not heard again, on anybody', () => {
    const given = busy()
    accuses(given, BERT, doras)
    accuses(given, BERT, aLie('2', CARL))
    expect(proved(given, null)).to.deep.equal([drops(BERT, 'blame that proves nothing')])
    expect(accuses(given, BERT, aLie('2', CARL))).to.deep.equal([drops(BERT, 'blame by a peer whose blame proved nothing')])
    expect(given.peer.jobs.get(JOB)?.positions.get(path('/'))?.children[1]?.holder).to.equal(DORA)
  })

  it('[V5] evidence against another than the accused proves nothing', () => {
    const given = busy()
    accuses(given, BERT, doras)
    expect(proved(given, aLie('2', CARL))).to.deep.equal([drops(BERT, 'blame that proves nothing')])
    expect(given.peer.jobs.get(JOB)?.court?.liars.size).to.equal(0)
  })

  it('[V5] one proof at a time: the second accusation waits, and is looked at when the first is done', () => {
    const given = busy()
    accuses(given, BERT, doras)
    expect(accuses(given, DORA, aLie('2', CARL))).to.deep.equal([])
    expect(proved(given, null)).to.deep.equal([drops(BERT, 'blame that proves nothing'), proves(aLie('2', CARL))])
  })

  it('[V5] the same accused again costs no second proof; where the first proves nothing the next accuser is heard', () => {
    const given = busy()
    accuses(given, BERT, doras)
    expect(accuses(given, BERT, doras)).to.deep.equal([])
    expect(accuses(given, CARL, doras)).to.deep.equal([])
    expect(proved(given, null)).to.deep.equal([drops(BERT, 'blame that proves nothing'), proves(doras)])
    expect(proved(given, doras)[0]).to.deep.equal(tells({ type: 'blamed', peer: DORA, path: path('1'), partition: 20 }))
  })

  it('[V5] said of a known liar it is no news', () => {
    const given = busy()
    accuses(given, BERT, doras)
    proved(given, doras)
    expect(accuses(given, CARL, doras)).to.deep.equal([])
  })

  it('[V5] of one that has nothing to do here it is kept, and proved when that one comes near', () => {
    const given = busy()
    const lie = aLie('1', EVE)
    expect(accuses(given, BERT, lie)).to.deep.equal([])
    expect(claims(given, EVE, '0', 1)[0]).to.deep.equal(proves(lie))
    expect(proved(given, lie)[0]).to.deep.equal(tells({ type: 'blamed', peer: EVE, path: path('1'), partition: 0 }))
    expect(given.peer.jobs.get(JOB)?.positions.get(path('/'))?.children[0]?.state).to.equal('free')
  })

  it('[V5, X5] strangers\' accusations are bounded: 64 accused, four accusers each', () => {
    const given = busy()
    for (let i = 0; i < 100; i++) accuses(given, BERT, aLie('1', `peer${i}` as PeerId))
    for (const by of [BERT, CARL, DORA, EVE, 'fred' as PeerId, 'gina' as PeerId]) accuses(given, by, aLie('1', 'hugo' as PeerId))
    const accused = given.peer.jobs.get(JOB)?.court?.accused
    expect(accused?.size).to.equal(64)
    expect(accused?.get('hugo' as PeerId)).to.have.length(4)
  })

  it('[V5] a liar\'s vote goes, too: another is asked', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, VOTES)
    commits(given, aSigned('1', DORA))
    commits(given, aSigned('1', CARL))
    accuses(given, BERT, aLie('2', CARL))
    expect(proved(given, aLie('2', CARL))).to.deep.include(sends(BERT, { type: 'rerun', to: BERT, via: [], path: path('1'), coordinator: addressed(ME) }))
  })

  it('[V5] in a job without trust it is dropped', () => {
    expect(accuses(aCoordinator({ 3: BERT }), BERT, doras)).to.deep.equal([drops(BERT, 'blame in a job without trust')])
  })

  it('[V5] an answer that nobody waits for changes nothing', () => {
    expect(proved(busy(), doras)).to.deep.equal([])
  })
})

describe('blamed above', () => {
  /** The holder of 3 under Anna, given its children's values by Carl, 3.3's of Eve; it has folded them, and owes the value. */
  function folded (): Given {
    const given = aHolder('3', {}, AUDIT)
    for (const at of ['3.3', '3.2', '3.1', '3.0']) {
      const value = aSigned(at, at === '3.3' ? EVE : CARL)
      gives(given, value, undefined, DORA)
      checked(given, value, VALID)
    }
    makes(given, '3')
    return given
  }
  const eves = aLie('3.3', EVE, 60)

  it('[V5, V7] the coordinator above says that a value holds another\'s lie: that part is done again, here', () => {
    const given = folded()
    expect(accuses(given, ANNA, eves, '3')).to.deep.equal([proves(eves)])
    expect(proved(given, eves)).to.deep.equal([tells({ type: 'blamed', peer: EVE, path: path('3.3'), partition: 60 })])
    expect(given.volunteer()).to.deep.include(computes('3.3'))
    expect(given.peer.jobs.get(JOB)?.owed.has(path('3'))).to.equal(false)
  })

  it('[V5, V7] also where the part was folded by somebody who believed it, too', () => {
    const given = aHolder('3', {}, { ...AUDIT, partitions: 256 })
    for (const at of ['3.3', '3.2', '3.1', '3.0']) {
      const value = aSigned(at, CARL, { count: 16, bite: false, commitment: null })
      gives(given, value, undefined, DORA)
      checked(given, value, VALID)
    }
    makes(given, '3', { count: 64 })
    accuses(given, ANNA, aLie('3.3.1', EVE), '3')
    proved(given, aLie('3.3.1', EVE))
    const position = given.peer.jobs.get(JOB)?.positions.get(path('3'))
    expect(position?.children.map(({ state }) => state)).to.deep.equal(['done', 'done', 'done', 'free'])
    expect(given.peer.jobs.get(JOB)?.owed.has(path('3'))).to.equal(false)
  })

  it('[V5] another than those above cannot have work done again', () => {
    const given = folded()
    expect(accuses(given, BERT, aLie('2', CARL))).to.deep.equal([proves(aLie('2', CARL))])
    expect(proved(given, null)).to.deep.equal([drops(BERT, 'blame that proves nothing')])
    expect(given.peer.jobs.get(JOB)?.owed.has(path('3'))).to.equal(true)
  })

  it('[V5, V7] a liar\'s value of the whole path that was handed over is not owed any more: it is computed here', () => {
    const given = aHolder('3', {}, AUDIT)
    gives(given, aSigned('3', EVE), undefined, BERT)
    accuses(given, ANNA, aLie('3', EVE), '3')
    proved(given, aLie('3', EVE))
    expect(given.peer.jobs.get(JOB)?.owed.has(path('3'))).to.equal(false)
    expect(given.volunteer().map(({ type }) => type)).to.include('compute')
  })

  it('[V5] said of this peer, and not so: the accuser is not heard again', () => {
    const given = aHolder('3', {}, AUDIT)
    expect(accuses(given, ANNA, aLie('3', ME))).to.deep.equal([proves(aLie('3', ME))])
    expect(proved(given, null)).to.deep.equal([drops(ANNA, 'blame that proves nothing')])
    expect(given.peer.jobs.get(JOB)?.positions.has(path('3'))).to.equal(true)
  })

  it('[V5] said of this peer, and so, as with a broken memory: it takes no part any more', () => {
    const given = aHolder('3', {}, AUDIT)
    accuses(given, ANNA, aLie('3', ME, 50))
    expect(proved(given, aLie('3', ME, 50))).to.deep.equal([
      tells({ type: 'blamed', peer: ME, path: path('3'), partition: 50 }),
      { type: 'cancel-compute', job: JOB, path: '3.0' }, { type: 'cancel-compute', job: JOB, path: '3.1' },
      clears('renew', '3'), clears('state', '3'), clears('claim', '3'), unsubscribes('3'),
      clears('silence', '/'), clears('ask', '/'), clears('elect', '/'), unsubscribes('/'),
      clears('hold', '/'), clears('join', '/'), clears('verify', '/'), keeps()
    ])
    expect(given.volunteer()).to.deep.equal([])
    expect(claims(given, BERT, '3.0', 1)).to.deep.equal([drops(BERT, 'message of a peer that lied')])
  })

  it('[V5] a coordinator above that lied is heard no more: its place is another\'s', () => {
    const given = aHolder('3', {}, AUDIT)
    accuses(given, BERT, aLie('/', ANNA, -1))
    expect(proved(given, aLie('/', ANNA, -1))[0]).to.deep.equal(tells({ type: 'blamed', peer: ANNA, path: path('/'), partition: -1 }))
    expect(given.hear(ANNA, { type: 'accepted', job: JOB, paths: [path('3')], receipt: null })).to.deep.equal([drops(ANNA, 'message of a peer that lied')])
  })

  it('[V5] copies of a liar\'s values are kept no longer, and not taken again', () => {
    const given = aHolder('3', {}, AUDIT)
    given.hear(ANNA, { type: 'hold', job: JOB, values: [aSigned('1', EVE), aSigned('2', CARL)] })
    accuses(given, ANNA, aLie('1', EVE), '1')
    proved(given, aLie('1', EVE))
    expect([...given.peer.jobs.get(JOB)?.ledger.keys() ?? []]).to.deep.equal(['2'])
    expect(given.hear(BERT, { type: 'hold', job: JOB, values: [aSigned('1', EVE)] }).slice(0, 2)).to.deep.equal([
      drops(BERT, 'value of a peer that lied'), sends(BERT, { ...blame(aLie('1', EVE)), within: path('1') })
    ])
  })
})
