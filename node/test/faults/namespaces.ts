/**
 * Six machines on one: network namespaces with an interface each, all cabled to a faulty switch (switch.ts) in a
 * namespace of its own, so that the machine's own network is never touched. Made and removed by `ip` (iproute2); what a
 * killed run left behind is removed by the next. Test helper; Linux, as root.
 */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isBuiltin } from 'node:module'
import type { Faults } from './switch.ts'

const BIN = fileURLToPath(new URL('../../cli/bin.js', import.meta.url))
const SWITCH = fileURLToPath(new URL('./switch.ts', import.meta.url))
/** Names begin so, with the process that made them, so that leftovers are known. */
const PREFIX = /^mf(\d+)-/
export const NO_FAULTS: Faults = { cuts: [], loss: 0, delayMs: 0, duplicates: 0 }

/** What ends a test from outside, as `npm test` does when it takes too long. */
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Why this machine cannot have them, in one sentence; null if it can. */
export function whyNot (): string | null {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
    const name = `mf${process.pid}-try`
    ip('netns', 'add', name)
    ip('netns', 'del', name)
    return isBuiltin('node:ffi') ? null : 'this Node has no node:ffi, by which the switch\'s interfaces are made'
  } catch (error) {
    return `network namespaces need iproute2, /dev/net/tun, root and node:ffi: ${((error as Error).message.split('\n')[0] ?? '').slice(0, 200)}`
  }
}

export class Namespaces {
  readonly #count: number
  readonly #children = new Set<ChildProcess>()
  #switch: ChildProcess | null = null
  #said: Array<() => void> = []
  readonly #onExit = (): void => { this.#remove() }
  readonly #onSignal = (): void => {
    this.#remove()
    process.exit(1)
  }

  constructor (count: number) {
    this.#count = count
  }

  async make (): Promise<void> {
    removeLeftovers()
    process.once('exit', this.#onExit)
    for (const signal of SIGNALS) process.once(signal, this.#onSignal)
    ip('netns', 'add', this.#name('sw'))
    for (let port = 0; port < this.#count; port++) ip('netns', 'add', this.#name(port))
    const cables = spawn('ip', ['netns', 'exec', this.#name('sw'), process.execPath, '--disable-warning=ExperimentalWarning', SWITCH, `mf${process.pid}-t`, `${this.#count}`], {
      stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, UV_THREADPOOL_SIZE: `${2 * this.#count + 4}` }
    })
    this.#switch = cables
    createInterface({ input: cables.stdout }).on('line', () => { this.#said.shift()?.() })
    await this.#answer(cables)
    for (let port = 0; port < this.#count; port++) {
      const [name, cable] = [this.#name(port), `mf${process.pid}-t${port}`]
      ip('-n', this.#name('sw'), 'link', 'set', cable, 'netns', name)
      ip('-n', name, 'link', 'set', 'lo', 'up')
      ip('-n', name, 'link', 'set', cable, 'address', `02:00:00:00:00:0${port}`)
      ip('-n', name, 'addr', 'add', `${this.addrOf(port)}/24`, 'dev', cable)
      ip('-n', name, 'link', 'set', cable, 'up')
    }
  }

  addrOf (port: number): string {
    return `10.99.0.${port + 1}`
  }

  /** From now on the network has these faults and no others. */
  async become (faults: Partial<Faults>): Promise<void> {
    this.#switch?.stdin?.write(`${JSON.stringify({ ...NO_FAULTS, ...faults })}\n`)
    await this.#answer(this.#switch)
  }

  /** Run the command line on one of the machines. */
  spawn (port: number, args: string[], env: Record<string, string>): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#name(port), process.execPath, BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    this.#children.add(child)
    return child
  }

  /** End all processes and remove everything. */
  async close (): Promise<void> {
    const running = [...this.#children, ...this.#switch === null ? [] : [this.#switch]].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    await Promise.all(running.map(async child => {
      const ended = new Promise(resolve => { child.once('exit', resolve) })
      child.kill('SIGKILL')
      await ended
    }))
    process.removeListener('exit', this.#onExit)
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal)
    this.#remove()
  }

  #name (of: number | 'sw'): string {
    return `mf${process.pid}-${of}`
  }

  async #answer (child: ChildProcess | null): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#said.push(resolve)
      child?.once('exit', () => { reject(new Error('the switch has ended')) })
    })
  }

  #remove (): void {
    for (const child of this.#children) child.kill('SIGKILL')
    this.#switch?.kill('SIGKILL')
    for (const name of ['sw' as const, ...Array(this.#count).keys()]) removeNamespace(this.#name(name))
  }
}

function removeNamespace (name: string): void {
  try {
    for (const pid of ip('netns', 'pids', name).split('\n').filter(line => line !== '')) process.kill(Number(pid), 'SIGKILL')
    ip('netns', 'del', name)
  } catch { /* it is gone */ }
}

/** Of runs that were killed. */
function removeLeftovers (): void {
  for (const name of ip('netns', 'list').split('\n').map(line => line.split(' ')[0] ?? '')) {
    const pid = Number(PREFIX.exec(name)?.[1])
    if (pid > 0 && !isThere(pid)) removeNamespace(name)
  }
}

function isThere (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
