/** What a live mesh tells, in any order and with gaps, merged into the picture. */
import { expect } from 'chai'
import { Picture } from '../picture.ts'
import { endPicture, mergeSnapshots } from '../snapshot.ts'
import type { ChildSnapshot, PositionSnapshot } from '../snapshot.ts'
import type { Path } from '../../../protocol/core/ids.ts'

const shape = { job: 'a', name: 'a', partitions: 64, fanout: 4, grain: 4 }
const leased = (digit: number, holder: string, term = 1, done = 0): ChildSnapshot => ({ digit, state: 'leased', term, holder, done })
const position = (path: string, fence: number[], coordinator: string, children: ChildSnapshot[] = [], ranges: PositionSnapshot['ranges'] = []): PositionSnapshot =>
  ({ path, fence, level: fence.length - 1, coordinator, heirs: [], children, ranges })
const nameAt = (picture: Picture, path: string): string => picture.peers[picture.node(path as Path)?.coordinator ?? 0]?.id ?? ''
const cellAt = (picture: Picture, cell: number): [number, string] => {
  const value = picture.cells.values[cell] ?? 0
  return [value & 7, picture.peers[value >>> 3]?.id ?? '']
}

describe('snapshots of a mesh', () => {
  it('tell who holds what and what is done', () => {
    const picture = new Picture(shape)
    mergeSnapshots(picture, [position('1', [1, 1], 'B', [leased(2, 'C')], [{ from: 16, to: 20, by: 'B' }]), position('/', [1], 'S', [leased(1, 'B', 1, 4), { digit: 3, state: 'done', term: 1, holder: null, done: 16 }])], 1000)
    expect(['/', '1', '1.2'].map(path => nameAt(picture, path))).to.deep.equal(['S', 'B', 'C'])
    expect([0, 16, 20, 24, 48].map(cell => cellAt(picture, cell))).to.deep.equal([[0, ''], [2, 'B'], [1, 'B'], [1, 'C'], [2, '']])
    expect([picture.phase, picture.done, picture.tallies.works, picture.failovers]).to.deep.equal(['running', 20, 2, 0])
  })

  it('of a lower fence are not believed, but their values are (C4)', () => {
    const picture = new Picture(shape)
    mergeSnapshots(picture, [position('1', [1, 2], 'C')], 1000)
    mergeSnapshots(picture, [position('1', [1, 1], 'B', [leased(0, 'X')], [{ from: 16, to: 20, by: 'B' }])], 2000)
    expect([nameAt(picture, '1'), nameAt(picture, '1.0'), ...cellAt(picture, 16)]).to.deep.equal(['C', '', 2, 'B'])
  })

  it('mark one takeover once, and none for those below whose own term stays', () => {
    const picture = new Picture(shape)
    mergeSnapshots(picture, [position('1', [1, 1], 'B', [leased(2, 'C')])], 1000)
    for (const now of [2000, 3000]) mergeSnapshots(picture, [position('1', [1, 2], 'D', [leased(2, 'C')])], now)
    expect([picture.failovers, picture.node('1' as Path)?.failovers]).to.deep.equal([1, [{ time: 2000, ms: null, path: '1', to: picture.meet('D') }]])
  })

  it('free what was given back, keep what is done, and miss those whom nobody names', () => {
    const picture = new Picture(shape)
    mergeSnapshots(picture, [position('/', [1], 'S', [leased(1, 'B')], [{ from: 16, to: 20, by: 'B' }])], 1000)
    mergeSnapshots(picture, [position('/', [1], 'S', [{ digit: 1, state: 'free', term: 1, holder: null, done: 0 }])], 60_000)
    expect([16, 20].map(cell => cellAt(picture, cell))).to.deep.equal([[2, 'B'], [0, '']])
    expect(picture.peers[picture.meet('B')]?.state).to.equal('gone')
  })

  it('that make no sense change nothing', () => {
    const picture = new Picture(shape)
    mergeSnapshots(picture, [position('7.7', [1], 'X'), position('0.0.0', [1], 'Y', [leased(9, 'Z')], [{ from: -5, to: 99, by: 'Z' }, { from: 3, to: 1, by: 'Z' }])], 1000)
    expect(picture.done).to.equal(0)
    expect(nameAt(picture, '7.7')).to.equal('')
  })

  it('end with the job', () => {
    const picture = new Picture(shape)
    endPicture(picture, 'done')
    expect([picture.done, picture.cells.done, picture.phase]).to.deep.equal([64, 64, 'done'])
  })
})
