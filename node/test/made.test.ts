/** What a checkout makes of its sources: once per change of them, whoever is first, and nothing piles up. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ENTRY, bundleInto } from '../cli/bundled.ts'
import { hashOf, made } from '../made.ts'

describe('what is made of the sources', () => {
  let cache: string
  beforeEach(() => { cache = mkdtempSync(join(tmpdir(), 'millionfold-made-')) })
  afterEach(() => { rmSync(cache, { recursive: true, force: true }) })

  const write = (text: string) => async (folder: string): Promise<void> => { writeFileSync(join(folder, 'it'), text) }

  it('is made once, also by several at once', async () => {
    const folders = await Promise.all(['a', 'b', 'c'].map(async (text) => await made('thing', '1', write(text), cache)))
    expect(new Set(folders).size).to.equal(1)
    expect(await made('thing', '1', async () => { throw new Error('made again') }, cache)).to.equal(folders[0])
    expect(readdirSync(cache)).to.deep.equal(['thing-1'])
  })

  it('leaves nothing behind when it cannot be made', async () => {
    const error = await made('thing', '1', async () => { throw new Error('no') }, cache).catch((error: unknown) => error)
    expect(error).to.be.an('error').with.property('message', 'no')
    expect(readdirSync(cache)).to.deep.equal([])
  })

  it('keeps the newest of its kind and what others are making', async () => {
    for (const name of ['new-now', 'new-given-up']) mkdirSync(join(cache, name))
    utimesSync(join(cache, 'new-given-up'), 0, 0)
    mkdirSync(join(cache, 'other-1'))
    for (let i = 1; i <= 12; i++) utimesSync(await made('thing', String(i), write('x'), cache), i, i)
    const kept = readdirSync(cache)
    expect(kept).to.include.members(['thing-12', 'new-now', 'other-1'])
    expect(kept).not.to.include('new-given-up')
    expect(kept.filter((name) => name.startsWith('thing-'))).to.have.length(8)
  })

  it('is known by the contents of its sources, tests left out', () => {
    mkdirSync(join(cache, 'test'))
    writeFileSync(join(cache, 'a.ts'), '1')
    const before = hashOf([cache])
    writeFileSync(join(cache, 'test', 'a.test.ts'), '1')
    expect(hashOf([cache, join(cache, 'missing')])).to.equal(before)
    writeFileSync(join(cache, 'a.ts'), '2')
    expect(hashOf([cache])).not.to.equal(before)
  })

  it('is a command line that runs, wherever it lies', async () => {
    await bundleInto(cache)
    const script = `import { main } from ${JSON.stringify(join(cache, ENTRY))}; await main(['join', '--help'], {})`
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })).to.include('Usage: millionfold join')
    expect(existsSync(join(cache, 'node_modules'))).to.equal(false)
  })
})
