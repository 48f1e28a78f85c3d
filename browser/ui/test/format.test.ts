/** What people read: figures and names, at the edges. */
import { expect } from 'chai'
import { formatBytes, formatCount, formatDuration, formatRange, formatShare, formatShortCount, formatThings, formatWait } from '../format.ts'
import { plainName, shortPeer } from '../names.ts'

describe('figures for people', () => {
  it('counts in full, and in little room', () => {
    expect([0, 999, 15_625].map(formatCount)).to.deep.equal(['0', '999', '15,625'])
    expect([9_999, 15_625, 1_234_567].map(formatShortCount)).to.deep.equal(['9,999', '15.6K', '1.2M'])
    expect([formatThings(1, 'partition'), formatThings(2000, 'partition'), formatThings(2, 'entry', 'entries')]).to.deep.equal(['1 partition', '2,000 partitions', '2 entries'])
  })

  it('gives spans of time in two units', () => {
    expect([0, 0.2, 840, 42_000, 185_000, 7_800_000, 3_600_000, 349_300_000].map(formatDuration))
      .to.deep.equal(['0 s', '1 ms', '840 ms', '42 s', '3 min 5 s', '2 h 10 min', '1 h', '4 d 1 h'])
    expect([0, 999, 1_000].map(formatWait)).to.deep.equal(['less than a second', 'less than a second', '1 s'])
  })

  it('gives sizes in steps of a thousand', () => {
    expect([0, 512, 999, 1_234, 34_000_000, 999_600].map(formatBytes)).to.deep.equal(['0 B', '512 B', '999 B', '1.2 kB', '34 MB', '1 MB'])
  })

  it('says 100% only of what is done', () => {
    expect([0, 0.29, 0.9999, 1, 7].map(formatShare)).to.deep.equal(['0%', '29%', '99%', '100%', '100%'])
  })

  it('gives partitions from the first to the last', () => {
    expect([formatRange(15_625, 31_250), formatRange(7, 8)]).to.deep.equal(['15,625–31,249', '7'])
  })
})

describe('names for people', () => {
  it('shows the ends of a peer id', () => {
    expect(shortPeer('12D3KooWGzBXWNvHpLALvhEJE9fXk2')).to.equal('12D3…9fXk2')
    expect(shortPeer('peer-1')).to.equal('peer-1')
  })

  it('cuts strangers\' text and takes what would disturb a line', () => {
    expect(plainName('  a\n\u202eb\u0000c  ')).to.equal('a b c')
    expect(plainName('x'.repeat(50), 10)).to.equal(`${'x'.repeat(9)}…`)
    expect(plainName('😀'.repeat(12), 10)).to.equal(`${'😀'.repeat(9)}…`)
    expect(plainName('\u200b')).to.equal('unnamed')
  })

  it('leaves markup as the text that it is', () => {
    expect(plainName('<img src=x>')).to.equal('<img src=x>')
  })
})
