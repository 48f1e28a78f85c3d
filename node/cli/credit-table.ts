/** Credit as people and programs read it: a table of a job, sums by job. It checks nothing. */
import { printable } from '../../protocol/client/errors.ts'
import { counted, durationText } from '../../protocol/client/progress.ts'
import type { CreditTable } from '../../protocol/host/credit/table.ts'
import type { JobCredit } from '../../protocol/host/credit/verify.ts'

/** Rows that `run` shows at its end. */
export const ROWS_SHOWN = 8

const things = (count: number, what: string): string => `${counted(count)} ${count === 1 ? what : `${what}s`}`

/** Columns set apart by two spaces, numbers to the right. */
function aligned (rows: string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  return rows.map(row => row.map((cell, column) => column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)).join('  ').trimEnd())
}

/** Less than a second is not nothing. */
const timeOf = (ms: number): string => ms > 0 && ms < 1000 ? 'under 1 s' : durationText(ms)

/**
 * A job's table.
 *
 * @param most rows at most; the rest as a number
 */
export function tableLines (table: CreditTable, most = Infinity): string[] {
  const { rows, partitions, uncredited } = table
  const shown = rows.slice(0, most)
  const lines = aligned(shown.map(row => [row.peer, things(row.partitions, 'partition'), timeOf(row.ms), things(row.receipts, 'receipt'), row.selfIssued > 0 ? 'self-issued' : '']))
  if (rows.length > shown.length) lines.push(`and ${things(rows.length - shown.length, 'peer')} more`)
  const credited = uncredited === 0 ? `all ${things(partitions, 'partition')}` : `${counted(partitions - uncredited)} of ${things(partitions, 'partition')}`
  return [...lines, `${things(rows.length, 'peer')}, ${credited} credited`]
}

/** Sums by job, and of all. */
export function sumLines (jobs: JobCredit[]): string[] {
  const rows = jobs.map(({ job, name, partitions, size, ms, receipts, selfIssued }) => [
    job, printable(name).replaceAll(/\s+/g, ' '), `${counted(partitions)} of ${things(size, 'partition')}`, timeOf(ms), things(receipts, 'receipt'),
    selfIssued > 0 ? `${counted(selfIssued)} self-issued` : ''
  ])
  const { partitions, ms, receipts } = sumsJson(jobs)
  return [...aligned(rows), `${things(jobs.length, 'job')}, ${things(partitions, 'partition')}, ${timeOf(ms)} of CPU time, ${things(receipts, 'receipt')}`]
}

const sum = (jobs: JobCredit[], key: 'partitions' | 'ms' | 'receipts' | 'selfIssued'): number => jobs.reduce((all, each) => all + each[key], 0)

/** Sums as `--json` gives them. */
export function sumsJson (jobs: JobCredit[]): { partitions: number, ms: number, receipts: number, selfIssued: number, jobs: object[] } {
  return {
    partitions: sum(jobs, 'partitions'),
    ms: sum(jobs, 'ms'),
    receipts: sum(jobs, 'receipts'),
    selfIssued: sum(jobs, 'selfIssued'),
    jobs: jobs.map(({ job, name, size, partitions, ms, receipts, selfIssued, producers }) => ({ job, name, size, partitions, ms, receipts, selfIssued, peers: [...producers] }))
  }
}

export const tableJson = ({ job, partitions, uncredited, rows, faults }: CreditTable): object => ({ job, partitions, uncredited, rows, faults })
