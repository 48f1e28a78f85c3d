/** `millionfold audit`: a finished job is looked into from outside, with the submitter gone; and what is said to wrong policies. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { JOBS, cli, lastJson, lastLine } from './cli.ts'
import { TrustingMesh } from './trusting-mesh.ts'
import { evidenceFrom } from '../../protocol/host/verify/evidence.ts'
import type { JobId } from '../../protocol/core/ids.ts'
import type { Trusting } from './trusting-mesh.ts'

const SQUARES = fileURLToPath(new URL('jobs/squares.ts', import.meta.url))
const DEADLINE_MS = 120_000
/** So small a share that nobody looks while the job runs. */
const UNSEEN = 'audit:0.000000001'

describe('millionfold audit', function () {
  this.timeout(DEADLINE_MS + 120_000)
  const folder = mkdtempSync(join(tmpdir(), 'millionfold-audit-'))
  let mesh: TrustingMesh
  let keeper: Trusting
  let liar: Trusting
  let honest: JobId
  let lied: JobId
  let believed: JobId
  let addr: string

  before(async () => {
    mesh = new TrustingMesh()
    const submitter = await mesh.add(0)
    keeper = await mesh.add(1)
    honest = (await mesh.run(submitter, SQUARES, { trust: UNSEEN }, DEADLINE_MS)).job
    believed = (await mesh.run(submitter, SQUARES, {}, DEADLINE_MS)).job
    liar = await mesh.add(1, source => source.replace('return partition * partition', 'return 1 - partition'))
    lied = (await mesh.run(submitter, SQUARES, { trust: UNSEEN }, DEADLINE_MS)).job
    addr = keeper.peer.addrs()[0]!
    await submitter.peer.leave()
  })
  after(async () => {
    await mesh.stop()
    rmSync(folder, { recursive: true })
  })

  it('finds honest work right, with the submitter gone, and the same seed draws the same (V4)', async () => {
    const { code, out, err } = await cli(['audit', honest, '--mesh', addr, '--samples', '20', '--seed', '7'])
    expect([code, lastLine(out)]).to.deep.equal([0, 'Right: 20 of 800 partitions (seed 7) and all folds above them.'])
    expect(err).to.contain('audited')
    const told = await cli(['audit', honest, '--mesh', addr, '--samples', '20', '--seed', '7', '--json'])
    expect(lastJson(told)).to.include({ job: honest, verdict: 'valid', samples: 20, partitions: 800, seed: 7, recomputed: 0, lie: null })
  })

  it('finds a lie that nobody has seen, says whose, and writes the proof (V4, V5)', async () => {
    const file = join(folder, 'proof')
    const { code, out } = await cli(['audit', lied, '--mesh', liar.peer.addrs()[0]!, '--samples', '200', '--evidence', file])
    expect(code).to.equal(1)
    expect(lastLine(out)).to.match(/^A lie: partition \d+ in path \S+ is wrong, and \S+ signed it; found with 200 of 800 partitions \(seed \d+\)\.$/)
    expect(out).to.contain(liar.peer.id)
    expect(evidenceFrom(readFileSync(file))?.statement).to.include({ job: lied, by: liar.peer.id })
  })

  it('computes as a whole what a maker that is gone does not open, and says so (V4)', async () => {
    await liar.peer.leave()
    const { code, out, err } = await cli(['audit', lied, '--mesh', addr, '--samples', '200', '--json'])
    expect(code).to.equal(1)
    expect(err).to.match(/\S+ does not open path \S+: it is computed here as a whole/)
    expect(lastJson({ code, out, err })['lie']).to.include({ peer: liar.peer.id, partition: -1 })
  })

  const faults: Array<[string, () => string[], string]> = [
    ['a job that asked for no trust', () => ['audit', believed, '--mesh', addr], 'did not ask for trust, so nobody is bound to its result; run it with --trust audit:0.01, say.'],
    ['what is no job', () => ['audit', 'x', '--mesh', addr], 'x is not a job\'s id, which is 59 characters that begin with bafyrei; `millionfold jobs` lists those a mesh knows.'],
    ['no samples', () => ['audit', honest, '--mesh', addr, '--samples', '0'], '--samples takes a whole number from 1 to 1000000, not `0`.'],
    ['an unknown policy', () => ['run', join(JOBS, 'sum.ts'), '--trust', 'faith'], 'There is no trust policy faith: give none, votes:2/3, adaptive or audit:0.01.'],
    ['more votes than voters', () => ['run', join(JOBS, 'sum.ts'), '--trust', 'votes:3/2'], 'The trust policy votes:3/2 makes no sense: the number of voters must be at least 3, not 2.'],
    ['a share above all', () => ['run', join(JOBS, 'sum.ts'), '--trust', 'audit:2'], 'The trust policy audit:2 makes no sense: the audited share must be above 0 and at most 1.']
  ]
  for (const [what, args, says] of faults) {
    it(`refuses ${what} in one sentence`, async () => {
      const { code, err } = await cli(args())
      expect(code).to.equal(2)
      expect(lastLine(err)).to.contain(says)
    })
  }

  it('says while it waits that there are too few peers for a vote, and fails at the deadline (V3)', async () => {
    const { code, err } = await cli(['run', join(JOBS, 'sum.ts'), '--peers', '1', '--trust', 'votes:3/3', '--trust-deadline', '5'])
    expect(err).to.match(/waiting for peers: 3 distinct ones must compute the same, and there (are|is) \d/)
    expect(code).to.equal(1)
  })
})
