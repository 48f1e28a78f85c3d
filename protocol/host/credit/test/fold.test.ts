/** Credit folds up a tree: whoever did whatever, and whatever some of them claim, no partition is anybody's twice (K2, K3). */
import { expect } from 'chai'
import fc from 'fast-check'
import { Blocks, TREE, TREE_ID, jobless, receiptOf, someone, valueAt } from './kit.ts'
import { Cover } from '../runs.ts'
import { childDigits, childOf, isLeaf, rangeOf } from '../../../core/geometry.ts'
import { foldCredit } from '../fold.ts'
import { readTable, receiptsFor } from '../table.ts'
import { verifyBy } from '../../keys.ts'
import type { CreditTable } from '../table.ts'
import type { Path } from '../../../core/ids.ts'
import type { Someone } from './kit.ts'
import type { Value } from '../../../core/job.ts'

const NAMES = ['anna', 'bert', 'carl', 'dora', 'eve']

describe('folded credit', function () {
  this.timeout(30_000)
  let people: Someone[]
  let anna: Someone, bert: Someone, carl: Someone, dora: Someone
  before(async () => {
    people = await Promise.all(NAMES.map(someone))
    ;[anna, bert, carl, dora] = people as [Someone, Someone, Someone, Someone]
  })

  const foldAt = async (by: Someone, at: string, values: Value[], blocks = new Blocks()): Promise<Value> => {
    const { credit, blocks: made } = await foldCredit({ ...by, mesh: '', job: TREE_ID, spec: TREE }, at as Path, values)
    blocks.put(made)
    return valueAt(at, by, credit)
  }
  const tableOf = async (value: Value, blocks: Blocks): Promise<CreditTable> =>
    await readTable({ job: TREE_ID, spec: TREE, value, get: blocks.get, verify: verifyBy })
  const leaves = (at: string, ...by: Someone[]): Value[] => by.map((who, digit) => valueAt(`${at}.${digit}`, who))

  it('one receipt a producer, by whoever folds; its own share waits for the one above (K2, K3)', async () => {
    const { credit } = await foldAt(anna, '1', leaves('1', bert, anna, bert, carl))
    expect(credit?.own).to.deep.equal({ runs: [20, 24], ms: 7 })
    expect(credit?.receipts.map(({ producer, issuer, runs, ms }) => [producer, issuer, runs, ms])).to.deep.equal([
      [bert.id, anna.id, [16, 20, 24, 28], 14], [carl.id, anna.id, [28, 32], 7]
    ])
  })

  it('the one above certifies what the one below did itself (K2)', async () => {
    const below = await foldAt(bert, '1', leaves('1', bert, bert, carl, bert))
    const { credit } = await foldAt(anna, '/', [valueAt('0', anna), below, valueAt('2', carl), valueAt('3', dora)])
    expect(credit?.own).to.deep.equal({ runs: [0, 16], ms: 7 })
    expect(credit?.receipts).to.deep.equal([])
    expect(credit?.sheets).to.have.length(1)
  })

  it('what one peer signed at several positions of its own is one receipt (K3)', async () => {
    const below = await foldAt(anna, '1', leaves('1', bert, bert, carl, bert))
    const { credit } = await foldAt(anna, '1', [...leaves('0', bert, bert, bert, bert), below])
    expect(credit?.receipts.map(({ producer, runs }) => [producer, runs])).to.deep.equal([[bert.id, [0, 24, 28, 32]], [carl.id, [24, 28]]])
  })

  it('any tree, folded by anybody, comes to every partition once (K3)', async () => {
    await fc.assert(fc.asyncProperty(fc.infiniteStream(fc.nat(NAMES.length - 1)), async draws => {
      const drawn = draws[Symbol.iterator]()
      const draw = (): Someone => people[drawn.next().value as number] as Someone
      const blocks = new Blocks()
      const grow = async (at: Path): Promise<Value> => {
        const range = rangeOf(TREE, at)!
        if (isLeaf(TREE, range) || draw() === dora) return valueAt(at, draw())
        const values: Value[] = []
        for (const digit of childDigits(TREE, range)) values.push(await grow(childOf(at, digit)))
        return await foldAt(draw(), at, values, blocks)
      }
      const { rows, uncredited, faults, receipts } = await tableOf(await grow('/' as Path), blocks)
      expect(faults).to.deep.equal([])
      expect(uncredited).to.equal(0)
      expect(rows.reduce((sum, { partitions }) => sum + partitions, 0)).to.equal(64)
      const cover = new Cover()
      for (const { runs } of receipts) {
        expect(cover.common(runs)).to.deep.equal([])
        cover.add(runs)
      }
      const selfIssued = rows.reduce((sum, row) => sum + row.selfIssued, 0)
      expect(cover.size + selfIssued).to.equal(64)
    }), { numRuns: 25 })
  })

  it('claims beyond a value\'s own range, or twice, or from another mesh fall out (K3)', async () => {
    const far = jobless(await receiptOf(bert, carl, [0, 4]))
    const twice = jobless(await receiptOf(bert, carl, [16, 24], { path: '1' as Path }))
    const foreign = jobless(await receiptOf(bert, carl, [24, 28], { path: '1' as Path, mesh: 'another' }))
    const value = valueAt('1', bert, { own: { runs: [16, 20], ms: 5 }, receipts: [far, twice, foreign], sheets: [{ path: '2' as Path, cid: valueAt('2', bert).cid }] })
    const { credit } = await foldAt(anna, '/', [valueAt('0', carl), value])
    const table = await tableOf({ ...value, path: '/' as Path, credit }, new Blocks())
    expect(table.faults.join()).to.match(/cannot be had/)
    const blocks = new Blocks()
    const folded = await foldAt(anna, '/', [valueAt('0', carl), value], blocks)
    const { rows, uncredited } = await tableOf(folded, blocks)
    expect(rows.map(({ peer, partitions }) => [peer, partitions])).to.deep.equal([[carl.id, 16], [bert.id, 4]])
    expect(uncredited).to.equal(44)
    const all = await foldAt(anna, '1', [{ ...value, credit: { own: { runs: [0, 64], ms: 5 }, receipts: [], sheets: [] } }])
    expect(all.credit?.receipts).to.deep.equal([])
  })

  it('a forged receipt, and one that stands where it does not belong, count for nobody and are told (K3)', async () => {
    const forged = jobless(await receiptOf(bert, carl, [16, 20], { path: '1' as Path }, { ms: 9_999_999 }))
    const value = await foldAt(anna, '/', [valueAt('0', dora), valueAt('1', bert, { own: { runs: [20, 24], ms: 5 }, receipts: [forged], sheets: [] })])
    const blocks = new Blocks()
    const { rows, faults, uncredited } = await tableOf(await foldAt(anna, '/', [valueAt('0', dora), valueAt('1', bert, { own: { runs: [20, 24], ms: 5 }, receipts: [forged], sheets: [] })], blocks), blocks)
    expect(value.credit?.sheets).to.have.length(1)
    expect(rows.map(({ peer, partitions }) => [peer, partitions])).to.deep.equal([[dora.id, 16], [bert.id, 4]])
    expect(faults).to.have.length(1)
    expect(faults[0]).to.match(/does not count: the signature is not by its issuer/)
    expect(uncredited).to.equal(44)
  })

  it('many receipts go into sheets, of which only those that matter are read (K3, K5)', async () => {
    const crowd = await Promise.all(Array.from({ length: 20 }, async (_, i) => await someone(`volunteer ${i}`)))
    const spec = { ...TREE, fanout: 2, grain: 1 }
    const blocks = new Blocks()
    const at = (path: string, who: Someone): Value => ({ ...valueAt(path, who), bite: true })
    const half = async (digit: number, by: Someone, who: Someone[]): Promise<Value> => {
      const values = Array.from({ length: 32 }, (_, i) => at(`${digit}.${i.toString(2).padStart(5, '0').split('').join('.')}`, who[i % who.length] as Someone))
      const { credit, blocks: made } = await foldCredit({ ...by, mesh: '', job: TREE_ID, spec }, `${digit}` as Path, values)
      blocks.put(made)
      return valueAt(`${digit}`, by, credit)
    }
    const values = [await half(0, anna, crowd), await half(1, bert, crowd.slice(0, 3))]
    expect(values.map(({ credit }) => [credit?.receipts.length, credit?.sheets.length])).to.deep.equal([[0, 1], [3, 0]])
    const { credit, blocks: made } = await foldCredit({ ...carl, mesh: '', job: TREE_ID, spec }, '/' as Path, values)
    blocks.put(made)
    const value = valueAt('/', carl, credit)
    let reads = 0
    const get = async (cid: Value['cid']): Promise<Uint8Array> => { reads++; return await blocks.get(cid) }
    const init = { job: TREE_ID, spec, value, get, verify: verifyBy }
    const table = await readTable(init)
    expect([table.uncredited, table.faults, table.rows.length]).to.deep.equal([0, [], 20])
    const all = reads
    reads = 0
    const mine = await receiptsFor(init, (crowd[0] as Someone).id, new Cover([32, 33]))
    expect(mine.map(({ issuer }) => issuer)).to.deep.equal([bert.id])
    expect(reads).to.be.below(all)
  })
})
