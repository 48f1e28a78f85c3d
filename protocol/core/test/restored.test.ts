/** Row `restored`: what was kept survives every process, and the job goes on from it (D1, D2, D3, D4). */
import { expect } from 'chai'
import { ANNA, BERT, Given, JOB, ME, SPEC, aGrant, aState, aValue, addressed, leasedTo, path } from './given.ts'
import { anAnnouncement, clears, computes, dials, learns, provides, publishes, sends, sets, subscribes, tells } from './effects.ts'
import { isExact, recomputed } from './checks.ts'
import { live, play } from './scenario.ts'
import type { Effect } from '../effect.ts'
import type { Outcome, Value } from '../job.ts'
import type { Restored } from '../record.ts'
import type { PeerId } from '../ids.ts'
import type { Run } from './scenario.ts'

const aRecord = (members: PeerId[], values: Value[] = [], changes: Partial<Restored> = {}): Restored => ({
  record: { announcement: anAnnouncement(ANNA, members), part: 'member', met: members, fences: [{ path: path('/'), fence: [3] }] },
  values, goods: 'all', ageMs: 0, ...changes
})

const restored = (restored: Restored, keepsAll = false): { given: Given, effects: Effect[] } => {
  const given = new Given({}, ME, keepsAll)
  return { given, effects: given.take({ type: 'restore', restored }) }
}

const aVerdict = (effects: Effect[], goods: 'all' | 'some', done: number): void => {
  expect(effects).to.deep.include(tells({ type: 'restored', name: 'test', done, partitions: 64, goods }))
}

describe('restored', () => {
  it('[D1] a peer that keeps says once an input what to keep: the job, and values with all of their blocks', () => {
    const given = new Given({}, ME, true).connect(ANNA)
    const effects = given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA])] })
    expect(effects.filter(({ type }) => type === 'store')).to.deep.equal([{ type: 'store', changes: [{
      job: JOB, puts: [], drops: [],
      record: { announcement: anAnnouncement(ANNA, [ANNA]), part: 'none', met: [], fences: [{ path: path('/'), fence: [0] }] }
    }] }])
    given.volunteer()
    given.hear(ANNA, { type: 'offer', job: JOB, to: ME, via: [], path: path('1'), fence: [1, 1], coordinator: addressed(ANNA) })
    given.hear(ANNA, aGrant('1', [1, 1], aState({ children: [leasedTo(1, ME)] })))
    const kept = given.computes('1.0').filter(effect => effect.type === 'store')
    expect(kept.flatMap(({ changes }) => changes.flatMap(({ puts }) => puts.map(value => value.path)))).to.deep.equal(['1.0'])
    const fetching = given.hear(BERT, { type: 'hold', job: JOB, values: [aValue('2', BERT, { bytes: null })] })
    expect(fetching.flatMap(effect => effect.type === 'store' ? effect.changes.flatMap(({ puts }) => puts) : [])).to.deep.equal([])
    const fetched = given.take({ type: 'fetched', job: JOB, cid: aValue('2', BERT).cid })
    expect(fetched.flatMap(effect => effect.type === 'store' ? effect.changes.flatMap(({ puts }) => puts.map(value => value.path)) : [])).to.deep.equal(['2'])
  })

  it('[D1] a peer that keeps nothing says nothing', () => {
    const given = new Given().connect(ANNA)
    expect(given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA])] }).map(({ type }) => type)).to.not.include('store')
  })

  it('[D3] a restored member dials those it knew, and asks nobody for work before', () => {
    const { given, effects } = restored(aRecord([ANNA, BERT], [aValue('1', BERT)]))
    expect(effects).to.deep.equal([
      learns(anAnnouncement(ANNA, [ANNA, BERT])),
      tells({ type: 'restored', name: 'test', done: 16, partitions: 64, goods: 'all' }),
      dials(ANNA), dials(BERT), sets('join', '/', 1_000)
    ])
    expect(given.volunteer()).to.deep.equal([])
  })

  it('[D3] when none of them can be reached it claims the root, above all fences it has seen', () => {
    const { given } = restored(aRecord([ANNA, BERT], [aValue('1', BERT)]))
    given.take({ type: 'unreachable', peer: ANNA })
    const [set] = given.take({ type: 'unreachable', peer: BERT })
    expect(set).to.include({ type: 'set-timer' }).and.have.property('ms').below(500)
    const effects = given.after(500).fires('join', '/')
    expect(effects).to.deep.include(publishes('/', { type: 'claim', path: path('/'), fence: [4], peer: addressed(ME) }))
    expect(effects).to.deep.include(provides())
    expect(given.volunteer().filter(({ type }) => type === 'compute')).to.deep.equal([computes('0.0')])
  })

  it('[D3] a dial that is not refused is waited for as long as anybody new would (J2)', () => {
    const { given } = restored(aRecord([ANNA]))
    for (let at = 1_000; at < 6_000; at += 1_000) expect(given.after(1_000).fires('join', '/')).to.deep.equal([sets('join', '/', 1_000)])
    expect(given.after(1_000).fires('join', '/')).to.deep.include(provides())
  })

  it('[D2, D3] a member among them is asked for work, and given what was kept', () => {
    const { given } = restored(aRecord([ANNA], [aValue('1', BERT)]))
    given.connect(ANNA)
    given.volunteer()
    expect(given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA])] })).to.deep.equal([
      clears('join', '/'),
      sends(ANNA, { type: 'hold', values: [aValue('1', BERT)] }),
      sets('join', '/', 3_000),
      sends(ANNA, { type: 'join', joiner: addressed(ME), rate: 0, hops: 0, phase: 'up', via: [] })
    ])
  })

  it('[D3] one that was restarted itself is no member: soon somebody claims the root', () => {
    const { given } = restored(aRecord([ANNA]))
    given.connect(ANNA)
    const [set] = given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ME])] })
    expect(set).to.include({ type: 'set-timer' }).and.have.property('ms').below(500)
  })

  it('[D3] without bundle, params or inputs it says so, and claims nothing however long it waits', () => {
    const { given, effects } = restored(aRecord([ANNA], [], { goods: 'some' }))
    aVerdict(effects, 'some', 0)
    given.take({ type: 'unreachable', peer: ANNA })
    given.volunteer()
    for (let i = 0; i < 20; i++) expect(given.after(3_000).fires('join', '/')).to.not.deep.include(provides())
  })

  it('[D3] nor does one that only knew of the job', () => {
    const kept = aRecord([], [], { goods: 'some' })
    const { given } = restored({ ...kept, record: { ...kept.record, part: 'none' } })
    given.volunteer()
    for (let i = 0; i < 20; i++) expect(given.after(3_000).fires('join', '/')).to.not.deep.include(provides())
  })

  it('[D3] whoever submits the same job again is its root at once', () => {
    const { given } = restored(aRecord([ANNA], [aValue('1', BERT)]))
    const effects = given.take({ type: 'submit', job: JOB, spec: SPEC, proof: null })
    expect(effects).to.deep.include(subscribes('/'))
    expect(effects).to.deep.include(publishes('/', { type: 'claim', path: path('/'), fence: [4], peer: addressed(ME) }))
  })

  it('[D3] also where peers know of the job that have no part in it any more', () => {
    const given = new Given().connect(BERT)
    given.hear(BERT, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA])] })
    expect(given.take({ type: 'submit', job: JOB, spec: SPEC, proof: null })).to.deep.include(publishes('/', { type: 'claim', path: path('/'), fence: [2], peer: addressed(ME) }))
  })

  it('[D3] but not where a member says that it is one', () => {
    const given = new Given().connect(ANNA)
    given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA])] })
    expect(given.take({ type: 'submit', job: JOB, spec: SPEC, proof: null })).to.deep.equal([subscribes('/')])
  })

  it('[D3] the whole value that nobody accepted any more is accepted now', () => {
    const whole = aValue('/', BERT, { bite: false })
    const { given } = restored(aRecord([], [whole]))
    given.after(500).fires('join', '/')
    expect(given.fires('hold', '/')).to.deep.include(tells({ type: 'done', value: whole, holders: [addressed(ME)] }))
  })

  it('[D4] what is partly done is not computed as a whole', () => {
    const { given } = restored(aRecord([], [aValue('0.0', ANNA), aValue('0.1', BERT)]))
    given.after(500).fires('join', '/')
    const bites: string[] = []
    for (let i = 0; i < 20 && bites.length === i; i++) {
      const effects = i === 0 ? given.volunteer() : given.computes(bites[i - 1] as string, 1)
      for (const effect of effects) if (effect.type === 'compute') bites.push(effect.path)
    }
    expect(bites.slice(0, 2)).to.deep.equal(['0.2', '0.3'])
    expect(bites).to.not.include('0')
  })

  it('[R5, D2] an outcome that comes back does not rise again, and is forgotten when its time is over', () => {
    const outcome: Outcome = { type: 'done', value: aValue('/', ANNA), holders: [addressed(ANNA)] }
    const kept = aRecord([ANNA])
    const { given, effects } = restored({ ...kept, record: { ...kept.record, announcement: anAnnouncement(ANNA, [ANNA], outcome) }, ageMs: 99_000 })
    expect(effects.at(-1)).to.deep.equal(sets('expire', '/', 1_000))
    expect(given.volunteer()).to.deep.equal([])
    expect(given.fires('expire', '/')).to.deep.include({ type: 'forget', job: JOB })
  })

  it('[D2] a job that is known already gets the values, and so does its root', () => {
    const given = new Given().connect(ANNA)
    given.hear(ANNA, { type: 'jobs', jobs: [anAnnouncement(ANNA, [ANNA])] })
    expect(given.take({ type: 'restore', restored: aRecord([ANNA], [aValue('1', BERT)]) })).to.deep.include(sends(ANNA, { type: 'hold', values: [aValue('1', BERT)] }))
  })
})

describe('every process killed', () => {
  const SEEDS = 20

  /** At this share of the work all are killed; those that come back do so one after the other. */
  const killAll = (share: number, back: (nodes: Run['world']['nodes']) => Run['world']['nodes'], stepMs = 300) => (run: Run): void => {
    run.world.later(run.workMs * share, () => {
      const all = live(run)
      for (const node of all) run.world.kill(node)
      back(all).forEach((node, i) => { run.world.later(2_000 + i * stepMs, () => { run.world.restart(node) }) })
    })
  }

  it('[D1, D2, D3] all start again: exact, and nothing accepted is computed again', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = play({ seed, peers: 6, keeps: true, faults: killAll(0.1 + 0.04 * seed, all => all) })
      expect(isExact(run), `seed ${seed}`).to.deep.equal([])
      // Those that come back first begin what only later ones hold.
      expect(recomputed(run), `seed ${seed}`).to.be.at.most(0.05)
    }
  })

  it('[D1, D2, D3] they start in one moment', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = play({ seed, peers: 6, keeps: true, faults: killAll(0.5, all => all, 0) })
      expect(isExact(run), `seed ${seed}`).to.deep.equal([])
    }
  })

  it('[D2, D3] any one of them starts alone, and goes on from what it held', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = play({ seed, peers: 6, keeps: true, faults: killAll(0.5, all => [all[1 + seed % 6]!]) })
      expect(isExact(run), `seed ${seed}`).to.deep.equal([])
    }
  })

  it('[D2] killed and started again three times', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const faults = (run: Run): void => { for (const share of [0.2, 0.5, 0.9]) killAll(share, all => all)(run) }
      const run = play({ seed, peers: 6, keeps: true, faults, partitionMs: 20 })
      expect(isExact(run), `seed ${seed}`).to.deep.equal([])
    }
  })
})
