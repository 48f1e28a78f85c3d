/**
 * Bad input, as its submitter meets it: one sentence that says what is wrong, the right exit code, and a mesh that
 * goes on with the next job. What sandboxes withstand is held by their own suite, what the command line refuses
 * before it starts by run.test.ts, what does not bundle by bundle.test.ts.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { base64pad } from 'multiformats/bases/base64'
import { encodeSpec } from '../../protocol/job/spec.ts'
import { SPEC } from '../../protocol/host/test/samples.ts'
import { JobFailedError, connect } from '../index.ts'
import { JOBS, Running, allEnded, cli, descendants, lastLine } from './cli.ts'
import type { Failure } from '../../protocol/core/job.ts'
import type { Mesh } from '../index.ts'

const BAD = join(JOBS, 'bad.ts')
const SUM = join(JOBS, 'sum.ts')

describe('a job that goes wrong on a mesh', function () {
  this.timeout(60_000)
  let mesh: Mesh

  before(async () => { mesh = await connect('local:?peers=1') })
  after(async () => { await mesh.close() })

  const failing: Array<[how: string, kind: Failure['kind'], says: RegExp]> = [
    ['cycle', 'output', /^partition 17 returned a value that cannot be an output: it\S* is part of a cycle$/],
    ['map', 'output', /^partition 17 returned .*: it is an instance of Map; use a plain object or an array$/],
    ['large', 'output', /^partition 17 returned .*: it is larger than 1048576 bytes$/],
    ['heap', 'memory', /^partition 17 needed more than the 256 MB of memory it may have$/],
    ['buffers', 'memory', /^partition 17 (ran out of memory|needed more than .*)$/],
    ['process', 'threw', /^partition 17 threw: ReferenceError: process is not defined$/],
    ['require', 'threw', /^partition 17 threw: (node:)?fs is not there in the sandbox$/],
    ['fetch', 'threw', /^partition 17 threw: ReferenceError: fetch is not defined$/],
    ['never', 'timeout', /^partition 17 took longer than 1000 ms$/],
    ['escape codes', 'threw', /^partition 17 threw: \[2Jwiped$/]
  ]
  for (const [how, kind, says] of failing) {
    it(`fails with the partition and the reason: ${how}`, async () => {
      const error: unknown = await mesh.run(BAD, { how }, how === 'never' ? { timeoutMs: 1000 } : {}).then(() => null, (reason: unknown) => reason)
      expect(error).to.be.instanceOf(JobFailedError)
      const { message, why } = error as JobFailedError
      expect(why).to.include({ kind, partition: 17 })
      expect(message).to.match(says)
      if (kind === 'threw') expect(why.stack).to.match(/bad\.ts:\d+:\d+/)
    })
  }

  const refused: Array<[how: string, says: RegExp]> = [
    ['input', /^Input 1 cannot be sent: it is a function\.$/],
    ['large input', /^Input 1 cannot be sent: it is larger than 1048576 bytes\.$/],
    ['half-way', /^The job's `prepare` threw: the source ran dry$/],
    ['nothing', /^The job's `prepare` must return a number of partitions or an iterable of inputs\.$/]
  ]
  for (const [how, says] of refused) {
    it(`is refused before anybody hears of it: ${how}`, async () => {
      const error: unknown = await mesh.run(BAD, { how }).then(() => null, (reason: unknown) => reason)
      expect(error).to.have.property('name', 'UsageError')
      expect((error as Error).message).to.match(says)
    })
  }

  it('refuses numbers of partitions that are none', async () => {
    for (const partitions of [0, -3, 2.5, NaN, Infinity, 2 ** 40 + 1]) {
      const error: unknown = await mesh.run(SUM, undefined, { partitions }).then(() => null, (reason: unknown) => reason)
      expect(error, String(partitions)).to.have.property('name', 'UsageError')
      expect((error as Error).message).to.match(/^The number of partitions must be .*\.$/)
    }
  })

  it('refuses parameters that cannot be sent', async () => {
    const error: unknown = await mesh.run(SUM, { ms: () => 1 }).then(() => null, (reason: unknown) => reason)
    expect(error).to.have.property('name', 'UsageError')
    expect((error as Error).message).to.match(/^The parameters cannot be sent: it\.ms is a function/)
  })

  it('computes the next job on the same volunteer', async () => {
    expect(await mesh.run(SUM)).to.equal(499_500)
  })
})

describe('the command line on bad input', function () {
  this.timeout(60_000)
  let dir: string

  before(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-bad-')) })
  after(() => { rmSync(dir, { recursive: true, force: true }) })

  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }

  it('says 1 and the reason in the last line when a job needs too much memory', async () => {
    const ended = await cli(['run', BAD, '--peers', '2', '--params', '{"how":"heap"}'])
    expect(ended).to.include({ code: 1, out: '' })
    expect(lastLine(ended.err)).to.equal('partition 17 needed more than the 256 MB of memory it may have')
  })

  it('says 1 when the module cannot be started or its collect throws', async () => {
    const setup = await cli(['run', write('setup.ts', 'export const partitions = 9\nexport const setup = () => { throw new Error("no table") }\nexport const compute = () => 1\n'), '--peers', '1'])
    expect(setup).to.include({ code: 1, out: '' })
    expect(lastLine(setup.err)).to.equal('the job could not be started because its module failed: no table')
    const collect = await cli(['run', write('collect.ts', 'export const partitions = 9\nexport const compute = () => 1\nexport const collect = () => { throw new Error("no sum") }\n'), '--peers', '1'])
    expect(collect).to.include({ code: 1, out: '' })
    expect(lastLine(collect.err)).to.match(/ could not be collected: no sum$/)
    expect(collect.err).to.match(/collect\.ts:3:\d+/)
  })

  it('says 2 in one sentence, and leaves no volunteer, when prepare throws half-way', async () => {
    const running = new Running(['run', BAD, '--peers', '2', '--params', '{"how":"half-way"}'])
    const seen = new Set<number>()
    const watch = setInterval(() => { for (const pid of descendants(running.pid)) seen.add(pid) }, 20)
    const ended = await running.ended
    clearInterval(watch)
    expect(ended).to.deep.equal({ code: 2, out: '', err: 'The job\'s `prepare` threw: the source ran dry\n' })
    await allEnded([...seen])
  })

  it('says 130 at Ctrl-C while the module still prepares, and leaves no volunteer', async () => {
    const slow = write('slow.ts', 'export async function prepare () {\n  console.error("preparing")\n  await new Promise(resolve => setTimeout(resolve, 60_000))\n  return 1\n}\nexport const compute = () => 1\n')
    const running = new Running(['run', slow, '--peers', '2'])
    await running.says(/preparing/)
    const below = descendants(running.pid)
    expect((await running.stop('SIGINT')).code).to.equal(130)
    await allEnded(below)
  })

  it('says 130 at Ctrl-C while it waits for inputs that do not come, and ends its volunteers', async () => {
    const pipe = join(dir, 'pipe')
    execFileSync('mkfifo', [pipe])
    const running = new Running(['run', join(JOBS, 'square.ts'), '--peers', '1', '--input', pipe])
    const writer = openSync(pipe, constants.O_RDWR)
    while (descendants(running.pid).length < 2) await new Promise(resolve => setTimeout(resolve, 20))
    const below = descendants(running.pid)
    const ended = await running.stop('SIGINT')
    closeSync(writer)
    expect(ended.code).to.equal(130)
    await allEnded(below)
  })

  it('says 2 and why, and nothing else, for an address that is none or leads to nobody', async () => {
    for (const command of ['join', 'serve', 'up']) {
      const args = command === 'up' ? ['--peers', '1'] : []
      expect(await cli([command, 'foo', '--no-mdns', ...args].filter((arg) => command !== 'up' || arg !== '--no-mdns')), command)
        .to.deep.equal({ code: 2, out: '', err: 'foo is not an address such as /ip4/192.0.2.1/tcp/22580.\n' })
    }
    const nobody = '/ip4/127.0.0.1/tcp/1'
    expect(await cli(['join', nobody, '--store', 'none'])).to.deep.equal({ code: 2, out: '', err: `No peer answers at ${nobody}: the connection was refused.\n` })
  })

  it('says 2 and what a job\'s id is where something else is given', async () => {
    const says = (text: string): string => `${text} is not a job's id, which is 59 characters that begin with bafyrei; \`millionfold jobs\` lists those a mesh knows.\n`
    for (const command of ['status', 'result', 'audit', 'cancel']) expect(await cli([command, 'nope']), command).to.deep.equal({ code: 2, out: '', err: says('nope') })
    expect(await cli(['status', `${'x'.repeat(500)}\u001b[2J`])).to.include({ code: 2, err: says('x'.repeat(80)) })
    const id = 'bafyreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu'
    expect(await cli(['status', id])).to.deep.equal({ code: 2, out: '', err: 'Give --mesh ADDR, the multiaddr of any peer of the mesh.\n' })
    expect((await cli(['cancel', id])).err).to.match(/^Only the submitter can cancel a job, and the key of bafyreif2\S+ is not on this machine\.\n$/)
  })

  it('tells what is wrong with a hostile file of receipts in short lines, and not in too many', async () => {
    const line = JSON.stringify({ job: `x\u001b[2J${'y'.repeat(1_000_000)}`, spec: base64pad.encode(encodeSpec(SPEC)) })
    const ended = await cli(['credit', '--verify', write('hostile.json', `[\n${`${line},\n`.repeat(3)}${'7,\n'.repeat(500)}]`)])
    expect(ended.code).to.equal(1)
    const lines = ended.err.trimEnd().split('\n')
    expect(lines.length).to.be.at.most(102)
    for (const each of lines) expect(each.length).to.be.below(400)
    expect(lines[0]).to.match(/^line 2: its spec is not that of job x\[2Jyyy/)
    expect(ended.err).to.not.include('\u001b')
    expect(ended.err).to.match(/\nand \d+ more lines\n/)
  })

  it('says 2 for a port in use, also under a supervisor, and ends the other volunteers', async () => {
    const server = createServer().listen(0, '0.0.0.0')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const running = new Running(['up', '--peers', '2', '--listen', `/ip4/127.0.0.1/tcp/${port}`, '--no-mdns'])
    const ended = await running.ended
    server.close()
    expect(ended).to.include({ code: 2, out: '' })
    expect(ended.err).to.match(new RegExp(`Cannot listen on /ip4/127\\.0\\.0\\.1/tcp/${port}: the port is in use`))
    expect(descendants(running.pid)).to.deep.equal([])
  })
})
