/**
 * A way onto a mesh for programs: a peer of this process that submits and asks, with volunteers of its
 * own in child processes where it was opened `local:`. The command line is a thin layer over this. The
 * peer itself never computes partitions; it collects what it coordinates.
 */
import { CID } from 'multiformats/cid'
import { cidFrom } from '../protocol/job/cid.ts'
import type { Contact, JobId, PeerId } from '../protocol/core/ids.ts'
import type { JobReport } from '../protocol/core/message.ts'
import type { MeshPeer } from '../protocol/host/mesh-peer.ts'
import { UsageError } from './errors.ts'
import { JobHandle } from './job-handle.ts'
import type { RunOptions } from './job-handle.ts'
import { LOOPBACK, QUIET_PEER, startPeer } from './peer.ts'
import type { NodePeer } from './peer.ts'
import type { JobSource } from './prepare-job.ts'
import { JobResult } from './result.ts'
import { PeerStore } from './store.ts'
import { Supervisor } from './supervisor.ts'
import { lookUp, statusOf } from './view.ts'
import type { JobStatus, Query } from './view.ts'

export interface MeshInit {
  /** Multiaddrs of peers of the mesh to join; empty for a mesh of its own. */
  addrs: string[]
  /** Local volunteer processes to start. */
  peers: number
  /** File of the event log of this peer and its volunteers. */
  events?: string | null
  /** File of this peer's key; a new one that nobody keeps by default. */
  identity?: string | null
  /** False for a peer that asks but never submits. */
  runsCode?: boolean
}

/** Connected peers tell each other of their jobs at once; a slow link takes a few round trips. A guess. */
const HEAR_MS_MAX = 5_000

export class Mesh {
  readonly #addrs: string[]
  readonly #blocks = new PeerStore()
  readonly #supervisor: Supervisor | null
  readonly #started: Promise<NodePeer>
  readonly #firstLeases = new Map<string, number>()
  /** Jobs this peer has heard of, and who waits for that. */
  readonly #heard = new Map<string, ReturnType<typeof Promise.withResolvers<void>>>()
  #entries: PeerId[] = []
  #closing: Promise<void> | null = null

  /** Begins to start at once; `ready` tells when it has. Volunteers start at the same time as the peer. */
  constructor (init: MeshInit) {
    this.#addrs = init.addrs
    this.#supervisor = init.peers > 0 ? this.#volunteers(init) : null
    this.#started = this.#start(init)
    this.#started.catch(() => { /* told by `ready` and by whatever is asked of the mesh */ })
  }

  /**
   * Resolves when the peer listens and is connected.
   *
   * @throws UsageError when it cannot listen or no address answers
   */
  async ready (): Promise<this> {
    await this.#started
    return this
  }

  /** The peer's id and its dialable addresses. */
  async contact (): Promise<Contact> {
    const { mesh } = await this.#started
    return { peer: mesh.id, addrs: mesh.addrs() }
  }

  /**
   * Submit a job and follow it.
   *
   * @param job path or URL of its module, or of the files of its parts
   * @param params what the job is given (`ctx.params`)
   */
  run (job: JobSource, params?: unknown, options: RunOptions = {}): JobHandle {
    const firstLeaseMs = (id: JobId): number | null => this.#firstLeases.get(id) ?? null
    const ask = async (id: JobId): Promise<void> => {
      if (this.#addrs.length > 0) await this.#reports([id]).catch(() => { /* then it is submitted unasked; splits heal */ })
    }
    return new JobHandle({ peer: async () => await this.#peer(), blocks: this.#blocks, ask, firstLeaseMs }, job, params, options)
  }

  /** All jobs the mesh knows. */
  async jobs (): Promise<JobStatus[]> {
    return (await this.#reports([])).map(statusOf)
  }

  /**
   * How far a job is.
   *
   * @throws UsageError when no asked peer knows it
   */
  async status (job: string): Promise<JobStatus> {
    return statusOf(await this.#report(job))
  }

  /**
   * The result of a finished job, or how far it is.
   *
   * @throws UsageError when no asked peer knows it
   */
  async result (job: string): Promise<{ result: JobResult | null, report: JobReport }> {
    const report = await this.#report(job)
    const { outcome, spec, members } = report.announcement
    if (outcome?.type !== 'done') return { result: null, report }
    const peer = await this.#peer()
    const holders = [...outcome.holders, ...members]
    await Promise.allSettled(holders.flatMap(({ addrs }) => addrs.slice(0, 1)).map(async (addr) => await peer.connect(addr)))
    const from = [...new Set([...holders.map((holder) => holder.peer), ...this.#entries])]
    return { result: new JobResult(report.announcement.job, spec, outcome.value, from, peer), report }
  }

  /** Cancel a job this peer's key submitted. Resolves when it is told to the mesh. */
  async cancel (job: string): Promise<void> {
    const report = await this.#report(job)
    const peer = await this.#peer()
    const { outcome } = report.announcement
    if (outcome !== null) throw new UsageError(`Job ${job} is ${outcome.type} already; there is nothing to cancel.`)
    if (report.announcement.submitter !== peer.id) throw new UsageError('Only the key that submitted a job can cancel it.')
    await this.#heardOf(report.announcement.job)
    await peer.cancel(report.announcement.job)
  }

  /** Leave politely and end the volunteers. Safe to call again. */
  async close (): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  /** End the volunteers at once, without leave; for a process that is about to exit. */
  kill (): void {
    this.#supervisor?.kill()
  }

  async #start (init: MeshInit): Promise<NodePeer> {
    const peer = await startPeer({
      ...QUIET_PEER,
      listen: init.addrs.length > 0 ? ['/ip4/0.0.0.0/tcp/0'] : LOOPBACK,
      dht: init.addrs.length > 0 ? 'lan' : 'off',
      identity: init.identity ?? null,
      events: init.events ?? null,
      runsCode: init.runsCode ?? true
    }, this.#blocks)
    peer.mesh.onNotice((notice) => {
      if (notice.type === 'known') this.#hearing(notice.announcement.job).resolve()
      if (notice.type === 'leased') this.#onLease(notice.job, Date.now())
    })
    this.#supervisor?.introduce(peer.mesh.addrs())
    try {
      if (init.addrs.length > 0) this.#entries = await peer.join(init.addrs)
    } catch (error) {
      await peer.stop()
      throw error
    }
    return peer
  }

  #volunteers (init: MeshInit): Supervisor {
    const args = ['--local', '--cores', '1', ...LOOPBACK.flatMap((addr) => ['--listen', addr])]
    if (init.events != null) args.push('--events', init.events)
    const supervisor = new Supervisor({
      peers: init.peers,
      args: () => args,
      onMessage: (message) => {
        if (message.type === 'leased') this.#onLease(message.job, message.timeMs)
      }
    })
    supervisor.start()
    return supervisor
  }

  #onLease (job: string, timeMs: number): void {
    this.#firstLeases.set(job, Math.min(timeMs, this.#firstLeases.get(job) ?? Infinity))
  }

  #hearing (job: string): ReturnType<typeof Promise.withResolvers<void>> {
    let hearing = this.#heard.get(job)
    if (hearing === undefined) {
      hearing = Promise.withResolvers<void>()
      this.#heard.set(job, hearing)
    }
    return hearing
  }

  /** Resolves when this peer itself has heard of a job, which peers tell each other on connecting (J1). */
  async #heardOf (job: string): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(() => { late.reject(new Error(`Nobody told this peer of job ${job}.`)) }, HEAR_MS_MAX)
    try {
      await Promise.race([this.#hearing(job).promise, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  async #peer (): Promise<MeshPeer> {
    return (await this.#started).mesh
  }

  async #report (job: string): Promise<JobReport> {
    if (!isJobId(job)) throw new UsageError(`${job} is not a job's id; \`millionfold jobs\` lists those a mesh knows.`)
    const report = (await this.#reports([job as JobId])).find(({ announcement }) => announcement.job === job)
    if (report === undefined) throw new UsageError(`No peer there knows of job ${job}; \`millionfold jobs\` lists those it knows.`)
    return report
  }

  async #reports (jobs: JobId[]): Promise<JobReport[]> {
    const peer = await this.#peer()
    const volunteers = (this.#supervisor?.addrs() ?? []).map(contactOf)
    const entries = [...this.#entries.map((id) => ({ peer: id, addrs: this.#addrs })), ...volunteers]
    const query: Query = async (to, wanted) => {
      if (to.peer === peer.id) throw new Error('A peer does not ask itself.')
      return await peer.query(to, wanted)
    }
    return await lookUp(query, entries, jobs)
  }

  async #close (): Promise<void> {
    const peer = await this.#started.catch(() => null)
    await Promise.all([peer?.stop(), this.#supervisor?.stop()])
  }
}

function isJobId (text: string): boolean {
  try {
    return cidFrom(CID.parse(text)) === text
  } catch {
    return false
  }
}

/** The peer a multiaddr leads to, which must end in `/p2p/<id>`. */
function contactOf (addr: string): Contact {
  return { peer: addr.slice(addr.lastIndexOf('/') + 1) as PeerId, addrs: [addr] }
}
