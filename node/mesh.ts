/**
 * A way onto a mesh for programs: a peer of this process that submits and asks, with volunteers of its
 * own in child processes where it was opened `local:`. The command line is a thin layer over this. The
 * peer itself never computes partitions; it collects what it coordinates.
 */
import type { Invitation } from '../protocol/host/admission/invitation.ts'
import { INVITATION_ENV } from './invitation-env.ts'
import type { Contact, PeerId } from '../protocol/core/ids.ts'
import type { JobReport } from '../protocol/core/message.ts'
import type { MeshPeer } from '../protocol/host/mesh-peer.ts'
import type { JobHandle } from '../protocol/client/job-handle.ts'
import type { AuditOptions, Audited } from '../protocol/client/audit.ts'
import { MeshClient } from '../protocol/client/mesh-client.ts'
import type { JobResult } from '../protocol/client/result.ts'
import type { JobStatus } from '../protocol/client/view.ts'
import { LOOPBACK, QUIET_PEER, startPeer } from './peer.ts'
import type { NodePeer } from './peer.ts'
import { prepareFiles } from './prepare-job.ts'
import type { JobOptions, JobSource } from './prepare-job.ts'
import { openStore } from './store/open-store.ts'
import { storeFolder } from './state-dir.ts'
import type { PeerStore } from '../protocol/host/store/peer-store.ts'
import { Supervisor } from './supervisor.ts'

export interface RunOptions extends JobOptions {
  /** Aborting cancels the job; the handle rejects with the signal's reason. */
  signal?: AbortSignal
}

export interface MeshInit {
  /** Multiaddrs of peers of the mesh to join; empty for a mesh of its own. */
  addrs: string[]
  /** Local volunteer processes to start. */
  peers: number
  /** File of the event log of this peer and its volunteers. */
  events?: string | null
  /** File of this peer's key; a new one that nobody keeps by default. */
  identity?: string | null
  /** Let browser tabs in: this peer and its volunteers listen for WebSockets too, and this one relays. */
  tabs?: boolean
  /** False for a peer that asks but never submits. */
  runsCode?: boolean
  /** To the private mesh that is joined, or that this peer and its volunteers are; null or nothing for an open one. */
  invitation?: Invitation | null
  /** Keep what this peer and its volunteers work on, for a next time, in this folder: `true` for the usual one. By default nothing is kept. */
  store?: string | true
  /** What each store may take on the disk, MiB. */
  diskMb?: number
  /** Told, in sentences for people, what the store does that they should know. */
  say?: (sentence: string) => void
}

export class Mesh {
  readonly #addrs: string[]
  readonly #readingKey: Uint8Array | null
  readonly #store: Promise<PeerStore>
  readonly #client: MeshClient
  readonly #supervisor: Supervisor | null
  readonly #started: Promise<NodePeer>
  #entries: PeerId[] = []
  #closing: Promise<void> | null = null

  /** Begins to start at once; `ready` tells when it has. Volunteers start at the same time as the peer. */
  constructor (init: MeshInit) {
    this.#addrs = init.addrs
    this.#readingKey = init.invitation?.readingKey ?? null
    this.#client = new MeshClient({
      peer: async () => await this.#peer(),
      entries: () => this.#contacts(),
      isShared: init.addrs.length > 0
    })
    this.#store = openStore({ folder: placesOf(init), diskMb: init.diskMb }, init.say)
    this.#store.catch(() => { /* told by whoever starts with it */ })
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

  /** Rejects when the own invitation to a private mesh expires or is revoked, and otherwise never settles. */
  async over (): Promise<never> {
    return await (await this.#started).over
  }

  /** The key of this peer, as it is kept in files: it alone may cancel what this peer submitted. */
  async key (): Promise<Uint8Array> {
    const { privateKeyToProtobuf } = await import('@libp2p/crypto/keys')
    return privateKeyToProtobuf((await this.#started).key)
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
    const { signal, ...shape } = options
    return this.#client.run(async () => await prepareFiles(job, params, { ...shape, readingKey: this.#readingKey }, await this.#store), signal)
  }

  /** All jobs the mesh knows. */
  async jobs (): Promise<JobStatus[]> {
    return await this.#client.jobs()
  }

  /** How far a job is; see MeshClient.status. */
  async status (job: string): Promise<JobStatus> {
    return await this.#client.status(job)
  }

  /** The result of a finished job, or how far it is; see MeshClient.result. */
  async result (job: string): Promise<{ result: JobResult | null, report: JobReport }> {
    return await this.#client.result(job)
  }

  /** Look into a finished job's result; see MeshClient.audit. */
  async audit (job: string, options: AuditOptions = {}): Promise<Audited> {
    return await this.#client.audit(job, options)
  }

  /** Cancel a job this peer's key submitted; see MeshClient.cancel. */
  async cancel (job: string): Promise<void> {
    await this.#client.cancel(job)
  }

  /**
   * Leave politely and end the volunteers. Safe to call again.
   *
   * @param keeps false when nobody will ask for what was kept
   */
  async close (keeps = true): Promise<void> {
    this.#closing ??= this.#close(keeps)
    await this.#closing
  }

  /** End the volunteers at once, without leave; for a process that is about to exit. */
  kill (): void {
    this.#supervisor?.kill()
  }

  async #start (init: MeshInit): Promise<NodePeer> {
    const peer = await startPeer({
      ...QUIET_PEER,
      listen: [...init.addrs.length > 0 ? listenAnywhere(init) : LOOPBACK, ...tabListeners(init)],
      relay: init.tabs === true,
      tabs: init.tabs === true,
      dht: init.addrs.length > 0 ? 'lan' : 'off',
      identity: init.identity ?? null,
      events: init.events ?? null,
      invitation: init.invitation ?? null,
      runsCode: init.runsCode ?? true,
      restores: 'asked',
      ...init.say === undefined ? {} : { say: init.say }
    }, this.#store)
    peer.mesh.onNotice((notice) => { this.#client.onNotice(notice) })
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
    const args = ['--local', '--cores', '1', ...[...LOOPBACK, ...tabListeners(init)].flatMap((addr) => ['--listen', addr])]
    if (init.events != null) args.push('--events', init.events)
    if (init.store !== true) args.push('--store', init.store ?? 'none')
    if (init.diskMb !== undefined) args.push('--disk', String(init.diskMb))
    const supervisor = new Supervisor({
      peers: init.peers,
      args: () => args,
      env: init.invitation == null ? {} : { [INVITATION_ENV]: init.invitation.text },
      onMessage: (message) => {
        if (message.type === 'leased') this.#client.onLease(message.job, message.timeMs)
      }
    })
    supervisor.start()
    return supervisor
  }

  #contacts (): Contact[] {
    const volunteers = (this.#supervisor?.addrs() ?? []).map(contactOf)
    return [...this.#entries.map((id) => ({ peer: id, addrs: this.#addrs })), ...volunteers]
  }

  async #peer (): Promise<MeshPeer> {
    return (await this.#started).mesh
  }

  async #close (keeps: boolean): Promise<void> {
    const peer = await this.#started.catch(() => null)
    await Promise.all([peer?.stop(keeps), this.#supervisor?.stop(keeps)])
  }
}

/** Where submitters have their stores. */
const placesOf = ({ store, invitation }: MeshInit): string | null =>
  store === undefined ? null : storeFolder('submitters', store === true ? undefined : store, invitation)

/** A submitter is the root's first coordinator: tabs of the mesh must be able to dial it. Who only asks need not be found. */
const listenAnywhere = ({ runsCode = true }: MeshInit): string[] => ['/ip4/0.0.0.0/tcp/0', ...runsCode ? ['/ip4/0.0.0.0/tcp/0/ws'] : []]

/** Where tabs of this machine find a peer. */
const tabListeners = ({ tabs }: MeshInit): string[] => tabs === true ? ['/ip4/127.0.0.1/tcp/0/ws'] : []

/** The peer a multiaddr leads to, which must end in `/p2p/<id>`. */
function contactOf (addr: string): Contact {
  return { peer: addr.slice(addr.lastIndexOf('/') + 1) as PeerId, addrs: [addr] }
}
