/**
 * Network faults for real: six peers of six network namespaces, cabled to a switch that loses, delays, duplicates and
 * cuts (faults/). Whatever happens to the network, the result is exact, and both halves of a split go on (C3, C7, J2).
 * `npm run faults` splits for 60 s; here it is 20 s. Where namespaces are not allowed it says so and is skipped.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { JOBS, eventsIn } from './cli.ts'
import { Namespaces, whyNot } from './faults/namespaces.ts'
import type { Faults } from './faults/switch.ts'

const PEERS = 6
const SPLIT_MS = Number(process.env['MILLIONFOLD_SPLIT_S'] ?? 20) * 1000
/** Six peers that only wait, 20 partitions a second each. */
const PARTITION_MS = 50
const JOB_MS_MAX = 120_000 + 4 * SPLIT_MS

const HALVES = [[0, 1, 2], [3, 4, 5]] as const
/** Both ways between the halves. */
const SPLIT: Array<[number, number]> = HALVES[0].flatMap(a => HALVES[1].flatMap((b): Array<[number, number]> => [[a, b], [b, a]]))

interface Logged { time: number, type: string, by?: string, from?: string, peer: string, path?: string, count?: number, ms?: number }

describe('network faults between real peers', function () {
  this.timeout(JOB_MS_MAX + 60_000)
  let net: Namespaces
  let dir: string
  let peers: string[]

  before(function () {
    const why = whyNot()
    if (why === null) return
    console.log(`      skipped: ${why}`)
    this.skip()
  })

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'millionfold-faults-'))
    net = new Namespaces(PEERS)
    await net.make()
    peers = []
    for (let port = 0; port < PEERS; port++) {
      const child = net.spawn(port, ['join', ...peers.slice(-2), '--cores', '1', '--listen', `/ip4/${net.addrOf(port)}/tcp/4001`, '--no-mdns', '--events', logOf(port)], { XDG_STATE_HOME: join(dir, `state-${port}`) })
      peers.push(await said(child.stdout, /\/ip4\/10\.\S+\/p2p\/\w+/))
    }
  })

  afterEach(async () => {
    await net.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const logOf = (port: number): string => join(dir, `events-${port}`)
  const idOf = (port: number): string => (peers[port] as string).split('/').at(-1) as string

  /** What these peers did, in the order of time. */
  const eventsOf = (ports: readonly number[]): Logged[] =>
    ports.flatMap(port => existsSync(logOf(port)) ? eventsIn(logOf(port)) as unknown as Logged[] : []).sort((a, b) => a.time - b.time)

  async function said (stream: NodeJS.ReadableStream | null, pattern: RegExp): Promise<string> {
    return await new Promise((resolve, reject) => {
      let text = ''
      stream?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const found = pattern.exec(text)?.[0]
        if (found !== undefined) resolve(found)
      }).on('end', () => { reject(new Error(`ended without ${pattern}: ${text}`)) })
    })
  }

  /** Submit a sum that takes six peers so long, from machine 0. */
  function submit (ms: number): { partitions: number, ended: Promise<Record<string, unknown>>, begun: Promise<unknown> } {
    const partitions = Math.round(PEERS * ms / PARTITION_MS)
    const child = net.spawn(0, ['run', join(JOBS, 'sum.ts'), '--mesh', peers[0] as string, '--partitions', `${partitions}`, '--fanout', '8', '--params', JSON.stringify({ ms: PARTITION_MS }), '--json'], { XDG_STATE_HOME: join(dir, 'state-submitter') })
    let [out, err] = ['', '']
    child.stdout?.on('data', (chunk: Buffer) => { out += chunk.toString() })
    child.stderr?.on('data', (chunk: Buffer) => { err += chunk.toString() })
    const late = setTimeout(() => child.kill('SIGKILL'), JOB_MS_MAX)
    const ended = new Promise<Record<string, unknown>>((resolve, reject) => {
      child.once('close', code => {
        clearTimeout(late)
        if (code === 0) resolve(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>)
        else reject(new Error(`exit code ${code}: ${err.slice(-500)}`))
      })
    })
    ended.catch(() => { /* told where it is awaited */ })
    return { partitions, ended, begun: said(child.stderr, /[1-9][\d,]* of [\d,]+ partitions/) }
  }

  /** The faults come when the job is under way, and go after a while; the sum is right. */
  async function endures (faults: Partial<Faults>, faultMs: number, jobMs: number): Promise<{ from: number, to: number }> {
    const { partitions, ended, begun } = submit(jobMs)
    await begun
    const startMs = Date.now()
    await net.become(faults)
    await Promise.race([sleep(faultMs), ended])
    const endMs = Date.now()
    await net.become({})
    const summary = await ended
    expect(summary['result']).to.equal(partitions * (partitions - 1) / 2)
    console.log(`      ${partitions} partitions in ${Math.round(Number(summary['wallMs']) / 1000)} s, without faults ${Math.round(jobMs / 1000)} s; ${String(summary['duplicates'])} computed twice, ${String(summary['failovers'])} failovers`)
    return { from: startMs, to: endMs }
  }

  /** Values that were accepted within a half in this time, and had been computed there. */
  function progressOf (half: readonly number[], from: number, to: number): number {
    const ids = half.map(idOf)
    return eventsOf(half).filter(({ type, time, by }) => type === 'value' && time > from && time < to && by !== undefined && ids.includes(by)).length
  }

  it(`[C3, C7] a clean split for ${SPLIT_MS / 1000} s, and healing: both halves go on, the result is exact`, async () => {
    const { from, to } = await endures({ cuts: SPLIT }, SPLIT_MS, 1.6 * SPLIT_MS)
    // The last third: by then each half knows that it is alone.
    const late = from + (to - from) * 2 / 3
    const progress = HALVES.map(half => progressOf(half, late, to))
    console.log(`      accepted in the last third of the split: ${progress.join(' and ')} values`)
    for (const count of progress) expect(count).to.be.at.least(1)
  })

  it('[C6, C7] ways that carry in one direction only', async () => {
    await endures({ cuts: [[0, 3], [4, 1], [2, 5], [3, 2]] }, 15_000, 20_000)
  })

  it('[R1, C1] a fifth of all packets lost', async () => {
    await endures({ loss: 0.2 }, 60_000, 15_000)
  })

  it('[J4, C5] every packet 300 ms late', async () => {
    await endures({ delayMs: 300 }, 60_000, 15_000)
  })

  it('[R4] packets that arrive twice, in another order', async () => {
    await endures({ duplicates: 0.3, delayMs: 20, loss: 0.02 }, 60_000, 12_000)
  })
})
