/**
 * The millionfold commands the bench starts: run to their end for their `--json` line, or kept as peers. All of
 * them end with the bench. Their events come from the log files of `--events`, read as they grow.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../cli/bin.js', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** How often a growing log is looked at, milliseconds. */
const LOOK_MS = 10

/** No run of the bench takes longer on an idle machine, milliseconds; one that does is ended and told. */
const RUN_MS_MAX = 180_000

const running = new Set<ChildProcess>()
const folder = mkdtempSync(join(tmpdir(), 'millionfold-bench-'))
let files = 0

/** A path for a file of this bench; the folder is removed at the end. */
export const temporary = (suffix: string): string => join(folder, `${files++}${suffix}`)

/** The last line of `--json` (DESIGN 7). */
export interface Summary {
  result: unknown
  partitions: number
  wallMs: number
  totalMs: number
  computeMs: number
  peers: number
  levels: number
  failovers: number
  duplicates: number
  messages: number
  bytes: number
}

/** A line of `--events` (DESIGN 7). */
export interface LoggedEvent {
  /** Unix milliseconds. */
  time: number
  type: string
  peer: string
  pid?: number
  addrs?: string[]
  path?: string
  ms?: number
  fence?: number[]
  /** Of `restored`: partitions that were kept. */
  done?: number
}

/** What the processes of one row keep; each row begins with nothing. */
let state = temporary('-state')
export function forgetAll (): void {
  state = temporary('-state')
}

/** Starts a command of the CLI. Its stderr is kept for the message when it fails. */
export function start (args: string[]): { child: ChildProcess, output: () => string, errors: () => string } {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, XDG_STATE_HOME: state } })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors = (errors + text).slice(-4000) })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return { child, output: () => output, errors: () => errors }
}

/**
 * `millionfold run …args --json`, to its end.
 *
 * @returns its figures, and `spawnedMs`: the whole command as its caller sees it
 * @throws Error when it fails
 */
export async function run (args: string[]): Promise<Summary & { spawnedMs: number }> {
  const began = performance.now()
  const { child, output, errors } = start(['run', ...args, '--json'])
  const late = setTimeout(() => { child.kill('SIGKILL') }, RUN_MS_MAX)
  const [code] = await once(child, 'close') as [number | null]
  clearTimeout(late)
  if (code === null) throw new Error(`run ${args.join(' ')} did not end in ${RUN_MS_MAX / 60_000} minutes`)
  if (code !== 0) throw new Error(`run ${args.join(' ')} exited with ${code}: ${errors().trim().split('\n').at(-1)}`)
  const last = output().trimEnd().split('\n').at(-1)!
  return { ...JSON.parse(last) as Summary, spawnedMs: performance.now() - began }
}

/** All whole lines of an event log so far; none when it does not exist yet. */
export function eventsOf (file: string): LoggedEvent[] {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as LoggedEvent)
}

/**
 * Waits until an event log holds an event.
 *
 * @throws Error when it does not within `deadlineMs`
 */
export async function eventIn (file: string, isIt: (event: LoggedEvent) => boolean, what: string, deadlineMs = 30_000): Promise<LoggedEvent> {
  const end = performance.now() + deadlineMs
  while (performance.now() < end) {
    const found = eventsOf(file).find(isIt)
    if (found !== undefined) return found
    await sleep(LOOK_MS)
  }
  throw new Error(`no ${what} within ${deadlineMs / 1000} s`)
}

/** A volunteer of its own on loopback, which meets no others on this network, and the first event of its log. */
export async function volunteer (addrs: string[] = [], events = temporary('.ndjson')): Promise<{ child: ChildProcess, events: string, started: LoggedEvent }> {
  const { child } = start(['join', ...addrs, '--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--events', events])
  const started = await eventIn(events, (event) => event.type === 'peer-started' && event.pid === child.pid, 'peer-started')
  return { child, events, started }
}

/** Ends one process for good and waits for it. */
export async function kill (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Ends everything that still runs. */
export function endAll (): void {
  for (const child of running) child.kill('SIGKILL')
}

process.on('exit', () => {
  endAll()
  rmSync(folder, { recursive: true, force: true })
})
