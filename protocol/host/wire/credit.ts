/**
 * Receipts and credit on the wire (K1, K3). Runs are packed as differences, two or three bytes a number. What is not in order, or too
 * much, is refused here; whether it is true is checked where it is read (protocol/host/credit).
 */
import { reader, writer } from 'protons-runtime'
import { WireError, blob, converted, count, list, struct, text } from './schema.ts'
import { dagCid, path, peer } from './types.ts'
import type { Credit, Receipt, Runs, Share, Sheet } from '../../core/credit.ts'
import type { Type } from './schema.ts'

/** Receipts, and sheets of receipts, that stand beside a value at most; more go into a sheet. */
export const BESIDE_MAX = 16
/** Numbers in the runs of one receipt: as many as a tree of the default grain has leaves, so that every second one may be somebody else's. */
export const RUNS_MAX = 2 ** 16
/** A number below 2^40 takes six bytes at most; the differences are smaller. */
const RUNS_BYTES_MAX = 6 * RUNS_MAX
const MESH_BYTES_MAX = 64
const TRUST_BYTES_MAX = 32
const SIGNATURE_BYTES_MAX = 512

function packed (runs: Runs): Uint8Array {
  const out = writer()
  let last = 0
  for (const number of runs) {
    out.uint64Number(number - last)
    last = number
  }
  return out.finish()
}

function unpacked (bytes: Uint8Array): Runs {
  const input = reader(bytes)
  const runs: number[] = []
  let last = 0
  while (input.pos < bytes.length) {
    const step = input.uint64Number()
    if ((step === 0 && runs.length > 0) || runs.length === RUNS_MAX) throw new WireError('runs are out of order or too many')
    last += step
    runs.push(last)
  }
  if (runs.length % 2 !== 0 || !Number.isSafeInteger(last)) throw new WireError('a run has no end')
  return runs
}

export const runs: Type<Runs> = { ...converted(RUNS_BYTES_MAX, packed, unpacked), absent: () => [], isAbsent: value => value.length === 0 }

export const receipt = struct<Receipt>({
  mesh: [1, text(MESH_BYTES_MAX)],
  path: [2, path],
  runs: [3, runs],
  ms: [4, count],
  trust: [5, text(TRUST_BYTES_MAX)],
  producer: [6, peer],
  issuer: [7, peer],
  signature: [8, blob(SIGNATURE_BYTES_MAX)]
}, value => value.runs.length === 0 ? 'a receipt is for nothing' : null)

export const credit = struct<Credit>({
  own: [1, struct<Share>({ runs: [1, runs], ms: [2, count] })],
  receipts: [2, list(receipt, BESIDE_MAX)],
  sheets: [3, list(struct<Sheet>({ path: [1, path], cid: [2, dagCid] }), BESIDE_MAX)]
})
