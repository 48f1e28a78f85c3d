/** The sandbox of a simulated machine: one bite after the other on each core, at its speed. */
import { expect } from 'chai'
import type { JobId, Path } from '../../protocol/core/ids.ts'
import type { Node } from '../world/node.ts'
import type { Run } from '../world/sandbox.ts'
import { EventQueue } from '../world/event-queue.ts'
import { cancelRun, endRun, enqueue, startRuns } from '../world/sandbox.ts'

const PACE = { partitionMs: 100, startMs: 30 }
const JOB = 'job' as JobId

const machine = (cores: number, speed: number): Node => ({ cores, speed, running: [], queue: [], hasBundle: false, debtMs: 0, life: 1 }) as unknown as Node
const bite = (path: string, size: number): Run => ({ job: JOB, path: path as Path, size, startedMs: -1, event: null })

/** Let time pass; what ended, and when. */
function pass (queue: EventQueue, node: Node, untilMs: number): string[] {
  const ended: string[] = []
  for (let event = queue.pop(untilMs); event !== null; event = queue.pop(untilMs)) {
    const run = event.a as Run
    if (endRun(node, run, event)) {
      ended.push(`${run.path} at ${queue.nowMs}`)
      startRuns(queue, node, PACE)
    }
    queue.recycle(event)
  }
  return ended
}

describe('the sandbox', () => {
  it('runs bites one after the other, and waits for the bundle once', () => {
    const [queue, node] = [new EventQueue(1), machine(1, 1)]
    enqueue(queue, node, bite('0', 2), PACE)
    enqueue(queue, node, bite('1', 1), PACE)
    expect(pass(queue, node, 1_000)).to.deep.equal(['0 at 230', '1 at 330'])
  })

  it('runs as many at once as there are cores', () => {
    const [queue, node] = [new EventQueue(1), machine(2, 1)]
    for (const path of ['0', '1', '2']) enqueue(queue, node, bite(path, 1), PACE)
    expect(pass(queue, node, 1_000)).to.deep.equal(['1 at 100', '0 at 130', '2 at 200'])
  })

  it('takes half the time at twice the speed, and for ever at none', () => {
    const queue = new EventQueue(1)
    const [fast, hung] = [machine(1, 2), machine(1, 0)]
    fast.hasBundle = true
    enqueue(queue, fast, bite('0', 3), PACE)
    expect(pass(queue, fast, 10_000)).to.deep.equal(['0 at 150'])
    enqueue(queue, hung, bite('0', 3), PACE)
    expect(pass(queue, hung, 1_000_000)).to.deep.equal([])
    expect(hung.running).to.have.length(1)
  })

  it('goes on with the next when a running bite is stopped, and tells how much was thrown away', () => {
    const [queue, node] = [new EventQueue(1), machine(1, 1)]
    node.hasBundle = true
    enqueue(queue, node, bite('0', 5), PACE)
    enqueue(queue, node, bite('1', 1), PACE)
    expect(pass(queue, node, 200)).to.deep.equal([])
    expect(cancelRun(queue, node, JOB, '0' as Path, PACE)).to.equal(200)
    expect(pass(queue, node, 1_000)).to.deep.equal(['1 at 300'])
  })

  it('stops a waiting bite at no cost, and nothing it does not have', () => {
    const [queue, node] = [new EventQueue(1), machine(1, 1)]
    node.hasBundle = true
    enqueue(queue, node, bite('0', 1), PACE)
    enqueue(queue, node, bite('1', 1), PACE)
    expect(cancelRun(queue, node, JOB, '1' as Path, PACE)).to.equal(0)
    expect(cancelRun(queue, node, JOB, '2' as Path, PACE)).to.equal(0)
    expect(pass(queue, node, 1_000)).to.deep.equal(['0 at 100'])
  })
})
