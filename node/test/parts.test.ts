/** The small parts of the Node peer: newest-only streams, input lines, the event log, blocks on disk, back-off, failures in words. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { CID } from 'multiformats/cid'
import type { JobId, Path, PeerId } from '../../protocol/core/ids.ts'
import { cidOfRaw } from '../../protocol/job/cid.ts'
import { describeFailure } from '../../protocol/client/errors.ts'
import { EventsLog } from '../events-log.ts'
import { Latest } from '../../protocol/client/latest.ts'
import { formatOf, readInputLines } from '../lines.ts'
import { openStore } from '../store/open-store.ts'
import { backoffMs } from '../supervisor.ts'
import { listenOn } from '../cli/listen.ts'
import { barText, drawProgress } from '../cli/bar.ts'
import { lineOf } from '../cli/output.ts'
import { ProgressMeter } from '../../protocol/client/progress.ts'

const JOB = 'bafy-job' as JobId
const ROOT = '/' as Path
let dir: string

before(() => { dir = mkdtempSync(join(tmpdir(), 'millionfold-test-')) })
after(() => { rmSync(dir, { recursive: true, force: true }) })

async function all<T> (items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('latest', () => {
  it('gives a slow reader the newest item only, and the last one before it ends', async () => {
    const latest = new Latest<number>()
    latest.push(1)
    latest.push(2)
    const reading = all(latest)
    latest.push(3)
    latest.end()
    latest.push(4)
    expect(await reading).to.deep.equal([2, 3])
    expect(await all(latest)).to.deep.equal([3])
  })
})

describe('input lines', () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }

  it('reads lines with and without a last newline, and both kinds of line end', async () => {
    expect(await all(readInputLines(file('a.txt', 'one\r\ntwo\n\nä'), 'lines'))).to.deep.equal(['one', 'two', '', 'ä'])
    expect(await all(readInputLines(file('b.txt', 'one\n'), 'lines'))).to.deep.equal(['one'])
    expect(await all(readInputLines(file('c.txt', ''), 'lines'))).to.deep.equal([])
  })

  it('keeps characters whole that lie across two chunks', async () => {
    const line = 'ä'.repeat(300_001)
    expect(await all(readInputLines(file('d.txt', `x${line}\n${line}`), 'lines'))).to.deep.equal([`x${line}`, line])
  })

  it('parses NDJSON, skips blank lines and names the line that is wrong', async () => {
    expect(await all(readInputLines(file('a.ndjson', '{"a":1}\n\n[2]\n'), 'ndjson'))).to.deep.equal([{ a: 1 }, [2]])
    const failure = await all(readInputLines(file('b.jsonl', '1\noops\n'), 'ndjson')).catch((error: unknown) => error)
    expect(failure).to.have.property('name', 'UsageError')
    expect(failure).to.have.property('message').that.matches(/^Line 2 of .*b\.jsonl is not JSON/)
  })

  it('tells the format by the name', () => {
    expect(['a.ndjson', 'a.JSONL', 'a.txt', '-'].map(formatOf)).to.deep.equal(['ndjson', 'ndjson', 'lines', 'lines'])
  })

  it('says which file cannot be read', async () => {
    const failure = await all(readInputLines(join(dir, 'none'), 'lines')).catch((error: unknown) => error)
    expect(failure).to.have.property('message').that.matches(/^Cannot read .*none: ENOENT/)
  })
})

describe('event log', () => {
  it('appends one object a line from several writers and leaves hearsay out', () => {
    const file = join(dir, 'events')
    const one = new EventsLog(file, 'peer-one')
    const two = new EventsLog(file, 'peer-two')
    one.write({ type: 'peer-started', pid: 1, addrs: [] })
    two.notice({ type: 'claim', job: JOB, path: ROOT, fence: [1] })
    one.notice({ type: 'stocked', job: JOB })
    one.notice({ type: 'value', job: JOB, path: ROOT, count: 7, from: 'a' as PeerId, by: 'b' as PeerId })
    one.close()
    two.close()
    const events = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events.map(({ type, peer }) => [type, peer])).to.deep.equal([['peer-started', 'peer-one'], ['claim', 'peer-two'], ['value', 'peer-one']])
    expect(events[2]).to.include({ job: JOB, path: '/', count: 7, from: 'a', by: 'b' })
    expect(events[0]).to.have.property('time').that.is.closeTo(Date.now(), 10_000)
  })

  it('refuses a file it cannot write, in one sentence', () => {
    expect(() => new EventsLog(join(dir, 'no', 'such'), 'p')).to.throw('Cannot write the event log')
  })
})

describe('blocks of a peer', () => {
  it('go to disk above the limit, come back the same, and leave nothing behind', async () => {
    const before = folders()
    const store = await openStore({ folder: null, memoryBytesMax: 10 })
    const blocks = ['small', 'larger than ten bytes', 'another large one'].map((text) => Buffer.from(text))
    const cids = blocks.map((bytes) => CID.parse(cidOfRaw(bytes)))
    for (const [i, bytes] of blocks.entries()) await store.put(cids[i] as CID, bytes)
    await store.flush()
    expect(folders().length).to.equal(before.length + 1)
    for (const [i, bytes] of blocks.entries()) {
      expect(Buffer.concat(await all(store.get(cids[i] as CID))).equals(bytes)).to.equal(true)
      expect(await store.has(cids[i] as CID)).to.equal(true)
      await store.delete(cids[i] as CID)
      expect(await store.has(cids[i] as CID)).to.equal(false)
    }
    await store.close()
    expect(folders()).to.deep.equal(before)
  })

  const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`millionfold-blocks-${process.pid}-`))
})

describe('supervisor', () => {
  it('waits longer after each crash, up to half a minute', () => {
    expect([1, 2, 3, 7, 100].map(backoffMs)).to.deep.equal([500, 1_000, 2_000, 30_000, 30_000])
  })
})

describe('addresses to listen on', () => {
  it('are the given ones, or all transports from a port on', () => {
    expect(listenOn({ listen: ['/ip4/127.0.0.1/tcp/0'] })).to.deep.equal(['/ip4/127.0.0.1/tcp/0'])
    expect(listenOn({ port: 4001 })).to.deep.equal(['/ip4/0.0.0.0/tcp/4001', '/ip4/0.0.0.0/tcp/4002/ws', '/ip4/0.0.0.0/udp/4003/webrtc-direct'])
    expect(() => listenOn({ port: 1, listen: ['/ip4/127.0.0.1/tcp/0'] })).to.throw('either --listen or --port')
  })
})

describe('what a person reads', () => {
  it('is a failure with its partition', () => {
    const why = { path: '0.1' as Path, stack: '' }
    expect(describeFailure({ ...why, kind: 'threw', partition: 17, message: 'boom\n  at' })).to.equal('partition 17 threw: boom at')
    expect(describeFailure({ ...why, kind: 'timeout', partition: 3, message: '' })).to.equal('partition 3 took longer than the time limit')
    expect(describeFailure({ ...why, kind: 'collect', partition: -1, message: 'no' })).to.equal('subtree 0.1 could not be collected: no')
  })

  it('is text as it is and everything else as dag-json', () => {
    expect(['a b', 4, { b: 1, a: [true, null] }].map(lineOf)).to.deep.equal(['a b', '4', '{"a":[true,null],"b":1}'])
  })

  it('is a bar that fits its terminal', async () => {
    const progress = new ProgressMeter(JOB, 100, 0).update(50, { remaining: 50, free: 0, helpers: 1, rate: 0, levels: 0 }, 1_000)
    expect(barText(progress, 200)).to.match(/^█{12}░{12} 50 of 100 partitions \(50 %\)/)
    expect(barText(progress, 40)).to.have.lengthOf(40)
    const drawn = async (isTTY: boolean): Promise<string> => {
      const latest = new Latest<typeof progress>()
      let text = ''
      const drawing = drawProgress(latest, { isTTY, columns: 60, write: (piece) => { text += piece } })
      latest.push(progress)
      latest.end()
      await drawing
      return text
    }
    expect(await drawn(false)).to.match(/^50 of 100 partitions.*left\n$/)
    expect(await drawn(true)).to.match(/^\r\u001b\[2K█.*…\n$/)
  })
})
