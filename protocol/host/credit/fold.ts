/**
 * The credit of a collected value (K3): who did what in the values below, certified by the one who folds them. Each partition is in one
 * of the values, so it is credited once; what a value says beyond its own range, or twice, falls out. Called beside `collect`.
 */
import { ROOT, isWithin, rangeOf } from '../../core/geometry.ts'
import { BESIDE_MAX, RUNS_MAX } from '../wire/credit.ts'
import { sheetOfSheets, sheetsOf } from './sheet.ts'
import { Cover, isInRange, isRuns } from './runs.ts'
import { faultOf, signReceipt, trustWord } from './receipt.ts'
import type { Block } from './sheet.ts'
import type { Credit, Receipt, Runs, Share, Sheet } from '../../core/credit.ts'
import type { JobId, Path, PeerId } from '../../core/ids.ts'
import type { JobSpec, Value } from '../../core/job.ts'
import type { Sign } from './receipt.ts'

export interface FoldInit {
  /** Who folds. */
  id: PeerId
  mesh: string
  sign: Sign
  job: JobId
  spec: JobSpec
}

interface Sum { cover: Cover, ms: number }

/** What is gathered of the values, before it is signed. */
interface Gathered { shares: Map<PeerId, Sum>, receipts: Receipt[], sheets: Sheet[] }

/**
 * @param values - of the path's children, as they are collected
 * @returns the credit, and the blocks that it names
 */
export async function foldCredit (init: FoldInit, path: Path, values: Value[]): Promise<{ credit: Credit, blocks: Block[] }> {
  const gathered: Gathered = { shares: new Map(), receipts: [], sheets: [] }
  for (const value of values) gather(gathered, init, value)
  const own: Share = shareOf(gathered.shares.get(init.id))
  gathered.shares.delete(init.id)
  for (const [producer, sum] of gathered.shares) gathered.receipts.push(await certify(init, path, producer, shareOf(sum)))
  return pack(path, own, gathered)
}

/** A receipt for a share of the work below a path. */
export async function certify ({ id, mesh, sign, job, spec }: FoldInit, path: Path, producer: PeerId, { runs, ms }: Share): Promise<Receipt> {
  return await signReceipt(sign, { mesh, job, path, runs, ms, trust: trustWord(spec.trust), producer, issuer: id })
}

/** What the producer of a value did itself, as far as it lies where it may. */
export function ownShareOf (spec: JobSpec, { path, bite, stats, credit }: Value): Share {
  const range = rangeOf(spec, path)
  if (range === null) return NOTHING
  if (bite) return { runs: [range.from, range.to], ms: Math.round(stats.computeMs) }
  if (credit === null || !isRuns(credit.own.runs) || !isInRange(credit.own.runs, range)) return NOTHING
  return credit.own
}

const NOTHING: Share = { runs: [], ms: 0 }

/** More runs than a message carries stay nobody's: every second leaf of a tree of more than 2^16. */
const shareOf = (sum: Sum | undefined): Share => sum === undefined ? NOTHING : { runs: sum.cover.runs.slice(0, RUNS_MAX), ms: sum.ms }

function gather (into: Gathered, init: FoldInit, value: Value): void {
  const { path, by, credit } = value
  const taken = new Cover()
  add(into, by, ownShareOf(init.spec, value), taken)
  for (const receipt of credit?.receipts ?? []) {
    if (receipt.mesh !== init.mesh || !isWithin(receipt.path, path) || faultOf(init.spec, receipt) !== null || taken.common(receipt.runs).length > 0) continue
    // What this peer signed at a position that it held below is signed again as one.
    if (receipt.issuer === init.id && by === init.id) add(into, receipt.producer, receipt, taken)
    else {
      taken.add(receipt.runs)
      into.receipts.push(receipt)
    }
  }
  for (const sheet of credit?.sheets ?? []) {
    if (isWithin(sheet.path, path) && !into.sheets.some(({ cid }) => cid === sheet.cid)) into.sheets.push(sheet)
  }
}

function add ({ shares }: Gathered, producer: PeerId, { runs, ms }: { runs: Runs, ms: number }, taken: Cover): void {
  if (runs.length === 0) return
  const sum = shares.get(producer) ?? { cover: new Cover(), ms: 0 }
  shares.set(producer, sum)
  sum.cover.add(runs)
  sum.ms += ms
  taken.add(runs)
}

/** A few receipts stand beside the value; at the root, which everybody hears of, none. */
function pack (path: Path, own: Share, { receipts, sheets }: Gathered): { credit: Credit, blocks: Block[] } {
  if (receipts.length <= (path === ROOT ? 0 : BESIDE_MAX) && sheets.length <= BESIDE_MAX) return { credit: { own, receipts, sheets }, blocks: [] }
  const made = sheetsOf(path, receipts)
  const all = [...sheets, ...made.map(({ sheet }) => sheet)]
  const blocks = made.map(({ block }) => block)
  if (all.length <= (path === ROOT ? 1 : BESIDE_MAX)) return { credit: { own, receipts: [], sheets: all }, blocks }
  const top = sheetOfSheets(path, all)
  return { credit: { own, receipts: [], sheets: [top.sheet] }, blocks: [...blocks, top.block] }
}
