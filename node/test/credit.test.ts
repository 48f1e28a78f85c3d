/**
 * Credit with real processes (K1, K3, K5): coordinators are killed in the middle of a job, and its table is the whole job all the same;
 * receipts are on the disk, and a process that knows nothing checks them from a file.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { JOBS, Running, cli, lastJson, lastLine } from './cli.ts'
import type { Ended } from './cli.ts'
import { ProcessMesh } from './mesh-of-processes.ts'

interface Row { peer: string, partitions: number, ms: number, receipts: number, selfIssued: number }
interface Table { partitions: number, uncredited: number, rows: Row[], faults: string[] }

const JOB = join(JOBS, 'slow-floats.ts')

describe('credit with real processes', function () {
  this.timeout(180_000)
  let mesh: ProcessMesh

  beforeEach(async () => {
    mesh = new ProcessMesh()
    mesh.state = mesh.dir
    await mesh.start(4)
  })

  afterEach(async () => { await mesh.stop() })

  const file = (name: string): string => join(mesh.dir, name)
  const certified = (peer: string): number =>
    mesh.events().filter(event => event.type === 'certified' && event.peer === peer).reduce((sum, { count = 0 }) => sum + count, 0)

  function submit (partitions: number): Running {
    const running = new Running(['run', JOB, '--mesh', mesh.addr, '--partitions', `${partitions}`, '--fanout', '4', '--params', JSON.stringify({ ms: 15 }), '--events', mesh.log], '', { XDG_STATE_HOME: mesh.dir })
    mesh.running.push(running)
    return running
  }

  /** `credit` on this machine. */
  const credit = async (...args: string[]): Promise<Ended> => await cli(['credit', ...args], '', { XDG_STATE_HOME: mesh.dir })

  async function tableOf (job: string): Promise<Table> {
    const asked = await credit(job, '--mesh', mesh.liveAddr(), '--json')
    expect(asked.code, asked.err).to.equal(0)
    return lastJson(asked) as unknown as Table
  }

  it('[K1, K3, K5] coordinators are killed, and every partition is credited once', async () => {
    const partitions = 2000
    submit(partitions)
    const { job = '' } = (await mesh.until(events => events.some(({ type }) => type === 'submitted'), 'submitted')).find(({ type }) => type === 'submitted') ?? {}
    await mesh.until(events => new Set(events.flatMap(event => event.type === 'value' ? [event.by] : [])).size >= 3, 'values of three peers')
    for (let i = 0; i < 2; i++) {
      const { peer } = mesh.coordinatorOf('/') as { peer: string }
      mesh.processOf(peer).child.kill('SIGKILL')
      await mesh.until(() => mesh.coordinatorOf('/')?.peer !== peer, 'an heir of the root')
    }
    await mesh.until(events => events.some(({ type }) => type === 'done'), 'done', 120_000)

    const table = await tableOf(job)
    expect(table.faults).to.deep.equal([])
    expect(table.uncredited).to.equal(0)
    expect(table.rows.reduce((sum, row) => sum + row.partitions, 0)).to.equal(partitions)
    console.log(`      ${table.rows.map(({ peer, partitions, receipts }) => `${peer.slice(-5)} ${partitions} (${receipts})`).join(', ')}`)

    for (const row of table.rows.filter(({ peer }) => mesh.isRunning(peer))) {
      await mesh.until(() => certified(row.peer) === row.partitions, `receipts of ${row.peer} for its ${row.partitions} partitions`)
    }
    const own = lastJson(await credit('--json')) as unknown as { partitions: number, jobs: Array<{ job: string, size: number }> }
    expect(own.jobs.map(({ job, size }) => [job, size])).to.deep.equal([[job, partitions]])
    expect(own.partitions).to.be.at.most(partitions)
    expect(own.partitions).to.be.at.least(table.rows.filter(({ peer }) => mesh.isRunning(peer)).reduce((sum, row) => sum + row.partitions, 0))

    const written = await credit(job, '--mesh', mesh.liveAddr(), '--export', file('job.json'))
    expect(written.code, written.err).to.equal(0)
    const checked = await credit('--verify', file('job.json'), '--json')
    expect(checked.code, checked.err).to.equal(0)
    expect(lastJson(checked)).to.include({ partitions: partitions - table.rows.reduce((sum, { selfIssued }) => sum + selfIssued, 0) })
  })

  it('[K1, K5] the end of run shows who did it; what is exported is checked offline, line by line', async () => {
    const run = await submit(400).ended
    expect(run.code, run.err).to.equal(0)
    expect(run.err).to.match(/all 400 partitions credited/)
    await mesh.until(events => events.filter(({ type }) => type === 'certified').reduce((sum, { count = 0 }) => sum + count, 0) === 400, 'receipts for all partitions')
    expect((await credit()).out).to.match(/400 of 400 partitions.*\n1 job, 400 partitions/)
    const mine = file('mine.json')
    expect((await credit('--export', mine)).err).to.match(/receipts? written to/)
    const text = readFileSync(mine, 'utf8')
    expect(JSON.parse(text)).to.be.an('array')
    const good = await credit('--verify', mine)
    expect([good.code, good.err]).to.deep.equal([0, ''])

    const lines = text.split('\n')
    const at = lines.findIndex(line => line.includes('"receipt"'))
    writeFileSync(mine, lines.with(at, (lines[at] as string).replace(/"ms":\d+/, '"ms":99999999')).join('\n'))
    const forged = await credit('--verify', mine)
    expect(forged.code).to.equal(1)
    expect(forged.err).to.match(new RegExp(`^line ${at + 1}: the signature is not by its issuer`))
    writeFileSync(mine, [...lines.slice(0, -2), `,${lines[at]}`, ']'].join('\n').replace(/^,/m, ''))
    const twice = await credit('--verify', mine)
    expect(twice.code).to.equal(1)
    expect(lastLine(twice.err)).to.match(/1 line does not count; the rest is sound\.$/)
    expect(twice.err).to.match(/are certified already in line \d+; they count once/)
  })

  it('[K5] what is asked wrongly is told in a sentence', async () => {
    const says = async (...args: string[]): Promise<[number | null, string]> => { const { code, err } = await credit(...args); return [code, lastLine(err)] }
    writeFileSync(file('none.json'), 'hello\n')
    const [code, reason] = await says('--verify', file('none.json'))
    expect([code, reason]).to.deep.equal([1, `${file('none.json')}: 1 line does not count; the rest is sound.`])
    expect(await says('--verify', file('nowhere.json'))).to.match(/^2,Cannot read .*nowhere/)
    expect(await says('--verify', file('none.json'), '--mesh', mesh.addr)).to.match(/^2,--verify FILE asks nobody/)
    expect(await says('--mesh', mesh.addr)).to.match(/^2,The table of a job takes both/)
    expect(await says('nonsense', '--mesh', mesh.addr)).to.match(/^2,nonsense is not a job's id/)
    expect((await credit()).out).to.match(/^No receipts yet/)
  })
})
