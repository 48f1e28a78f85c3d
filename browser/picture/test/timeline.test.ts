/** A log is played forwards and backwards: the picture of a moment is the same however one came there. */
import { expect } from 'chai'
import fc from 'fast-check'
import { LogPainter } from '../log-painter.ts'
import { Picture } from '../picture.ts'
import { Player, tidySpeed } from '../player.ts'
import { SHAPE, anyLines } from './logs.ts'
import { buildTimeline } from '../timeline.ts'
import { measureSeeks } from '../measure-seeks.ts'
import type { LogLine } from '../log-line.ts'

/** Everything that is drawn of a picture, but for records of paths that are not there. */
const viewOf = (picture: Picture): unknown => ({
  cells: [...picture.cells.values], tallies: [...picture.cells.tallies], done: picture.done, phase: picture.phase, failovers: picture.failovers,
  doneBy: picture.cells.doneBy.flatMap((done, peer) => done > 0 ? [`${peer} ${done}`] : []),
  nodes: picture.nodes.filter(node => node !== null).sort((a, b) => a.path < b.path ? -1 : 1),
  peers: picture.peers.filter(peer => peer.state !== 'unseen'), shares: picture.nodes.map(node => node === null ? null : picture.shareOf(node)).filter(share => share !== null).sort()
})

function painted (lines: readonly LogLine[]): Picture {
  const picture = new Picture(SHAPE)
  const painter = new LogPainter(picture)
  for (const line of lines) painter.apply(line)
  return picture
}

/** A peer's index depends on who was met first, so both meet all in the order of the log. */
const quiet = (): void => {}

describe('a timeline', () => {
  it('shows after any way through time what the lines up to there paint', async () => {
    await fc.assert(fc.asyncProperty(anyLines, fc.array(fc.nat(90), { minLength: 1, maxLength: 12 }), async (lines, steps) => {
      const timeline = await buildTimeline(SHAPE, lines, quiet)
      for (const step of steps) {
        timeline.seekStep(step)
        expect(viewOf(timeline.picture)).to.deep.equal(viewOf(painted(lines.slice(0, timeline.step))))
      }
    }), { numRuns: 150 })
  })

  it('shows at a time every line up to it', async () => {
    await fc.assert(fc.asyncProperty(anyLines, fc.nat(5000), async (lines, after) => {
      const timeline = await buildTimeline(SHAPE, lines, quiet)
      timeline.seekTime(timeline.start + after)
      const moment = Math.min(timeline.end, timeline.start + after)
      expect(timeline.step).to.equal(lines.filter(line => line.time <= moment).length)
      expect(timeline.picture.now).to.equal(moment)
    }), { numRuns: 60 })
  })

  it('counts done partitions as a plain count of the cells does', async () => {
    await fc.assert(fc.asyncProperty(anyLines, fc.nat(500), fc.nat(500), async (lines, a, b) => {
      const { cells } = painted(lines)
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      const plain = (first: number, last: number): number => [...cells.values.subarray(first, last)].filter(cell => [2, 3].includes(cell & 7)).length
      expect(cells.doneIn(from, to)).to.equal(plain(from, to))
      expect(cells.done).to.equal(plain(0, cells.count))
    }), { numRuns: 60 })
  })

  it('comes back to the picture it left when it jumps far among many lines', async () => {
    const lines: LogLine[] = [{ time: 0, type: 'submitted', peer: 'a', job: 'job', shape: null }]
    for (let i = 1; i < 120_000; i++) {
      const path = `${i % 4}.${(i >>> 2) % 4}.${(i >>> 4) % 4}` as never
      lines.push(i % 3 === 0 ? { time: i, type: 'peer-stopped', peer: `p${i % 50}`, job: '' } : { time: i, type: 'coordinator', peer: `p${i % 50}`, job: 'job', path, fence: [1, 1, 1, i], heirs: [] })
    }
    const timeline = await buildTimeline(SHAPE, lines, quiet)
    timeline.seekStep(40_000)
    const before = viewOf(timeline.picture)
    for (const step of [119_000, 10, 80_000, 39_999, 40_000]) timeline.seekStep(step)
    expect(viewOf(timeline.picture)).to.deep.equal(before)
  })
})

describe('a player', () => {
  const lines: LogLine[] = [0, 100, 200, 300].map((time, i) => i === 0
    ? { time, type: 'submitted', peer: 'a', job: 'job', shape: null }
    : { time, type: 'value', peer: 'a', job: 'job', path: `${i}` as never, count: 125, from: 'b', by: 'b' })

  it('plays forwards to the end, stops there, and plays backwards to the start', async () => {
    const player = new Player(await buildTimeline(SHAPE, lines, quiet))
    player.speed = 10
    player.play(1)
    player.advance(15)
    expect(player.timeline.picture.done).to.equal(125)
    player.advance(100)
    expect([player.isPlaying, player.time, player.timeline.picture.done]).to.deep.equal([false, 300, 375])
    player.play(-1)
    player.advance(15)
    expect(player.timeline.picture.done).to.equal(125)
    player.advance(100)
    expect([player.isPlaying, player.time, player.timeline.picture.done]).to.deep.equal([false, 0, 0])
  })

  it('steps a line at a time, both ways', async () => {
    const player = new Player(await buildTimeline(SHAPE, lines, quiet))
    player.step(2)
    expect([player.time, player.timeline.picture.done]).to.deep.equal([200, 250])
    player.step(-1)
    expect([player.time, player.timeline.picture.done]).to.deep.equal([100, 125])
    player.step(-9)
    expect([player.time, player.timeline.picture.done]).to.deep.equal([0, 0])
  })

  it('has speeds that people say, within bounds', () => {
    expect([0.001, 0.1, 1.3, 27, 640, 1e9].map(tidySpeed)).to.deep.equal([0.1, 0.1, 1.5, 25, 650, 1000])
  })
})

describe('a long replay', () => {
  it('is turned to any moment within a few frames', async () => {
    const { lines, seekMs } = await measureSeeks(60_000, 200)
    expect(lines).to.be.above(60_000)
    expect(seekMs.median).to.be.below(50)
  })
})
