/** Logs as they come: real ones of both kinds, out of order, broken, of several jobs, of older versions. */
import { expect } from 'chai'
import { Picture } from '../picture.ts'
import { LogPainter } from '../log-painter.ts'
import { buildTimeline } from '../timeline.ts'
import { readLog } from '../log-file.ts'
import type { LogFile } from '../log-file.ts'
import type { Path } from '../../../protocol/core/ids.ts'

const quiet = (): void => {}
const read = async (...lines: Array<object | string>): Promise<LogFile> =>
  await readLog(new Blob([lines.map(line => typeof line === 'string' ? line : JSON.stringify(line)).join('\n')]), quiet)

const submitted = (time: number, job = 'a', partitions = 64): object => ({ time, type: 'submitted', peer: 'S', job, name: job, partitions, fanout: 4, grain: 4 })
const value = (time: number, path: string, count: number, by = 'B', job = 'a'): object => ({ time, type: 'value', peer: 'S', job, path, count, from: by, by })
const coordinator = (time: number, path: string, fence: number[], peer: string): object => ({ time, type: 'coordinator', peer, job: 'a', path, fence, heirs: [] })

const paint = (log: LogFile): Picture => {
  const picture = new Picture(log.jobs[0]?.shape as NonNullable<typeof log.jobs[0]['shape']>)
  const painter = new LogPainter(picture)
  for (const line of log.lines) painter.apply(line)
  return picture
}
const peerAt = (picture: Picture, cell: number): string => picture.peers[(picture.cells.values[cell] ?? 0) >>> 3]?.id ?? ''

describe('an event log', () => {
  it('is read in the order of its times, whatever the order of its lines', async () => {
    const log = await read(value(30, '1', 16), submitted(10), coordinator(20, '1', [1, 1], 'B'))
    expect(log.lines.map(({ type }) => type)).to.deep.equal(['submitted', 'coordinator', 'value'])
    expect(log.jobs).to.deep.equal([{ id: 'a', name: 'a', shape: { job: 'a', name: 'a', partitions: 64, fanout: 4, grain: 4 }, isInferred: false, lines: 3 }])
  })

  it('may hold anything: what is no line is counted and nothing throws', async () => {
    const broken = ['{', '[]', 'null', '7', '"x"', '{"time":"now","type":"done","peer":"x"}', { time: 1, type: 'value', peer: 'x', job: 'a', path: '01', count: 1, from: 'x' },
      { time: 1, type: 'coordinator', peer: 'x', job: 'a', path: '/', fence: 'high' }, { time: 1, type: '__proto__', peer: 'x', job: 'a', path: '/' }, { time: 1, type: 'done', peer: 'x'.repeat(999), job: 'a' }, '\u0000\u0001']
    const log = await read(submitted(0), '', ...broken, value(2, '0', 16))
    expect([log.garbage, log.lines.length]).to.deep.equal([broken.length, 2])
    expect((await readLog(new Blob([new Uint8Array(300_000).fill(65)]), quiet)).garbage).to.be.at.least(1)
  })

  it('ignores and counts what the job\'s tree does not have', async () => {
    const log = await read(submitted(0), value(1, '9', 4), coordinator(2, '0.0.0.0.0.0', [1], 'X'))
    const timeline = await buildTimeline(log.jobs[0]?.shape as never, log.lines, quiet)
    expect([timeline.misfits, timeline.picture.cells.done]).to.deep.equal([2, 0])
  })

  it('may be of several jobs: the one with the most lines comes first', async () => {
    const log = await read(submitted(0, 'a'), submitted(1, 'b'), value(2, '0', 16, 'B', 'b'), value(3, '1', 16, 'B', 'b'), value(4, '0', 16))
    expect(log.jobs.map(({ id, lines }) => [id, lines])).to.deep.equal([['b', 3], ['a', 2]])
    const timeline = await buildTimeline(log.jobs[1]?.shape as never, log.lines, quiet)
    timeline.seekTime(10)
    expect(timeline.picture.done).to.equal(16)
  })

  it('of an older version tells its job\'s shape by its values, or not at all', async () => {
    const old = { time: 0, type: 'submitted', peer: 'S', job: 'a' }
    const log = await read(old, value(1, '0', 12), value(2, '1', 13), value(3, '2', 12), value(4, '3', 13), value(5, '0.1', 3), value(6, '/', 50))
    expect(log.jobs[0]).to.deep.include({ isInferred: true, shape: { job: 'a', name: '', partitions: 50, fanout: 4, grain: 1 } })
    expect((await read(old, value(1, '0.1', 3))).jobs[0]?.shape).to.equal(null)
    expect((await read(old, value(1, '/', 50), value(2, '0', 49))).jobs[0]?.shape).to.equal(null)
  })
})

describe('a picture of a log', () => {
  it('gives cells to the deepest coordinator, and back when it is gone', async () => {
    const lines = [submitted(0), coordinator(1, '1', [1, 1], 'B'), coordinator(2, '1.2', [1, 1, 1], 'C')]
    const before = paint(await read(...lines))
    expect([15, 16, 24, 28, 32].map(cell => peerAt(before, cell))).to.deep.equal(['', 'B', 'C', 'B', ''])
    const after = paint(await read(...lines, { time: 3, type: 'peer-stopped', peer: 'C' }))
    expect([peerAt(after, 24), after.node('1.2' as Path)?.state]).to.deep.equal(['B', 'lost'])
    const orphaned = paint(await read(...lines, { time: 3, type: 'peer-stopped', peer: 'B' }))
    expect([16, 24].map(cell => peerAt(orphaned, cell))).to.deep.equal(['', 'C'])
  })

  it('believes the higher fence (C4) and marks who took over', async () => {
    const picture = paint(await read(submitted(0), coordinator(1, '1', [1, 2], 'C'), coordinator(2, '1', [1, 1], 'B'),
      { time: 3, type: 'failover', peer: 'D', job: 'a', path: '1', fence: [1, 3], ms: 512 }))
    const node = picture.node('1' as Path)
    expect([picture.peers[node?.coordinator ?? 0]?.id, picture.failovers, node?.failovers[0]?.ms]).to.deep.equal(['D', 1, 512])
  })

  it('keeps who computed a cell when the value is rolled up, and tells what was computed twice', async () => {
    const picture = paint(await read(submitted(0), value(1, '1.0', 4, 'C'), value(2, '1', 16, 'B'), value(3, '1.0', 4, 'D')))
    expect([16, 20].map(cell => peerAt(picture, cell))).to.deep.equal(['C', 'B'])
    expect([picture.cells.tallies[2], picture.cells.tallies[3]]).to.deep.equal([12, 4])
  })

  it('of more partitions than a map has cells shows the first of each, and all when it is done', async () => {
    const partitions = 2 ** 40
    const picture = paint(await read({ ...submitted(0), partitions, fanout: 16, grain: 2 ** 24 }, value(1, '3', 2 ** 36)))
    expect([picture.cells.count, picture.done]).to.deep.equal([2 ** 20, 2 ** 36])
    expect(paint(await read({ ...submitted(0), partitions }, { time: 9, type: 'done', peer: 'S', job: 'a' })).done).to.equal(partitions)
  })
})
