/**
 * The soak: eight real peers for a while, with random kills, goodbyes, joins and jobs, one job after another. It ends
 * with a verdict: every job exact, memory and file handles of those that stayed flat, no process left behind. Bounded:
 * it stops by itself, and no process of it lives longer than that. Test helper; `npm run soak` runs it for 20 minutes.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../../protocol/core/random.ts'
import type { Random } from '../../../protocol/core/random.ts'
import { JOBS, Running, cli, lastJson } from '../cli.ts'
import { Herd } from './herd.ts'
import { trendOf } from './readings.ts'
import type { Trend } from './readings.ts'

export interface SoakInit {
  totalMs: number
  seed: number
  /** Told each line of the table. */
  print: (line: string) => void
}

export interface SoakReport {
  jobs: number
  /** What went wrong with jobs, one sentence each. */
  faults: string[]
  kills: number
  joins: number
  leaves: number
  trends: Trend[]
  orphans: number[]
}

const ANCHORS = 3
const OTHERS = 5
const MEASURE_MS = 1_000
/** A peer has 60 s to find out that others are gone, several times over; a job that takes longer has hung. */
const JOB_MS_MAX = 180_000

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}`.padStart(5)

export async function soak ({ totalMs, seed, print }: SoakInit): Promise<SoakReport> {
  const herd = new Herd(totalMs + 2 * JOB_MS_MAX)
  const random = createRandom(seed, 'soak')
  const report: SoakReport = { jobs: 0, faults: [], kills: 0, joins: 0, leaves: 0, trends: [], orphans: [] }
  try {
    await herd.start(ANCHORS, OTHERS)
    const startMs = Date.now()
    const elapsed = (): number => Date.now() - startMs
    const isOver = (): boolean => elapsed() >= totalMs
    print('minutes   jobs  wrong  kills  leaves  joins  peers    MiB  handles')
    const watch = setInterval(() => { herd.measure(elapsed()) }, MEASURE_MS)
    const table = setInterval(() => { print(rowOf(herd, report, elapsed())) }, Math.min(30_000, totalMs / 4))
    try {
      await Promise.all([churn(herd, random.split('churn'), isOver), work(herd, random.split('work'), isOver, report)])
    } finally {
      clearInterval(watch)
      clearInterval(table)
    }
    report.trends = [...herd.readings.values()].flatMap(readings => trendOf(readings, totalMs) ?? [])
    print(rowOf(herd, report, elapsed()))
    report.orphans = await herd.stop()
    return { ...report, kills: herd.kills, joins: herd.joins, leaves: herd.leaves }
  } catch (error) {
    herd.abandon()
    throw error
  }
}

function rowOf (herd: Herd, { jobs, faults }: SoakReport, ms: number): string {
  const last = [...herd.readings.values()].flatMap(readings => readings.at(-1) ?? [])
  const most = (of: (reading: typeof last[number]) => number): number => Math.max(0, ...last.map(of))
  const cells = [(ms / 60_000).toFixed(1).padStart(7), `${jobs}`.padStart(6), `${faults.length}`.padStart(6), `${herd.kills}`.padStart(6), `${herd.leaves}`.padStart(7),
    `${herd.joins}`.padStart(6), `${herd.size}`.padStart(6), `${mib(most(({ rssBytes }) => rssBytes))}`.padStart(6), `${most(({ handles }) => handles)}`.padStart(8)]
  return cells.join(' ')
}

/** Every few seconds one is killed, or leaves, and another comes. */
async function churn (herd: Herd, random: Random, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await sleep(3_000 + random.below(9_000))
    if (isOver()) return
    if (random.next() < 0.7) await herd.kill(random.next())
    else await herd.leave(random.next())
    await sleep(random.below(3_000))
    await herd.join()
  }
}

async function work (herd: Herd, random: Random, isOver: () => boolean, report: SoakReport): Promise<void> {
  while (!isOver()) {
    const partitions = 200 + random.below(1_800)
    // Five to fifteen seconds for eight that only wait.
    const ms = Math.max(1, Math.round((40_000 + random.below(80_000)) / partitions))
    const args = ['run', join(JOBS, 'sum.ts'), '--mesh', herd.addr, '--partitions', `${partitions}`, '--fanout', `${2 + random.below(15)}`, '--params', JSON.stringify({ ms })]
    const isDetached = random.next() < 0.4
    const result = isDetached ? await detached(herd, args) : await followed(args)
    report.jobs++
    const expected = partitions * (partitions - 1) / 2
    if (result !== expected) report.faults.push(`${args.slice(4).join(' ')}${isDetached ? ' --detach' : ''}: ${String(result)} instead of ${expected}`)
  }
}

async function followed (args: string[]): Promise<unknown> {
  const ended = await new Running([...args, '--again', '--json'], '', {}, JOB_MS_MAX).ended
  return ended.code === 0 ? lastJson(ended)['result'] : `exit code ${ended.code}: ${ended.err.slice(-300)}`
}

/** The submitter leaves; others have the result, whoever is asked. */
async function detached (herd: Herd, args: string[]): Promise<unknown> {
  const started = await new Running([...args, '--again', '--detach'], '', {}, JOB_MS_MAX).ended
  if (started.code !== 0) return `exit code ${started.code}: ${started.err.slice(-300)}`
  const job = started.out.trim()
  for (const late = Date.now() + JOB_MS_MAX; ;) {
    const asked = await cli(['result', job, '--mesh', herd.addr, '--json'])
    if (asked.code === 0) return lastJson(asked)['result']
    if (Date.now() > late) return `exit code ${asked.code}: ${asked.err.slice(-300)}`
    await sleep(1_000)
  }
}

/** What is wrong with a soak; empty when it passed. */
export function faultsOf ({ faults, trends, orphans }: SoakReport): string[] {
  const found = [...faults]
  for (const { firstBytes, lastBytes, firstHandles, lastHandles } of trends) {
    if (lastBytes - firstBytes > GROWTH_BYTES_MAX + GROWTH_SHARE_MAX * firstBytes) found.push(`memory rose from ${mib(firstBytes)} to ${mib(lastBytes)} MiB`)
    if (lastHandles - firstHandles > GROWTH_HANDLES_MAX) found.push(`file handles rose from ${firstHandles} to ${lastHandles}`)
  }
  if (orphans.length > 0) found.push(`left behind: processes ${orphans.join(', ')}`)
  return found
}

/** An engine's heap breathes by this much. */
const GROWTH_BYTES_MAX = 24 * 2 ** 20
const GROWTH_SHARE_MAX = 0.1
/** Connections come and go. */
const GROWTH_HANDLES_MAX = 16
