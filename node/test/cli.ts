/** Runs the command line as a person would: a process of its own, its output, its exit code. Test helper. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../cli/bin.js', import.meta.url))
export const JOBS = fileURLToPath(new URL('./jobs/', import.meta.url))
/** No command of a test takes longer; one that does is killed and fails. Those that run until they are stopped have as long as a suite. */
const RUN_MS_MAX = 60_000
const STAY_MS_MAX = 600_000

export interface Ended { code: number | null, out: string, err: string }

const limitOf = ([command = '']: string[]): number => ['up', 'join', 'serve'].includes(command) ? STAY_MS_MAX : RUN_MS_MAX

export class Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  out = ''
  err = ''
  #listeners = new Set<() => void>()

  /** @param msMax - when it is killed, milliseconds */
  constructor (args: string[], input = '', env: Record<string, string> = {}, msMax = limitOf(args)) {
    // What it keeps is nobody else's, unless a test wants it to be.
    const state = env['XDG_STATE_HOME'] === undefined ? mkdtempSync(join(tmpdir(), 'millionfold-state-')) : null
    this.child = spawn(process.execPath, [BIN, ...args], { stdio: 'pipe', env: { ...process.env, ...state === null ? {} : { XDG_STATE_HOME: state }, ...env } })
    const late = setTimeout(() => this.child.kill('SIGKILL'), msMax)
    this.child.stdin?.on('error', () => { /* it has enough */ })
    this.child.stdin?.end(input)
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => { this.out += text; this.#tell() })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => { this.err += text; this.#tell() })
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        clearTimeout(late)
        if (state !== null) rmSync(state, { recursive: true, force: true, maxRetries: 5 })
        resolve({ code, out: this.out, err: this.err })
        this.#tell()
      })
    })
  }

  get pid (): number {
    return this.child.pid as number
  }

  /** Resolves with the first match in stdout or stderr; rejects when the process ends without. */
  async says (pattern: RegExp): Promise<string> {
    const found = (): string | undefined => pattern.exec(this.out)?.[0] ?? pattern.exec(this.err)?.[0]
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const text = found()
        if (text !== undefined) resolve(text)
        else if (this.child.exitCode !== null) reject(new Error(`ended without ${pattern}: ${this.out}${this.err}`))
        else return
        this.#listeners.delete(look)
      }
      this.#listeners.add(look)
      look()
    })
  }

  async stop (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal)
    return await this.ended
  }

  #tell (): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

/** Run a command to its end. */
export async function cli (args: string[], input = '', env: Record<string, string> = {}): Promise<Ended> {
  return await new Running(args, input, env).ended
}

/** The last line of stdout as JSON. */
export const lastJson = ({ out }: Ended): Record<string, unknown> =>
  JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>

export const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

/** The events of a log so far. */
export function eventsIn (file: string): Array<Record<string, unknown>> {
  return readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Is a process there that is not a zombie? */
export function isAlive (pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** A process's command line; empty when it has ended. */
export function commandOf (pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** All processes below one, by /proc. */
export function descendants (pid: number): number[] {
  const parents = new Map<number, number[]>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1])
      parents.set(parent, [...parents.get(parent) ?? [], Number(name)])
    } catch { /* it has just ended */ }
  }
  const below = (of: number): number[] => (parents.get(of) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid)
}

/** Resolves when all these have ended; rejects after a generous while. */
export async function allEnded (pids: number[], ms = 10_000): Promise<void> {
  const until = Date.now() + ms
  while (pids.some(isAlive)) {
    if (Date.now() > until) throw new Error(`still running: ${pids.filter(isAlive).join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
