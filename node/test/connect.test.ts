/** The library: `connect`, a handle's progress and result, AbortSignal, and the same from another mesh. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { JobFailedError, connect } from '../index.ts'
import type { Mesh, Progress } from '../index.ts'
import { JOBS, allEnded, commandOf, descendants } from './cli.ts'

const SUM = join(JOBS, 'sum.ts')

describe('connect', function () {
  this.timeout(60_000)
  let mesh: Mesh

  before(async () => { mesh = await connect('local:?peers=2') })
  after(async () => {
    const below = descendants(process.pid).filter((pid) => commandOf(pid).includes('--supervised'))
    expect(below.length).to.be.at.least(2)
    await mesh.close()
    await allEnded(below)
  })

  it('runs a job, with progress, and gives its value', async () => {
    const handle = mesh.run(SUM, { ms: 1 }, { partitions: 2000 })
    const seen: Progress[] = []
    for await (const progress of handle.progress) seen.push(progress)
    expect(seen.at(-1)).to.include({ done: 2000, partitions: 2000, leftMs: 0 })
    expect(await handle).to.equal(1999000)
  })

  it('takes inputs from an iterable and gives gathered outputs in order', async () => {
    const handle = mesh.run(pathToFileURL(join(JOBS, 'square.ts')), undefined, { input: ['1', '2', '3'] })
    expect(await handle).to.deep.equal([1, 4, 9])
    const outputs: unknown[] = []
    for await (const output of handle.outputs()) outputs.push(output)
    expect(outputs).to.deep.equal([1, 4, 9])
  })

  it('rejects with the failure', async () => {
    const failure = await mesh.run(join(JOBS, 'faulty.ts'), { how: 'throw' }).then(() => null, (error: unknown) => error)
    expect(failure).to.be.instanceOf(JobFailedError)
    expect((failure as JobFailedError).why).to.include({ partition: 17, kind: 'threw' })
  })

  it('cancels at abort', async () => {
    const stop = new AbortController()
    const handle = mesh.run(SUM, { ms: 50 }, { partitions: 5000, signal: stop.signal })
    await handle.submitted
    stop.abort(new Error('enough'))
    expect(await handle.then(() => null, (error: Error) => error.message)).to.equal('enough')
  })

  it('lists jobs and joins a mesh by address', async () => {
    const [addr] = (await mesh.contact()).addrs
    const other = await connect(addr as string)
    try {
      const jobs = await other.jobs()
      expect(jobs.map(({ name, state }) => [name, state])).to.deep.include(['square', 'done'])
    } finally {
      await other.close()
    }
  })

  it('refuses what is no mesh', async () => {
    for (const where of ['nonsense', 'local:?peers=0', 'local:?peers=x', '/ip4/127.0.0.1/tcp/9']) {
      expect(await connect(where).then(() => null, (error: Error) => error.name), where).to.equal('UsageError')
    }
  })
})
