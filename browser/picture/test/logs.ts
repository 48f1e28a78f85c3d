/** Logs for tests: a small world that obeys the job's tree, and lines that obey nothing. */
import fc from 'fast-check'
import { childDigits, childOf, childRange, isLeaf, rangeOf, ROOT, sizeOf } from '../../../protocol/core/geometry.ts'
import { createIntern, readLine } from '../log-line.ts'
import type { LogLine } from '../log-line.ts'
import type { Path } from '../../../protocol/core/ids.ts'

export const SHAPE = { job: 'job', name: 'test', partitions: 500, fanout: 4, grain: 4 }

/** Every path of the tree, from the root down. */
export function allPaths (): Path[] {
  const paths: Path[] = []
  const visit = (path: Path): void => {
    paths.push(path)
    const range = rangeOf(SHAPE, path)
    if (range === null || isLeaf(SHAPE, range)) return
    for (const digit of childDigits(SHAPE, range)) if (sizeOf(childRange(range, SHAPE.fanout, digit)) > 0) visit(childOf(path, digit))
  }
  visit(ROOT)
  return paths
}

const PATHS = allPaths()
const peer = fc.integer({ min: 0, max: 5 }).map(index => `peer-${index}`)
const path = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...PATHS) }, { weight: 1, arbitrary: fc.constantFrom('3.3.3.3.3.3.3', '9') })
const fence = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })

const event = fc.oneof(
  fc.record({ type: fc.constantFrom('peer-started', 'peer-stopped') }),
  fc.record({ type: fc.constantFrom('leased', 'claim', 'conflict', 'failed'), path }),
  fc.record({ type: fc.constant('coordinator'), path, fence, heirs: fc.array(peer, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('coordinator'), path, fence, heirs: fc.array(peer, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('failover'), path, fence, ms: fc.nat(9000) }),
  fc.record({ type: fc.constant('value'), path, count: fc.nat(500), from: peer, by: peer }),
  fc.record({ type: fc.constant('value'), path, count: fc.nat(500), from: peer, by: peer })
)

/** Any lines of one job, in order of time; not what a mesh would write, but what a reader must bear. */
export const anyLines: fc.Arbitrary<LogLine[]> = fc.array(fc.tuple(event, peer, fc.nat(50)), { minLength: 1, maxLength: 80 }).map((events) => {
  const intern = createIntern()
  let time = 1000
  return [
    readLine(JSON.stringify({ time: 1000, type: 'submitted', peer: 'peer-0', ...SHAPE }), intern) as LogLine,
    ...events.map(([fields, by, later]) => readLine(JSON.stringify({ time: time += later, peer: by, job: 'job', ...fields }), intern) as LogLine)
  ]
})
