/** `millionfold sim` as a person runs it: real processes, their output, files and exit codes (DESIGN 7). */
import { expect } from 'chai'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plan } from '../scenarios/plan.ts'
import { Running, cli, eventsIn, lastJson } from '../../node/test/cli.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import { calm } from '../scenarios/calm.ts'
import { planText } from '../cli/plan-file.ts'

/** A world of seconds in a fraction of one. */
const SMALL = ['calm', '--peers', '6', '--partitions', '60']

/** The contract of SCENARIOS, in its order. */
const CONTRACT = [
  'scenario', 'seed', 'peers', 'partitions', 'exact', 'limitMs', 'wallVirtualMs', 'xLimit', 'failoverMs', 'falseFailoversPerHour', 'overlapMs',
  'messagesPerPeerPerSecond', 'bytesPerPartition', 'maxConnections', 'maxFanout', 'duplicateFraction', 'unavoidableWaste', 'wrongResults', 'violations',
  'events', 'eventsPerSecond', 'hash'
]

const linesOf = (text: string): string[] => text.trimEnd().split('\n')

describe('millionfold sim', function () {
  this.timeout(60_000)
  let dir = ''
  before(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-sim-')) })
  after(() => { rmSync(dir, { recursive: true, force: true }) })

  /** A plan in a file. */
  const saved = (name: string, change: Partial<Plan>): string => {
    const plan = calm.make(1, 6)
    writeFileSync(join(dir, name), planText({ ...plan, job: { ...plan.job, partitions: 60 }, ...change }))
    return join(dir, name)
  }

  it('lists the scenarios, and is listed', async () => {
    const [list, help] = [await cli(['sim']), await cli(['--help'])]
    expect(list.code).to.equal(0)
    for (const { name, title } of SCENARIOS) expect(list.out).to.match(new RegExp(`^ +${name} .*${title.slice(0, 20).replaceAll(/[^\w ]/g, '.')}`, 'm'))
    expect(help.out).to.match(/^ +sim .*simulated/m)
  })

  it('explains its own options', async () => {
    const { code, out } = await cli(['sim', '--help'])
    expect(code).to.equal(0)
    for (const option of ['--seed ', '--seeds', '--peers', '--partitions', '--trace', '--latency', '--record', '--compare', '--html', '--plan', '--shrink', '--json']) expect(out).to.contain(option)
  })

  it('plays the same world again in another process', async () => {
    const [one, again, other] = [await cli(['sim', ...SMALL, '--json']), await cli(['sim', ...SMALL, '--seed', '1', '--json']), await cli(['sim', ...SMALL, '--seed', '2', '--json'])]
    expect(one.code, one.err).to.equal(0)
    expect(linesOf(one.out)).to.have.length(1)
    const report = lastJson(one)
    expect(Object.keys(report).slice(0, CONTRACT.length)).to.deep.equal(CONTRACT)
    expect(report).to.include({ scenario: 'calm', seed: 1, peers: 6, partitions: 60, exact: true, wrongResults: 0 })
    expect(lastJson(again)['hash']).to.equal(report['hash'])
    expect(lastJson(other)['hash']).to.not.equal(report['hash'])
  })

  it('plays many seeds, told in their order', async () => {
    const many = await cli(['sim', ...SMALL, '--seeds', '1..3', '--json'])
    const reports = linesOf(many.out).map(line => JSON.parse(line) as { seed: number, hash: string })
    expect(many.code, many.err).to.equal(0)
    expect(reports.map(({ seed }) => seed)).to.deep.equal([1, 2, 3])
    expect(new Set(reports.map(({ hash }) => hash)).size).to.equal(3)
    const table = await cli(['sim', ...SMALL, '--seeds', '1..3'])
    expect(table.out).to.match(/^calm, 3 worlds: 3 exact/)
  })

  it('records what peers do, compares with a saved report and draws a page', async () => {
    const before = await cli(['sim', ...SMALL, '--json'])
    writeFileSync(join(dir, 'before.json'), before.out)
    const { code, out, err } = await cli(['sim', ...SMALL, '--record', join(dir, 'log'), '--html', join(dir, 'page.html'), '--compare', join(dir, 'before.json')])
    expect(code, err).to.equal(0)
    expect(out).to.match(/^ +replay +npx millionfold sim calm --seed 1 --peers 6 --partitions 60$/m)
    expect(out).to.contain(`Event hash: equal, ${String(lastJson(before)['hash'])}`)
    const events = eventsIn(join(dir, 'log'))
    expect(events[0]).to.deep.equal({ time: 0, type: 'peer-started', peer: 'submitter', pid: 0, addrs: ['/sim/submitter'] })
    expect(events.at(-1)).to.include({ type: 'done', job: 'job' })
    expect([...new Set(events.map(({ type }) => type))]).to.include.members(['submitted', 'claim', 'coordinator', 'value', 'leased'])
    expect(events.map(({ time }) => time as number)).to.deep.equal(events.map(({ time }) => time as number).sort((a, b) => a - b))
    const page = readFileSync(join(dir, 'page.html'), 'utf8')
    expect(page).to.match(/^<!doctype html>/i).and.contain('<svg').and.not.match(/<script|src="?https?:|href="https?:/)
  })

  it('plays a trace among the cities of a file', async () => {
    writeFileSync(join(dir, 'trace.csv'), `peer,on_s,off_s\n${['a', 'b', 'c', 'd'].map(name => `${name},0,7200`).join('\n')}\n`)
    writeFileSync(join(dir, 'cities.txt'), '0 40\n40 0\n')
    const { code, out, err } = await cli(['sim', 'calm', '--partitions', '40', '--trace', join(dir, 'trace.csv'), '--latency', join(dir, 'cities.txt'), '--json'])
    expect(code, err).to.equal(0)
    const report = JSON.parse(out) as { peers: number, exact: boolean, replay: string }
    expect(report).to.include({ peers: 4, exact: true })
    expect(report.replay).to.equal(`npx millionfold sim calm --seed 1 --peers 4 --partitions 40 --trace ${join(dir, 'trace.csv')} --latency ${join(dir, 'cities.txt')}`)
  })

  it('ends with 4 when a world never finishes, and makes it smaller', async () => {
    const stuck = saved('stuck.json', { untilMs: 2_000, faults: [{ type: 'kill', atMs: 500, whom: 0 }, { type: 'kill', atMs: 1_500, whom: 'root' }] })
    const { code, out, err } = await cli(['sim', '--plan', stuck, '--json', '--shrink', '--out', join(dir, 'small.json')])
    expect(code).to.equal(4)
    expect(JSON.parse(out)).to.include({ wallVirtualMs: -1, exact: false })
    expect(err).to.match(/^Seed 1 failed at commit \S/m).and.contain(`npx millionfold sim --plan ${stuck}`).and.contain(`npx millionfold sim --plan ${join(dir, 'small.json')}`)
    const small = JSON.parse(readFileSync(join(dir, 'small.json'), 'utf8')) as Plan
    expect(small.faults).to.deep.equal([])
    expect(small.peers).to.be.lessThan(6)
    expect((await cli(['sim', '--plan', join(dir, 'small.json')])).code).to.equal(4)
  })

  it('ends at once at Ctrl-C', async () => {
    const running = new Running(['sim', ...SMALL, '--seeds', '1..10000', '--json'])
    await running.says(/"seed":1,/)
    expect((await running.stop('SIGINT')).code).to.equal(130)
  })

  describe('refuses in one sentence', () => {
    const bad: Array<[string, string[], RegExp]> = [
      ['an unknown scenario', ['stedy'], /^There is no scenario stedy, but one called steady; .*\.$/],
      ['a seed out of range', ['calm', '--seed', '4294967296'], /^--seed takes a whole number from 0 to 4294967295, not `4294967296`\.$/],
      ['a negative seed', ['calm', '--seed', '-1'], /^--seed takes .*\.$/],
      ['one peer', ['calm', '--peers', '1'], /^--peers takes a whole number from 2 to 2000000, not `1`\.$/],
      ['too many peers', ['calm', '--peers', '2000001'], /^--peers takes .*\.$/],
      ['no partitions', ['calm', '--partitions', '0'], /^--partitions takes .*\.$/],
      ['too many seeds', ['calm', '--seeds', '0..10000'], /^--seeds takes at most 10000 .*\.$/],
      ['seeds that are no range', ['calm', '--seeds', '7'], /^--seeds takes a range such as 1\.\.200, not `7`\.$/],
      ['an unknown option', ['calm', '--pears', '3'], /unknown option '--pears'\n\(Did you mean --peers\?\)$/],
      ['options without a scenario', ['--peers', '3'], /^--peers needs a scenario; .*\.$/],
      ['a trace that is not there', ['calm', '--trace', 'nowhere.csv'], /^Cannot read nowhere\.csv: no such file or directory\.$/],
      ['an empty trace', ['calm', '--trace', 'FILE'], /^FILE, line 1: the trace ends without a session.*\.$/],
      ['a malformed trace', ['calm', '--trace', 'FILE:peer,on_s,off_s\na,1,2\nb,3'], /^FILE, line 3: .*\.$/],
      ['a matrix that is not square', ['calm', '--latency', 'FILE:[[0, 1], [1, 0, 2]]'], /^FILE, row 2: .* columns .*\.$/],
      ['a file without a report', ['calm', '--compare', 'FILE:{"seed": 1}'], /^FILE holds no report .*\.$/],
      ['a file that is no plan', ['--plan', 'FILE:{"scenario": "calm"}'], /^FILE is no plan of a world: seed is missing .*\.$/],
      ['a plan that is no JSON', ['--plan', 'FILE:calm'], /^FILE is no JSON; .*\.$/],
      ['a page without a place', ['calm', '--html', join('nowhere', 'page.html')], /^Cannot write nowhere.page\.html: no such file or directory\.$/]
    ]
    for (const [name, args, sentence] of bad) {
      it(name, async () => {
        const file = join(dir, 'bad')
        const given = args.map(arg => {
          if (!arg.startsWith('FILE')) return arg
          writeFileSync(file, arg.slice('FILE:'.length))
          return file
        })
        const { code, out, err } = await cli(['sim', ...given])
        expect(code).to.equal(2)
        expect(out).to.equal('')
        expect(err.trimEnd().replaceAll(file, 'FILE')).to.match(sentence)
      })
    }
  })
})
