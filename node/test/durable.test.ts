/**
 * Nothing is lost, with real processes, real signals and real disks: all of a mesh is killed and started again (D1-D4), stores are damaged
 * (D5), full (D6), of another version (D7), and cleaned (D8).
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openStore } from '../store/open-store.ts'
import { JOBS, Running, cli, eventsIn, lastJson } from './cli.ts'
import { trial } from '../kills/trial.ts'

const SUM = join(JOBS, 'sum.ts')
const LOCAL = ['--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns']
let dir: string

/** Bytes of a store's tables and logs are turned over, one in so many. */
function damage (folder: string, every: number): void {
  for (const name of readdirSync(folder).filter(file => /\.(ldb|log)$/.test(file))) {
    const bytes = readFileSync(join(folder, name))
    for (let at = every >> 1; at < bytes.length; at += every) bytes[at] = (bytes[at] ?? 0) ^ 0x55
    writeFileSync(join(folder, name), bytes)
  }
}

describe('durability', function () {
  this.timeout(240_000)
  beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-durable-')) })
  afterEach(() => { rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) })

  for (const seed of [2, 3]) {
    it(`[D1, D2, D3] every process is killed twice at random moments and started again: exact, seed ${seed}`, async () => {
      const done = await trial({ seed, job: SUM, partitions: 3000, args: ['--params', '{"ms":2}'], result: 4_498_500, kills: 2, lastMs: 3_000 })
      console.log(`      ended by ${done.ending}: ${done.again} partitions computed again, ${done.finished} were finished; starts found ${done.restored.join(', ')}`)
    })
  }

  /** A job of a volunteer that is killed in the middle of it, with its submitter. */
  async function killedJob (store: string, ms = 5): Promise<{ args: string[], job: string }> {
    const args = ['run', SUM, '--peers', '1', '--partitions', '2000', '--params', `{"ms":${ms}}`, '--store', store, '--json']
    const events = join(dir, 'events')
    const running = new Running([...args, '--events', events])
    await running.says(/[1-9]\d* of 2,000 partitions/)
    await running.says(/\(([2-9]\d|1\d) %\)/)
    await running.stop('SIGKILL')
    return { args, job: eventsIn(events).find(({ type }) => type === 'submitted')?.['job'] as string }
  }

  it('[D2, D3, D8] the same command goes on with its killed job, and leaves nothing when it has ended', async () => {
    const store = join(dir, 'store')
    const { args, job } = await killedJob(store)
    const ended = await cli(args)
    expect(ended.code, ended.err).to.equal(0)
    expect(lastJson(ended)).to.include({ job, result: 1_999_000 })
    expect(ended.err).to.match(/Job sum \(bafy\w+\) goes on: [\d,]+ of 2,000 partitions were kept/)
    for (const place of ['submitters/0', 'helpers/0']) {
      const left = await openStore({ folder: join(store, place, '..') })
      const keys: string[] = []
      for (const table of ['jobs', 'values', 'owned'] as const) for await (const { key } of left.entries(table)) keys.push(key)
      await left.close()
      expect(keys, place).to.deep.equal([])
    }
  })

  it('[D5] truncated and bit-flipped stores are never believed: exact again', async () => {
    for (const [how, spoil] of [
      ['bits', (folder: string) => { damage(folder, 500) }],
      ['cut', (folder: string) => { for (const name of readdirSync(folder).filter(file => /\.(ldb|log)$/.test(file))) truncateSync(join(folder, name), statSync(join(folder, name)).size >> 1) }],
      ['manifest', (folder: string) => { for (const name of readdirSync(folder).filter(file => file.startsWith('MANIFEST'))) writeFileSync(join(folder, name), 'nothing of the kind') }]
    ] as const) {
      const store = join(dir, how)
      const { args } = await killedJob(store)
      for (const place of ['submitters/0', 'helpers/0']) spoil(join(store, place))
      const ended = await cli(args)
      expect(ended.code, `${how}: ${ended.err}`).to.equal(0)
      expect(lastJson(ended)['result'], how).to.equal(1_999_000)
      rmSync(join(dir, 'events'))
    }
  })

  it('[D7] a store of a newer version is one sentence, exit 2, and not touched', async () => {
    const place = join(dir, 'peers', '0')
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'MILLIONFOLD-FORMAT'), '7\n')
    writeFileSync(join(place, 'CURRENT'), 'something new\n')
    const ended = await cli(['join', ...LOCAL, '--store', dir])
    expect(ended.code).to.equal(2)
    expect(ended.err.trimEnd()).to.match(/^The store \S+ was made by a newer version of Millionfold \(format 7, this one knows 1\): update, or name another by --store\.$/)
    expect(readdirSync(place).sort()).to.deep.equal(['CURRENT', 'MILLIONFOLD-FORMAT'])
    expect(readFileSync(join(place, 'CURRENT'), 'utf8')).to.equal('something new\n')
  })

  it('[D7] a folder that cannot be made is one sentence, exit 2', async () => {
    writeFileSync(join(dir, 'file'), '')
    const ended = await cli(['join', ...LOCAL, '--store', join(dir, 'file')])
    expect(ended.code).to.equal(2)
    expect(ended.err.trimEnd()).to.match(/^Cannot make the store \S+: .*\. Name another by --store, or keep nothing by --store none\.$/)
  })

  it('[D6] a full disk pauses computing with one sentence, and goes on when there is room', async function () {
    const disk = join(dir, 'disk')
    mkdirSync(disk)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' })
    } catch {
      console.log('      no small disk may be mounted here')
      this.skip()
    }
    let running: Running | null = null
    try {
      const full = join(disk, 'ballast')
      running = new Running(['run', SUM, '--peers', '1', '--partitions', '2000', '--params', '{"ms":4}', '--store', join(disk, 'store'), '--json'])
      await running.says(/[1-9]\d* of 2,000 partitions/)
      writeFileSync(full, '')
      try {
        for (;;) writeFileSync(full, Buffer.alloc(4096), { flag: 'a' })
      } catch { /* full */ }
      await running.says(/The store takes nothing more \([^)]*\): computing pauses until there is room\./)
      rmSync(full)
      await running.says(/The store has room again: computing goes on\./)
      const ended = await running.ended
      expect(ended.code, ended.err).to.equal(0)
      expect(lastJson(ended)['result']).to.equal(1_999_000)
      expect(ended.err.match(/takes nothing more/g)).to.have.length.below(4)
    } finally {
      await running?.stop('SIGKILL')
      execFileSync('umount', ['-l', disk], { stdio: 'ignore' })
    }
  })

  it('keeps nothing with --store none', async () => {
    const ended = await cli(['run', SUM, '--peers', '1', '--partitions', '100', '--store', 'none'], '', { XDG_STATE_HOME: dir })
    expect(ended.code).to.equal(0)
    expect(existsSync(join(dir, 'millionfold', 'stores'))).to.equal(false)
  })
})
