/** Two private meshes and an open one on one machine, whose peers find each other over mDNS, as people start them: each keeps its jobs to itself (A4). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { JOBS, Running, cli, lastJson } from './cli.ts'

const SUM = join(JOBS, 'sum.ts')
/** Peers ask the network every few seconds; on some machines, containers above all, nothing passes multicast on. */
const MEET_MS = 30_000

interface Mesh { name: string, invitation: string[], addr: string }

describe('meshes that meet over mDNS', function () {
  this.timeout(180_000)
  let dir: string
  const running: Running[] = []
  before(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-mdns-')) })
  afterEach(async () => { await Promise.all(running.splice(0).map(async (it) => await it.stop())) })
  after(() => { rmSync(dir, { recursive: true, force: true }) })

  /** Two volunteers that are told nobody's address. */
  async function started (name: string, invitation: string[]): Promise<Mesh> {
    const pair = [1, 2].map(() => new Running(['join', '--cores', '1', '--store', 'none', '--listen', '/ip4/0.0.0.0/tcp/0', ...invitation]))
    running.push(...pair)
    const [addr] = await Promise.all(pair.map(async (peer) => await peer.says(/\/ip4\/127\S+/)))
    return { name, invitation, addr: addr as string }
  }

  /** Run jobs at one of the two until the other has a part in one: then they have met. @returns the last job's id, or null when they do not meet */
  async function shared ({ addr, invitation }: Mesh): Promise<string | null> {
    for (const end = Date.now() + MEET_MS; Date.now() < end;) {
      const ended = await cli(['run', SUM, '--partitions', '200', '--params', '{"ms":10}', '--again', '--mesh', addr, '--store', 'none', '--json', ...invitation])
      expect(ended.code, ended.err).to.equal(0)
      const { job, peers, result } = lastJson(ended)
      expect(result).to.equal(19_900)
      if (peers as number > 1) return job as string
    }
    return null
  }

  it('two private ones and an open one share no job', async function () {
    const made = async (name: string): Promise<string[]> => {
      const ended = await cli(['invite', '--new', '--json'], '', { XDG_STATE_HOME: join(dir, name) })
      return ['--invitation', lastJson(ended)['invitation'] as string]
    }
    const meshes = await Promise.all([started('one', await made('one')), started('other', await made('other')), started('open', [])])
    const jobs = new Map<string, string>()
    for (const mesh of meshes) {
      const job = await shared(mesh)
      if (job === null) return this.skip()
      jobs.set(mesh.name, job)
    }
    for (const { name, addr, invitation } of meshes) {
      const { code, out } = await cli(['jobs', '--json', '--mesh', addr, ...invitation])
      expect(code).to.equal(0)
      const known = out.trim().split('\n').map((line) => (JSON.parse(line) as { job: string }).job)
      for (const [of, job] of jobs) expect(known.includes(job), `${name} and the job of ${of}`).to.equal(of === name)
    }
  })
})
