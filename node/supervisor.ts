/**
 * Starts volunteers as child processes and keeps them running: one that crashes is started again after a
 * delay that doubles from crash to crash; one that ends on purpose stays ended. Volunteers find each other
 * through the addresses the supervisor passes on. A child whose supervisor is gone ends by itself, because
 * the channel between them closes; so there are no orphans even after `kill -9`. It knows nothing of jobs.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a supervisor tells a volunteer. */
export type ToVolunteer =
  /** Connect to whichever of these answers. */
  | { type: 'dial', addrs: string[] }
  /** Leave politely and end; without `keeps`, forget what was kept, because nobody will ask for it. */
  | { type: 'stop', keeps: boolean }

/** What a volunteer tells its supervisor. */
export type FromVolunteer =
  | { type: 'started', peer: string, addrs: string[] }
  /** It began its first bite of a job; `timeMs` is Unix milliseconds. */
  | { type: 'leased', job: string, timeMs: number }

export interface SupervisorInit {
  /** How many volunteers to keep. */
  peers: number
  /** Arguments of `join` for volunteer `index`. */
  args: (index: number) => string[]
  /** Added to their environment: what other users of the machine must not see. */
  env?: Record<string, string>
  /** Called for each message of a volunteer, with its index. */
  onMessage?: (message: FromVolunteer, index: number) => void
  /** Called when volunteer `index` could not start at all (its own message is on stderr) and will not be retried. */
  onRefused?: (index: number, code: number) => void
  /** Called when a volunteer crashed and will be started again after `ms` milliseconds. */
  onCrash?: (index: number, how: string, ms: number) => void
}

interface Slot {
  index: number
  child: ChildProcess | null
  /** Addresses of the running child; empty until it has started. */
  addrs: string[]
  /** It has started at least once, so what it was told to do can be done. */
  proven: boolean
  crashes: number
  startedMs: number
  retry: NodeJS.Timeout | null
}

/** First delay before a crashed volunteer is started again, and the longest one. Guesses. */
const BACKOFF_MS_MIN = 500
const BACKOFF_MS_MAX = 30_000
/** One that ran this long has not crashed because of its start. */
const HEALTHY_MS = 60_000
/** Leaving takes at most two seconds of flushing (C8) and the time to end. */
const STOP_MS_MAX = 5_000
/** Addresses of this many siblings are enough to find the rest. */
const SIBLINGS_MAX = 3

/** Milliseconds to wait after the n-th crash in a row, n >= 1. */
export const backoffMs = (crashes: number): number =>
  Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(crashes - 1, 20))

const ENTRY = fileURLToPath(new URL('./cli/bin.js', import.meta.url))

export class Supervisor {
  readonly #init: SupervisorInit
  readonly #slots: Slot[]
  #known: string[] = []
  #stopping = false

  constructor (init: SupervisorInit) {
    this.#init = init
    this.#slots = Array.from({ length: init.peers }, (_, index) =>
      ({ index, child: null, addrs: [], proven: false, crashes: 0, startedMs: 0, retry: null }))
  }

  start (): void {
    for (const slot of this.#slots) this.#launch(slot)
  }

  /** Addresses every volunteer, now and after a restart, is to connect to first. */
  introduce (addrs: string[]): void {
    this.#known = addrs
    for (const slot of this.#slots) if (slot.addrs.length > 0) this.#tell(slot, { type: 'dial', addrs })
  }

  /** Process ids of the running volunteers. */
  pids (): number[] {
    return this.#slots.flatMap((slot) => slot.child?.pid ?? [])
  }

  /** Dialable addresses of the running volunteers. */
  addrs (): string[] {
    return this.#slots.flatMap((slot) => slot.addrs)
  }

  /** Let all leave politely; those that take too long are killed. Resolves when none is left. */
  async stop (keeps = true): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#slots.map(async (slot) => {
      if (slot.retry !== null) clearTimeout(slot.retry)
      const child = slot.child
      if (child === null) return
      const ended = new Promise<void>((resolve) => child.once('exit', () => { resolve() }))
      // One that has not started yet has nothing to hand over.
      if (slot.addrs.length > 0) this.#tell(slot, { type: 'stop', keeps })
      else child.kill('SIGKILL')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
      await ended
      clearTimeout(late)
    }))
  }

  /** End all at once, without leave. */
  kill (): void {
    this.#stopping = true
    for (const slot of this.#slots) {
      if (slot.retry !== null) clearTimeout(slot.retry)
      slot.child?.kill('SIGKILL')
    }
  }

  #launch (slot: Slot): void {
    slot.retry = null
    slot.startedMs = Date.now()
    const child = fork(ENTRY, ['join', '--supervised', ...this.#init.args(slot.index)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { ...process.env, ...this.#init.env } })
    slot.child = child
    child.on('message', (message: FromVolunteer) => { this.#onMessage(slot, message) })
    child.on('error', () => { /* a failed fork or send is followed by `exit`, or by the end of all */ })
    child.once('exit', (code, signal) => { this.#onExit(slot, code, signal) })
  }

  #onMessage (slot: Slot, message: FromVolunteer): void {
    if (message.type === 'started') {
      slot.proven = true
      this.#meet(slot)
      slot.addrs = message.addrs
    }
    this.#init.onMessage?.(message, slot.index)
  }

  /** Tell a volunteer that has just started whom to connect to: those it was introduced to and a few siblings. */
  #meet (slot: Slot): void {
    const siblings = this.#slots.filter((other) => other !== slot && other.addrs.length > 0).slice(0, SIBLINGS_MAX)
    const addrs = [...this.#known, ...siblings.flatMap((other) => other.addrs)]
    if (addrs.length > 0) this.#tell(slot, { type: 'dial', addrs })
  }

  #onExit (slot: Slot, code: number | null, signal: NodeJS.Signals | null): void {
    slot.child = null
    slot.addrs = []
    if (this.#stopping || code === 0 || code === 130) return
    if (code === 2 && !slot.proven) {
      this.#init.onRefused?.(slot.index, code)
      return
    }
    slot.crashes = Date.now() - slot.startedMs > HEALTHY_MS ? 1 : slot.crashes + 1
    const ms = backoffMs(slot.crashes)
    this.#init.onCrash?.(slot.index, signal ?? `exit code ${code}`, ms)
    slot.retry = setTimeout(() => { this.#launch(slot) }, ms)
  }

  #tell (slot: Slot, message: ToVolunteer): void {
    if (slot.child?.connected === true) slot.child.send(message, () => { /* a child that is gone is seen by `exit` */ })
  }
}
