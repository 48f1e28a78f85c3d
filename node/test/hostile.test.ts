/**
 * Raw libp2p clients against a running job of real processes: its submitter and both its volunteers are sent
 * garbage, forgeries, stale fences, wrong values and floods. Everything is dropped and counted, no process dies or
 * grows, and the result is exact. What single frames come to is held by node/libp2p/test.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { BLOCKS_PROTOCOL } from '../../protocol/host/block-exchange.ts'
import { DIRECT_PROTOCOL } from '../../protocol/host/links.ts'
import { FRAME_BYTES_MAX } from '../../protocol/host/network.ts'
import { LOAD, ROOT, STATE, at, dagBlock, peerOf, valueOf } from '../../protocol/host/test/samples.ts'
import { HostileClient } from './hostile-client.ts'
import { JOBS, Running, eventsIn, lastJson } from './cli.ts'
import { blockRequest } from '../../protocol/host/wire/tables.ts'
import { encode } from '../../protocol/host/wire/schema.ts'
import { encodeMessage } from '../../protocol/host/wire/codec.ts'
import { frameOf } from '../../protocol/host/frames.ts'
import { topicName } from '../../protocol/host/gossip.ts'
import type { Cid, JobId, PeerId } from '../../protocol/core/ids.ts'
import type { Announcement, Failure, Outcome } from '../../protocol/core/job.ts'
import type { Fence, Message, ReportMessage, StateMessage } from '../../protocol/core/message.ts'
import { NO_SALT } from '../../protocol/core/salt.ts'

const PARTITIONS = 2500
const SUM = PARTITIONS * (PARTITIONS - 1) / 2
/** What a process may hold for hostile peers, and what an engine takes before it cleans up. */
const GROWTH_MAX = 160 * 2 ** 20

interface Started { peer: PeerId, pid: number, addr: string }

describe('hostile clients in a running job of real processes', function () {
  this.timeout(90_000)
  let dir: string
  let running: Running
  let log: string
  let job: JobId
  /** The submitter, who coordinates the root, first. */
  let victims: Started[]
  const clients: HostileClient[] = []

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'millionfold-hostile-'))
    log = join(dir, 'events')
    running = new Running(['run', join(JOBS, 'sum.ts'), '--peers', '2', '--partitions', `${PARTITIONS}`, '--params', '{"ms":4}', '--events', log, '--json'])
    await running.says(/of 2,500 partitions/)
    while (events('leased').length < 2 && running.child.exitCode === null) await new Promise(resolve => setTimeout(resolve, 20))
    victims = events('peer-started').map(({ peer, pid, addrs }) => ({ peer, pid, addr: (addrs as string[])[0] }) as Started)
      .sort((a, b) => Number(b.pid === running.pid) - Number(a.pid === running.pid))
    expect(victims.length).to.equal(3)
    job = events('submitted')[0]?.['job'] as JobId
  })

  afterEach(async () => {
    await Promise.all(clients.splice(0).map(async client => { await client.close() }))
    if (running.child.exitCode === null) await running.stop('SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  })

  const events = (type: string): Array<Record<string, unknown>> => eventsIn(log).filter(event => event['type'] === type)

  async function dial (addr: string, reads = true): Promise<HostileClient> {
    const client = await HostileClient.dial(addr, reads)
    clients.push(client)
    return client
  }

  /** The job ends with the right sum, on the processes it began on. */
  async function isExact (): Promise<void> {
    const ended = await running.ended
    expect(ended.code, ended.err).to.equal(0)
    expect(lastJson(ended)).to.include({ job, result: SUM, partitions: PARTITIONS })
    expect(events('peer-started').length, 'processes were started again').to.equal(3)
  }

  /** How often each victim dropped something for this reason, by what it said when it stopped. */
  const dropped = (reason: string): number[] => victims.map(({ peer }) => {
    const said = events('peer-stopped').find(event => event['peer'] === peer)?.['dropped'] as Record<string, number> | undefined
    return said?.[reason] ?? 0
  })

  const memoryOf = ({ pid }: Started): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

  it('garbage, oversized frames and messages of unknown jobs', async () => {
    await Promise.all(victims.map(async ({ addr }) => {
      const [garbler, giant, stranger] = [await dial(addr), await dial(addr), await dial(addr)]
      await garbler.write(frameOf(Uint8Array.of(0xff, 0xff, 1)))
      for (let i = 0; i < 7; i++) await garbler.write(frameOf(Uint8Array.of(0xff, i)))
      for (let i = 0; i < 2; i++) {
        const stream = await giant.open(DIRECT_PROTOCOL)
        stream.send(frameOf(new Uint8Array(FRAME_BYTES_MAX + 1)).subarray(0, 1000))
      }
      await stranger.send({ type: 'leave', job: dagBlock('no such job').cid as string as JobId })
      await garbler.until('the garbler is cut off', () => !garbler.isConnected)
      await giant.until('the giant is cut off', () => !giant.isConnected)
      expect(stranger.isConnected).to.equal(true)
    }))
    await isExact()
    for (const reason of ['a frame is too long', 'message of an unknown job']) expect(Math.min(...dropped(reason)), reason).to.be.at.least(1)
  })

  it('forged claims, grants, states and values', async () => {
    const nobody = { peer: peerOf('nobody'), addrs: [] }
    await Promise.all(victims.map(async ({ peer, addr }) => {
      const client = await dial(addr)
      const me = { peer: client.id, addrs: [] }
      const state: StateMessage = { ...STATE, job, path: ROOT, fence: [9], coordinator: me }
      const forged: Message[] = [
        { type: 'claim', job, path: at('0'), fence: [1, 1], peer: nobody },
        { type: 'grant', job, path: at('0'), fence: [9, 9], peer, leaseMs: 6000, values: [], state },
        { ...state, coordinator: nobody },
        { type: 'value', job, value: { ...valueOf(at('0'), 7), count: 9 }, salt: NO_SALT },
        { type: 'value', job, value: { ...valueOf(at('99'), 7), count: 1 }, salt: NO_SALT },
        { type: 'value', job, value: { ...valueOf(at('1'), 1), bytes: Uint8Array.of(9) }, salt: NO_SALT },
        { type: 'hold', job, values: [{ ...valueOf(at('0.0'), 7), count: PARTITIONS }] }
      ]
      await client.send(...forged)
      const published = await dial(addr)
      const stop = published.publish(topicName({ job, path: ROOT }), [
        encodeMessage({ type: 'claim', job, path: ROOT, fence: [9], peer: nobody }),
        encodeMessage({ ...state, coordinator: nobody }),
        encodeMessage({ type: 'ended', job, path: ROOT }),
        Uint8Array.of(1, 2, 3)
      ])
      try {
        await published.until('the publisher is cut off', () => !published.isConnected)
      } finally {
        stop()
      }
    }))
    await isExact()
    for (const reason of ['a claim that its claimer did not send', 'grant nobody asked for', 'state of another peer', 'value with a wrong path or count', 'a value is not what its content id says']) {
      expect(Math.min(...dropped(reason)), reason).to.be.at.least(1)
    }
  })

  it('stale fences, and words that only a coordinator may say', async () => {
    const low: Fence = [0, 0]
    await Promise.all(victims.map(async ({ addr }) => {
      const client = await dial(addr)
      const me = { peer: client.id, addrs: [] }
      for (let digit = 0; digit < 16; digit++) {
        const path = at(`${digit}`)
        await client.send({ type: 'renew', job, path, fence: [0, 0xffff], done: 1, load: LOAD, seen: 0 }, { type: 'stale', job, path, fence: low })
        await client.send({ type: 'ended', job, path }, { type: 'released', job, path }, { type: 'accepted', receipt: null, job, paths: [path] }, { type: 'held', job, paths: [path] })
      }
      await client.send({ ...STATE, job, path: ROOT, fence: [0], coordinator: me, heirs: [], up: [], children: [] })
      for (const type of ['ended', 'released'] as const) await client.send({ type, job, path: ROOT })
      await client.send({ type: 'heard', job, path: ROOT, peer: victims[0]?.peer as PeerId, ms: -1, now: null }, { type: 'leave', job }, { type: 'stocked', job })
      await client.until('a refusal', () => client.heard.some(({ type }) => type === 'stale' || type === 'refused'))
      await client.until('the higher state, or that it is stale', () => client.heard.some(({ type }) => type === 'state' || type === 'stale'))
    }))
    await isExact()
    expect(lastJson(await running.ended)['failovers']).to.equal(0)
    expect(Math.min(...dropped('end of work by a peer that is not above'))).to.be.at.least(1)
  })

  it('ends of the job that a stranger made up', async () => {
    const value = { ...valueOf(ROOT, 42), count: PARTITIONS }
    const why: Failure = { kind: 'threw', path: at('0'), partition: 0, message: 'a lie', stack: '' }
    await Promise.all(victims.map(async ({ addr }) => {
      const client = await dial(addr)
      await client.send({ type: 'query', id: 1, jobs: [job], tables: false })
      await client.until('a report', () => client.heard.some(({ type }) => type === 'report'))
      const report = client.heard.find(message => message.type === 'report') as ReportMessage
      const announcement = report.jobs[0]?.announcement as Announcement
      const outcomes: Outcome[] = [{ type: 'done', value, holders: [] }, { type: 'failed', why }, { type: 'cancelled', signature: new Uint8Array(64) }]
      for (const outcome of outcomes) await client.send({ type: 'jobs', jobs: [{ ...announcement, outcome }] })
      await client.send({ type: 'failed', job, why, tried: [client.id], final: true } as unknown as Message)
    }))
    await isExact()
    for (const reason of ['outcome from a peer that cannot know it', 'a cancellation is not signed by the submitter']) expect(Math.min(...dropped(reason)), reason).to.be.at.least(1)
  })

  it('floods of joins and of huge lists', async () => {
    const before = victims.map(memoryOf)
    await Promise.all(victims.map(async ({ addr }) => {
      const client = await dial(addr)
      const spam = Array.from({ length: 64 }, (_, i) => ({ ...valueOf(at(`${i % 16}`), 'x'.repeat(10_000)), count: 3 }))
      const paths = Array.from({ length: 4096 }, (_, i) => at(`${i % 16}.${i >> 8}`))
      for (let round = 0; round < 10; round++) {
        const joins = Array.from({ length: 500 }, (_, i): Message =>
          ({ type: 'join', job, joiner: { peer: peerOf(`${addr} ${round} ${i}`), addrs: ['/ip4/192.0.2.1/tcp/1'] }, rate: 1e9, hops: 1, phase: 'up', via: [] }))
        await client.send(...joins)
        await client.send({ type: 'hold', job, values: spam }, { type: 'held', job, paths }, { type: 'accepted', receipt: null, job, paths })
        if (!client.isConnected) break
      }
    }).map(async flood => { await flood.catch(() => { /* it was cut off */ }) }))
    for (const [i, victim] of victims.entries()) expect(memoryOf(victim) - (before[i] as number)).to.be.below(GROWTH_MAX)
    await isExact()
    expect(dropped('value with a wrong path or count').reduce((a, b) => a + b)).to.be.at.least(64)
  })

  it('questions whose answers are never read, blocks without end, and many streams', async () => {
    const before = victims.map(memoryOf)
    const peaks = [...before]
    const watch = setInterval(() => { for (const [i, victim] of victims.entries()) peaks[i] = Math.max(peaks[i] as number, memoryOf(victim)) }, 100)
    try {
      const dialled = await Promise.all(victims.map(async ({ addr }) => [await dial(addr, false), await dial(addr), await dial(addr)] as const))
      await Promise.all(dialled.flatMap(([asker, fetcher, opener]) => [ask(asker), askForBlocks(fetcher), openStreams(opener)]))
    } finally {
      clearInterval(watch)
    }
    for (const [i, peak] of peaks.entries()) expect(peak - (before[i] as number)).to.be.below(GROWTH_MAX)
    await isExact()
  })

  /** Ask for reports and read none, until cut off or enough was asked. */
  async function ask (client: HostileClient): Promise<void> {
    try {
      for (let id = 0; id < 20_000 && client.isConnected; id++) await client.send({ type: 'query', id, jobs: [], tables: false })
    } catch { /* it was cut off */ }
  }

  /** Ask for a block over and over on every stream there may be, and read nothing. */
  async function askForBlocks (client: HostileClient): Promise<void> {
    const cids = new Array<Cid>(128).fill(job as string as Cid)
    for (let i = 0; i < 40; i++) {
      try {
        const stream = await client.open(BLOCKS_PROTOCOL)
        stream.pause()
        for (let again = 0; again < 4; again++) stream.send(frameOf(encode(blockRequest, { cids })))
      } catch { /* no more streams are taken */ }
    }
  }

  async function openStreams (client: HostileClient): Promise<void> {
    await Promise.allSettled(Array.from({ length: 200 }, async () => {
      const stream = await client.open(DIRECT_PROTOCOL)
      stream.send(frameOf(encodeMessage({ type: 'query', id: 1, jobs: [], tables: false })))
    }))
  }
})
