/** The page's pure parts: parameters, numbers, files, words, codes, results. */
import { MemoryBlockstore } from 'blockstore-core'
import { expect } from 'chai'
import { generate } from 'lean-qr'
import { announcement, inPageWords, kinds, tookFigures } from '../words.ts'
import { fieldsOf, isFault, readFields, readJson, readNumber } from '../params.ts'
import { imageIn, readResult } from '../read-result.ts'
import { invitedAddrs } from '../invited.ts'
import { isLogLine, mainOf, sortFiles } from '../drops.ts'
import { pathOf, qrOf } from '../qr.ts'
import { prepareJob } from '../../../protocol/client/prepare-job.ts'
import { readLines } from '../lines.ts'
import { NO_SHAPE, readShape } from '../shape.ts'
import type { Neighbour } from '../../peer/tab-peer.ts'
import type { PeerId } from '../../../protocol/core/ids.ts'
import type { ReadResult } from '../read-result.ts'

describe('parameters', () => {
  it('are a form when they are flat, and JSON when not', () => {
    expect(fieldsOf({ limit: 1e9, name: 'x', loud: false })).to.deep.equal([
      { key: 'limit', kind: 'number', text: '1000000000' }, { key: 'name', kind: 'text', text: 'x' }, { key: 'loud', kind: 'flag', text: 'false' }
    ])
    expect(fieldsOf({})).to.deep.equal([])
    for (const deep of [{ a: [1] }, { a: { b: 1 } }, { a: null }, [1], 3, null]) expect(fieldsOf(deep)).to.equal(null)
  })

  it('are read back as they were', () => {
    const params = { limit: 1e9, share: 0.25, name: ' as it is ', loud: true }
    expect(readFields(fieldsOf(params) ?? [])).to.deep.equal(params)
  })

  it('take numbers as people write them', () => {
    expect(['1e6', '1,000,000', '1_000_000', '1 000 000', ' 7 ', '-0.5'].map(readNumber)).to.deep.equal([1e6, 1e6, 1e6, 1e6, 7, -0.5])
    expect(['', 'ten', '1,5', '0x', 'Infinity', '1 2'].map(readNumber)).to.deep.equal([null, null, null, null, null, null])
  })

  it('say in one sentence what cannot be read', () => {
    expect(readFields([{ key: 'limit', kind: 'number', text: 'ten' }])).to.deep.equal({ fault: 'limit must be a number, such as 1000 or 1e6, not ten.' })
    expect(readJson('')).to.deep.equal({ value: {} })
    expect(readJson('{"a": [1]}')).to.deep.equal({ value: { a: [1] } })
    const fault = readJson('{\n"a": }')
    expect(isFault(fault) && fault.fault).to.match(/^The parameters are not JSON: .*\.$/)
  })
})

describe('the numbers of a job', () => {
  it('are left to the module when they are empty', () => {
    expect(readShape(NO_SHAPE)).to.deep.equal({})
    expect(readShape({ partitions: '1e6', fanout: '100', timeout: '60', trust: ' votes:2/3', trustDeadline: '90', again: true, sealed: true }))
      .to.deep.equal({ partitions: 1e6, fanout: 100, timeoutMs: 60_000, trust: 'votes:2/3', trustDeadlineMs: 90_000, again: true, sealed: true })
  })

  it('are refused with the range that they must lie in (G1, V1)', () => {
    const fault = (part: object): unknown => readShape({ ...NO_SHAPE, ...part })
    expect(fault({ partitions: '0' })).to.deep.equal({ fault: 'Partitions must be a whole number from 1 to 1,099,511,627,776, not 0.' })
    expect(fault({ fanout: '1.5' })).to.deep.equal({ fault: 'The fan-out must be a whole number from 2 to 128, not 1.5.' })
    expect(fault({ timeout: 'long' })).to.deep.equal({ fault: 'The time limit in seconds must be a whole number from 1 to 604,800, not long.' })
    expect(fault({ trust: 'vote' })).to.deep.equal({ fault: 'There is no trust policy vote: give none, votes:2/3, adaptive or audit:0.01.' })
    expect(fault({ trust: 'audit:2' })).to.deep.equal({ fault: 'The trust policy audit:2 makes no sense: the audited share must be above 0 and at most 1.' })
    expect(fault({ trustDeadline: '0' })).to.deep.equal({ fault: 'The longest wait for enough peers in seconds must be a whole number from 1 to 2,419,200, not 0.' })
  })
})

describe('dropped files', () => {
  const named = (...names: string[]): Array<{ name: string }> => names.map((name) => ({ name }))
  const sorted = (...names: string[]): unknown => {
    const { sources, logs, inputs } = sortFiles(named(...names), ({ name }) => name.startsWith('run'))
    return [sources, logs, inputs].map((files) => files.map(({ name }) => name))
  }

  it('are sources, logs or inputs', () => {
    expect(sorted('job.ts', 'part.mjs', 'data.json', 'note.txt')).to.deep.equal([['job.ts', 'part.mjs', 'data.json', 'note.txt'], [], []])
    expect(sorted('book.txt', 'run.ndjson', 'rows.ndjson', 'table.csv')).to.deep.equal([[], ['run.ndjson'], ['book.txt', 'rows.ndjson', 'table.csv']])
    expect(isLogLine('{"time":1,"type":"claim"}')).to.equal(true)
    for (const line of ['', '{"a":1}', 'null', '[]']) expect(isLogLine(line), line).to.equal(false)
  })

  it('begin at the one that has compute', () => {
    expect(mainOf({ 'a.ts': 'export const b = 1', 'job.ts': 'export async function compute () {}' })).to.equal('job.ts')
    expect(mainOf({ 'a.ts': 'const b = 1', 'job.js': 'function compute () {}\nexport { b, compute }' })).to.equal('job.js')
    expect(mainOf({ 'a.json': '{}', 'only.mjs': '' })).to.equal('only.mjs')
    expect(mainOf({ 'a.json': '{}' })).to.equal(undefined)
  })
})

describe('inputs', () => {
  const read = async (text: string, format: 'lines' | 'ndjson'): Promise<unknown[]> => await Array.fromAsync(readLines(new Blob([text]), 'rows', format))

  it('are lines, or values one a line', async () => {
    expect(await read('a\r\n\nb', 'lines')).to.deep.equal(['a', '', 'b'])
    expect(await read('1\n\n{"a":2}\n', 'ndjson')).to.deep.equal([1, { a: 2 }])
    const error: unknown = await read('1\nx', 'ndjson').catch((reason: unknown) => reason)
    expect((error as Error).message).to.match(/^Line 2 of rows is not JSON: /)
  })
})

describe('a code', () => {
  it('has the dark squares of the library\'s own, within the quiet zone', () => {
    const link = 'http://192.0.2.1:22581/#v=1&peer=/ip4/192.0.2.1/tcp/22580/ws/p2p/12D3KooWNvSZnPi3RrhrTwEY4LuuBeB6K6facKUCJcyWG1aoDd2p'
    const code = qrOf(link)
    const own = generate(link)
    expect(code?.side).to.equal(own.size + 8)
    const dark = new Set<string>()
    for (const [, x, y, run] of code?.path.matchAll(/M(\d+) (\d+)h(\d+)/g) ?? []) for (let i = 0; i < Number(run); i++) dark.add(`${Number(x) + i - 4},${Number(y) - 4}`)
    const wanted: string[] = []
    for (let y = 0; y < own.size; y++) for (let x = 0; x < own.size; x++) if (own.get(x, y)) wanted.push(`${x},${y}`)
    expect([...dark].sort()).to.deep.equal(wanted.sort())
    expect(pathOf(2, (x, y) => x >= y)).to.equal('M4 4h2v1h-2zM5 5h1v1h-1z')
    expect(qrOf('x'.repeat(5000))).to.equal(null)
  })
})

describe('an invitation', () => {
  const addrs = ['/ip4/127.0.0.1/tcp/1/ws/p2p/x', '/ip4/192.0.2.2/tcp/1/ws/p2p/x', '/dns4/example.com/tcp/443/wss/p2p/x']

  it('names addresses that its readers can dial', () => {
    expect(invitedAddrs(addrs, 'example.com')).to.deep.equal(addrs.slice(1))
    expect(invitedAddrs(addrs, 'localhost')).to.deep.equal(addrs.slice(0, 1))
    expect(invitedAddrs(addrs, '[::1]')).to.deep.equal(addrs.slice(0, 1))
    expect(invitedAddrs(addrs.slice(0, 1), 'example.com')).to.deep.equal(addrs.slice(0, 1))
  })
})

describe('a result', () => {
  const read = async (outputs: unknown[], isGathered: boolean, isAssembled = false): Promise<ReadResult> => {
    async function * items (): AsyncGenerator<unknown> { yield * outputs }
    return await readResult(items(), { isGathered, isAssembled: isAssembled || !isGathered, onCount: () => {}, signal: new AbortController().signal })
  }
  const fileOf = async ({ file }: ReadResult): Promise<[string, string]> => [file.ending, await file.blob.text()]

  it('is shown by its kind, and written as the command line writes it', async () => {
    const number = await read([664579], false)
    expect([number.kind, number.value, ...await fileOf(number)]).to.deep.equal(['number', 664579, 'txt', '664579\n'])
    expect(await fileOf(await read(['words'], false))).to.deep.equal(['txt', 'words\n'])
    expect(await fileOf(await read([{ a: 1 }], false))).to.deep.equal(['json', '{"a":1}\n'])
    const outputs = await read([1, { a: 'b' }, new Uint8Array([1])], true)
    expect([outputs.kind, outputs.count]).to.deep.equal(['outputs', 3])
    expect(await fileOf(outputs)).to.deep.equal(['ndjson', '1\n{"a":"b"}\n{"/":{"bytes":"AQ"}}\n'])
    expect(await fileOf(await read(['a', 'b'], true))).to.deep.equal(['txt', 'a\nb\n'])
  })

  it('of bytes is one file, a picture if it is one', async () => {
    const png = await read([Uint8Array.of(0x89, 0x50, 0x4e, 0x47), Uint8Array.of(1, 2)], true, true)
    expect([png.kind, png.file.ending, png.file.blob.size]).to.deep.equal(['image', 'png', 6])
    const bytes = await read([Uint8Array.of(1, 2, 3)], false)
    expect([bytes.kind, bytes.file.ending, bytes.file.blob.size]).to.deep.equal(['bytes', 'bin', 3])
    expect(imageIn(new Uint8Array())).to.equal(null)
  })

  it('shows no more than the first outputs of many', async () => {
    const many = await read(Array.from({ length: 5000 }, (_, i) => i), true)
    expect([(many.value as unknown[]).length, many.count]).to.deep.equal([100, 5000])
    expect((await fileOf(many))[1].split('\n')).to.have.length(5001)
  })
})

describe('words', () => {
  it('name no options of the command line', async () => {
    const bundled = { bundle: new Uint8Array(), module: {}, collects: false }
    const wrong = async (inputs: unknown[] | null, shape: object): Promise<string> => await prepareJob(bundled, undefined, inputs, shape, new MemoryBlockstore())
      .then(() => '', (error: unknown) => inPageWords((error as Error).message))
    expect(await wrong(null, {})).to.equal('The job does not say how many partitions it has: set the number of partitions under More settings, give it inputs, or export `partitions` or `prepare` from it.')
    expect(await wrong([1, 2], { partitions: 3 })).to.equal('There are 2 inputs but 3 partitions were asked for; leave the number of partitions empty.')
    expect(await wrong(null, { sealed: true })).to.equal('Sealing needs a private mesh, since in an open one everybody is admitted: open this page by the link of an invitation, or leave sealing off.')
  })

  it('name peers by their kind', () => {
    const of = (kind: Neighbour['kind']): Neighbour => ({ peer: 'x' as PeerId, kind, via: 'webrtc' })
    expect(kinds([of('tab'), of('node'), of('tab')])).to.equal('2 tabs, 1 Node peer')
    expect(kinds([of('unknown')])).to.equal('1 other')
  })

  it('tell screen readers every tenth, with strangers\' names cut', () => {
    const progress = { done: 57, partitions: 100 } as Parameters<typeof announcement>[2]
    expect(announcement('primes', 'running', progress)).to.equal('primes is running, 50 per cent done.')
    expect(announcement(' \u202e\n ', 'failed', null)).to.equal('A job has failed.')
  })

  it('give what a job took, and how long where it is known', () => {
    const figures = { partitions: 10, computeMs: 1500, peers: 2, levels: 1, failovers: 0, duplicates: 0, messages: 3, bytes: 400 }
    expect(tookFigures({ ...figures, wallMs: 840 })[0]).to.deep.include.members(['Took', '840 ms'])
    expect(tookFigures({ ...figures, wallMs: null }).map(([name]) => name)).not.to.include('Took')
  })
})
