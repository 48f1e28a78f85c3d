/**
 * Runs the command line the way a user does, for tests: to its end, with what it printed. Nothing outlives the
 * call: at the deadline, or when it fails, the command is killed and its volunteers end with it.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BIN = join(ROOT, 'node/cli/bin.js')
const LOOK_MS = 10

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
  /** Volunteers that were killed on the way. */
  killed: number
}

export interface RunOptions {
  /** Written to the command's standard input. */
  stdin?: string
  /** `kill -9` this many volunteers, each as soon as it has begun to compute; at least one is left alone. */
  kills?: number
  /** Milliseconds. */
  deadlineMs?: number
}

interface LoggedEvent { type: string, peer: string, pid?: number }

/** A folder for the files of one test; call `remove` after it. */
export function folder (): { file: (name: string) => string, remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'millionfold-examples-'))
  return { file: (name) => join(path, name), remove: () => { rmSync(path, { recursive: true, force: true }) } }
}

/** `millionfold run …args`. `events` is a file that does not exist yet. */
export async function runJob (args: string[], events: string, { stdin = '', kills = 0, deadlineMs = 90_000 }: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, 'run', ...args, '--events', events], { cwd: ROOT, stdio: 'pipe', env: { ...process.env, XDG_STATE_HOME: `${events}.state` } })
  const ran: Ran = { code: null, stdout: '', stderr: '', killed: 0 }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { ran.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { ran.stderr += text })
  child.stdin.on('error', () => { /* it ended without reading all */ })
  child.stdin.end(stdin)
  const victims = new Set<number>()
  const hunter = setInterval(() => {
    for (const pid of busyPids(events)) {
      if (victims.size >= kills || victims.has(pid) || pid === child.pid) continue
      victims.add(pid)
      process.kill(pid, 'SIGKILL')
    }
  }, LOOK_MS)
  const deadline = setTimeout(() => {
    ran.stderr += `\nkilled after ${deadlineMs} ms`
    child.kill('SIGKILL')
  }, deadlineMs)
  try {
    ran.code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  } finally {
    clearInterval(hunter)
    clearTimeout(deadline)
  }
  return { ...ran, killed: victims.size }
}

/** Processes of this run's peers that have begun to compute, in the order they did. */
function busyPids (events: string): number[] {
  let text: string
  try {
    text = readFileSync(events, 'utf8')
  } catch {
    return []
  }
  const logged = text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as LoggedEvent)
  const pids = new Map(logged.filter(({ type }) => type === 'peer-started').map(({ peer, pid }) => [peer, pid]))
  return logged.filter(({ type }) => type === 'leased').map(({ peer }) => pids.get(peer)).filter((pid) => pid !== undefined)
}

/** The last line of `--json`, its result as the text it was printed as: equal text, equal bytes. */
export function summaryOf (ran: Ran): { result: unknown, partitions: number, peers: number, duplicates: number, bytes: string } {
  const line = ran.stdout.trimEnd().split('\n').at(-1) ?? ''
  const summary = JSON.parse(line) as { result: unknown, partitions: number, peers: number, duplicates: number }
  return { ...summary, bytes: line.slice(line.indexOf('"result":'), line.indexOf(',"partitions":')) }
}
