/** A Node peer's file of receipts: what cannot be written is told once and written later, and what was cut short spoils nothing (K5). */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { FileLog, keptReceipts } from '../receipts.ts'
import type { PeerId } from '../../protocol/core/ids.ts'

const PEER = '12D3KooWNvSZnPi3RrhrTwEY4LuuBeB6K6facKUCJcyWG1aoDd2p' as PeerId

describe('a file of receipts', () => {
  let dir: string
  beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-receipts-')) })
  afterEach(() => { rmSync(dir, { recursive: true, force: true }) })

  const lines = async (log: FileLog): Promise<string[]> => (await log.read()).filter(line => line !== '')

  it('keeps lines in their order, for the next process too (K5)', async () => {
    const log = new FileLog(dir, PEER)
    await Promise.all(['one', 'two', 'three'].map(async line => { await log.append(line) }))
    expect(await lines(new FileLog(dir, PEER))).to.deep.equal(['one', 'two', 'three'])
    expect((await keptReceipts(dir)).map(({ file }) => file)).to.deep.equal([join(dir, `${PEER}.jsonl`)])
    expect(await keptReceipts(join(dir, 'nowhere'))).to.deep.equal([])
  })

  it('begins a line of its own after one that was cut short (K5)', async () => {
    await new FileLog(dir, PEER).append('one')
    appendFileSync(join(dir, `${PEER}.jsonl`), 'tw')
    const again = new FileLog(dir, PEER)
    await again.append('three')
    expect(await lines(again)).to.deep.equal(['one', 'tw', 'three'])
  })

  it('says once that it cannot be written, and writes what is left when it can (K5)', async () => {
    const folder = join(dir, 'folder')
    writeFileSync(folder, 'in the way')
    const said: string[] = []
    const log = new FileLog(folder, PEER, sentence => { said.push(sentence) })
    await log.append('one')
    await log.append('two')
    expect(said).to.have.length(1)
    expect(said[0]).to.match(/^Receipts cannot be written to .* and are tried again with the next one: /)
    rmSync(folder)
    await log.append('three')
    expect(await lines(log)).to.deep.equal(['one', 'two', 'three'])
    expect(readFileSync(join(folder, `${PEER}.jsonl`), 'utf8')).to.match(/three\n$/)
  })
})
