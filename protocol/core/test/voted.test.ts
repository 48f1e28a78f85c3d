/** Row `voted`: commit, reveal, agreed or judged (V3). */
import { expect } from 'chai'
import { ADAPTIVE, SALT, UNANSWERED, VALID, VOTES, aLie, aSigned, aWrong, commits, gives, judged, judges, lied, makes } from './court.ts'
import { BERT, CARL, DORA, EVE, JOB, ME, aCoordinator, aSubmitter, addressed, path } from './given.ts'
import { certifies, computes, drops, keeps, publishes, sends, sets, tells } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { Given } from './given.ts'
import type { JobSpec, Value } from '../job.ts'
import type { PeerId } from '../ids.ts'

/** The root, with Bert, Carl and Dora at work on 3, 2 and 1. Chance asks Carl first, then Bert. */
const busy = (spec: JobSpec = VOTES): Given => aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, spec)

const FRED = 'fred' as PeerId
const vote = (by: PeerId): Value => aSigned('1', by)
const asks = (to: PeerId, at = '1'): Effect => sends(to, { type: 'rerun', to, via: [], path: path(at), coordinator: addressed(ME) })
const reveals = (to: PeerId): Effect => sends(to, { type: 'reveal', path: path('1') })
const looks = sets('verify', '/', 2_000)

/** Dora and Carl are bound. */
function bound (spec: JobSpec = VOTES, doras = vote(DORA), carls = vote(CARL)): Given {
  const given = busy(spec)
  commits(given, doras)
  commits(given, carls)
  return given
}

/** Dora and Carl have told different values, which are being judged. */
function split (): Given {
  const given = bound(VOTES, vote(DORA), aWrong('1', CARL))
  gives(given, vote(DORA))
  gives(given, aWrong('1', CARL))
  return given
}

/** What a value of child 1 does when it counts: copies go out, its holder is no member any more, and those that agreed are certified. */
const counts = (...agreed: Value[]): Effect[] => [
  tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [BERT, CARL] }),
  sets('hold', '/', 100), sets('state', '/', 250), sets('hold', '/', 100),
  tells({ type: 'progress', done: 16, partitions: 64, load: { remaining: 48, free: 48, helpers: 2, rate: 0, levels: 1 } }),
  ...agreed.map(value => certifies(value.by, value)),
  keeps(CARL, BERT)
]

describe('voted', () => {
  it('[V3] the holder is bound: another is asked to compute the same', () => {
    expect(commits(busy(), vote(DORA))).to.deep.equal([looks, asks(CARL)])
  })

  it('[V3] it says so again: nobody else is asked', () => {
    const given = busy()
    commits(given, vote(DORA))
    expect(commits(given, vote(DORA))).to.deep.equal([])
  })

  it('[V3] nor does it win time by that, once it is told to reveal', () => {
    const given = busy()
    for (const peer of [DORA, CARL]) commits(given, vote(peer))
    expect(commits(given.after(6_000), vote(CARL))).to.deep.equal([reveals(CARL)])
    // Neither has told: its holder, and then another, are asked anew.
    expect(given.after(1).fires('verify', '/').filter(effect => effect.type === 'send')).to.deep.include(asks(DORA))
  })

  it('[V3] as many are bound as must agree: all are told to reveal', () => {
    const given = busy()
    commits(given, vote(DORA))
    expect(commits(given, vote(CARL))).to.deep.equal([reveals(DORA), reveals(CARL), looks])
  })

  it('[V3] nothing of a value counts before the others are told', () => {
    expect(gives(bound(), vote(DORA))).to.deep.equal([looks])
  })

  it('[V3, K1] equal values: the holder\'s counts, the other is certified at once', () => {
    const given = bound()
    gives(given, vote(DORA))
    expect(gives(given, vote(CARL))).to.deep.equal(counts(vote(CARL)))
    expect(given.peer.jobs.get(JOB)?.ledger.get(path('1'))?.value.by).to.equal(DORA)
  })

  it('[V3] a vote of one that was not asked is dropped', () => {
    const given = busy()
    expect(commits(given, vote(EVE))).to.deep.equal([drops(EVE, 'vote of a peer that was not asked')])
    commits(given, vote(DORA))
    expect(commits(given, vote(BERT))).to.deep.equal([drops(BERT, 'vote of a peer that was not asked')])
    expect(gives(given, vote(BERT))).to.deep.equal([drops(BERT, 'vote of a peer that was not asked')])
  })

  it('[V3] a commitment of another length is dropped, and any in a job without votes', () => {
    const given = busy()
    const short = { type: 'commit' as const, job: JOB, path: path('1'), digest: new Uint8Array(31) }
    expect(given.hear(DORA, short)).to.deep.equal([drops(DORA, 'commitment that nobody asked for')])
    expect(commits(aCoordinator({ 1: DORA }), vote(DORA))).to.deep.equal([drops(DORA, 'commitment that nobody asked for')])
  })

  it('[V3] a copied digest opens for nobody but its maker: who sent it is dropped, and another is asked', () => {
    const given = busy()
    commits(given, vote(DORA))
    const { digest } = commitmentOf(given, DORA)
    given.hear(CARL, { type: 'commit', job: JOB, path: path('1'), digest })
    gives(given, vote(DORA))
    expect(gives(given, vote(CARL))).to.deep.equal([drops(CARL, 'value other than the one committed to'), looks, asks(BERT)])
    expect(commits(given, vote(CARL))).to.deep.equal([drops(CARL, 'vote of a peer that was not asked')])
  })

  it('[V3] another value, root or salt than the one committed to is dropped', () => {
    for (const [value, salt] of [[aWrong('1', CARL), SALT], [{ ...vote(CARL), commitment: vote(BERT).commitment }, SALT], [vote(CARL), new Uint8Array(16)]] as const) {
      expect(gives(bound(), value, salt)).to.deep.equal([drops(CARL, 'value other than the one committed to'), looks, asks(BERT)])
    }
  })

  it('[V3] a value without a commitment is no vote once another is known; before, it is the first', () => {
    const given = bound()
    gives(given, vote(DORA))
    expect(gives(given, aWrong('1', CARL))).to.deep.include(asks(BERT))
    expect(gives(given, vote(BERT))).to.deep.equal([drops(BERT, 'value that was not committed to')])
    const first = busy()
    expect(gives(first, vote(DORA))).to.deep.equal([looks, asks(CARL)])
  })

  it('[V3] of voters that nobody chose one counts, or an attacker\'s names could agree: the holder is not enough for a value handed over', () => {
    const given = busy()
    expect(gives(given, aSigned('2', EVE), SALT, BERT)).to.deep.equal([looks, asks(DORA, '2')])
    expect(commits(given, aSigned('2', CARL))).to.deep.equal([])
    expect(gives(given, aSigned('2', FRED), SALT, BERT)).to.deep.equal([])
    expect(commits(given, aSigned('2', DORA))).to.deep.equal([sends(DORA, { type: 'reveal', path: path('2') }), looks])
  })

  it('[V3] more than must agree: one that was late is heard, too, when the next was asked meanwhile', () => {
    const given = busy()
    commits(given, vote(DORA))
    given.after(200_000)
    for (const peer of [BERT, CARL, DORA]) given.hear(peer, { type: 'renew', job: JOB, path: path(peer === BERT ? '3' : peer === CARL ? '2' : '1'), fence: [1, 1], done: 0, load: { remaining: 16, free: 0, helpers: 1, rate: 1, levels: 1 }, seen: 99 })
    expect(given.fires('verify', '/')).to.deep.include(asks(BERT))
    commits(given, vote(BERT))
    commits(given, vote(CARL))
    for (const peer of [DORA, BERT]) expect(gives(given, vote(peer))).to.deep.equal([looks])
    expect(gives(given, vote(CARL)).filter(({ type }) => type === 'certify')).to.deep.equal([certifies(BERT, vote(BERT)), certifies(CARL, vote(CARL))])
  })

  it('[V3] a late vote of a path that is done: told so; a value that differs is a conflict', () => {
    const given = bound()
    for (const peer of [DORA, CARL]) gives(given, vote(peer))
    given.fires('hold', '/')
    for (const peer of [BERT, CARL]) given.hear(peer, { type: 'held', job: JOB, paths: [path('1')] })
    expect(commits(given, vote(BERT))).to.deep.equal([sends(BERT, { type: 'ended', path: path('1') })])
    expect(gives(given, aWrong('1', BERT))).to.deep.equal([
      tells({ type: 'conflict', path: path('1'), peers: [DORA, BERT] }),
      sends(BERT, { type: 'accepted', paths: [path('1')], receipt: null })
    ])
  })

  it('[V3] the coordinator votes itself where it is asked, and tells nobody', () => {
    const given = aCoordinator({ 1: DORA }, VOTES)
    expect(commits(given, vote(DORA))).to.deep.equal([looks, looks, tells({ type: 'short', need: 2, have: 1 })])
    given.volunteer()
    expect(given.after(2_000).fires('verify', '/')).to.deep.include(computes('1'))
    expect(makes(given, '1')).to.deep.equal([reveals(DORA), looks, computes('0.1')])
  })

  it('[V3] of a job that is one leaf, too', () => {
    const given = aSubmitter({ ...VOTES, partitions: 3 })
    given.volunteer()
    makes(given, '/', { count: 3 })
    given.connect(DORA)
    const join = { type: 'join' as const, job: JOB, joiner: addressed(DORA), rate: 0, hops: 0, phase: 'up' as const, via: [] }
    expect(given.hear(DORA, join)).to.deep.include(asks(DORA, '/'))
    const whole = aSigned('/', DORA, { count: 3 })
    expect(commits(given, whole)).to.deep.equal([sends(DORA, { type: 'reveal', path: path('/') }), looks])
    expect(gives(given, whole)).to.deep.include(sets('hold', '/', 0))
  })
})

/** What somebody has committed to here. */
function commitmentOf (given: Given, peer: PeerId): { digest: Uint8Array } {
  const trial = given.peer.jobs.get(JOB)?.court?.trials.get(path('1'))
  return { digest: (trial?.type === 'poll' ? trial.votes.get(peer)?.digest : null) ?? new Uint8Array(32) }
}

describe('judged', () => {
  it('[V3, V6] values that differ are judged', () => {
    const given = bound(VOTES, vote(DORA), aWrong('1', CARL))
    gives(given, vote(DORA))
    expect(gives(given, aWrong('1', CARL))).to.deep.equal([judges('1', vote(DORA), aWrong('1', CARL))])
    expect(given.after(2_000).fires('verify', '/')).to.deep.equal([looks])
  })

  it('[V6] the same by the job\'s own word: they agree', () => {
    expect(judged(split(), '1', { [DORA]: VALID, [CARL]: VALID }, true)).to.deep.equal(counts(aWrong('1', CARL)))
  })

  it('[V3, V5] a lie: the liar is blamed and gets nothing more, the other\'s vote stays, another is asked', () => {
    const given = split()
    const lie = aLie('1', CARL)
    const blame = { type: 'blame' as const, peer: CARL, evidence: lie.evidence, within: null }
    expect(judged(given, '1', { [DORA]: VALID, [CARL]: lied(lie) })).to.deep.equal([
      tells({ type: 'blamed', peer: CARL, path: path('1'), partition: 0 }),
      tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [BERT, DORA] }),
      sets('hold', '/', 100), sets('state', '/', 250),
      publishes('/', blame), sends(DORA, blame), sends(BERT, blame), sends(CARL, blame),
      looks, asks(BERT), keeps(DORA, BERT)
    ])
    expect(commits(given, vote(CARL))).to.deep.equal([drops(CARL, 'message of a peer that lied')])
  })

  it('[V3, V7] who does not show its value is not blamed, and not asked again', () => {
    const given = split()
    expect(judged(given, '1', { [DORA]: VALID, [CARL]: UNANSWERED })).to.deep.equal([looks, asks(BERT)])
    expect(commits(given, vote(CARL))).to.deep.equal([drops(CARL, 'vote of a peer that was not asked')])
  })

  it('[V3] undecided: one more is asked, and the same values are not judged again', () => {
    const given = split()
    expect(judged(given, '1', { [DORA]: VALID, [CARL]: VALID })).to.deep.equal([looks, asks(BERT)])
    expect(given.after(2_000).fires('verify', '/')).to.deep.equal([looks, looks])
    commits(given, vote(BERT))
    expect(gives(given, vote(BERT))).to.deep.equal([judges('1', vote(DORA), aWrong('1', CARL), vote(BERT))])
  })

  it('[V3, E1] all that may vote do not agree, and none lied: the job fails with what to do', () => {
    const given = split()
    judged(given, '1', { [DORA]: VALID, [CARL]: VALID })
    commits(given, vote(BERT))
    gives(given, vote(BERT))
    const effects = judged(given, '1', { [DORA]: VALID, [CARL]: VALID, [BERT]: VALID })
    expect(effects).to.deep.include(tells({ type: 'job-failed', why: {
      kind: 'trust', path: path('1'), partition: -1, stack: '',
      message: '3 peers came to different values, and none of them lied: let the job export equal(a, b), or make it compute the same everywhere'
    } }))
    expect(effects.filter(({ type }) => type === 'send').flatMap(effect => effect.type === 'send' ? [effect.message.type] : [])).to.not.include('rerun')
  })

  it('[V3] an answer that nobody waits for changes nothing', () => {
    expect(judged(busy(), '1', { [DORA]: VALID })).to.deep.equal([])
    expect(judged(bound(), '1', { [DORA]: lied(aLie('1', DORA)) })).to.deep.equal([])
  })
})

describe('trusted (adaptive)', () => {
  /** Chance takes Dora at its word when this fills its salt. */
  const ALONE = 0

  /** Dora, three of whose values Carl has confirmed, holds 0 now. */
  function known (): Given {
    const given = aCoordinator({ 3: CARL, 2: DORA, 1: DORA, 0: DORA }, ADAPTIVE)
    for (const at of ['1', '2', '3']) {
      for (const peer of at === '3' ? [CARL, DORA] : [DORA, CARL]) commits(given, aSigned(at, peer))
      for (const peer of [CARL, DORA]) gives(given, aSigned(at, peer))
    }
    return given
  }

  it('[V3] nobody is trusted at first: two must agree', () => {
    expect(commits(busy(ADAPTIVE), vote(DORA))).to.deep.equal([looks, asks(CARL)])
  })

  it('[V3] n counts what another confirmed, for both', () => {
    const given = bound(ADAPTIVE)
    for (const peer of [DORA, CARL]) gives(given, vote(peer))
    expect([...given.peer.jobs.get(JOB)?.court?.standing ?? []]).to.deep.equal([[DORA, 1], [CARL, 1]])
  })

  it('[V3] alone, its value counts at once; its own vote raises no count', () => {
    const salt = new Uint8Array(16).fill(ALONE)
    const given = known()
    expect(commits(given, aSigned('0', DORA), salt)).to.deep.equal([sends(DORA, { type: 'reveal', path: path('0') }), looks])
    expect(gives(given, aSigned('0', DORA), salt)).to.deep.include({
      type: 'collect', job: JOB, path: '/', values: [aSigned('0', DORA), aSigned('1', DORA), aSigned('2', DORA), aSigned('3', CARL)]
    })
    expect(given.peer.jobs.get(JOB)?.court?.standing.get(DORA)).to.equal(3)
  })

  it('[V3] a peer of enough valid values is asked alone, but one time in n', () => {
    let alone = 0
    for (let i = 0; i < 400; i++) {
      const effects = commits(known(), aSigned('0', DORA), new Uint8Array(16).fill(i % 256).fill(i >> 8, 0, 8))
      if (effects.some(effect => effect.type === 'send' && effect.message.type === 'reveal')) alone++
    }
    expect(alone / 400).to.be.within(0.59, 0.74)
  })
})
