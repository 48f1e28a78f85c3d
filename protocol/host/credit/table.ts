/**
 * The table of a finished job (K3): who did how many of its partitions, read from the credit beside the root's value and the sheets below
 * it. Every receipt is checked here, by whoever reads: what is forged, not below the subtree that names it, or certified twice is left
 * out and told in a sentence. The partitions of a table never sum up to more than the job has.
 */
import { Cover, describeRuns, isInRange, sizeOfRuns } from './runs.ts'
import { ROOT, rangeOf } from '../../core/geometry.ts'
import { faultOf, isSelfIssued, isSigned, partitionsOf, shortId } from './receipt.ts'
import { ownShareOf } from './fold.ts'
import { receiptsBelow } from './sheet.ts'
import type { Cid, JobId, Path, PeerId } from '../../core/ids.ts'
import type { JobReceipt } from './receipt.ts'
import type { JobSpec, Value } from '../../core/job.ts'
import type { Receipt } from '../../core/credit.ts'
import type { Verify } from '../cancelled.ts'

export interface Row {
  peer: PeerId
  partitions: number
  /** Sandbox time of these, milliseconds. */
  ms: number
  receipts: number
  /** Of the partitions, those that no receipt of another covers: what the root's coordinator did itself (K2). */
  selfIssued: number
}

export interface CreditTable {
  job: JobId
  /** Those who did most first. */
  rows: Row[]
  /** Of the job. */
  partitions: number
  /** Partitions that nobody is credited with: a receipt was lost, or is wrong. */
  uncredited: number
  /** What was left out, a sentence each. */
  faults: string[]
  receipts: JobReceipt[]
}

export interface TableInit {
  job: JobId
  spec: JobSpec
  /** The root's. */
  value: Value
  get: (cid: Cid) => Promise<Uint8Array>
  verify: Verify
}

/** Faults that are told; more are counted. */
const FAULTS_MAX = 100

export async function readTable (init: TableInit): Promise<CreditTable> {
  const { job, spec, value } = init
  const table: CreditTable = { job, rows: [], partitions: spec.partitions, uncredited: 0, faults: [], receipts: [] }
  const rows = new Map<PeerId, Row>()
  const cover = new Cover()
  const own = ownShareOf(spec, value)
  if (own.runs.length > 0) {
    cover.add(own.runs)
    credit(rows, value.by, { partitions: sizeOfRuns(own.runs), ms: own.ms, receipts: 0, selfIssued: sizeOfRuns(own.runs) })
  }
  const fault = (why: string): void => { if (table.faults.length < FAULTS_MAX) table.faults.push(why) }
  for await (const { receipt, scope } of receiptsIn(init, () => true, fault)) {
    const why = await whyNot(init, receipt, scope, cover)
    if (why !== null) {
      fault(`A receipt for ${shortId(receipt.producer)} does not count: ${why}.`)
      continue
    }
    cover.add(receipt.runs)
    table.receipts.push({ job, ...receipt })
    const partitions = partitionsOf(receipt)
    credit(rows, receipt.producer, { partitions, ms: receipt.ms, receipts: 1, selfIssued: isSelfIssued(receipt) ? partitions : 0 })
  }
  table.rows = [...rows.values()].sort((a, b) => b.partitions - a.partitions || (a.peer < b.peer ? -1 : 1))
  table.uncredited = spec.partitions - cover.size
  return table
}

/**
 * Receipts in a finished job that are for one peer, where it lacks some (K5): only subtrees that hold lacking partitions are read.
 *
 * @param lacking - what it has no receipts for
 */
export async function receiptsFor (init: TableInit, producer: PeerId, lacking: Cover): Promise<JobReceipt[]> {
  const found: JobReceipt[] = []
  const isWanted = (path: Path): boolean => {
    const range = rangeOf(init.spec, path)
    return range !== null && lacking.common([range.from, range.to]).length > 0
  }
  for await (const { receipt, scope } of receiptsIn(init, isWanted, () => {})) {
    if (receipt.producer !== producer || lacking.common(receipt.runs).length === 0) continue
    if (await whyNot(init, receipt, scope, new Cover()) === null) found.push({ job: init.job, ...receipt })
  }
  return found
}

async function * receiptsIn (init: TableInit, isWanted: (path: Path) => boolean, fault: (why: string) => void): AsyncGenerator<{ receipt: Receipt, scope: Path }> {
  const { credit } = init.value
  if (credit === null) return
  yield * receiptsBelow(ROOT, credit, {
    get: init.get,
    isWanted,
    onFault: ({ path }, error) => { fault(`The receipts of subtree ${path} cannot be had: ${error instanceof Error ? error.message : String(error)}.`) }
  })
}

/** Why a receipt does not count, as the end of a sentence; null when it does. */
async function whyNot ({ job, spec, verify }: TableInit, receipt: Receipt, scope: Path, cover: Cover): Promise<string | null> {
  const fault = faultOf(spec, receipt)
  if (fault !== null) return fault
  const range = rangeOf(spec, scope)
  if (range === null || !isInRange(receipt.runs, range)) return `its partitions ${describeRuns(receipt.runs)} are not below ${scope}, where it stands`
  const twice = cover.common(receipt.runs)
  if (twice.length > 0) return `partitions ${describeRuns(twice)} are certified already`
  return await isSigned(verify, { job, ...receipt }) ? null : `the signature is not by its issuer ${shortId(receipt.issuer)}`
}

function credit (rows: Map<PeerId, Row>, peer: PeerId, more: Omit<Row, 'peer'>): void {
  const row = rows.get(peer) ?? { peer, partitions: 0, ms: 0, receipts: 0, selfIssued: 0 }
  rows.set(peer, row)
  row.partitions += more.partitions
  row.ms += more.ms
  row.receipts += more.receipts
  row.selfIssued += more.selfIssued
}
