/** Row `verified`: nothing below the job's policy counts, whoever hands it over and whoever takes over (V1, V7). */
import { expect } from 'chai'
import { ADAPTIVE, AUDIT, UNANSWERED, VALID, VOTES, aLie, aSigned, checked, checks, commits, gives, lied, makes } from './court.ts'
import { ANNA, BERT, CARL, DORA, EVE, Given, JOB, ME, aCoordinator, aHolder, aState, addressed, leasedTo, path } from './given.ts'
import { anAnnouncement, drops, keeps, publishes, sends, sets, tells } from './effects.ts'
import type { Effect } from '../effect.ts'
import type { JobSpec, Value } from '../job.ts'
import type { PeerId } from '../ids.ts'

/** The root, with Bert, Carl and Dora at work on 3, 2 and 1. */
const busy = (spec: JobSpec = AUDIT): Given => aCoordinator({ 3: BERT, 2: CARL, 1: DORA }, spec)
const bite = aSigned('1', DORA)
const fold = aSigned('1', DORA, { bite: false })
/** What chance draws of it. */
const SAMPLES = [16, 17, 18, 19]

/** Dora's child is free again. */
const frees = [tells({ type: 'coordinator', path: path('/'), fence: [1], heirs: [BERT, CARL] }), sets('hold', '/', 100), sets('state', '/', 250)]
const blames = (lie: ReturnType<typeof aLie>, ...to: PeerId[]): Effect[] => {
  const blame = { type: 'blame' as const, peer: lie.peer, evidence: lie.evidence, within: null }
  return [publishes('/', blame), ...to.map(peer => sends(peer, blame))]
}
const childAt = (given: Given, digit: number): unknown => given.peer.jobs.get(JOB)?.positions.get(path('/'))?.children[digit]?.state

/** A member that its store gave these values back, and that finds nobody: it claims the root. */
function revived (spec: JobSpec, values: Value[]): Effect[] {
  const given = new Given()
  const record = { announcement: { ...anAnnouncement(ANNA, []), spec }, part: 'member' as const, met: [], fences: [] }
  given.take({ type: 'restore', restored: { record, values, goods: 'all', ageMs: 0 } })
  return given.after(500).fires('join', '/')
}
const trials = (effects: Effect[]): Effect[] => effects.filter(({ type }) => type === 'check' || type === 'judge' || type === 'drop')

describe('verified', () => {
  it('[V1, V7] a value is looked at first: neither copied, nor folded, nor acknowledged', () => {
    const given = busy()
    expect(gives(given, bite)).to.deep.equal([checks(bite, SAMPLES)])
    expect(gives(given, bite)).to.deep.equal([])
    expect(given.after(100).fires('hold', '/')).to.deep.equal([])
    expect(given.hear(BERT, { type: 'hold', job: JOB, values: [bite] })).to.deep.equal([])
    expect(childAt(given, 1)).to.equal('leased')
  })

  it('[V1] its path is given to nobody, and its holder is not late', () => {
    const given = busy()
    gives(given, bite)
    given.take({ type: 'unreachable', peer: DORA })
    const claim = { type: 'claim' as const, job: JOB, path: path('1'), fence: [1, 2], peer: addressed(EVE) }
    expect(given.connect(EVE).hear(EVE, claim)).to.deep.equal([sends(EVE, { type: 'refused', path: path('1'), next: path('0'), ask: null })])
  })

  it('[V1, J2] nor is it told of as free, so that nobody is sent for it', () => {
    const given = aHolder('3', {}, AUDIT).connect(DORA)
    const freeAbove = (): number[] => given.fires('renew', '3').flatMap(effect => effect.type === 'send' && effect.message.type === 'renew' ? [effect.message.load.free] : [])
    const [before = 0] = freeAbove()
    given.hear(DORA, { type: 'claim', job: JOB, path: path('3.3'), fence: [1, 1, 1], peer: addressed(DORA) })
    gives(given, aSigned('3.3', DORA, { bite: false }))
    expect(freeAbove()).to.deep.equal([before - 4])
    given.hear(DORA, { type: 'leave', job: JOB })
    expect(freeAbove()).to.deep.equal([before - 4])
  })

  it('[V7] valid: it counts', () => {
    const given = busy()
    gives(given, bite)
    expect(checked(given, bite, VALID)).to.deep.equal([
      ...frees.slice(0, 2), sets('state', '/', 250), sets('hold', '/', 100),
      tells({ type: 'progress', done: 16, partitions: 64, load: { remaining: 48, free: 48, helpers: 2, rate: 0, levels: 1 } }), keeps(CARL, BERT)
    ])
  })

  it('[V7] an answer about another value changes nothing', () => {
    const given = busy()
    gives(given, bite)
    for (const other of [aSigned('1', CARL), { ...bite, cid: 'other' as Value['cid'] }, aSigned('2', DORA)]) expect(checked(given, other, VALID)).to.deep.equal([])
    expect(checked(busy(), bite, VALID)).to.deep.equal([])
  })

  it('[V5, V7] a lie: its maker loses its place, and those it works with are told', () => {
    const given = busy()
    const lie = aLie('1', DORA, 20)
    gives(given, bite)
    expect(checked(given, bite, lied(lie))).to.deep.equal([
      tells({ type: 'blamed', peer: DORA, path: path('1'), partition: 20 }), ...frees, ...blames(lie, CARL, BERT, DORA), keeps(CARL, BERT)
    ])
    expect(gives(given, bite)).to.deep.equal([drops(DORA, 'message of a peer that lied')])
  })

  it('[V5] whoever hands over what a liar made is told', () => {
    const given = busy()
    const lie = aLie('1', DORA)
    gives(given, bite)
    checked(given, bite, lied(lie))
    expect(gives(given, bite, undefined, CARL)).to.deep.equal([
      drops(CARL, 'value of a peer that lied'), sends(CARL, { type: 'blame', peer: DORA, evidence: lie.evidence, within: path('1') })
    ])
  })

  it('[V7] who does not show it is not blamed; another computes it, and the same is not looked at again for a while', () => {
    const given = busy()
    gives(given, bite)
    expect(checked(given, bite, UNANSWERED)).to.deep.equal([...frees, keeps(CARL, BERT)])
    expect(gives(given, bite)).to.deep.equal([])
    expect(gives(given.after(30_000), bite)).to.deep.equal([checks(bite, SAMPLES)])
  })

  it('[V5, V7] a fold that holds another\'s lie: its coordinator is told, keeps its place, and does it again', () => {
    const given = busy()
    const lie = aLie('1.2', EVE, 24)
    expect(gives(given, fold)).to.deep.equal([checks(fold, [16, 17, 18, 19])])
    expect(checked(given, fold, lied(lie))).to.deep.equal([
      tells({ type: 'blamed', peer: EVE, path: path('1.2'), partition: 24 }), ...blames(lie, DORA, CARL, BERT, EVE),
      sends(DORA, { type: 'blame', peer: EVE, evidence: lie.evidence, within: path('1') })
    ])
    expect(childAt(given, 1)).to.equal('leased')
    expect(gives(given, fold)).to.deep.equal([])
    // Whoever else keeps it would hand it over again.
    expect(gives(given, fold, undefined, CARL)).to.deep.equal([sends(CARL, { type: 'blame', peer: EVE, evidence: lie.evidence, within: path('1') })])
  })

  it('[V7] done again it may come to the same, of other parts: that is looked at', () => {
    const given = busy()
    gives(given, fold)
    checked(given, fold, lied(aLie('1.2', EVE)))
    const again = { ...fold, commitment: { root: 'other parts' as Value['cid'], signature: new Uint8Array([9]) } }
    expect(gives(given, again).map(({ type }) => type)).to.deep.equal(['check'])
  })

  it('[V1, V3] a coordinator has its own bites voted on, but not its folds', () => {
    const given = aCoordinator({ 3: BERT }, VOTES)
    given.volunteer()
    given.volunteer(0)
    expect(makes(given, '0.0')).to.deep.equal([sets('verify', '/', 2_000), sends(BERT, { type: 'rerun', to: BERT, via: [], path: path('0.0'), coordinator: addressed(ME) })])
    const audited = aCoordinator({ 3: BERT }, AUDIT)
    audited.volunteer()
    audited.volunteer(0)
    expect(makes(audited, '0.0')).to.deep.equal([sets('hold', '/', 100)])
  })

  it('[V7] folds are looked at where bites are voted on, whatever is being said of the bite', () => {
    const given = busy(ADAPTIVE)
    commits(given, bite)
    expect(gives(given, fold).map(({ type }) => type)).to.deep.equal(['send', 'check'])
  })

  it('[V1] a volunteer looks at a result before it believes that the job has ended with it', () => {
    const given = aHolder('3', { children: [leasedTo(2, BERT), leasedTo(3, ME)] }, AUDIT)
    given.volunteer(2)
    const whole = aSigned('/', CARL, { bite: false })
    const outcome = { type: 'done' as const, value: whole, holders: [addressed(BERT)] }
    const jobs = { type: 'jobs' as const, jobs: [{ ...anAnnouncement(ANNA, [BERT], outcome), spec: AUDIT }] }
    const [check, ...others] = given.hear(BERT, jobs)
    expect([check, others]).to.deep.equal([checks(whole, [12, 21, 36, 59]), []])
    const lie = aLie('/', CARL, -1)
    expect(checked(given, whole, lied(lie))).to.deep.include(tells({ type: 'blamed', peer: CARL, path: path('/'), partition: -1 }))
    expect(given.peer.jobs.get(JOB)?.outcome).to.equal(null)
    const other = aHolder('3', { children: [leasedTo(2, BERT), leasedTo(3, ME)] }, AUDIT)
    other.volunteer(2)
    other.hear(BERT, jobs)
    expect(checked(other, whole, VALID)).to.deep.include(tells({ type: 'done', value: whole, holders: [addressed(BERT)] }))
  })
})

describe('verified anew', () => {
  it('[V1, D2] what a store gives back is tried by who takes over, but not what it made itself', () => {
    expect(trials(revived(AUDIT, [aSigned('1', BERT), aSigned('2', ME), aSigned('3.1', BERT)]))).to.deep.equal([checks(aSigned('1', BERT), [20, 21, 22, 23])])
  })

  it('[V1, V3, D2] where bites are voted on they are votes, its own too', () => {
    const effects = revived(VOTES, [aSigned('1', BERT), aSigned('2', ME), aSigned('3', CARL, { bite: false })])
    expect(trials(effects)).to.deep.equal([checks(aSigned('3', CARL, { bite: false }), [])])
    const restored = aCoordinator({ 3: BERT }, VOTES)
    expect(childAt(restored, 1)).to.equal('free')
    expect(effects).to.deep.include(tells({ type: 'short', need: 2, have: 0 }))
  })

  it('[V1, D2, D3] so is the whole value, before the job ends with it', () => {
    const whole = aSigned('/', BERT, { bite: false })
    const effects = revived(AUDIT, [whole])
    expect(trials(effects)).to.deep.equal([checks(whole, [36, 37, 38, 39])])
    expect(effects.flatMap(effect => effect.type === 'set-timer' ? [[effect.timer.name, effect.ms]] : [])).to.not.deep.include(['hold', 0])
  })

  /** The holder of 3, who keeps copies of Anna's for her, and loses her. */
  function elected (spec: JobSpec, values: Value[]): { given: Given, effects: Effect[] } {
    const given = aHolder('3', { children: [leasedTo(2, BERT), leasedTo(3, ME)], heirs: [addressed(ME), addressed(BERT)] }, spec)
    given.hear(ANNA, { type: 'hold', job: JOB, values })
    given.take({ type: 'disconnected', peer: ANNA })
    given.take({ type: 'unreachable', peer: ANNA })
    return { given, effects: given.fires('ask', '/') }
  }

  it('[V1, C6] who is elected tries the copies it kept', () => {
    const { effects } = elected(AUDIT, [aSigned('1', CARL), aSigned('0.1', CARL)])
    expect(trials(effects)).to.deep.equal([checks(aSigned('1', CARL), [28, 29, 30, 31])])
  })

  it('[V1, C6] a copy of the whole value, too', () => {
    const { effects } = elected(AUDIT, [aSigned('/', CARL, { bite: false })])
    expect(trials(effects)).to.deep.equal([checks(aSigned('/', CARL, { bite: false }), [20, 21, 22, 23])])
  })

  it('[V1, V3, C6] where bites are voted on a copy is its maker\'s vote', () => {
    const { given } = elected(VOTES, [aSigned('1', CARL)])
    const trial = given.peer.jobs.get(JOB)?.court?.trials.get(path('1'))
    expect(trial?.type === 'poll' ? [...trial.votes.keys()] : []).to.deep.equal([CARL])
  })

  it('[V1, V3, C6] its own bite, that nobody voted on yet, is one vote', () => {
    const given = aHolder('3.3', { heirs: [addressed(ME)] }, VOTES)
    expect(makes(given, '3.3').flatMap(effect => effect.type === 'send' ? [effect.message.type] : [])).to.deep.equal(['commit'])
    given.fires('silence', '3')
    given.fires('ask', '3')
    const job = given.peer.jobs.get(JOB)
    expect(job?.court?.trials.get(path('3.3'))?.type).to.equal('poll')
    expect([...job?.positions.keys() ?? []]).to.deep.equal(['3'])
    expect(job?.positions.get(path('3'))?.children[3]?.state).to.equal('free')
    expect([...job?.owed.keys() ?? []]).to.deep.equal([])
  })

  it('[V1, C4] a coordinator that loses its place ends its polls: who was asked need not go on', () => {
    const given = busy(VOTES)
    commits(given, bite)
    const effects = given.hear(BERT, aState({ fence: [2], coordinator: addressed(BERT), children: [leasedTo(1, DORA), leasedTo(2, CARL)] }))
    expect(effects[0]).to.deep.equal(sends(CARL, { type: 'ended', path: path('1') }))
    expect([...given.peer.jobs.get(JOB)?.court?.trials.keys() ?? []]).to.deep.equal([])
  })
})
