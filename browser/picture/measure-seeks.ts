/**
 * How long it takes to turn a replay to any moment: of a made-up log with a line for every partition. For the bench and
 * the tests; it draws nothing and no page loads it.
 */
import { ROOT, childOf, childRange, isLeaf } from '../../protocol/core/geometry.ts'
import { buildTimeline } from './timeline.ts'
import { spreadOf } from './spread.ts'
import type { JobShape } from './picture.ts'
import type { LogLine } from './log-line.ts'
import type { Path } from '../../protocol/core/ids.ts'
import type { Range } from '../../protocol/core/geometry.ts'
import type { Spread } from './spread.ts'

export interface SeekTimes {
  /** Lines of the log: a value for each partition, and for each path above. */
  lines: number
  buildMs: number
  seekMs: Spread
}

const FANOUT = 16
const SEEKS = 200
/** Leaves are done at any moment of an hour, so that neighbours are as unlike as can be. */
const LENGTH_MS = 3_600_000

/** A seeded generator: the same figures every time (linear congruential). */
function seeded (): (below: number) => number {
  let seed = 1
  return (below) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(seed / 2 ** 32 * below)
  }
}

/**
 * @param values - partitions, each with a value of its own
 * @param peers - who compute them
 */
export async function measureSeeks (values = 1_000_000, peers = 1000): Promise<SeekTimes> {
  const shape: JobShape = { job: 'measured', name: 'measured', partitions: values, fanout: FANOUT, grain: 1 }
  const random = seeded()
  const lines: LogLine[] = [{ time: 0, type: 'submitted', peer: 'submitter', job: shape.job, shape: null }]
  /** A path's value comes right after the last one below it. */
  const visit = (path: Path, range: Range): number => {
    let time = isLeaf(shape, range) ? random(LENGTH_MS) : 0
    for (let digit = 0; digit < FANOUT && !isLeaf(shape, range); digit++) {
      const child = childRange(range, FANOUT, digit)
      if (child.to > child.from) time = Math.max(time, visit(childOf(path, digit), child) + 1)
    }
    const by = `peer-${random(peers)}`
    lines.push({ time, type: 'value', peer: by, job: shape.job, path, count: range.to - range.from, from: by, by })
    return time
  }
  visit(ROOT, { from: 0, to: values })
  lines.sort((a, b) => a.time - b.time)
  const begun = performance.now()
  const timeline = await buildTimeline(shape, lines, () => {})
  const buildMs = performance.now() - begun
  const times: number[] = []
  for (let i = 0; i < SEEKS; i++) {
    const moment = timeline.start + random(LENGTH_MS)
    const since = performance.now()
    timeline.seekTime(moment)
    times.push(performance.now() - since)
  }
  return { lines: lines.length, buildMs, seekMs: spreadOf(times) }
}
