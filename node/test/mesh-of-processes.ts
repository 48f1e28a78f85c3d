/**
 * A mesh of separate volunteer processes that write into one event log, so that a test can find who
 * coordinates what, and kill exactly that. Test helper.
 */
import { mkdtempSync, existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Running, eventsIn } from './cli.ts'

export interface LoggedEvent { time: number, type: string, peer: string, path?: string, fence?: number[], heirs?: string[], pid?: number, count?: number, by?: string, from?: string, ms?: number, job?: string }

const ADDR = /\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+/

/** How often the log is looked at, milliseconds. */
const LOOK_MS = 20

const isHigher = (a: number[], b: number[]): boolean => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return (a[i] as number) > (b[i] as number)
  return a.length > b.length
}

export class ProcessMesh {
  readonly dir = mkdtempSync(join(tmpdir(), 'millionfold-churn-'))
  readonly log = join(this.dir, 'events')
  readonly running: Running[] = []
  addr = ''
  /** Where its processes keep what outlives them; null for a folder each. */
  state: string | null = null

  /** Start volunteers; the first gives the address the others connect to. */
  async start (count: number): Promise<void> {
    const first = this.volunteer([])
    this.addr = await first.says(ADDR)
    for (let i = 1; i < count; i++) this.volunteer([this.addr])
    await this.until(events => events.filter(event => event.type === 'peer-started').length >= count)
  }

  volunteer (addrs: string[]): Running {
    const running = new Running(['join', ...addrs, '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--events', this.log], '', this.state === null ? {} : { XDG_STATE_HOME: this.state })
    this.running.push(running)
    return running
  }

  events (): LoggedEvent[] {
    return existsSync(this.log) ? eventsIn(this.log) as unknown as LoggedEvent[] : []
  }

  /** Resolves once the log satisfies this; rejects after a generous while, saying what the log ended with. */
  async until (isSo: (events: LoggedEvent[]) => boolean, what = 'it', ms = 60_000): Promise<LoggedEvent[]> {
    const until = Date.now() + ms
    for (;;) {
      const events = this.events()
      if (isSo(events)) return events
      if (Date.now() > until) throw new Error(`not seen in ${ms} ms: ${what}; the log ends with ${JSON.stringify(events.slice(-5))}`)
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
  }

  /** Who coordinates a path, by the highest fence of a process that still runs. */
  coordinatorOf (path: string): LoggedEvent | undefined {
    let best: LoggedEvent | undefined
    for (const event of this.events()) {
      if (event.type !== 'coordinator' || event.path !== path || event.fence === undefined) continue
      if (best?.fence === undefined || !isHigher(best.fence, event.fence)) best = event
    }
    return best
  }

  /** A running coordinator below the root that has a running member among its heirs, and is not the root's own. */
  middle (): LoggedEvent | undefined {
    const root = this.coordinatorOf('/')?.peer
    const paths = new Set(this.events().flatMap(event => event.type === 'coordinator' && event.path !== undefined && event.path !== '/' ? [event.path] : []))
    for (const path of paths) {
      const event = this.coordinatorOf(path)
      const granted = this.events().filter(other => other.type === 'claim' && other.peer !== event?.peer && other.path?.startsWith(`${path}.`))
      if (event !== undefined && event.peer !== root && this.isRunning(event.peer) && granted.some(other => this.isRunning(other.peer))) return event
    }
    return undefined
  }

  /** The address of a volunteer that still runs. */
  liveAddr (): string {
    for (const one of this.running) {
      const addr = ADDR.exec(one.out)?.[0]
      if (addr !== undefined && one.child.exitCode === null && one.child.signalCode === null) return addr
    }
    throw new Error('no volunteer is left')
  }

  /** The process of a peer. */
  processOf (peer: string): Running {
    const pid = this.events().find(event => event.type === 'peer-started' && event.peer === peer)?.pid
    const running = this.running.find(one => one.pid === pid)
    if (running === undefined) throw new Error(`no process of peer ${peer}`)
    return running
  }

  isRunning (peer: string): boolean {
    return this.processOf(peer).child.exitCode === null && this.processOf(peer).child.signalCode === null
  }

  async stop (): Promise<void> {
    await Promise.all(this.running.map(async one => one.child.exitCode === null ? await one.stop('SIGKILL') : undefined))
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** Accepted again by another producer than before: accepted work that was recomputed (R2, R4). */
export function recomputed (events: LoggedEvent[]): LoggedEvent[] {
  const by = new Map<string, string>()
  return events.filter(event => {
    if (event.type !== 'value' || event.by === undefined) return false
    const key = `${event.job} ${event.path}`
    const before = by.get(key)
    by.set(key, event.by)
    return before !== undefined && before !== event.by
  })
}
