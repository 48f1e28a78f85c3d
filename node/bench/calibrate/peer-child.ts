/** One peer's process as its parent has it: ordered about over the channel, and ended for good. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Counted, FromPeer, PeerRole, ToPeer } from './orders.ts'
import type { Path } from '../../../protocol/core/ids.ts'

const ENTRY = fileURLToPath(new URL('./peer-process.ts', import.meta.url))

/** Twenty processes that start at once on a busy machine take their time. */
const ANSWER_MS_MAX = 60_000

const running = new Set<ChildProcess>()

export type OfType<T extends FromPeer['type']> = Extract<FromPeer, { type: T }>

export class PeerChild {
  peer = ''
  addr = ''
  /** Paths that it coordinates, with members. */
  coordinated: Path[] = []
  /** What it counted when it was last asked. */
  counted: Counted = { sent: {}, direct: {}, heard: {}, computed: 0, cpuMs: 0, lateMs: [], takeovers: [] }
  readonly #child: ChildProcess

  /** @param onNoted - called for each of its notices of interest */
  constructor (role: PeerRole, onNoted: (noted: OfType<'noted'>, by: PeerChild) => void) {
    this.#child = fork(ENTRY, [JSON.stringify(role)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    running.add(this.#child)
    this.#child.once('exit', () => running.delete(this.#child))
    this.#child.on('error', () => { /* told by the answer that does not come */ })
    this.#child.on('message', (message: FromPeer) => {
      if (message.type === 'noted') onNoted(message, this)
      if (message.type === 'coordinates') this.coordinated = message.paths
    })
  }

  get isAlive (): boolean {
    return running.has(this.#child)
  }

  /** Resolves when it listens. */
  async started (): Promise<this> {
    const { peer, addr } = await this.#told('started')
    this.peer = peer
    this.addr = addr
    return this
  }

  /** Let it connect. */
  async join (addr: string): Promise<void> {
    const joined = this.#told('joined')
    this.#tell({ type: 'dial', addr })
    await joined
  }

  submit (): void {
    this.#tell({ type: 'submit' })
  }

  async count (): Promise<this> {
    const told = this.#told('counted')
    this.#tell({ type: 'count' })
    this.counted = (await told).counted
    return this
  }

  /** `kill -9`. Resolves when it is gone. */
  async kill (): Promise<void> {
    if (!this.isAlive) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  #tell (order: ToPeer): void {
    if (this.#child.connected) this.#child.send(order, () => { /* one that is gone is seen by `exit` */ })
  }

  /** The next message of a type. */
  #told<T extends FromPeer['type']> (type: T): Promise<OfType<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<OfType<T>>()
    const onMessage = (message: FromPeer): void => { if (message.type === type) resolve(message as OfType<T>) }
    const onExit = (): void => { reject(new Error(`a peer ended before it was ${type}`)) }
    const late = setTimeout(() => { reject(new Error(`a peer was not ${type} within ${ANSWER_MS_MAX / 1_000} s`)) }, ANSWER_MS_MAX)
    this.#child.on('message', onMessage).once('exit', onExit)
    return promise.finally(() => {
      clearTimeout(late)
      this.#child.off('message', onMessage).off('exit', onExit)
    })
  }
}

/** End every process that still runs, without waiting. */
export function endPeers (): void {
  for (const child of running) child.kill('SIGKILL')
}
