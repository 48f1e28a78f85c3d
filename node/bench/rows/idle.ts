/**
 * A volunteer that waits for work among four others, and one that waits after work: CPU, memory and traffic, from what
 * Linux counts for the process. Traffic is everything it reads and writes, so an upper bound.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchOptions, Figure, Row } from '../figures.ts'
import { run, volunteer } from '../processes.ts'

/** Ticks a second of /proc/…/stat, the same on every Linux that Node runs on. */
const TICKS = 100
const PEERS = 4
/** The start's own work is left to end first. */
const SETTLE_MS = 10_000

interface Usage {
  cpuMs: number
  bytes: number
  /** Of the peer's own process, what it shares with other processes of Node included. */
  residentMb: number
  /** Of it and its sandboxes, what is shared counted in parts. */
  familyMb: number
}

/** The process and its children (the sandbox's). */
function family (pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((text) => text !== '').map(Number)
  return [pid, ...children.flatMap(family)]
}

const fieldOf = (text: string, name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0)

function usageOf (pid: number): Usage {
  const residentMb = fieldOf(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') / 1024
  const usage = { cpuMs: 0, bytes: 0, residentMb, familyMb: 0 }
  for (const id of family(pid)) {
    // Behind the command's name, which may hold spaces: utime and stime are the 14th and 15th field.
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
    const io = readFileSync(`/proc/${id}/io`, 'utf8')
    usage.cpuMs += (Number(stat[11]) + Number(stat[12])) / TICKS * 1000
    usage.bytes += fieldOf(io, 'rchar') + fieldOf(io, 'wchar')
    usage.familyMb += fieldOf(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'), 'Pss') / 1024
  }
  return usage
}

async function waiting (pid: number, ms: number, when: string): Promise<Figure[]> {
  await sleep(SETTLE_MS)
  const before = usageOf(pid)
  const began = performance.now()
  await sleep(ms)
  const after = usageOf(pid)
  const passed = performance.now() - began
  const note = `over ${Math.round(passed / 1000)} s`
  return [
    { what: `CPU, ${when}`, value: (after.cpuMs - before.cpuMs) / passed * 100, unit: '% of a core', budget: { atMost: 1 }, note },
    { what: `memory, ${when}`, value: after.residentMb, unit: 'MB', budget: { atMost: 120 }, note: 'resident, the peer\'s process' },
    { what: `memory with sandboxes, ${when}`, value: after.familyMb, unit: 'MB', note: `proportional, ${family(pid).length} processes` },
    { what: `traffic, ${when}`, value: (after.bytes - before.bytes) / passed, unit: 'KB/s', budget: { atMost: 1 }, note: 'all reads and writes' }
  ]
}

async function measure ({ quick, full }: BenchOptions): Promise<Figure[]> {
  const ms = full ? 600_000 : quick ? 10_000 : 60_000
  const first = await volunteer()
  const addr = first.started.addrs?.[0]
  if (addr === undefined) throw new Error('the first volunteer has no address')
  const others = []
  for (let i = 1; i < PEERS; i++) others.push(await volunteer([addr]))
  const pid = others.at(-1)!.child.pid!
  const before = await waiting(pid, ms, 'before any work')
  await run(['examples/primes.ts', '--params', '{"limit":100000000}', '--mesh', addr])
  return [...before, ...await waiting(pid, ms, 'after work')]
}

export const idle: Row = { name: 'idle', title: `a volunteer that waits for work among ${PEERS} peers`, measure }
