/**
 * A mesh of separate processes with stores, all of which are killed together and started again with the command lines they had. What they
 * computed stands in one event log, so that what was computed twice can be counted. Helper of the kills and their test.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../cli/bin.js', import.meta.url))
const LOOK_MS = 20

export interface LoggedEvent { time: number, type: string, peer: string, pid?: number, job?: string, path?: string, from?: number, to?: number, done?: number, addrs?: string[] }

export interface Ended { code: number | null, out: string, err: string }

export interface Started { child: ChildProcess, ended: Promise<Ended>, text: () => string }

/** Who takes part: volunteers by number, and the submitter. */
export type Who = number | 'submitter'

export class KilledMesh {
  readonly dir = mkdtempSync(join(tmpdir(), 'millionfold-kills-'))
  readonly log = join(this.dir, 'events')
  readonly running = new Map<Who, Started>()
  readonly #pids = new Map<number, Who>()
  readonly #volunteers: number
  readonly #job: string[]
  #entry = ''

  /** @param job - arguments of `run`, without the mesh */
  constructor (volunteers: number, job: string[]) {
    this.#volunteers = volunteers
    this.#job = job
  }

  get everybody (): Who[] {
    return [...Array.from({ length: this.#volunteers }, (_, i) => i), 'submitter']
  }

  /** Start a process as it was started the first time: in its own store, at its own port. */
  async start (who: Who): Promise<Started> {
    const store = ['--store', join(this.dir, `store-${who}`), '--events', this.log]
    const volunteer = ['join', ...who === 0 || this.#entry === '' ? [] : [this.#entry], '--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns']
    const started = this.#spawn(who === 'submitter' ? ['run', ...this.#job, '--mesh', this.#entry, '--json', ...store] : [...volunteer, ...store])
    this.running.set(who, started)
    this.#pids.set(started.child.pid ?? 0, who)
    if (who === 0) {
      const pid = started.child.pid
      const events = await this.until(events => events.some(event => event.type === 'peer-started' && event.pid === pid), 'the first volunteer')
      this.#entry = events.findLast(event => event.type === 'peer-started' && event.pid === pid)?.addrs?.[0] ?? ''
    }
    return started
  }

  /** Volunteers that have computed: they have all that is needed to go on alone. */
  members (): number[] {
    const events = this.events()
    const peers = new Set(events.flatMap(({ type, peer }) => type === 'computed' ? [peer] : []))
    const whos = events.flatMap(({ type, peer, pid = 0 }) => type === 'peer-started' && peers.has(peer) ? [this.#pids.get(pid)] : [])
    return [...new Set(whos)].filter((who): who is number => typeof who === 'number')
  }

  /** Run a command that asks the mesh. */
  async ask (args: string[]): Promise<Ended> {
    return await this.#spawn(args).ended
  }

  /** `kill -9`, all of them in one moment. */
  async killAll (): Promise<void> {
    const all = [...this.running.values()]
    for (const { child } of all) child.kill('SIGKILL')
    await Promise.all(all.map(async ({ ended }) => await ended))
    this.running.clear()
  }

  events (): LoggedEvent[] {
    if (!existsSync(this.log)) return []
    const text = readFileSync(this.log, 'utf8')
    return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter(line => line !== '').map(line => JSON.parse(line) as LoggedEvent)
  }

  /** Resolves once the log satisfies this; rejects after a generous while. */
  async until (isSo: (events: LoggedEvent[]) => boolean, what: string, ms = 120_000): Promise<LoggedEvent[]> {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(LOOK_MS)) {
      const events = this.events()
      if (isSo(events)) return events
    }
    const said = [...this.running].map(([who, { text }]) => `${who}: ${text().slice(-300)}`).join('\n')
    throw new Error(`not seen in ${ms} ms: ${what}; the log ends with ${JSON.stringify(this.events().slice(-3))}\n${said}`)
  }

  async stop (): Promise<void> {
    await this.killAll()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
  }

  #spawn (args: string[]): Started {
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, XDG_STATE_HOME: join(this.dir, 'state') } })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text })
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }))
    return { child, ended, text: () => out + err }
  }
}

/** Partitions computed to the end, and how many of those again. */
export function computedIn (events: LoggedEvent[], partitions: number): { finished: number, again: number } {
  const seen = new Uint8Array(partitions)
  let all = 0
  let finished = 0
  for (const { type, from = 0, to = 0 } of events) {
    if (type !== 'computed') continue
    all += to - from
    for (let i = from; i < to; i++) if (seen[i] === 0) { seen[i] = 1; finished++ }
  }
  return { finished, again: all - finished }
}
