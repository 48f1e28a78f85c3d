/**
 * A sheet: a block of receipts that are too many to stand beside a value, and of further sheets, each for a subtree (K3). One may have a
 * million receipts below it, so whoever looks for something goes down only where it may be.
 */
import { CID } from 'multiformats/cid'
import { decode as decodeDag, encode as encodeDag } from '@ipld/dag-cbor'
import { receipt as receiptType } from '../wire/credit.ts'
import { cidFrom, cidOfDag } from '../../job/cid.ts'
import { decode, encode } from '../wire/schema.ts'
import { digitsOf, isWithin } from '../../core/geometry.ts'
import type { Cid, Path } from '../../core/ids.ts'
import type { Receipt, Sheet } from '../../core/credit.ts'

export interface Block { cid: Cid, bytes: Uint8Array }

export interface SheetContent { receipts: Receipt[], sheets: Sheet[] }

/** Bytes of receipts in one block: a quarter of what a frame may carry. A guess. */
const SHEET_BYTES_MAX = 512 * 1024
/** Sheets that a walk reads at most: those of a million peers are a tenth of it. A guess. */
const SHEETS_MAX = 2 ** 16

/** The blocks of some receipts, one in most cases. */
export function sheetsOf (path: Path, receipts: Receipt[]): Array<{ sheet: Sheet, block: Block }> {
  const made: Array<{ sheet: Sheet, block: Block }> = []
  let part: Uint8Array[] = []
  let bytes = 0
  for (const each of receipts) {
    const encoded = encode(receiptType, each)
    if (bytes + encoded.length > SHEET_BYTES_MAX && part.length > 0) {
      made.push(sheetOf(path, part, []))
      part = []
      bytes = 0
    }
    part.push(encoded)
    bytes += encoded.length
  }
  if (part.length > 0) made.push(sheetOf(path, part, []))
  return made
}

/** One sheet that names these: no more than a few stand beside a value. */
export const sheetOfSheets = (path: Path, sheets: Sheet[]): { sheet: Sheet, block: Block } => sheetOf(path, [], sheets)

function sheetOf (path: Path, receipts: Uint8Array[], sheets: Sheet[]): { sheet: Sheet, block: Block } {
  const bytes = encodeDag([receipts, sheets.map(({ path, cid }) => [path, CID.parse(cid)])])
  const cid = cidOfDag(bytes)
  return { sheet: { path, cid }, block: { cid, bytes } }
}

/**
 * What stands in a sheet.
 *
 * @throws Error when the block is none
 */
export function readSheet (bytes: Uint8Array): SheetContent {
  const [receipts, sheets] = decodeDag<[Uint8Array[], Array<[string, unknown]>]>(bytes)
  return {
    receipts: receipts.map(each => decode(receiptType, each)),
    sheets: sheets.map(([path, link]) => {
      const cid = cidFrom(link)
      if (cid === null || digitsOf(path) === null) throw new Error('not a sheet')
      return { path: path as Path, cid }
    })
  }
}

export interface Walk {
  get: (cid: Cid) => Promise<Uint8Array>
  /** May there be something of interest below this path? */
  isWanted: (path: Path) => boolean
  /** A sheet could not be had, or is none. */
  onFault: (sheet: Sheet, error: unknown) => void
}

/** Every receipt in these and the sheets below, with the path of the subtree it has to lie within. */
export async function * receiptsBelow (path: Path, content: SheetContent, walk: Walk): AsyncGenerator<{ receipt: Receipt, scope: Path }> {
  const seen = new Set<Cid>()
  const rest = [{ path, content }]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    for (const receipt of next.content.receipts) yield { receipt, scope: next.path }
    for (const sheet of next.content.sheets) {
      if (seen.has(sheet.cid) || seen.size >= SHEETS_MAX || !walk.isWanted(sheet.path)) continue
      seen.add(sheet.cid)
      try {
        if (!isWithin(sheet.path, next.path)) throw new Error('it is of another subtree')
        rest.push({ path: sheet.path, content: readSheet(await walk.get(sheet.cid)) })
      } catch (error) {
        walk.onFault(sheet, error)
      }
    }
  }
}
