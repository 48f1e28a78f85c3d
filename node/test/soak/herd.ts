/**
 * Real volunteer processes that come and go: a few stay to the end and are measured, the others are killed, leave
 * politely and are replaced. It remembers every process that was ever below one of them, so that orphans are found.
 * Test helper.
 */
import { Running, allEnded, descendants, isAlive } from '../cli.ts'
import { readingOf } from './readings.ts'
import type { Reading } from './readings.ts'

const ADDR = /\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+/
/** Sandboxes end with the channel to their peer. */
const ORPHAN_MS_MAX = 15_000

export class Herd {
  readonly anchors: Running[] = []
  readonly readings = new Map<number, Reading[]>()
  readonly #others: Running[] = []
  readonly #msMax: number
  readonly #orphans: number[] = []
  kills = 0
  joins = 0
  leaves = 0

  /** @param msMax - no process lives longer, whatever happens to the caller */
  constructor (msMax: number) {
    this.#msMax = msMax
  }

  async start (anchors: number, others: number): Promise<void> {
    for (let i = 0; i < anchors; i++) this.anchors.push(await this.#volunteer(i === 0 ? [] : [this.addr]))
    await Promise.all(Array.from({ length: others }, async () => { await this.join() }))
  }

  /** Where one of those that stay can be dialled. */
  get addr (): string {
    return ADDR.exec(this.anchors[Math.floor(Math.random() * this.anchors.length)]?.out ?? '')?.[0] as string
  }

  get size (): number {
    return this.anchors.length + this.#others.length
  }

  async join (): Promise<void> {
    this.#others.push(await this.#volunteer([this.addr]))
    this.joins++
  }

  /** @param at - which of those that do not stay, 0 to 1 */
  async kill (at: number): Promise<void> {
    await this.#end(at, 'SIGKILL')
    this.kills++
  }

  async leave (at: number): Promise<void> {
    await this.#end(at, 'SIGTERM')
    this.leaves++
  }

  measure (ms: number): void {
    for (const { pid } of this.anchors) {
      const reading = readingOf(pid, ms)
      if (reading !== null) this.readings.set(pid, [...this.readings.get(pid) ?? [], reading])
    }
  }

  /** End all. @returns processes that outlived their peer */
  async stop (): Promise<number[]> {
    const all = [...this.anchors, ...this.#others]
    const below = all.flatMap(({ pid }) => descendants(pid))
    await Promise.all(all.map(async running => { await running.stop('SIGTERM') }))
    await allEnded(below, ORPHAN_MS_MAX).catch(() => { this.#orphans.push(...below.filter(isAlive)) })
    return this.#orphans
  }

  /** End everything at once, for a caller that has failed. */
  abandon (): void {
    for (const { child } of [...this.anchors, ...this.#others]) child.kill('SIGKILL')
  }

  async #volunteer (addrs: string[]): Promise<Running> {
    const args = ['join', ...addrs, '--cores', '1', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns']
    const running = new Running(args, '', {}, this.#msMax)
    await running.says(ADDR)
    return running
  }

  async #end (at: number, signal: NodeJS.Signals): Promise<void> {
    const [running] = this.#others.splice(Math.floor(at * this.#others.length), 1)
    if (running === undefined) return
    const below = descendants(running.pid)
    await running.stop(signal)
    await allEnded(below, ORPHAN_MS_MAX).catch(() => { this.#orphans.push(...below.filter(isAlive)) })
  }
}
