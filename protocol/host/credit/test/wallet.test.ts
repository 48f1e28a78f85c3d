/** Receipts that are kept, exported and checked offline (K5): whatever is wrong with a line is one sentence with its number. */
import { expect } from 'chai'
import fc from 'fast-check'
import { Cover } from '../runs.ts'
import { MemoryLog, Wallet } from '../wallet.ts'
import { TREE, TREE_ID, other, receiptOf, someone } from './kit.ts'
import { documentOf, headLine, jobLine, linesOf, receiptLine } from '../lines.ts'
import { verifyBy } from '../../keys.ts'
import { verifyLines } from '../verify.ts'
import type { JobReceipt } from '../receipt.ts'
import type { Path } from '../../../core/ids.ts'
import type { Someone } from './kit.ts'
import type { Verified } from '../verify.ts'

const at = (path: string): Path => path as Path

describe('receipts', function () {
  this.timeout(30_000)
  let anna: Someone, bert: Someone, carl: Someone
  before(async () => { [anna, bert, carl] = await Promise.all(['anna', 'bert', 'carl'].map(someone)) as [Someone, Someone, Someone] })

  const fileOf = (...receipts: JobReceipt[]): string => documentOf([headLine(''), jobLine(TREE_ID, TREE), ...receipts.map(receiptLine)])
  const check = async (text: string): Promise<Verified> => await verifyLines(text.split('\n'), verifyBy)
  const faultsOf = async (...receipts: JobReceipt[]): Promise<string[]> => (await check(fileOf(...receipts))).faults.map(({ line, why }) => `${line}: ${why}`)

  it('a file of good ones is JSON and sums up (K5)', async () => {
    const text = fileOf(await receiptOf(anna, bert, [0, 8, 32, 40]), await receiptOf(carl, bert, [8, 9]), await receiptOf(bert, bert, [9, 10]))
    expect(JSON.parse(text)).to.have.length(5)
    const { faults, jobs, held } = await check(text)
    expect(faults).to.deep.equal([])
    expect(held[0]?.receipts).to.have.length(3)
    const [sum] = jobs
    expect({ ...sum, producers: [...sum!.producers] }).to.deep.equal({ job: TREE_ID, name: 'sample', size: 64, partitions: 18, ms: 40, receipts: 3, selfIssued: 1, producers: [bert.id] })
  })

  it('forged or changed, by another issuer, or for another job (K5)', async () => {
    const good = await receiptOf(anna, bert, [0, 8])
    expect(await faultsOf({ ...good, ms: good.ms + 1 })).to.match(/^4: the signature is not by its issuer 12D3KooW….{6}: it is forged or was changed$/)
    expect(await faultsOf({ ...good, producer: carl.id })).to.match(/forged/)
    expect(await faultsOf({ ...good, issuer: carl.id })).to.match(/forged/)
    expect(await faultsOf({ ...good, runs: [0, 9] })).to.match(/forged/)
    expect(await faultsOf({ ...good, signature: new Uint8Array(64) })).to.match(/forged/)
    expect(await faultsOf({ ...good, job: other('again').job })).to.match(/^4: job bafyreig?.*… ?.* is not described before it/)
    const { job, spec } = other('again')
    const moved = documentOf([headLine(''), jobLine(job, spec), receiptLine({ ...good, job })])
    expect((await check(moved)).faults.map(({ why }) => why)).to.match(/forged/)
  })

  it('from another mesh (K5)', async () => {
    expect(await faultsOf(await receiptOf(anna, bert, [0, 8], { mesh: 'theirs' }))).to.deep.equal(['4: it is from another mesh (theirs) than this file (the open one)'])
  })

  it('one file holds those of several meshes, each under its own heading (K5)', async () => {
    const theirs = other('theirs')
    const lines = linesOf([
      { job: TREE_ID, spec: TREE, receipts: [await receiptOf(anna, bert, [0, 8])] },
      { ...theirs, receipts: [await receiptOf(anna, bert, [0, 8], { job: theirs.job, mesh: 'theirs' })] }
    ])
    expect(lines.filter(line => line.includes('format'))).to.have.length(2)
    expect((await check(documentOf(lines))).faults).to.deep.equal([])
  })

  it('overlapping ones count once, whoever issued them (K3, K5)', async () => {
    expect(await faultsOf(await receiptOf(anna, bert, [0, 8]), await receiptOf(carl, bert, [4, 12]))).to.deep.equal(['5: partitions 4–7 are certified already in line 4; they count once'])
    expect(await faultsOf(await receiptOf(anna, bert, [0, 8]), await receiptOf(anna, carl, [0, 1, 7, 9]))).to.deep.equal(['5: partitions 0, 7 are certified already in line 4; they count once'])
    const { jobs } = await check(fileOf(await receiptOf(anna, bert, [0, 8]), await receiptOf(carl, bert, [4, 12])))
    expect(jobs[0]?.partitions).to.equal(8)
  })

  it('where peers vote, as many as vote are certified for a partition (K3)', async () => {
    const { job, spec } = other('voted', { trust: { type: 'votes', quorum: 2, voters: 2, deadlineMs: 0 } })
    const each = async (issuer: Someone, producer: Someone): Promise<string> => receiptLine(await receiptOf(issuer, producer, [0, 8], { job, trust: 'votes:2/2' }))
    const text = documentOf([headLine(''), jobLine(job, spec), await each(anna, bert), await each(anna, carl), await each(bert, anna)])
    expect((await check(text)).faults).to.deep.equal([{ line: 6, why: 'partitions 0–7 are certified already in line 4; they count once' }])
  })

  it('what does not fit the job (K5)', async () => {
    expect(await faultsOf(await receiptOf(anna, bert, [0, 8], { path: at('1') }))).to.deep.equal(['4: its partitions 0–7 are not all below its path 1'])
    expect(await faultsOf(await receiptOf(anna, bert, [0, 8], { path: at('1.9') }))).to.deep.equal(['4: its path 1.9 does not exist in that job'])
    expect(await faultsOf(await receiptOf(anna, bert, [0, 65]))).to.match(/not all below/)
    expect(await faultsOf(await receiptOf(anna, bert, [8, 4]))).to.match(/out of order/)
    expect(await faultsOf(await receiptOf(anna, bert, [0, 8], { trust: 'votes:2/2' }))).to.deep.equal(['4: it says that the job\'s trust is votes:2/2, but it is none'])
  })

  it('what is no file of receipts, or one of a newer version (K5)', async () => {
    const faults = async (...lines: string[]): Promise<string[]> => (await check(lines.join('\n'))).faults.map(({ line, why }) => `${line}: ${why}`)
    expect(await faults('{ "format": "millionfold-credit", "version": 2, "mesh": "" }')).to.deep.equal(['1: it was written by a newer version of millionfold (format 2, this one knows 1)'])
    expect(await faults('', 'hello', '7', '{}')).to.deep.equal(['2: it is not JSON', '3: it is neither a receipt nor a job', '4: it is neither a receipt nor a job'])
    const wrong = jobLine(other('x').job, TREE)
    expect((await faults(wrong))[0]).to.match(/^1: its spec is not that of job/)
  })

  it('any line with any byte changed is refused, and never throws (K5)', async () => {
    const lines = fileOf(await receiptOf(anna, bert, [0, 8, 32, 40], { ms: 1234 })).split('\n')
    const line = lines[3] as string
    await fc.assert(fc.asyncProperty(fc.nat(line.length - 1), fc.constantFrom('0', '9', 'x', '"', ' ', '}'), async (place, char) => {
      const changed = line.slice(0, place) + char + line.slice(place + 1)
      fc.pre(changed.trim() !== line.trim() && JSON.stringify(tryParse(changed)) !== JSON.stringify(tryParse(line)))
      const { faults, held } = await check(lines.with(3, changed).join('\n'))
      expect(held.flatMap(({ receipts }) => receipts)).to.deep.equal([])
      expect(faults.map(each => each.line)).to.deep.equal([4])
    }), { numRuns: 300 })
  })

  it('a wallet counts every partition once, in whatever order receipts come, and after a restart (K3, K5)', async () => {
    const cuts = fc.uniqueArray(fc.nat(63), { minLength: 2, maxLength: 6 }).map(list => list.sort((a, b) => a - b).slice(0, list.length - list.length % 2))
    await fc.assert(fc.asyncProperty(fc.array(cuts, { minLength: 1, maxLength: 6 }), async all => {
      const log = new MemoryLog()
      const wallet = new Wallet(log)
      let gained = 0
      for (const runs of all) gained += (await wallet.add(TREE, await receiptOf(anna, bert, runs))).partitions
      const [sum] = wallet.sums()
      expect(sum?.partitions).to.equal(wallet.coverOf(TREE_ID).size)
      expect(gained).to.equal(sum?.partitions)
      const { faults, jobs } = await check(documentOf(linesOf(wallet.held())))
      expect(faults).to.deep.equal([])
      expect(jobs).to.deep.equal(wallet.sums())
      const again = new Wallet(log)
      await again.load()
      expect(again.held()).to.deep.equal(wallet.held())
    }), { numRuns: 60 })
  })

  it('a receipt for more takes the place of those for parts, and somebody else\'s that of one\'s own (K2, K5)', async () => {
    const wallet = new Wallet(new MemoryLog())
    const gainOf = async (issuer: Someone, runs: number[], ms: number): Promise<number[]> => {
      const { partitions, ms: more } = await wallet.add(TREE, await receiptOf(issuer, bert, runs, { ms }))
      return [partitions, more]
    }
    expect(await gainOf(bert, [0, 8], 5)).to.deep.equal([8, 5])
    expect(await gainOf(anna, [0, 8], 5)).to.deep.equal([0, 0])
    expect(await gainOf(carl, [0, 8], 9)).to.deep.equal([0, 0])
    expect(wallet.sums()[0]).to.include({ partitions: 8, ms: 5, selfIssued: 0 })
    expect(await gainOf(carl, [0, 16], 9)).to.deep.equal([8, 4])
    expect(await gainOf(anna, [4, 12], 9)).to.deep.equal([0, 0])
    expect(new Cover(wallet.coverOf(TREE_ID).runs).size).to.equal(16)
  })

  it('a log that was cut short by a crash gives what is whole (K5)', async () => {
    const log = new MemoryLog()
    const wallet = new Wallet(log)
    await wallet.add(TREE, await receiptOf(anna, bert, [0, 8]))
    await log.append(receiptLine(await receiptOf(anna, bert, [8, 16])).slice(0, -20))
    const again = new Wallet(log)
    await again.load()
    expect(again.sums().map(({ partitions }) => partitions)).to.deep.equal([8])
    expect(again.damaged).to.equal(1)
  })
})

const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text.replace(/,$/, ''))
  } catch {
    return text
  }
}
