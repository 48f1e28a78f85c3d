/** Row `recruited`: who votes, chosen by the one who counts; and too few of them (V3). */
import { expect } from 'chai'
import { AUDIT, VOTES, aLie, aSigned, accuses, commits, gives, makes, proved, trusting } from './court.ts'
import { ANNA, BERT, CARL, DORA, EVE, JOB, ME, aCoordinator, aFailure, aHolder, addressed, leasedTo, path } from './given.ts'
import { computes, drops, sends, sets, tells } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { JobSpec } from '../job.ts'
import type { JoinMessage, RecruitMessage, VoterMessage } from '../message.ts'
import type { PeerId } from '../ids.ts'

const vote = (by: PeerId): ReturnType<typeof aSigned> => aSigned('1', by)
const asks = (to: PeerId, at = '1'): Effect => sends(to, { type: 'rerun', to, via: [], path: path(at), coordinator: addressed(ME) })
const looks = sets('verify', '/', 2_000)
const short = (have: number): Effect => tells({ type: 'short', need: 2, have })
const joins = (given: Given, peer: PeerId): Effect[] => {
  const message: JoinMessage = { type: 'join', job: JOB, joiner: addressed(peer), rate: 0, hops: 0, phase: 'up', via: [] }
  return given.connect(peer).hear(peer, message)
}

/** The root, all of whose work one peer has begun. */
function full (holder: PeerId, spec: JobSpec = VOTES): Given {
  const given = aCoordinator({ 3: holder, 2: holder, 1: holder, 0: holder }, spec)
  const load = { remaining: 16, free: 0, helpers: 1, rate: 0, levels: 1 }
  for (const at of ['0', '1', '2', '3']) given.hear(holder, { type: 'renew', job: JOB, path: path(at), fence: [1, 1], done: 0, load, seen: 99 })
  return given
}

/** Dora's, who is bound to a value of 1. */
function alone (spec: JobSpec = VOTES): Given {
  const given = full(DORA, spec)
  commits(given, vote(DORA))
  return given
}

/** The holder of 3 under Anna, whose child 3.1 Dora holds, and is bound to a value of. */
function below (): Given {
  const given = aHolder('3', { children: [leasedTo(2, BERT), leasedTo(3, ME)] }, VOTES).connect(DORA)
  given.hear(DORA, { type: 'claim', job: JOB, path: path('3.3'), fence: [1, 1, 1], peer: addressed(DORA) })
  return given
}
const theirs = aSigned('3.3', DORA)
const wanted: RecruitMessage = { type: 'recruit', job: JOB, path: path('3.3'), coordinator: addressed(ME), not: [ME, DORA] }
const named = (voter: PeerId, at = '3.3'): VoterMessage => ({ type: 'voter', job: JOB, path: path(at), voter: addressed(voter) })

describe('recruited', () => {
  it('[V3] nobody else is there: the root says so, once, and waits', () => {
    const given = aCoordinator({ 1: DORA }, VOTES)
    expect(commits(given, vote(DORA))).to.deep.equal([looks, looks, short(1)])
    expect(given.after(2_000).fires('verify', '/')).to.deep.equal([looks, looks])
    expect(given.after(600_000).fires('verify', '/')).to.not.deep.include(short(1))
  })

  it('[V3] the next without work that comes by is asked', () => {
    expect(joins(alone(), EVE)).to.deep.equal([short(2), asks(EVE), sends(EVE, { type: 'later', to: EVE, via: [], ms: 2_000 })])
  })

  it('[V3] this peer votes on one after the other, where nobody else is left, so that who comes by can take the rest', () => {
    const given = full(DORA)
    given.volunteer()
    expect(commits(given, vote(DORA))).to.deep.include(computes('1'))
    expect(commits(given, aSigned('2', DORA))).to.deep.equal([looks])
    expect(joins(given, EVE)).to.deep.include(asks(EVE, '2'))
  })

  it('[V3] and begins the next as soon as it has given one', () => {
    const given = full(DORA)
    given.volunteer()
    for (const at of ['1', '2']) commits(given, aSigned(at, DORA))
    expect(makes(given, '1')).to.deep.include(computes('2'))
  })

  it('[V3] for all that wait at once: one at a time would let it wait between them', () => {
    const given = alone()
    commits(given, aSigned('2', DORA))
    expect(joins(given, EVE).filter(({ type }) => type === 'send').slice(0, 2)).to.deep.equal([asks(EVE), asks(EVE, '2')])
  })

  it('[V3] but not one that has voted, or was asked', () => {
    const given = alone()
    expect(joins(given, DORA)).to.not.deep.include(asks(DORA))
    joins(given, EVE)
    expect(joins(given, EVE)).to.not.deep.include(asks(EVE))
  })

  it('[V3, V5] one whose accusations proved nothing is asked only when nobody else is there', () => {
    for (const [slanderer, other] of [[BERT, CARL], [CARL, BERT]] as const) {
      const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, VOTES)
      accuses(given, slanderer, aLie('2', other))
      proved(given, null)
      expect(commits(given, vote(DORA))).to.deep.include(asks(other))
      expect(given.take({ type: 'unreachable', peer: other })).to.deep.include(asks(slanderer))
    }
  })

  it('[V3] too few at the policy\'s deadline: the job fails with what is missing, and not before', () => {
    const given = alone(trusting({ type: 'votes', quorum: 2, voters: 3, deadlineMs: 20_000 }))
    expect(given.after(19_999).fires('verify', '/').filter(({ type }) => type === 'notice')).to.deep.equal([])
    expect(given.after(1).fires('verify', '/')).to.deep.include(tells({ type: 'job-failed', why: {
      kind: 'trust', path: path('/'), partition: -1, stack: '',
      message: 'the job wants 2 distinct peers to agree on each value, and after 20 s there were 1: start more peers, or ask for fewer votes'
    } }))
  })

  it('[V3] a voter that is gone is replaced; what it has told stays', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, VOTES)
    commits(given, vote(DORA))
    expect(given.take({ type: 'unreachable', peer: CARL })).to.deep.include(asks(BERT))
    commits(given, vote(BERT))
    gives(given, vote(BERT))
    given.take({ type: 'unreachable', peer: BERT })
    expect(gives(given, vote(DORA)).map(({ type }) => type)).to.include('certify')
  })

  it('[V3] one that leaves, too', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, VOTES)
    commits(given, vote(DORA))
    expect(given.hear(CARL, { type: 'leave', job: JOB })).to.deep.include(asks(BERT))
  })

  it('[V3] one that does not reveal within a lease has not voted: somebody is asked anew', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, VOTES)
    commits(given, vote(DORA))
    commits(given, vote(CARL))
    gives(given, vote(DORA))
    expect(given.after(6_000).fires('verify', '/')).to.deep.equal([looks, looks])
    expect(given.after(1).fires('verify', '/')).to.deep.equal([looks, asks(CARL), looks, looks])
  })

  it('[V3, E1] one that cannot compute it is replaced at once, and not asked again', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, VOTES)
    commits(given, vote(DORA))
    expect(given.hear(CARL, { type: 'failed', job: JOB, why: aFailure('1'), tried: [CARL] })).to.deep.equal([asks(DORA)])
    expect(given.fires('verify', '/')).to.deep.equal([looks, asks(BERT), looks])
  })

  it('[V3] nobody here is left: those above are asked, once a lease', () => {
    const given = below()
    expect(commits(given, theirs)).to.deep.equal([looks, sends(ANNA, wanted)])
    expect(given.after(2_000).fires('verify', '/')).to.deep.equal([looks, looks])
    expect(given.after(4_000).fires('verify', '/')).to.deep.equal([looks, sends(ANNA, wanted), looks])
  })

  it('[V3] the one they name is asked', () => {
    const given = below()
    commits(given, theirs)
    expect(given.hear(ANNA, named(EVE))).to.deep.equal([asks(EVE, '3.3')])
  })

  it('[V3] but not one that voted, nor any when nobody is wanted, nor by a stranger\'s word', () => {
    const given = below()
    expect(given.hear(ANNA, named(EVE))).to.deep.equal([drops(ANNA, 'voter that nobody asked for')])
    commits(given, theirs)
    expect(given.hear(EVE, named(EVE))).to.deep.equal([drops(EVE, 'voter that nobody asked for')])
    expect(given.hear(ANNA, named(DORA))).to.deep.equal([])
    given.hear(ANNA, named(EVE))
    expect(given.hear(ANNA, named(CARL))).to.deep.equal([drops(ANNA, 'voter that nobody asked for')])
  })

  it('[V3] a coordinator above names one of its members', () => {
    const given = aCoordinator({ 3: BERT, 2: CARL }, VOTES)
    const message: RecruitMessage = { type: 'recruit', job: JOB, path: path('3.3'), coordinator: addressed(BERT), not: [BERT, DORA] }
    expect(given.hear(BERT, message)).to.deep.equal([sends(BERT, named(CARL))])
  })

  it('[V3] one that has none passes it up; the root names the next that comes by', () => {
    const message: RecruitMessage = { ...wanted, path: path('3.2'), coordinator: addressed(DORA), not: [DORA, EVE, ME] }
    const given = below()
    expect(given.hear(DORA, message)).to.deep.equal([sends(ANNA, message)])
    const root = full(BERT)
    const asked: RecruitMessage = { ...wanted, coordinator: addressed(BERT), not: [BERT, DORA] }
    expect(root.hear(BERT, asked)).to.deep.equal([looks, short(1)])
    expect(joins(root, DORA)).to.not.deep.include(sends(BERT, named(DORA)))
    expect(joins(root, EVE)).to.deep.equal([short(2), sends(BERT, named(EVE)), sends(EVE, { type: 'later', to: EVE, via: [], ms: 2_100 })])
    expect(joins(root, 'fred' as PeerId)).to.not.deep.include(sends(BERT, named('fred' as PeerId)))
  })

  it('[V3] in a job without votes it is dropped', () => {
    expect(aCoordinator({ 3: BERT }, AUDIT).hear(BERT, wanted)).to.deep.equal([drops(BERT, 'voter for a job without votes')])
  })

  it('[V3] a voter computes what it is asked, under way or not, and a claim goes on', () => {
    const given = aHolder('3', {}, VOTES)
    given.volunteer(4)
    const rerun = { type: 'rerun' as const, job: JOB, to: ME, via: [], path: path('2'), coordinator: addressed(ANNA) }
    const effects = given.hear(ANNA, rerun)
    expect(effects).to.deep.include(computes('2'))
    expect(given.hear(ANNA, rerun)).to.not.deep.include(computes('2'))
  })
})
