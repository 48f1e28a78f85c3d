/** Row `announced`: jobs are heard of once, and outcomes stay (J1, R5). */
import { expect } from 'chai'
import {
  ANNA, BERT, CARL, DORA, EVE, Given, JOB, ME, SPEC, aClaimant, aCoordinator, aFailure, aGrant, aHolder, aListener, aState, aSubmitter, aValue,
  addressed, leasedTo, path
} from './given.ts'
import { anAnnouncement, clears, drops, greets, keeps, learns, sends, sets, subscribes, tells, unsubscribes } from './effects.ts'
import { JOBS_TOPIC } from '../root.ts'
import { ROOT } from '../geometry.ts'
import type { Announcement } from '../job.ts'
import type { Effect } from '../effect.ts'
import type { Cid, JobId, PeerId } from '../ids.ts'

const jobs = (...all: Announcement[]): { type: 'jobs', jobs: Announcement[] } => ({ type: 'jobs', jobs: all })

const joins = (to: PeerId): Effect => sends(to, { type: 'join', joiner: addressed(ME), rate: 0, hops: 0, phase: 'up', via: [] })

/** A volunteer connected to Bert that heard of Anna's job by gossip, from Eve. */
function aWaiter (): Given {
  const given = new Given().connect(BERT)
  given.volunteer()
  given.take({ type: 'message', from: EVE, message: jobs(anAnnouncement(ANNA, [ANNA])), topic: JOBS_TOPIC })
  return given
}

describe('announced', () => {
  it('[J1] a new job is known', () => {
    const announcement = anAnnouncement(ANNA, [ANNA, BERT])
    expect(new Given().hear(EVE, jobs(announcement))).to.deep.equal([learns(announcement)])
  })

  it('[J1] it is handled once', () => {
    expect(aListener().hear(EVE, jobs(anAnnouncement(ANNA, [ANNA])))).to.deep.equal([])
  })

  it('[J1] peers exchange the jobs they know on connecting', () => {
    expect(aListener().take({ type: 'connected', peer: BERT, addrs: [] })).to.deep.equal([greets(BERT, anAnnouncement(ANNA, [ANNA]))])
    expect(new Given().take({ type: 'connected', peer: BERT, addrs: [] })).to.deep.equal([])
  })

  it('[J1] a member names itself and its heirs to joiners', () => {
    const given = aCoordinator({ 3: BERT })
    expect(given.take({ type: 'connected', peer: CARL, addrs: [] })).to.deep.equal([greets(CARL, anAnnouncement(ME, [ME, BERT]))])
  })

  it('[J1] a volunteer joins what it hears of', () => {
    const given = new Given().connect(ANNA)
    given.volunteer()
    const announcement = anAnnouncement(ANNA, [ANNA])
    expect(given.hear(ANNA, jobs(announcement))).to.deep.equal([
      learns(announcement),
      sets('join', '/', 3_000),
      sends(ANNA, { type: 'join', joiner: addressed(ME), rate: 0, hops: 0, phase: 'up', via: [] })
    ])
  })

  it('[J1, J2] who hears of a job by gossip waits for a member among those it is connected to, 5 s at most', () => {
    const given = new Given().connect(BERT)
    given.volunteer()
    const announcement = anAnnouncement(ANNA, [ANNA])
    const [known, timer, ...rest] = given.take({ type: 'message', from: EVE, message: jobs(announcement), topic: JOBS_TOPIC })
    expect(known).to.deep.equal(learns(announcement))
    expect(timer).to.deep.include({ type: 'set-timer', timer: { name: 'join', job: JOB, path: '/' } })
    expect(timer?.type === 'set-timer' ? timer.ms : -1).to.be.within(0, 4_999)
    expect(rest).to.deep.equal([])
  })

  it('[J1, J2] if none becomes one, it asks whom the gossip named', () => {
    const given = aWaiter()
    expect(given.after(5_000).fires('join', '/')).to.deep.equal([sets('join', '/', 3_000), joins(ANNA)])
  })

  it('[J1, J2] one that is connected and a member is asked at once', () => {
    const now = [clears('join', '/'), sets('join', '/', 3_000), joins(BERT)]
    expect(aWaiter().hear(BERT, jobs(anAnnouncement(ANNA, [BERT, ANNA])))).to.deep.equal(now)
    const given = new Given().connect(BERT)
    given.volunteer()
    const gossiped = given.take({ type: 'message', from: BERT, message: jobs(anAnnouncement(BERT, [BERT])), topic: JOBS_TOPIC })
    expect(gossiped.slice(2)).to.deep.equal(now)
  })

  it('[J1, J2] one that is not connected is not; those that one without work names are asked soon', () => {
    expect(aWaiter().hear(EVE, jobs(anAnnouncement(ANNA, [EVE])))).to.deep.equal([])
    const [timer, ...rest] = aWaiter().hear(BERT, jobs(anAnnouncement(ANNA, [ANNA])))
    expect(timer).to.deep.include({ type: 'set-timer', timer: { name: 'join', job: JOB, path: '/' } })
    expect(timer?.type === 'set-timer' ? timer.ms : -1).to.be.within(0, 499)
    expect(rest).to.deep.equal([])
  })

  it('[J1, J2] who has no cores tells those it is connected to whom to ask, once', () => {
    const given = new Given().connect(BERT, CARL)
    const announcement = anAnnouncement(BERT, [BERT])
    expect(given.hear(BERT, jobs(announcement))).to.deep.equal([learns(announcement), greets(CARL, announcement)])
    expect(given.hear(BERT, jobs(announcement))).to.deep.equal([])
  })

  it('[J1] a root\'s coordinator whose addresses change tells so', () => {
    const given = aCoordinator({ 3: BERT })
    const moved = { peer: ME, addrs: ['/memory/elsewhere'] }
    const effects = given.take({ type: 'listening', addrs: moved.addrs })
    expect(effects.find(effect => effect.type === 'publish')).to.deep.include({ topic: JOBS_TOPIC })
    expect(given.take({ type: 'listening', addrs: moved.addrs })).to.deep.equal([])
    expect(aListener().take({ type: 'listening', addrs: moved.addrs })).to.deep.equal([])
  })

  it('[J1] a new member tells those it is connected to that are none, so that they ask it, and once', () => {
    const given = aClaimant('3', [1, 1]).connect(DORA, BERT)
    const state = aState({ children: [leasedTo(2, BERT), leasedTo(3, ME)] })
    const told = (): Effect[] => given.hear(ANNA, aGrant('3', [1, 1], state)).filter(effect => effect.type === 'send' && effect.message.type === 'jobs')
    expect(told()).to.deep.equal([greets(DORA, anAnnouncement(ANNA, [ME, ANNA]))])
    expect(told()).to.deep.equal([])
  })

  it('[X5] where more jobs are told of than can be kept, the oldest that is only known gives way', () => {
    const another = { ...anAnnouncement(EVE, []), job: 'another' as JobId }
    expect(aListener({ jobsMax: 1 }).hear(EVE, jobs(another))).to.deep.equal([clears('join', '/'), { type: 'forget', job: JOB }, learns(another)])
  })

  it('[X5] a job that this peer has a part in does not give way: more are dropped and counted', () => {
    expect(aSubmitter(SPEC, { jobsMax: 1 }).hear(EVE, jobs({ ...anAnnouncement(EVE, []), job: 'another' as JobId }))).to.deep.equal([drops(EVE, 'too many jobs')])
  })

  it('[R5] an outcome ends the job here too', () => {
    const outcome = { type: 'failed' as const, why: aFailure('3.0') }
    expect(aListener().hear(EVE, jobs(anAnnouncement(ANNA, [], outcome)))).to.deep.equal([
      clears('hold', '/'),
      clears('join', '/'),
      sets('expire', '/', SPEC.expiryMs),
      tells({ type: 'job-failed', why: outcome.why })
    ])
  })

  it('[R5] a finished job does not rise again, and ends once', () => {
    const given = aListener()
    const outcome = { type: 'done' as const, value: aValue('/', BERT), holders: [] }
    given.hear(BERT, jobs(anAnnouncement(ANNA, [], outcome)))
    expect(given.hear(EVE, jobs(anAnnouncement(ANNA, [EVE])))).to.deep.equal([greets(EVE, anAnnouncement(ANNA, [EVE, ANNA], outcome))])
    expect(given.hear(EVE, jobs(anAnnouncement(ANNA, [], { type: 'failed', why: aFailure('3.0') })))).to.deep.equal([])
    expect(given.volunteer()).to.deep.equal([])
  })

  it('[R5] who still works on a finished job is told how it ended', () => {
    const given = aListener()
    const outcome = { type: 'done' as const, value: aValue('/', BERT), holders: [] }
    given.hear(BERT, jobs(anAnnouncement(ANNA, [], outcome)))
    expect(given.hear(CARL, { type: 'join', job: JOB, joiner: addressed(CARL), rate: 0, hops: 0, phase: 'up', via: [] }))
      .to.deep.equal([greets(CARL, anAnnouncement(ANNA, [ANNA], outcome))])
    const beat = { type: 'beat' as const, job: JOB, path: ROOT, fence: [1], version: 2, since: 1, load: aState().load, nextMs: 2_000 }
    expect(given.overhear(CARL, '/', beat)).to.deep.equal([greets(CARL, anAnnouncement(ANNA, [ANNA], outcome))])
    expect(given.hear(CARL, { type: 'ended', job: JOB, path: outcome.value.path })).to.deep.equal([])
  })

  it('[R5] who works on a job believes its end only from peers it has met there; a root, with nobody above, asks these', () => {
    const outcome = { type: 'failed' as const, why: aFailure('3.0') }
    expect(aCoordinator({ 3: BERT }).hear(EVE, jobs(anAnnouncement(ME, [], outcome)))).to.deep.equal([
      greets(BERT, anAnnouncement(ME, [ME, BERT])),
      drops(EVE, 'outcome from a peer that cannot know it')
    ])
  })

  it('[R5] told of the end by a stranger, it asks those above, who would know', () => {
    const outcome = { type: 'failed' as const, why: aFailure('3.0') }
    expect(aHolder('3').hear(EVE, jobs(anAnnouncement(ANNA, [], outcome)))).to.deep.equal([
      greets(ANNA, anAnnouncement(ANNA, [ME, ANNA])),
      drops(EVE, 'outcome from a peer that cannot know it')
    ])
  })

  it('[R5] and believes them, though only a state below had named them: it would ask without end', () => {
    const given = aHolder('3.3', { heirs: [addressed(ME)], up: [addressed(DORA), addressed(EVE)] })
    given.fires('silence', '3')
    given.hear(DORA, { type: 'heard', job: JOB, path: path('3'), peer: ANNA, ms: -1, now: null })
    const outcome = { type: 'failed' as const, why: aFailure('3.0') }
    expect(given.hear(EVE, jobs(anAnnouncement(ANNA, [], outcome)))).to.deep.include(tells({ type: 'job-failed', why: outcome.why }))
  })

  it('[V1] who computes looks at a result before it believes it, but not where the submitter made it or tells it: nobody ends with another than it has', () => {
    const aWorker = (): Given => {
      const given = aListener({}, { ...SPEC, trust: { type: 'audit', rate: 0.01 } })
      given.volunteer()
      return given
    }
    const commitment = { root: 'root' as Cid, signature: new Uint8Array(64) }
    const doneBy = (peer: PeerId): Announcement =>
      anAnnouncement(ANNA, [], { type: 'done', value: aValue('/', peer, { bite: false, commitment }), holders: [] })
    const isOver = (effects: Effect[]): boolean => effects.some(effect => effect.type === 'notice' && effect.notice.type === 'done')
    const given = aWorker()
    expect(given.hear(BERT, jobs(doneBy(BERT))).map(({ type }) => type)).to.deep.equal(['check'])
    expect(isOver(given.hear(EVE, jobs(doneBy(ANNA))))).to.equal(true)
    expect(isOver(aWorker().hear(ANNA, jobs(doneBy(BERT))))).to.equal(true)
  })

  it('[J1, R5] only the one who announced it first is heard when it is cancelled', () => {
    const cancelled = anAnnouncement(EVE, [], { type: 'cancelled', signature: new Uint8Array([1]) })
    expect(aListener().hear(EVE, jobs(cancelled))).to.deep.equal([drops(EVE, 'outcome from a peer that cannot know it')])
  })

  it('[J1] a message of an unknown job is dropped and counted', () => {
    expect(new Given().hear(EVE, { type: 'leave', job: JOB })).to.deep.equal([drops(EVE, 'message of an unknown job')])
  })

  it('[J1] following a job listens on its root; its state is progress', () => {
    expect(aListener().take({ type: 'watch', job: JOB })).to.deep.equal([subscribes('/')])
    expect(aSubmitter().take({ type: 'watch', job: JOB })).to.deep.equal([])
    expect(new Given().take({ type: 'watch', job: JOB })).to.deep.equal([])
  })

  it('[R5] an outcome reaches a holder: its work and its views end', () => {
    const given = aCoordinator({ 3: BERT })
    const outcome = { type: 'failed' as const, why: aFailure('3.0') }
    expect(given.hear(BERT, jobs(anAnnouncement(ME, [], outcome)))).to.deep.equal([
      sends(BERT, { type: 'ended', path: ROOT }),
      clears('renew', '/'), clears('state', '/'), clears('claim', '/'), unsubscribes('/'),
      clears('hold', '/'), clears('join', '/'), sets('expire', '/', SPEC.expiryMs),
      tells({ type: 'job-failed', why: outcome.why }),
      greets(BERT, anAnnouncement(ME, [], outcome)),
      keeps()
    ])
  })
})
