/** A saved report is read back as it was, and two reports tell what got better and worse. */
import { expect } from 'chai'
import fc from 'fast-check'
import { BadInput } from '../bad-input.ts'
import { compareTable } from '../report/compare.ts'
import { jsonLine, parseReport } from '../report/json.ts'
import type { Report } from '../report/report.ts'
import { brokenReport, sampleReport } from './sample-report.ts'

const CONTRACT = ['scenario', 'seed', 'peers', 'partitions', 'exact', 'limitMs', 'wallVirtualMs', 'xLimit', 'failoverMs', 'falseFailoversPerHour',
  'overlapMs', 'messagesPerPeerPerSecond', 'bytesPerPartition', 'maxConnections', 'maxFanout', 'duplicateFraction', 'unavoidableWaste', 'wrongResults',
  'violations', 'events', 'eventsPerSecond', 'hash']

describe('a report as JSON', () => {
  const line = jsonLine(sampleReport(7))
  const saved = JSON.parse(line)

  it('is one line whose first fields are the contract, in its order', () => {
    expect(line).to.not.contain('\n')
    expect(Object.keys(saved).slice(0, CONTRACT.length)).to.deep.equal(CONTRACT)
    expect(Object.keys(saved).toSorted()).to.deep.equal(Object.keys(sampleReport(7)).toSorted())
    expect(Object.keys(saved.failoverMs)).to.deep.equal(['p50', 'p99', 'max'])
  })

  it('rounds milliseconds to a tenth and fractions to a millionth', () => {
    const { limitMs, xLimit, eventsPerSecond, curve, bounds, failovers } = JSON.parse(jsonLine(sampleReport(7, {
      limitMs: 3_450_000.1499, xLimit: 1.06504512, failovers: [212.4812], bounds: [{ name: 'x', value: 0.12345678, limit: 1.15, holds: true }],
      curve: { stepMs: 1000, done: [3], limit: [2.26], live: [1] }
    })))
    expect({ limitMs, xLimit, eventsPerSecond, failovers, bounds, curve }).to.deep.equal({
      limitMs: 3_450_000.1, xLimit: 1.065045, eventsPerSecond: 356_412.8, failovers: [212.5],
      bounds: [{ name: 'x', value: 0.123457, limit: 1.15, holds: true }], curve: { stepMs: 1000, done: [3], limit: [2.3], live: [1] }
    })
  })

  it('has null for what is no number', () => {
    const { xLimit, limitMs } = JSON.parse(jsonLine(sampleReport(7, { xLimit: Infinity, limitMs: NaN })))
    expect([xLimit, limitMs]).to.deep.equal([null, null])
    const { xLimit: read } = parseReport(jsonLine(sampleReport(7, { xLimit: Infinity })), 'a')
    expect(read).to.be.NaN
  })

  it('says the same when it is read and written again', () => {
    for (const report of [sampleReport(7), brokenReport(8)]) {
      expect(jsonLine(parseReport(jsonLine(report), 'a'))).to.equal(jsonLine(report))
    }
  })

  it('does not depend on the order in which types of messages were seen', () => {
    const { byType } = sampleReport(7)
    expect(jsonLine(sampleReport(7, { byType: Object.fromEntries(Object.entries(byType).reverse()) }))).to.equal(line)
  })
})

describe('a saved report', () => {
  const line = jsonLine(sampleReport(7))

  it('is the last line that is one, whatever stands around it', () => {
    const text = `progress 50 %\n${jsonLine(sampleReport(1))}\r\n${line}\r\n{"type":"done"}\n{"scenario":\ndone.\n`
    expect(parseReport(text, 'a').seed).to.equal(7)
  })

  it('may be older than fields beside the contract', () => {
    const old = Object.fromEntries(Object.entries(JSON.parse(line)).filter(([key]) => CONTRACT.includes(key)))
    const read = parseReport(JSON.stringify(old), 'a')
    expect(read.xLimit).to.equal(1.065045)
    expect(read.curve.done).to.deep.equal([])
    expect(compareTable(read, sampleReport(7))).to.match(/first work p50 +– +640 ms\n/)
  })

  const refused = (text: string): string => {
    try {
      parseReport(text, 'saved.json')
    } catch (error) {
      expect(error).to.be.instanceOf(BadInput)
      return (error as Error).message
    }
    return 'read'
  }
  const without = (key: string): string => JSON.stringify({ ...JSON.parse(line), [key]: undefined })

  it('that is none is refused in one sentence', () => {
    const sentence = 'saved.json holds no report of a simulation; save one with millionfold sim SCENARIO --json > FILE.'
    for (const text of ['', '\n\n', 'steady, seed 7', '[1,2]', 'null', '7', line.slice(0, -1)]) expect(refused(text), text.slice(0, 20)).to.equal(sentence)
  })

  it('names the first field that is missing or of another kind', () => {
    const named = (text: string): string | undefined => /"(.*)" is missing/.exec(refused(text))?.[1]
    expect(named(without('hash'))).to.equal('hash')
    expect(named(line.replace('"seed":7', '"seed":"7"'))).to.equal('seed')
    expect(named(line.replace('"exact":true', '"exact":1'))).to.equal('exact')
    expect(named(JSON.stringify({ ...JSON.parse(line), failoverMs: { p50: 1, max: 2 } }))).to.equal('failoverMs.p99')
    expect(named(JSON.stringify({ ...JSON.parse(line), byType: { renew: { messages: 1 } } }))).to.equal('byType.renew.bytes')
    expect(named(JSON.stringify({ ...JSON.parse(line), failovers: [1, 'x'] }))).to.equal('failovers[1]')
    expect(named(JSON.stringify({ ...JSON.parse(line), violations: {} }))).to.equal('violations')
    expect(named('{}')).to.equal('scenario')
  })

  it('whatever the file holds: it is read or refused', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.nat(line.length).map((at) => line.slice(at)), fc.dictionary(fc.constantFrom(...CONTRACT), fc.jsonValue()).map((value) => JSON.stringify(value))), (text) => {
      expect(refused(text)).to.match(/^saved\.json holds no report|^read$/)
    }))
  })
})

describe('compare table', () => {
  /** Figure to its cells: before, after, and the rest. */
  const rowsOf = (before: Report, after: Report): Map<string, string[]> =>
    new Map(compareTable(before, after).split('\n').filter((line) => line.startsWith('  ')).map((line) => {
      const [name = '', ...cells] = line.trim().split(/ {2,}/)
      return [name, cells]
    }))
  const change = (change: Partial<Report>): Map<string, string[]> => rowsOf(sampleReport(7), sampleReport(7, change))

  it('knows the direction of each figure', () => {
    const rows = change({ xLimit: 1.2, bytesPerPartition: 4, eventsPerSecond: 500_000, speedUp: 20, limitMs: 3_000_000, duplicateFraction: 0.05 })
    expect(rows.get('× limit')).to.deep.equal(['1.065', '1.2', '+13 %', 'worse'])
    expect(rows.get('control bytes/partition')).to.deep.equal(['8.13 B', '4 B', '-51 %', 'better'])
    expect(rows.get('events/s')).to.deep.equal(['356,413', '500,000', '+40 %', 'better'])
    expect(rows.get('speed-up')).to.deep.equal(['32.4 ×', '20 ×', '-38 %', 'worse'])
    expect(rows.get('limit')).to.deep.equal(['57 min 30 s', '50 min', '-13 %', 'changed'])
    expect(rows.get('duplicates')?.at(-1)).to.equal('worse')
  })

  it('takes a change within the noise for the same', () => {
    const rows = change({ xLimit: sampleReport(7).xLimit * 1.009, eventsPerSecond: 340_000, duplicateFraction: sampleReport(7).duplicateFraction + 0.0004, wrongResults: 1 })
    expect(rows.get('× limit')?.slice(2)).to.deep.equal(['+0.9 %', 'same'])
    expect(rows.get('events/s')?.slice(2)).to.deep.equal(['-4.6 %', 'same'])
    expect(rows.get('duplicates')?.at(-1)).to.equal('same')
    expect(rows.get('wrong results')).to.deep.equal(['0', '1', 'worse'])
  })

  it('tells a job that no longer finishes, and one that does again', () => {
    expect(rowsOf(sampleReport(7), brokenReport(7)).get('× limit')).to.deep.equal(['1.065', 'never', 'worse'])
    expect(rowsOf(brokenReport(7), sampleReport(7)).get('× limit')).to.deep.equal(['never', '1.065', 'better'])
    expect(rowsOf(sampleReport(7), brokenReport(7)).get('exact')).to.deep.equal(['yes', 'NO', 'worse'])
    expect(rowsOf(sampleReport(7), brokenReport(7)).get('bound × limit')).to.deep.equal(['holds', 'MISSED', 'worse'])
  })

  it('compares the messages of each type that matters', () => {
    const { byType } = sampleReport(7)
    const rows = change({ byType: { ...byType, renew: { messages: 0.3, bytes: 40 }, news: { messages: 0.1, bytes: 20 }, join: { messages: 0.0016, bytes: 1 } } })
    expect(rows.get('renew/peer/s')).to.deep.equal(['0.412', '0.3', '-27 %', 'better'])
    expect(rows.get('news/peer/s')).to.deep.equal(['0', '0.1', 'worse'])
    expect(rows.has('join/peer/s')).to.equal(false)
  })

  it('a saved report of the same world is the same', () => {
    const table = compareTable(parseReport(jsonLine(sampleReport(7)), 'a'), sampleReport(7))
    expect(table).to.match(/^0 better, 0 worse, \d\d the same\.$/m).and.to.contain('Event hash: equal, 07ab36e587')
    expect(table).to.not.contain('changed')
  })

  it('sums up, and tells hashes and worlds apart', () => {
    expect(compareTable(sampleReport(7), sampleReport(7, { hash: 'abc', xLimit: 2 })))
      .to.match(/^0 better, 1 worse, \d\d the same\.\nEvent hash: differs, 07ab36e587 before and abc after\.$/m)
    expect(compareTable(sampleReport(7), sampleReport(9))).to.contain('two worlds, of another seed:')
    expect(compareTable(sampleReport(7), sampleReport(7))).to.not.contain('two worlds')
  })
})
