/**
 * The real side of a calibration: peers in processes of their own on loopback, all connected to the submitter as volunteers of
 * `millionfold run` are, a job, and processes that are killed while it runs.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ByType, Killed, NotedAt, Recording } from './recording.ts'
import type { Counted } from './orders.ts'
import type { Kill, Trial } from './trial.ts'
import type { OfType } from './peer-child.ts'
import { NEWS_MS, roleOf } from './trial.ts'
import { PeerChild } from './peer-child.ts'
import { countInto } from './recording.ts'

/** So many processes start at once: more only wait for each other. A guess. */
const STARTS_MAX = 4
/** Between the last connection and the submission: identify and gossip's subscriptions settle. */
const SETTLE_MS = 2_000
/** A job that takes so many times its time at best is stuck. */
const STUCK = 6

export interface RealRun {
  recording: Recording
  /** Copies of published messages that their publishers sent themselves. */
  publishedCopies: number
  /** Processor time of all peers together from the submission on, milliseconds. */
  cpuMs: number
  /** Of each volunteer until its first bite. */
  biteCpuMs: number[]
  /** How late timers were, milliseconds: what peers wait for a processor of this machine. */
  lateMs: number[]
  /** Of takeovers, from the successor's loss of a connection on, on the clock and of its own processor time, milliseconds. */
  takeovers: Counted['takeovers']
}

/**
 * Play a trial once.
 *
 * @param seed - draws victims, and seeds the peers
 * @throws Error when a process does not start, or the job is not done in time
 */
export async function playReal (trial: Trial, seed: number, onStep: (what: string) => void): Promise<RealRun> {
  const run = new Run(trial, seed, onStep)
  try {
    await run.start()
    return await run.play()
  } finally {
    await run.end()
  }
}

class Run {
  readonly #trial: Trial
  readonly #seed: number
  readonly #onStep: (what: string) => void
  readonly #peers: PeerChild[] = []
  readonly #notices: NotedAt[] = []
  readonly #killed: Killed[] = []
  readonly #submitted = Promise.withResolvers<number>()
  readonly #done = Promise.withResolvers<void>()
  readonly #over = new AbortController()
  /** Processor time of each at the submission. */
  readonly #cpuMs = new Map<PeerChild, number>()
  readonly #biteCpuMs: number[] = []
  #isExact = true

  constructor (trial: Trial, seed: number, onStep: (what: string) => void) {
    this.#trial = trial
    this.#seed = seed
    this.#onStep = onStep
  }

  async start (): Promise<void> {
    const { peers } = this.#trial
    this.#onStep('starting')
    const submitter = await this.#add(0)
    while (this.#peers.length <= peers) {
      const more = Math.min(STARTS_MAX, peers + 1 - this.#peers.length)
      await Promise.all(Array.from({ length: more }, async () => { await (await this.#add(1)).join(submitter.addr) }))
    }
    await sleep(SETTLE_MS)
  }

  async #add (cores: number): Promise<PeerChild> {
    const child = new PeerChild({ trial: this.#trial, cores, seed: this.#seed * 1_000 + this.#peers.length }, (noted, by) => { this.#onNoted(noted, by) })
    this.#peers.push(child)
    return await child.started()
  }

  async play (): Promise<RealRun> {
    const { job, partitionMs, peers, kills } = this.#trial
    await this.#counts()
    for (const child of this.#peers) this.#cpuMs.set(child, child.counted.cpuMs)
    this.#peers[0]?.submit()
    const submittedMs = await this.#submitted.promise
    this.#onStep('submitted')
    for (const kill of kills) void this.#killLater(kill)
    const stuckMs = STUCK * job.partitions * partitionMs / peers
    await Promise.race([this.#done.promise, sleep(stuckMs, undefined, { signal: this.#over.signal }).then(() => { throw new Error(`the job was not done in ${stuckMs / 1_000} s`) })])
    this.#onStep('done')
    await sleep(NEWS_MS)
    const counts = await this.#counts()
    const published = counts.flatMap(({ sent, direct }) => Object.keys(sent).map((type) => (sent[type]?.messages ?? 0) - (direct[type]?.messages ?? 0)))
    return {
      cpuMs: sum(this.#peers.map((child) => this.#spentMs(child, child.counted.cpuMs))),
      biteCpuMs: this.#biteCpuMs,
      lateMs: counts.flatMap(({ lateMs }) => lateMs),
      takeovers: counts.flatMap(({ takeovers }) => takeovers),
      publishedCopies: sum(published),
      recording: {
        submittedMs, notices: this.#notices.sort((a, b) => a.timeMs - b.timeMs), killed: this.#killed, traffic: trafficOf(counts), isExact: this.#isExact,
        computed: sum(counts.map(({ computed }) => computed)), partitions: job.partitions
      }
    }
  }

  async end (): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#peers.map(async (child) => { await child.kill() }))
  }

  /** Everybody's counts, those of the dead as of their last moment. */
  async #counts (): Promise<Counted[]> {
    await Promise.all(this.#alive().map(async (child) => await child.count()))
    return this.#peers.map(({ counted }) => counted)
  }

  #alive (): PeerChild[] {
    return this.#peers.filter(({ isAlive }) => isAlive)
  }

  /** Processor time of a process since the submission. */
  #spentMs (child: PeerChild, cpuMs: number): number {
    return cpuMs - (this.#cpuMs.get(child) ?? 0)
  }

  #onNoted ({ timeMs, cpuMs, notice, isExact }: OfType<'noted'>, by: PeerChild): void {
    if (notice.type === 'submitted') return this.#submitted.resolve(timeMs)
    this.#notices.push({ timeMs, peer: by.peer, notice })
    if (notice.type === 'leased') this.#biteCpuMs.push(this.#spentMs(by, cpuMs))
    if (notice.type !== 'done') return
    this.#isExact &&= isExact
    this.#done.resolve()
  }

  /** Somebody of the role says what it has counted and is killed. */
  async #killLater ({ atMs, role }: Kill): Promise<void> {
    await sleep(atMs, undefined, { signal: this.#over.signal }).catch(() => {})
    if (this.#over.signal.aborted) return
    const able = this.#alive().filter(({ coordinated }) => roleOf(coordinated) === role)
    const victim = able[this.#seed % Math.max(1, able.length)]
    if (victim === undefined) return this.#onStep(`no ${role} to kill`)
    await victim.count()
    this.#killed.push({ timeMs: Date.now(), peer: victim.peer, role, paths: victim.coordinated })
    this.#onStep(`killing ${victim.coordinated.join(' ') || 'a worker'}`)
    await victim.kill()
  }
}

const sum = (each: number[]): number => each.reduce((all, one) => all + one, 0)

/** Each copy once, for who got it. */
function trafficOf (counts: Counted[]): ByType {
  const traffic: ByType = {}
  for (const { direct, heard } of counts) {
    for (const part of [direct, heard]) for (const [type, { messages, bytes }] of Object.entries(part)) countInto(traffic, type, messages, bytes)
  }
  return traffic
}
