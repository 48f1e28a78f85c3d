/** Commands on a mesh that stays: two jobs at once, detach and result, cancel, questions, supervision, ports. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { JOBS, Running, allEnded, cli, descendants, eventsIn, isAlive, lastJson } from './cli.ts'

const SUM = join(JOBS, 'sum.ts')
const LOOPBACK = ['--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns']

describe('a mesh that stays', function () {
  this.timeout(90_000)
  let dir: string
  let mesh: Running
  let addr: string
  const env = (): Record<string, string> => ({ XDG_STATE_HOME: dir })

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'millionfold-mesh-'))
    mesh = new Running(['up', '--peers', '3', ...LOOPBACK, '--events', join(dir, 'events')])
    addr = await mesh.says(/\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+/)
    await mesh.says(/(\/ip4\S+\n){3}/)
  })

  after(async () => {
    await mesh.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('runs two jobs at once', async () => {
    const ended = await Promise.all(['3000', '4000'].map(async (n) =>
      await cli(['run', SUM, '--mesh', addr, '--partitions', n, '--params', '{"ms":1}', '--json'], '', env())))
    expect(ended.map(({ code }) => code)).to.deep.equal([0, 0])
    expect(ended.map((one) => lastJson(one)['result'])).to.deep.equal([4498500, 7998000])
    expect(existsSync(join(dir, 'millionfold', 'jobs')), 'no key is left').to.equal(false)
  })

  it('computes the same job once, whoever submits it', async () => {
    const args = ['run', SUM, '--mesh', addr, '--partitions', '3100', '--params', '{"ms":1}', '--json']
    const ended = await Promise.all([cli(args, '', env()), cli(args, '', env())])
    expect(ended.map(({ code }) => code)).to.deep.equal([0, 0])
    expect(ended.map((one) => lastJson(one)['result'])).to.deep.equal([4803450, 4803450])
    expect(new Set(ended.map((one) => lastJson(one)['job'])).size).to.equal(1)
    const again = await cli(args, '', env())
    expect(lastJson(again)).to.include({ result: 4803450 })
  })

  it('goes on without a submitter that detaches; anyone fetches the result later', async () => {
    const left = await cli(['run', SUM, '--mesh', addr, '--partitions', '4001', '--params', '{"ms":2}', '--detach'], '', env())
    expect(left).to.include({ code: 0 })
    const job = left.out.trim()
    expect(job).to.match(/^bafyrei\w+$/)
    const early = await cli(['result', job, '--mesh', addr])
    if (early.code !== 0) expect(early).to.include({ code: 1, out: '' })
    expect((await cli(['jobs', '--mesh', addr])).out).to.include(job)
    await until(async () => JSON.parse((await cli(['status', job, '--mesh', addr, '--json'])).out).state === 'done')
    const fetched = await cli(['result', job, '--mesh', addr, '--json'])
    expect(fetched.code).to.equal(0)
    expect(fetched.out.split('\n')[0]).to.equal('8002000')
    expect(lastJson(fetched)).to.include({ job, result: 8002000, partitions: 4001 })
    const late = await cli(['cancel', job, '--mesh', addr], '', env())
    expect(late).to.include({ code: 2, out: '' })
    expect(late.err).to.match(/is done already/)
  })

  it('hands the job over at Ctrl-C; only its submitter cancels it', async () => {
    const running = new Running(['run', SUM, '--mesh', addr, '--partitions', '200000', '--params', '{"ms":5}'], '', env())
    await running.says(/partitions \(/)
    const ended = await running.stop('SIGINT')
    expect(ended.code).to.equal(130)
    const job = /bafyrei\w+/.exec(ended.err)?.[0] as string
    expect(JSON.parse((await cli(['status', job, '--mesh', addr, '--json'])).out)).to.include({ state: 'running' })
    const early = await cli(['result', job, '--mesh', addr])
    expect(early).to.include({ code: 1, out: '' })
    expect(early.err).to.match(/not done yet: .* of 200,000/)
    const stranger = await cli(['cancel', job, '--mesh', addr], '', { XDG_STATE_HOME: join(dir, 'stranger') })
    expect(stranger.code).to.equal(2)
    const cancelled = await cli(['cancel', job, '--mesh', addr], '', env())
    expect(cancelled).to.include({ code: 0 })
    await until(async () => JSON.parse((await cli(['status', job, '--mesh', addr, '--json'])).out).state === 'cancelled')
  })

  it('says so when a job is not known', async () => {
    const ended = await cli(['status', 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy', '--mesh', addr])
    expect(ended).to.include({ code: 2, out: '' })
    expect(ended.err).to.match(/No peer there knows/)
    const odd = await cli(['status', 'nonsense', '--mesh', addr])
    expect(odd).to.include({ code: 2, out: '' })
    expect(odd.err).to.match(/nonsense is not a job's id/)
  })

  it('starts a volunteer that crashed again', async () => {
    const pids = (): number[] => eventsIn(join(dir, 'events')).filter(({ type }) => type === 'peer-started').map(({ pid }) => pid as number)
    const victim = pids().filter(isAlive).at(-1) as number
    const before = pids().length
    process.kill(victim, 'SIGKILL')
    await mesh.says(/starting it again/)
    await until(async () => pids().length > before)
    expect(pids().filter(isAlive).length).to.equal(3)
  })
})

describe('volunteers', function () {
  this.timeout(60_000)

  it('say their address, and leave at a signal', async () => {
    const one = new Running(['join', ...LOOPBACK])
    const addr = await one.says(/\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+/)
    const two = new Running(['join', addr, ...LOOPBACK])
    await two.says(/\/ip4\//)
    const below = [...descendants(one.pid), ...descendants(two.pid)]
    expect((await two.stop('SIGINT')).code).to.equal(130)
    expect((await one.stop('SIGTERM')).code).to.equal(0)
    await allEnded(below)
  })

  it('end with their supervisor, even when it is killed', async () => {
    const mesh = new Running(['up', '--peers', '2', ...LOOPBACK])
    await mesh.says(/(\/ip4\S+\n){2}/)
    const below = descendants(mesh.pid)
    await mesh.stop('SIGKILL')
    await allEnded(below)
  })

  it('refuse a port in use and an address that does not answer, in one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const busy = await cli(['join', '--listen', `/ip4/127.0.0.1/tcp/${port}`, '--no-mdns'])
    server.close()
    expect(busy.code).to.equal(2)
    expect(busy.err).to.include(String(port))
    expect(busy.err.trimEnd().split('\n').length).to.equal(1)
    const silent = await cli(['join', '/ip4/127.0.0.1/tcp/9', ...LOOPBACK])
    expect(silent.code).to.equal(2)
    expect(silent.err.trimEnd().split('\n').length).to.equal(1)
  })
})

async function until (isTrue: () => Promise<boolean>): Promise<void> {
  const late = Date.now() + 40_000
  while (!(await isTrue())) {
    if (Date.now() > late) throw new Error('it did not come to be')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
