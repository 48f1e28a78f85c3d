/**
 * Exactness under churn with real processes and real signals (C5, C6, C8, R2, R4, R5): coordinators are found
 * in the event log and killed, peers join, leave, and stand still; the result equals the oracle every time, and
 * what was accepted is not computed again.
 */
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT, childDigits, childOf, rangeOf } from '../../protocol/core/geometry.ts'
import type { Path } from '../../protocol/core/ids.ts'
import { JOBS, Running, cli, lastJson } from './cli.ts'
import { ProcessMesh, recomputed } from './mesh-of-processes.ts'

const JOB = join(JOBS, 'slow-floats.ts')

/** What the job comes to: float terms added along the tree (G3), with no mesh involved. */
function foldOf (partitions: number, path: Path = ROOT): number {
  const geometry = { partitions, fanout: 4, grain: 1 }
  const range = rangeOf(geometry, path) ?? { from: 0, to: 0 }
  const digits = childDigits(geometry, range)
  if (digits.length > 0) return digits.reduce((sum, digit) => sum + foldOf(partitions, childOf(path, digit)), 0)
  return (range.from % 2 === 0 ? 4 : -4) / (2 * range.from + 1)
}

describe('churn with real processes', function () {
  this.timeout(180_000)
  let mesh: ProcessMesh

  beforeEach(async () => {
    mesh = new ProcessMesh()
    await mesh.start(8)
  })

  afterEach(async () => { await mesh.stop() })

  function submit (partitions: number, ms: number, more: string[] = []): Running {
    const args = ['run', JOB, '--mesh', mesh.addr, '--partitions', `${partitions}`, '--fanout', '4', '--params', JSON.stringify({ ms })]
    const running = new Running([...args, '--events', mesh.log, ...more], '', { XDG_STATE_HOME: mesh.dir })
    mesh.running.push(running)
    return running
  }

  /** Fetch the result from a process of its own and compare its bytes. */
  async function expectResult (job: string, partitions: number): Promise<Record<string, unknown>> {
    await mesh.until(events => events.some(event => event.type === 'done'), 'done', 120_000)
    const fetched = await cli(['result', job, '--mesh', mesh.liveAddr(), '--json'])
    expect(fetched.code, fetched.err).to.equal(0)
    const summary = lastJson(fetched)
    expect(summary['result']).to.equal(foldOf(partitions))
    const again = recomputed(mesh.events())
    console.log(`      duplicates ${JSON.stringify(summary['duplicates'])} of ${partitions}, accepted again by others ${again.length}`)
    return summary
  }

  const submitted = async (): Promise<string> =>
    (await mesh.until(events => events.some(event => event.type === 'submitted'), 'submitted')).find(event => event.type === 'submitted')?.job ?? ''

  /** Kill whoever coordinates a path and wait for the next one to take over. */
  async function killCoordinator (path: string): Promise<number> {
    const { peer } = (await mesh.until(() => mesh.coordinatorOf(path) !== undefined, `a coordinator of ${path}`), mesh.coordinatorOf(path)) as { peer: string }
    mesh.processOf(peer).child.kill('SIGKILL')
    const at = Date.now()
    await mesh.until(() => { const next = mesh.coordinatorOf(path); return next !== undefined && next.peer !== peer }, `an heir of ${path}`)
    return Date.now() - at
  }

  it('[C6] the submitter, its heir, a mid-level coordinator, and a parent with its child are killed', async () => {
    const partitions = 6000
    submit(partitions, 15)
    const job = await submitted()
    await mesh.until(events => events.some(event => event.type === 'coordinator' && event.path === '/' && (event.heirs?.length ?? 0) === 3), 'three heirs')
    // Before anybody has the bundle nobody could go on (R5): whoever has computed has it.
    await mesh.until(events => new Set(events.flatMap(event => event.type === 'value' ? [event.by] : [])).size >= 4, 'values of four peers')
    const first = await killCoordinator('/')
    const second = await killCoordinator('/')
    console.log(`      root taken over after ${first} and ${second} ms`)
    mesh.volunteer([mesh.liveAddr()])
    const middle = await mesh.until(() => mesh.middle() !== undefined, 'a mid-level coordinator with members').then(() => mesh.middle())
    await killCoordinator(middle?.path ?? '')
    const root = mesh.coordinatorOf('/')
    const child = root?.heirs?.find(peer => mesh.isRunning(peer)) ?? ''
    mesh.processOf(root?.peer ?? '').child.kill('SIGKILL')
    mesh.processOf(child).child.kill('SIGKILL')
    await expectResult(job, partitions)
    expect(recomputed(mesh.events()).map(event => event.path), 'accepted work done again').to.deep.equal([])
  })

  it('[R5] the submitter detaches; half of the peers leave politely; the result is fetched later', async () => {
    const partitions = 4000
    const run = await submit(partitions, 15, ['--detach']).ended
    expect(run.code, run.err).to.equal(0)
    await mesh.until(events => events.filter(event => event.type === 'value').length >= 3, 'some values')
    for (const one of mesh.running.slice(1, 5)) one.child.kill('SIGTERM')
    await Promise.all(mesh.running.slice(1, 5).map(async one => await one.ended))
    await expectResult(run.out.trim(), partitions)
    expect(recomputed(mesh.events()).map(event => event.path), 'accepted work done again').to.deep.equal([])
  })

  it('[C4] a peer that stands still for 10 s and goes on does no harm', async () => {
    const partitions = 6000
    const run = submit(partitions, 15)
    const job = await submitted()
    await mesh.until(events => events.filter(event => event.type === 'value').length >= 2, 'some values')
    const still = mesh.running[3] as Running
    still.child.kill('SIGSTOP')
    await new Promise(resolve => setTimeout(resolve, 10_000))
    still.child.kill('SIGCONT')
    const ended = await run.ended
    expect(ended.code, ended.err).to.equal(0)
    await expectResult(job, partitions)
    expect(still.child.exitCode).to.equal(null)
  })
})
