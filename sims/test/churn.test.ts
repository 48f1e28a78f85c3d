/** Churn: the population stays steady, concerns do not move each other, crowds and days come on top. */
import { expect } from 'chai'
import { createRandom } from '../../protocol/core/random.ts'
import { PRESENT_MS, sessionsOf } from '../models/churn.ts'
import type { ChurnPlan } from '../models/churn.ts'
import { SESSIONS, mean } from '../models/distribution.ts'
import type { Session } from '../models/session.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const STEADY: ChurnPlan = { peers: 10_000, session: SESSIONS.redhat, gap: SESSIONS.kadGap, untilMs: 4 * HOUR_MS }
const HASTY: ChurnPlan = { peers: 10_000, session: SESSIONS.kazaa, gap: { type: 'never' }, untilMs: HOUR_MS }

const world = (plan: ChurnPlan, seed = 7): Session[] => sessionsOf(plan, createRandom(seed, 'churn'))
const population = (sessions: Session[], atMs: number): number => sessions.filter(({ onMs, offMs }) => onMs <= atMs && atMs < offMs).length
const arrivals = (sessions: Session[], fromMs: number, toMs: number): number => sessions.filter(({ onMs }) => onMs >= fromMs && onMs < toMs).length
const moments = (endMs: number): number[] => [0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.999].map(share => share * endMs)

/** Sessions of one peer by its number, in order. */
function byPeer (sessions: Session[]): Map<number, Session[]> {
  const peers = new Map<number, Session[]>()
  for (const session of sessions) {
    const own = peers.get(session.peer)
    if (own === undefined) peers.set(session.peer, [session])
    else own.push(session)
  }
  return peers
}

/** When sessions are and how long, without their peers' numbers. */
const times = (sessions: Session[]): string[] => sessions.map(({ onMs, offMs }) => `${onMs} ${offMs}`)

describe('churn', () => {
  for (const [name, plan] of Object.entries({
    'RedHat sessions with KAD gaps': STEADY,
    'exponential sessions without comebacks': HASTY,
    'exponential sessions with gaps': { ...HASTY, gap: { type: 'exponential', meanMs: 5 * MINUTE_MS } },
    'sessions and gaps of constant length': { ...HASTY, session: { type: 'constant', ms: 7 * MINUTE_MS }, gap: { type: 'constant', ms: 4 * MINUTE_MS } },
    'Ethereum with long gaps': { ...STEADY, session: SESSIONS.ethereum, untilMs: 2 * DAY_MS },
    'FlatOut with a day\'s rise and fall of none': { ...STEADY, session: SESSIONS.flatout, diurnal: { periodMs: DAY_MS, amplitude: 0 } }
  } satisfies Record<string, ChurnPlan>)) {
    it(`${name}: the population stays, and arrivals are N / E[session]`, () => {
      const sessions = world(plan)
      for (const atMs of moments(plan.untilMs)) expect(population(sessions, atMs) / plan.peers, `at ${atMs} ms`).to.be.closeTo(1, 0.04)
      const expected = plan.peers * plan.untilMs / mean(plan.session)
      // Stays below the clock's resolution are left out, and comebacks come in bunches.
      expect(arrivals(sessions, 0, plan.untilMs) / expected).to.be.closeTo(1, 0.05)
    })
  }

  it('those of the start are there before the submission, under the first numbers', () => {
    const present = world(STEADY).filter(({ onMs }) => onMs < 0)
    expect(present.map(({ peer }) => peer)).to.deep.equal(Array.from({ length: STEADY.peers }, (_, peer) => peer))
    expect(present.every(({ onMs, offMs }) => onMs === PRESENT_MS && offMs > 0)).to.equal(true)
  })

  it('sessions are sorted, start in time, last, and those of one peer do not overlap', () => {
    const sessions = world(STEADY)
    sessions.forEach(({ onMs, offMs, peer }, i) => {
      const before = sessions[i - 1] ?? { onMs: -Infinity, peer: -1 }
      if (onMs < before.onMs || (onMs === before.onMs && peer <= before.peer)) expect.fail(`session ${i} is out of order`)
      if (onMs >= STEADY.untilMs || offMs <= onMs) expect.fail(`session ${i} is out of bounds`)
    })
    for (const own of byPeer(sessions).values()) {
      own.forEach(({ onMs }, i) => { if (i > 0) expect(onMs).to.be.above((own[i - 1] as Session).offMs) })
    }
  })

  it('some come back under their number, and nobody does whose gap is never', () => {
    expect([...byPeer(world(STEADY)).values()].filter(own => own.length > 1).length).to.be.above(1_000)
    const hasty = world(HASTY)
    expect(byPeer(hasty).size).to.equal(hasty.length)
  })

  it('sessions that start on the way have the mean of their distribution', () => {
    const own = world(HASTY).filter(({ onMs }) => onMs >= 0)
    const total = own.reduce((sum, { onMs, offMs }) => sum + offMs - onMs, 0)
    expect(total / own.length / mean(HASTY.session)).to.be.closeTo(1, 0.02)
  })

  it('the same seed gives the same sessions, another seed others', () => {
    expect(world(STEADY)).to.deep.equal(world(STEADY))
    expect(times(world(STEADY, 8)).slice(0, 10)).to.not.deep.equal(times(world(STEADY)).slice(0, 10))
  })

  it('a flash crowd comes on top, in its window, and moves nobody else', () => {
    const flash = { atMs: HOUR_MS, overMs: MINUTE_MS, peers: 19_000 }
    const calm: ChurnPlan = { ...STEADY, peers: 1_000 }
    const without = world(calm)
    const largest = without.reduce((most, { peer }) => Math.max(most, peer), 0)
    const crowded = world({ ...calm, flash })
    expect(crowded.filter(({ peer }) => peer <= largest)).to.deep.equal(without)
    const crowd = [...byPeer(crowded.filter(({ peer }) => peer > largest)).values()]
    expect(crowd.length).to.be.within(18_990, 19_000)
    const inTime = crowd.filter(([own]) => own !== undefined && own.onMs >= HOUR_MS && own.onMs < HOUR_MS + MINUTE_MS)
    expect(inTime.length / crowd.length).to.be.above(0.99)
    expect(arrivals(crowded, HOUR_MS, HOUR_MS + MINUTE_MS / 2) / 9_500).to.be.closeTo(1, 0.05)
  })

  it('a longer plan goes on from the shorter one', () => {
    const short = times(world({ ...STEADY, untilMs: HOUR_MS }))
    expect(times(world(STEADY).filter(({ onMs }) => onMs < HOUR_MS))).to.deep.equal(short)
  })

  for (const [name, gap] of Object.entries({ 'first-timers': HASTY.gap, comebacks: SESSIONS.kadGap })) {
    it(`arrivals go up and down with the day, ${name} too`, () => {
      const plan: ChurnPlan = { ...HASTY, peers: 1_000, gap, untilMs: DAY_MS, diurnal: { periodMs: DAY_MS, amplitude: 0.6 } }
      const sessions = world(plan)
      const hourly = plan.peers * HOUR_MS / mean(plan.session)
      // The mean of the sine over two hours about its top and its bottom is 0.9886 of its height.
      expect(arrivals(sessions, 5 * HOUR_MS, 7 * HOUR_MS) / hourly / 2).to.be.closeTo(1 + 0.6 * 0.9886, 0.06)
      expect(arrivals(sessions, 17 * HOUR_MS, 19 * HOUR_MS) / hourly / 2).to.be.closeTo(1 - 0.6 * 0.9886, 0.06)
      expect(arrivals(sessions, 0, DAY_MS) / hourly / 24).to.be.closeTo(1, 0.03)
    })
  }

  it('the day moves arrivals but neither adds peers nor changes how long they stay', () => {
    const even = world(HASTY)
    const uneven = world({ ...HASTY, diurnal: { periodMs: HOUR_MS, amplitude: 0.6 } })
    const first = (sessions: Session[]): Session[] => [...byPeer(sessions).values()].map(own => own[0] as Session).sort((a, b) => a.peer - b.peer)
    const pairs = Math.min(even.length, uneven.length)
    expect(pairs / Math.max(even.length, uneven.length)).to.be.above(0.999)
    const others = first(uneven)
    const changes = first(even).slice(0, pairs).map((one, i) => {
      const other = others[i] as Session
      return Math.abs(other.offMs - other.onMs - (one.offMs - one.onMs))
    })
    expect(changes.reduce((most, change) => Math.max(most, change), 0)).to.be.below(1e-3)
  })

  it('a start bit by bit reaches the same steady population', () => {
    const plan: ChurnPlan = { ...HASTY, startOverMs: 10 * MINUTE_MS }
    const sessions = world(plan)
    expect(sessions.every(({ onMs }) => onMs >= 0)).to.equal(true)
    expect(byPeer(sessions).get(5_000)?.[0]?.onMs).to.equal(5 * MINUTE_MS)
    for (const [minutes, share] of [[1, 0.1], [5, 0.5], [9, 0.9], [10, 1], [15, 1], [30, 1], [59, 1]] as const) {
      expect(population(sessions, minutes * MINUTE_MS) / plan.peers, `after ${minutes} min`).to.be.closeTo(share, 0.04)
    }
  })

  it('with sessions that never end nobody leaves and nobody else comes', () => {
    const sessions = world({ ...STEADY, peers: 3, session: { type: 'never' } })
    expect(sessions).to.deep.equal([0, 1, 2].map(peer => ({ peer, onMs: PRESENT_MS, offMs: Infinity })))
  })

  it('a plan without an end, with sessions of nothing or rates below 0 is a programmer\'s error', () => {
    expect(() => world({ ...STEADY, untilMs: Infinity })).to.throw('ends')
    expect(() => world({ ...STEADY, session: { type: 'constant', ms: 0 } })).to.throw('longer than 0')
    expect(() => world({ ...STEADY, diurnal: { periodMs: DAY_MS, amplitude: 1.2 } })).to.throw('below 0')
  })
})
