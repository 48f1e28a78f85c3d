/** What a reader at a terminal sees of one world and of many (SCENARIOS, "Every report prints"). */
import { expect } from 'chai'
import { formatBytes, formatDuration, formatFine, formatNumber, formatShare } from '../report/format.ts'
import { reportTable, summaryTable } from '../report/table.ts'
import { standingOf, verdictOf } from '../report/verdict.ts'
import { brokenReport, sampleReport } from './sample-report.ts'

/** The words of the line that starts so. */
const lineOf = (table: string, start: string): string => {
  const line = table.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' ')).find((line) => line.startsWith(`${start} `))
  expect(line, start).to.be.a('string')
  return line!
}

describe('figures as text', () => {
  it('durations are told by what a person would say', () => {
    const told = [0, 0.42, 42, 999.4, 999.6, 1430, 59_940, 59_960, 723_000, 3_600_000, 3_674_406, 187_200_000].map(formatDuration)
    expect(told).to.deep.equal(['0 ms', '0.42 ms', '42 ms', '999 ms', '1 s', '1.43 s', '59.9 s', '1 min', '12 min 3 s', '1 h', '1 h 1 min 14 s', '2 d 4 h'])
  })

  it('a time that never came is no time', () => {
    expect([-1, Infinity, NaN].map(formatDuration)).to.deep.equal(['never', 'never', '–'])
  })

  it('numbers keep three digits, large ones all of theirs', () => {
    expect([0, 0.0412345, 8.128, 999.4, 999.6, 41_237_118.4, -3.14159, Infinity, NaN].map(formatNumber))
      .to.deep.equal(['0', '0.0412', '8.13', '999', '1,000', '41,237,118', '-3.14', 'never', '–'])
    expect(formatFine(1.0541)).to.equal('1.054')
  })

  it('bytes and shares', () => {
    expect([0.04, 999.6, 21_800, 3.2e9].map(formatBytes)).to.deep.equal(['0.04 B', '1 kB', '21.8 kB', '3.2 GB'])
    expect([0, 0.0258, 1, 0.000001, NaN].map(formatShare)).to.deep.equal(['0 %', '2.58 %', '100 %', '0.0001 %', '–'])
  })
})

describe('verdict', () => {
  it('holds when the result is exact and so do all bounds', () => {
    expect(standingOf(sampleReport(7))).to.equal('holds')
    expect(verdictOf(sampleReport(7))).to.equal('Exact, both bounds hold')
  })

  it('tells a missed bound', () => {
    const report = sampleReport(7, { bounds: [{ name: '× limit', value: 1.1504, limit: 1.15, holds: false }] })
    expect(standingOf(report)).to.equal('missed')
    expect(verdictOf(report)).to.equal('Exact, but 1 of 1 bound missed')
  })

  it('safety comes before liveness', () => {
    expect(standingOf(brokenReport(8))).to.equal('broken')
    expect(verdictOf(brokenReport(8))).to.equal('Broken: 1 safety violation, and never finished')
  })

  it('tells how far a job came that never finished', () => {
    const report = { ...brokenReport(8), violations: [] }
    expect(standingOf(report)).to.equal('unfinished')
    expect(verdictOf(report)).to.match(/^Never finished: 4[\d,]+ of 1,000,000 partitions done after 1 h /)
  })

  it('a result that is not exact is broken unless wrong results are allowed and counted', () => {
    expect(standingOf(sampleReport(7, { exact: false }))).to.equal('broken')
    expect(standingOf(sampleReport(7, { exact: false, wrongResults: 3 }))).to.equal('holds')
  })
})

describe('report table', () => {
  const table = reportTable(sampleReport(7))

  it('prints all that every report prints', () => {
    expect(lineOf(table, '× limit')).to.equal('× limit 1.065 (1 h 1 min 14 s where 57 min 30 s is possible)')
    expect(lineOf(table, 'after')).to.equal('after 30 min 37 s 54 min 30 s 1 h 19 s 1 h 1 min 14 s')
    expect(lineOf(table, 'failover')).to.match(/^failover \S+ m?s \S+ s \S+ s 412 failovers$/)
    for (const part of ['detect', 'elect', 'catch up']) expect(lineOf(table, part)).to.match(/( \S+ m?s){3}$/)
    expect(lineOf(table, 'false failovers')).to.equal('false failovers 0.07 an hour')
    expect(lineOf(table, 'two at one path')).to.equal('two at one path 2.38 s')
    expect(lineOf(table, 'messages/peer/s')).to.equal('messages/peer/s 0.92 4.1 46.8')
    expect(lineOf(table, 'bytes/peer/s')).to.equal('bytes/peer/s 257 B 1.43 kB 21.8 kB')
    expect(lineOf(table, 'renew')).to.equal('renew 0.412 61.3 B 42.8 %')
    expect(lineOf(table, 'largest degree')).to.equal('largest degree 137 connections')
    expect(lineOf(table, 'largest fan-out')).to.equal('largest fan-out 100')
    expect(lineOf(table, 'computed twice')).to.equal('computed twice 2.58 % of the partitions, where 1.8 % is unavoidable')
    expect(lineOf(table, 'control bytes')).to.equal('control bytes 8.13 B a partition')
    expect(lineOf(table, 'wrong results')).to.equal('wrong results 0')
    expect(lineOf(table, 'simulated')).to.equal('simulated 41,237,118 events, 356,413 events/s, 32.4 × wall time')
    expect(lineOf(table, 'replay')).to.equal('replay npx millionfold sim steady --seed 7 --peers 10000')
    expect(lineOf(table, 'event hash')).to.equal('event hash 07ab36e587')
    expect(lineOf(table, 'longest stall, s')).to.equal('longest stall, s 4.2 ≤ 30 holds')
  })

  it('sums up the rare types of messages', () => {
    expect(lineOf(table, 'other (6)')).to.equal('other (6) 0.0548 5.8 B 5.7 %')
    expect(table).to.not.contain('refused')
  })

  it('prints what broke, and no × limit of a job that never finished', () => {
    const broken = reportTable(brokenReport(8))
    expect(lineOf(broken, '× limit')).to.equal('× limit – (never finished; possible in 57 min 30 s)')
    expect(lineOf(broken, 'SAFETY')).to.equal('SAFETY fold-once at 26 min 52 s: partition 4711 was folded twice below "0/17"')
    expect(broken).to.contain('MISSED').and.to.contain('LIVENESS finishes at 2 h: no partition')
  })

  it('counts what is too much to print', () => {
    const violations = Array.from({ length: 25 }, (_, i) => ({ kind: 'safety' as const, invariant: 'tiles', atMs: i, what: `a gap at ${i}` }))
    const lines = reportTable(sampleReport(7, { exact: false, violations })).split('\n')
    expect(lines.filter((line) => line.includes('a gap'))).to.have.length(10)
    expect(lines).to.include('  and 15 more')
  })

  it('tells once what was found again and again', () => {
    const violations = [60_000, 90_000, 120_000].map(atMs => ({ kind: 'liveness' as const, invariant: 'progress', atMs, what: 'no more' }))
    expect(lineOf(reportTable(sampleReport(7, { violations })), 'LIVENESS')).to.equal('LIVENESS progress at 1 min: no more (3 times until 2 min)')
  })

  it('a world without failovers, messages and bounds has none', () => {
    const none = { p50: 0, p99: 0, max: 0 }
    const table = reportTable(sampleReport(7, { failovers: [], failoverMs: none, byType: {}, bounds: [] }))
    expect(lineOf(table, 'failover')).to.equal('failover none')
    expect(table).to.not.contain('detect').and.to.not.contain('by type').and.to.not.contain('Bounds')
  })

  it('fits on a terminal', () => {
    for (const table of [reportTable(sampleReport(7)), reportTable(brokenReport(8))]) {
      expect(Math.max(...table.split('\n').map((line) => line.length))).to.be.at.most(100)
      expect(table).to.not.match(/ $/m)
    }
  })
})

describe('summary of many worlds', () => {
  const missed = { bounds: [{ name: '× limit', value: 1.2, limit: 1.15, holds: false }] }
  const worlds = [1, 2, 3, 4, 5, 6, 7].map((seed) => seed === 4 ? brokenReport(seed) : sampleReport(seed, { xLimit: 1 + seed / 100, ...(seed === 6 ? missed : {}) }))
  const table = summaryTable(worlds)

  it('counts the exact ones and what became of the others', () => {
    expect(table.split('\n')[0]).to.equal('steady, 7 worlds: 6 exact, 1 missed a bound, 1 broken')
  })

  it('prints least, middle and most of the main figures', () => {
    expect(lineOf(table, '× limit')).to.equal('× limit 1.01 1.05 never')
    expect(lineOf(summaryTable(worlds.slice(0, 2)), '× limit')).to.equal('× limit 1.01 1.015 1.02')
    expect(lineOf(table, 'largest degree')).to.equal('largest degree 137 137 137')
  })

  it('names the failing seeds, why, and how to replay them', () => {
    const lines = table.split('\n').map((line) => line.trim())
    const first = lines.findIndex((line) => line.startsWith('seed 4: SAFETY fold-once at 26 min 52 s'))
    expect(lines.slice(first)).to.include('npx millionfold sim steady --seed 4 --peers 10000')
    expect(lines).to.include('seed 6: MISSED × limit 1.2, bound ≤ 1.15').and.to.include('npx millionfold sim steady --seed 6 --peers 10000')
    expect(lines.filter((line) => line.startsWith('seed '))).to.have.length(2)
  })

  it('says nothing of failing seeds when there are none', () => {
    expect(summaryTable([sampleReport(1)])).to.match(/^steady, 1 world: 1 exact\n/).and.to.not.contain('Failing')
  })
})
