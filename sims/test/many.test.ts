/** Worlds side by side: threads, their memory, plans as files, and progress on a screen. */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Plan } from '../scenarios/plan.ts'
import type { Pulse, Task } from '../cli/task.ts'
import type { Row } from '../cli/full-worlds.ts'
import { BadInput } from '../bad-input.ts'
import { DEFAULT_PLAN } from '../scenarios/base.ts'
import { FULL } from '../cli/full-worlds.ts'
import { expectedMs, planLines } from '../cli/expected.ts'
import { Player, playAll } from '../cli/player.ts'
import { Progress, worldText, worldsText } from '../cli/progress.ts'
import { SCENARIOS, scenarioOf } from '../scenarios/index.ts'
import { bytesOf, lanesFor } from '../cli/memory.ts'
import { nearest } from '../cli/values.ts'
import { parsePlan, planText } from '../cli/plan-file.ts'
import { replayOf } from '../cli/origin.ts'
import { simulate } from '../simulate.ts'

const plan = { ...DEFAULT_PLAN, peers: 6, latency: 'loopback' as const, job: { ...DEFAULT_PLAN.job, partitions: 60 } }
const taskOf = (seed: number): Task => ({ plan: { ...plan, seed }, replay: `seed ${seed}`, commit: '' })

describe('worlds in threads', function () {
  this.timeout(30_000)

  it('are the worlds of one thread, in the order that was asked', async () => {
    const ended: number[] = []
    const played = await playAll([1, 2, 3, 4].map(taskOf), { count: 2, heapBytes: 2 ** 28 }, { onPulse: () => {}, onPlayed: i => { ended.push(i) } })
    const alone = [1, 2, 3, 4].map(seed => simulate({ plan: taskOf(seed).plan, now: () => 0 }))
    expect(played.map(({ report }) => report.hash)).to.deep.equal(alone.map(({ hash }) => hash))
    expect(played.map(({ report }) => report.replay)).to.deep.equal(['seed 1', 'seed 2', 'seed 3', 'seed 4'])
    expect(ended.sort()).to.deep.equal([0, 1, 2, 3])
  })

  it('end with a sentence when memory runs out, and can be played on', async () => {
    const player = new Player(24 * 2 ** 20)
    const large = { ...taskOf(1), plan: { ...plan, peers: 20_000, job: { ...plan.job, partitions: 200_000 } } }
    const error = await player.play(large).then(() => null, (error: unknown) => error)
    expect(error).to.be.instanceOf(BadInput)
    expect((error as Error).message).to.match(/^The world of 20,000 peers took more than .*\.$/)
    expect((await player.play(taskOf(1))).report.exact).to.equal(true)
    await player.end()
  })

  it('go on without one that cannot be played, when somebody is told', async () => {
    const refused: string[] = []
    const tasks = [taskOf(1), { ...taskOf(2), record: 'nowhere/log' }, taskOf(3)]
    const played = await playAll(tasks, { count: 1, heapBytes: 2 ** 28 }, { onPulse: () => {}, onPlayed: () => {}, onRefused: (i, { message }) => { refused.push(`${i}: ${message}`) } })
    expect(refused).to.deep.equal(['1: Cannot write nowhere/log: no such file or directory.'])
    expect(played.map(each => each?.report.seed)).to.deep.equal([1, undefined, 3])
  })

  it('are as many as cores, as worlds, and as memory allows', () => {
    const large = { ...plan, peers: 100_000 }
    const memory = 10 * bytesOf(large)
    expect(lanesFor([plan, plan, plan], memory, 2)).to.deep.equal({ count: 2, heapBytes: 0.85 * memory / 2 })
    expect(lanesFor([plan], memory, 8).count).to.equal(1)
    expect(lanesFor([large, large, plan], 3 * bytesOf(large), 8).count).to.equal(2)
    expect(() => lanesFor([large], bytesOf(large), 8)).to.throw(BadInput, /^A world of 100,000 peers .* takes about .*\.$/)
  })
})

describe('plans as files', () => {
  it('come back as they were', () => {
    for (const scenario of SCENARIOS) {
      fc.assert(fc.property(fc.nat(), seed => {
        const plan = scenario.make(seed, 100)
        expect(parsePlan(planText(plan), 'file')).to.deep.equal(plan)
      }), { numRuns: 20 })
    }
  })

  const broken: Array<[string, (plan: Record<string, unknown>) => unknown, string]> = [
    ['nothing', () => null, 'file is no plan of a world; '],
    ['a list', () => [], 'file is no plan of a world; '],
    ['a seed that is none', whole => ({ ...whole, seed: 1.5 }), ': seed is'],
    ['too few peers', whole => ({ ...whole, peers: 1 }), ': peers is'],
    ['no populations', whole => ({ ...whole, populations: [] }), ': populations is'],
    ['a distribution that is none', whole => ({ ...whole, populations: [{ ...plan.populations[0], session: { type: 'pareto' } }] }), ': populations[0].session.type is'],
    ['a fault that is none', whole => ({ ...whole, faults: [{ type: 'kill', atMs: 1, whom: 'root' }, { type: 'flood', atMs: 1 }] }), ': faults[1].type is'],
    ['a fault of nobody', whole => ({ ...whole, faults: [{ type: 'kill', atMs: 1, whom: 'nobody' }] }), ': faults[0].whom is'],
    ['a network without loss', whole => ({ ...whole, network: { ...plan.network, loss: undefined } }), ': network.loss is'],
    ['limits that contradict each other', whole => ({ ...whole, config: { leaseMs: 1 } }), ': config is']
  ]
  for (const [name, change, words] of broken) {
    it(`refuses ${name}`, () => {
      const text = JSON.stringify(change(JSON.parse(JSON.stringify(plan)) as Record<string, unknown>))
      expect(() => parsePlan(text, 'file')).to.throw(BadInput, words)
    })
  }
})

describe('progress', () => {
  const pulse: Pulse = { atMs: 754_321, share: 0.4339, live: 9_870, events: 3_000_000, wallMs: 10_000 }

  it('tells virtual time, share, peers, events a second and how much faster than the clock', () => {
    expect(worldText(pulse)).to.equal('██████████░░░░░░░░░░░░░░ 43.3 %, 12 min 34 s, 9,870 peers, 300,000 events/s, 75.4 × real time')
    expect(worldsText(12, 200, 1, new Map([['seed 13', pulse]]))).to.equal('█░░░░░░░░░░░░░░░░░░░░░░░ 12 of 200 worlds, 1 failed; seed 13 43 %')
  })

  it('writes one line anew on a terminal, no longer than it is wide', () => {
    const written: string[] = []
    const progress = new Progress({ isTTY: true, columns: 10, write: text => written.push(text) }, () => 0)
    progress.show('0123456789')
    progress.show('0123456789a')
    progress.say('stays')
    progress.end()
    expect(written).to.deep.equal(['\r\u001b[2K0123456789', '\r\u001b[2K012345678…', '\r\u001b[2K', 'stays\n'])
  })

  it('writes a line every ten seconds elsewhere', () => {
    const written: string[] = []
    let nowMs = 0
    const progress = new Progress({ write: text => written.push(text) }, () => nowMs)
    for (const ms of [1, 9_999, 10_000, 12_000, 20_000]) {
      nowMs = ms
      progress.show(`${ms}`)
    }
    progress.end()
    expect(written).to.deep.equal(['10000\n', '20000\n'])
  })
})

describe('the command that plays a world again', () => {
  it('names all that the world depends on, as a shell takes it', () => {
    expect(replayOf({ scenario: 'steady', seed: 0, peers: 10, partitions: 5 })).to.equal('npx millionfold sim steady --seed 0 --peers 10 --partitions 5')
    expect(replayOf({ plan: 'it\'s mine.json' })).to.equal('npx millionfold sim --plan \'it\'\\\'\'s mine.json\'')
  })

  it('is offered for a name that is nearly right', () => {
    const names = ['steady', 'swarm', 'sybil']
    expect(['stedy', 'STEADY', 'swrm', 'libya', 'quicksand'].map(name => nearest(name, names))).to.deep.equal(['steady', 'steady', 'swarm', null, null])
  })
})

describe('the large worlds', () => {
  it('are of every scenario, and show all that one leaves to chance', () => {
    expect([...new Set(FULL.map(({ scenario }) => scenario))]).to.deep.equal(SCENARIOS.map(({ name }) => name))
    const sharesOf = (name: string, shareOf: (plan: Plan) => number | undefined): unknown[] => {
      const row = FULL.find(({ scenario }) => scenario === name) as Row
      return row.seeds.map(seed => shareOf(scenarioOf(name)?.make(seed, 100) as Plan))
    }
    expect(sharesOf('exodus', ({ faults }) => faults.map(fault => fault.type === 'exodus' ? fault.share : NaN)[0])).to.deep.equal([0.5, 0.8, 0.9])
    expect(sharesOf('liars', ({ populations }) => populations.find(({ adversary }) => adversary === 'liar')?.share)).to.deep.equal([0.1, 0.2, 0.3])
  })
})

describe('the plan of the large worlds', () => {
  it('names each row and sums the times up: side by side, but for those that need all the memory', () => {
    const large = { ...plan, peers: 6_000 }
    expect(expectedMs(large)).to.be.above(100 * expectedMs(plan))
    const lines = planLines([[plan, plan], [large]], 2, ({ peers }) => peers > 6)
    expect(lines.slice(0, 3).map(line => line.trim().split(/ +/).slice(0, 3))).to.deep.equal([['peers', 'worlds', 'about'], ['calm', '6', '2'], ['calm', '6,000', '1']])
    expect(lines.at(-1)).to.match(/^Together about .* on 2 cores that do nothing else; .* of it for those that are played alone/)
  })
})
