/** `run` with volunteers of its own, end to end: results, figures, filters, failures, Ctrl-C. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { JOBS, Running, allEnded, cli, descendants, eventsIn, lastJson, lastLine } from './cli.ts'

const SUM = join(JOBS, 'sum.ts')
const SQUARE = join(JOBS, 'square.ts')
const FAULTY = join(JOBS, 'faulty.ts')
let dir: string

before(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-run-')) })
after(() => { rmSync(dir, { recursive: true, force: true }) })

describe('run', function () {
  this.timeout(90_000)

  for (const peers of [1, 2, 4]) {
    it(`gives the exact sum at ${peers} ${peers === 1 ? 'peer' : 'peers'}, with all figures`, async () => {
      const ended = await cli(['run', SUM, '--peers', String(peers), '--partitions', '20000', '--json'])
      expect(ended).to.include({ code: 0 })
      expect(ended.out.split('\n')[0]).to.equal('199990000')
      const json = lastJson(ended)
      expect(Object.keys(json)).to.deep.equal(['job', 'result', 'partitions', 'wallMs', 'totalMs', 'computeMs', 'peers', 'levels', 'failovers', 'duplicates', 'messages', 'bytes'])
      expect(json).to.include({ result: 199990000, partitions: 20000, failovers: 0 })
      expect(json['peers']).to.be.within(1, peers)
      expect(json['wallMs']).to.be.within(1, json['totalMs'] as number)
      expect(ended.err).to.match(/20,000 of 20,000 partitions \(100 %\)/)
    })
  }

  it('[J5] computes a job of one partition, under every policy', async () => {
    const all = await Promise.all(['none', 'votes:2/2', 'audit:1'].map(async (trust) => await cli(['run', SUM, '--peers', '2', '--partitions', '1', '--trust', trust])))
    expect(all.map(({ code, out }) => [code, out])).to.deep.equal(all.map(() => [0, '0\n']))
  })

  it('gives the same job the same id, and a new one with --again', async () => {
    const ids: unknown[] = []
    for (const more of [[], [], ['--again']]) ids.push(lastJson(await cli(['run', SUM, '--peers', '1', '--json', ...more]))['job'])
    expect(ids[0]).to.match(/^bafyrei/)
    expect(ids[1]).to.equal(ids[0])
    expect(ids[2]).to.not.equal(ids[0])
  })

  it('works as a filter, in order', async () => {
    const numbers = Array.from({ length: 5000 }, (_, i) => i)
    const ended = await cli(['run', SQUARE, '--peers', '2', '--input', '-'], numbers.join('\n') + '\n')
    expect(ended.code).to.equal(0)
    expect(ended.out).to.equal(numbers.map((i) => i * i).join('\n') + '\n')
  })

  it('writes to a file, and all peers\' events to one log', async () => {
    const out = join(dir, 'out')
    const events = join(dir, 'events')
    const ended = await cli(['run', SUM, '--peers', '2', '--out', out, '--events', events, '--params', '{"ms":1}'])
    expect(ended).to.include({ code: 0, out: '' })
    expect(readFileSync(out, 'utf8')).to.equal('499500\n')
    const log = eventsIn(events)
    const types = new Set(log.map(({ type }) => type))
    expect([...types]).to.include.members(['peer-started', 'submitted', 'claim', 'coordinator', 'value', 'done', 'peer-stopped'])
    const started = log.filter(({ type }) => type === 'peer-started')
    expect(started.length).to.equal(3)
    expect(new Set(started.map(({ pid }) => pid)).size).to.equal(3)
  })

  it('tells partition, message and mapped stack of a compute that throws', async () => {
    const ended = await cli(['run', FAULTY, '--peers', '1', '--params', '{"how":"throw"}'])
    expect(ended.code).to.equal(1)
    expect(lastLine(ended.err)).to.equal('partition 17 threw: seventeen is not allowed')
    expect(ended.err).to.match(/fail.*faulty\.ts:15:9/)
  })

  it('tells the partition that loops for ever or returns what cannot be sent', async () => {
    const loop = await cli(['run', FAULTY, '--peers', '1', '--params', '{"how":"loop"}', '--timeout', '0.5'])
    expect(loop.code).to.equal(1)
    expect(lastLine(loop.err)).to.match(/^partition 17 took longer/)
    const output = await cli(['run', FAULTY, '--peers', '1', '--params', '{"how":"output"}'])
    expect(output.code).to.equal(1)
    expect(lastLine(output.err)).to.match(/^partition 17 returned/)
  })

  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const refused: Array<[what: string, args: () => string[], says: RegExp]> = [
    ['detaching from volunteers of its own', () => [SUM, '--detach'], /--mesh ADDR/],
    ['no module', () => ['--peers', '1'], /Name the job's module/],
    ['a module that is not there', () => [join(dir, 'none.ts'), '--peers', '1'], /none\.ts/],
    ['a module that does not parse', () => [write('broken.ts', 'export const a = 1\nexport function compute ( {'), '--peers', '1'], /broken\.ts:2/],
    ['a module without compute', () => [write('empty.ts', 'export const a = 1'), '--peers', '1'], /compute/],
    ['no partitions', () => [SUM, '--peers', '1', '--partitions', '0'], /--partitions/],
    ['negative partitions', () => [SUM, '--peers', '1', '--partitions', '-4'], /--partitions/],
    ['a fraction of partitions', () => [SUM, '--peers', '1', '--partitions', '2.5'], /--partitions/],
    ['a module with no partitions', () => [write('zero.ts', 'export const partitions = 0\nexport const compute = () => 1'), '--peers', '1'], /partitions/],
    ['a fan-out of 1', () => [SUM, '--peers', '1', '--fanout', '1'], /fanout/],
    ['a fan-out of 129', () => [SUM, '--peers', '1', '--fanout', '129'], /fan-out/],
    ['params that are not JSON', () => [SUM, '--peers', '1', '--params', '{'], /--params takes JSON/],
    ['a timeout of nothing', () => [SUM, '--peers', '1', '--timeout', '0'], /--timeout/],
    ['an input that is not there', () => [SQUARE, '--peers', '1', '--input', join(dir, 'none')], /Cannot read/],
    ['an empty input', () => [SQUARE, '--peers', '1', '--input', write('empty', '')], /no inputs/],
    ['a prepare that throws', () => [write('prepare.ts', 'export function prepare () { throw new Error("no luck") }\nexport const compute = () => 1'), '--peers', '1'], /no luck/],
    ['an address that does not answer', () => [SUM, '--mesh', '/ip4/127.0.0.1/tcp/9'], /127\.0\.0\.1\/tcp\/9/],
    ['an address that is none', () => [SUM, '--mesh', 'localhost:80'], /localhost:80/]
  ]
  for (const [what, args, says] of refused) {
    it(`refuses ${what} in one sentence, with exit code 2`, async () => {
      const ended = await cli(['run', ...args()])
      expect(ended.code).to.equal(2)
      expect(ended.out).to.equal('')
      expect(ended.err).to.match(says)
      expect(ended.err.trimEnd().split('\n').length).to.equal(1)
    })
  }

  it('ends everything at Ctrl-C and says 130', async () => {
    const running = new Running(['run', SUM, '--peers', '2', '--params', '{"ms":20}', '--partitions', '10000'])
    await running.says(/partitions \(/)
    const children = descendants(running.pid)
    expect(children.length).to.be.at.least(2)
    const ended = await running.stop('SIGINT')
    expect(ended.code).to.equal(130)
    await allEnded(children)
  })

  for (const ms of [100, 500, 1500]) {
    it(`says 130 and ends everything at Ctrl-C after ${ms} ms, whatever it is at`, async () => {
      const running = new Running(['run', SUM, '--peers', '2', '--params', '{"ms":20}', '--partitions', '10000'])
      await new Promise((resolve) => setTimeout(resolve, ms))
      const children = descendants(running.pid)
      // Before Node itself is up the signal ends it without us, which a shell calls 130 too.
      expect((await running.stop('SIGINT')).code).to.be.oneOf(ms === 100 ? [130, null] : [130])
      await allEnded(children)
    })
  }

  it('ends at once at a second Ctrl-C', async () => {
    const running = new Running(['run', SUM, '--peers', '2', '--params', '{"ms":20}', '--partitions', '10000'])
    await running.says(/partitions \(/)
    const children = descendants(running.pid)
    running.child.kill('SIGINT')
    expect((await running.stop('SIGINT')).code).to.equal(130)
    await allEnded(children)
  })

  it('leaves no orphan when it is killed', async () => {
    const running = new Running(['run', SUM, '--peers', '2', '--params', '{"ms":20}', '--partitions', '10000'])
    await running.says(/partitions \(/)
    const children = descendants(running.pid)
    await running.stop('SIGKILL')
    await allEnded(children)
  })

  it('goes on when a volunteer is killed', async () => {
    const running = new Running(['run', SUM, '--peers', '3', '--params', '{"ms":2}', '--partitions', '3000', '--events', join(dir, 'killed')])
    await running.says(/partitions \(/)
    const victim = eventsIn(join(dir, 'killed')).find(({ type, pid }) => type === 'peer-started' && pid !== running.pid)?.['pid'] as number
    process.kill(victim, 'SIGKILL')
    const ended = await running.ended
    expect(ended).to.include({ code: 0, out: '4498500\n' })
  })
})
