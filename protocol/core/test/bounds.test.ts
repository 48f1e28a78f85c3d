/**
 * X5: what a peer remembers is bounded whatever strangers say, and what it works on is not pushed out by it. Each test
 * floods one of a peer's memories and looks at its size; what is over the bound is dropped and counted.
 */
import { expect } from 'chai'
import type { Cid, JobId, PeerId } from '../ids.ts'
import type { Effect } from '../effect.ts'
import { ANNA, BERT, EVE, JOB, ME, SPEC, aCoordinator, aFailure, aHolder, aListener, aSubmitter, addressed, aValue, path } from './given.ts'
import { anAnnouncement, drops } from './effects.ts'
import type { Given } from './given.ts'
import { DEFAULTS } from '../config.ts'

/** A job whose tree has more leaves than any bound. */
const LARGE = { ...SPEC, partitions: 2 ** 20, fanout: 16, grain: 1 }
const FLOOD = 20_000

/** Path of leaf i of the large job. */
const leaf = (i: number): string => [16, 12, 8, 4, 0].map(shift => i >> shift & 15).join('.')

const stranger = (i: number): PeerId => `stranger ${i}` as PeerId
const dropsIn = (effects: Effect[]): Effect[] => effects.filter(({ type }) => type === 'drop')
const jobOf = (given: Given, job: JobId = JOB): NonNullable<ReturnType<typeof given.peer.jobs.get>> => {
  const found = given.peer.jobs.get(job)
  if (found === undefined) throw new Error('the job was forgotten')
  return found
}

describe('bounds of memory', () => {
  it('[X5] values that nobody asked for', () => {
    const given = aSubmitter(LARGE)
    let dropped = 0
    for (let i = 0; i < FLOOD; i++) {
      const value = aValue(leaf(i), EVE, { count: 1 })
      dropped += dropsIn(given.hear(EVE, { type: 'hold', job: JOB, values: [value] })).length
    }
    expect(jobOf(given).ledger.size).to.equal(DEFAULTS.ledgerMax)
    expect(dropped).to.equal(FLOOD - DEFAULTS.ledgerMax)
    // The values of its own children still have room.
    given.hear(BERT, { type: 'value', job: JOB, value: aValue('3', BERT, { count: 2 ** 16 }), salt: new Uint8Array() })
    expect(jobOf(given).ledger.has(path('3'))).to.equal(true)
  })

  it('[X5] jobs without end: those worked on stay', () => {
    const given = aHolder('3')
    for (let i = 0; i < 2_000; i++) given.hear(EVE, { type: 'jobs', jobs: [{ ...anAnnouncement(EVE, []), job: `job ${i}` as JobId }] })
    expect(given.peer.jobs.size).to.equal(DEFAULTS.jobsMax)
    expect(jobOf(given).positions.has(path('3'))).to.equal(true)
    expect(given.peer.jobs.has('job 1999' as JobId)).to.equal(true)
  })

  it('[X5] peers that were only named: those connected stay', () => {
    const given = aListener()
    for (let i = 0; i < FLOOD; i++) {
      given.hear(EVE, { type: 'join', job: JOB, joiner: addressed(stranger(i)), rate: 1, hops: 1, phase: 'up', via: [] })
      given.hear(EVE, { type: 'jobs', jobs: [anAnnouncement(ANNA, [stranger(i), stranger(i + FLOOD)])] })
    }
    expect(given.peer.addresses.size).to.be.at.most(DEFAULTS.linksMax)
    expect(given.peer.links.size).to.be.at.most(DEFAULTS.linksMax)
    expect(given.peer.addresses.has(ANNA)).to.equal(true)
    expect(jobOf(given).hints.length).to.be.at.most(8)
  })

  it('[X5] claims, renewals, questions and goodbyes of strangers', () => {
    const given = aCoordinator({ 3: BERT })
    for (let i = 0; i < 5_000; i++) {
      const from = stranger(i)
      given.hear(from, { type: 'claim', job: JOB, path: path('3.1'), fence: [1, 9, i], peer: addressed(from) })
      given.overhear(from, '/', { type: 'claim', job: JOB, path: path('/'), fence: [i], peer: addressed(from) })
      given.hear(from, { type: 'renew', job: JOB, path: path('2'), fence: [1, i], done: 1, load: { remaining: 1, free: 1, helpers: 1, rate: 1, levels: 1 }, seen: 0 })
      given.hear(from, { type: 'ask', job: JOB, path: path('1'), peer: stranger(i + 1) })
      given.hear(from, { type: 'stocked', job: JOB })
      given.hear(from, { type: 'leave', job: JOB })
    }
    const job = jobOf(given)
    expect(job.stocked.length).to.be.at.most(DEFAULTS.stockedMax)
    expect(job.met.size).to.be.at.most(4_096)
    expect(job.views.size + job.positions.size + job.past.size + job.failures.size).to.be.below(64)
    expect(given.peer.links.size).to.be.at.most(DEFAULTS.linksMax)
  })

  it('[X5] failures that a member makes up', () => {
    const given = aSubmitter(LARGE)
    given.connect(BERT, ANNA)
    for (const [digit, holder] of [['3', BERT], ['2', ANNA]] as const) given.hear(holder, { type: 'claim', job: JOB, path: path(digit), fence: [1, 1], peer: addressed(holder) })
    for (let i = 0; i < 2_000; i++) given.hear(BERT, { type: 'failed', job: JOB, why: aFailure(`3.${leaf(i).slice(2)}`), tried: [] })
    const { outcome, failures } = jobOf(given)
    expect(outcome).to.equal(null)
    expect(failures.size).to.equal(DEFAULTS.failuresMax)
  })

  it('[X5] bites that strangers want run', () => {
    const given = aListener()
    given.volunteer(1)
    const effects = ['0', '1', '2', '3'].flatMap(first => ['0', '1', '2', '3'].flatMap(second => ['/', first, `${first}.${second}`]))
      .concat(['0.0.0']).flatMap((at, i) => given.hear(stranger(i), { type: 'rerun', job: JOB, to: ME, via: [], path: path(at), coordinator: addressed(stranger(i)) }))
    expect(effects.filter(({ type }) => type === 'compute').length).to.equal(DEFAULTS.rerunsMax)
    expect(effects).to.deep.include(drops(stranger(47), 'too many reruns'))
  })

  it('[X5] bites that votes want run: as many as a few coordinators have children (V3)', () => {
    const given = aListener({}, { ...LARGE, trust: { type: 'votes', quorum: 2, voters: 2, deadlineMs: 0 } })
    given.volunteer(1)
    const effects = Array.from({ length: 400 }, (_, i) => given.hear(BERT, { type: 'rerun', job: JOB, to: ME, via: [], path: path(leaf(i)), coordinator: addressed(BERT) })).flat()
    expect(effects.filter(({ type }) => type === 'compute').length).to.equal(DEFAULTS.rerunsMax * LARGE.fanout)
  })

  it('[X5] blocks that values promise: as many are waited for as values are kept', () => {
    const given = aSubmitter(LARGE)
    for (let i = 0; i < FLOOD; i++) given.hear(EVE, { type: 'value', job: JOB, value: aValue(leaf(i), EVE, { count: 1, bytes: null, cid: `block ${i}` as Cid }), salt: new Uint8Array() })
    expect(given.peer.fetches.size).to.equal(DEFAULTS.ledgerMax)
  })
})
