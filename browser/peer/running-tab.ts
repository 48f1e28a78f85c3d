/**
 * A tab's peer while it runs, as pages see it: who is connected and how, what is being computed, what was given, which
 * jobs are known; and the way back into the mesh when nobody is connected any more. It decides nothing about jobs.
 */
import type { Connection, IdentifyResult, Libp2p } from '@libp2p/interface'
import type { JobId, PeerId } from '../../protocol/core/ids.ts'
import type { MeshPeer } from '../../protocol/host/mesh-peer.ts'
import type { Notice } from '../../protocol/core/notice.ts'
import type { TabSandbox } from '../sandbox/tab-sandbox.ts'
import { documentOf, linesOf } from '../../protocol/host/credit/lines.ts'
import type { Certified, Given, KnownJob, Neighbour, TabPeer } from './tab-peer.ts'
import { TAB_AGENT } from './libp2p.ts'
import { enter } from './entry.ts'
import type { EntryError } from './entry-error.ts'
import type { WatchedSandbox, Work } from './work.ts'

export interface RunningTabInit {
  mesh: MeshPeer
  libp2p: Libp2p
  sandbox: TabSandbox
  watched: WatchedSandbox
  /** Where the mesh was entered. */
  addrs: string[]
  /** Gives back what the tab held in the browser. */
  release: () => Promise<void>
}

/** Set when the tab begins its first bite. */
const LEASED_MARK = 'millionfold:leased'

/** Between two calls of listeners, milliseconds. */
const TELL_MS = 100
/** Between tries to enter again, at first and at most. Guesses. */
const RETRY_MS_MIN = 1_000
const RETRY_MS_MAX = 30_000

export class RunningTab implements TabPeer {
  readonly mesh: MeshPeer
  full = ''
  over: EntryError | undefined
  readonly given: Given = { partitions: 0, certified: 0, creditedMs: 0, cpuMs: 0 }
  readonly #init: RunningTabInit
  readonly #agents = new Map<string, string>()
  readonly #jobs = new Map<JobId, KnownJob>()
  readonly #listeners = new Set<() => void>()
  #tellTimer: ReturnType<typeof setTimeout> | undefined
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #retryMs = RETRY_MS_MIN
  #isStopped = false
  #stopping: Promise<void> | null = null

  constructor (init: RunningTabInit) {
    this.#init = init
    this.mesh = init.mesh
    init.mesh.onNotice((notice) => { this.#onNotice(notice) })
    init.watched.onChange = (ms) => {
      this.given.cpuMs += ms
      this.#changed()
    }
    init.libp2p.addEventListener('peer:identify', this.#onIdentify)
    init.libp2p.addEventListener('connection:open', this.#onConnection)
    init.libp2p.addEventListener('connection:close', this.#onConnection)
  }

  get state (): 'connected' | 'lonely' | 'stopped' {
    if (this.#isStopped) return 'stopped'
    return this.#init.libp2p.getConnections().length > 0 ? 'connected' : 'lonely'
  }

  neighbours (): Neighbour[] {
    const byPeer = new Map<string, Connection[]>()
    for (const connection of this.#init.libp2p.getConnections()) {
      const peer = connection.remotePeer.toString()
      byPeer.set(peer, [...byPeer.get(peer) ?? [], connection])
    }
    return [...byPeer].map(([peer, connections]) => ({
      peer: peer as PeerId,
      kind: kindOf(this.#agents.get(peer)),
      via: viaOf(connections.find(({ limits }) => limits === undefined) ?? connections[0]!)
    }))
  }

  get certified (): Certified {
    const sum: Certified = { receipts: 0, partitions: 0, ms: 0 }
    for (const { receipts, partitions, ms } of this.mesh.wallet.sums()) {
      sum.receipts += receipts
      sum.partitions += partitions
      sum.ms += ms
    }
    return sum
  }

  exported (): string {
    return documentOf(linesOf(this.mesh.wallet.held()))
  }

  work (): Work[] {
    return this.#init.watched.work()
  }

  jobs (): KnownJob[] {
    return [...this.#jobs.values()]
  }

  setCores (cores: number): void {
    this.#init.sandbox.setCores(cores)
    if ([...this.#jobs.values()].some(({ state }) => state === 'running')) this.#init.sandbox.warm()
    this.mesh.setCores(cores)
  }

  setDuty (duty: number): void {
    this.#init.sandbox.setDuty(duty)
  }

  onChange (listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** The mesh does not take it any more: it stops, and whoever listens can read why. */
  end (why: EntryError): void {
    this.over ??= why
    const listeners = [...this.#listeners]
    this.stop().catch(() => { /* it is out in any case */ })
    for (const listener of listeners) listener()
  }

  stop (): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop (): Promise<void> {
    this.#isStopped = true
    const left = this.mesh.leave()
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#tellTimer)
    this.#listeners.clear()
    await left
    await this.#init.sandbox.close()
    await this.#init.release()
  }

  readonly #onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    this.#agents.set(detail.peerId.toString(), detail.agentVersion ?? '')
    this.#changed()
  }

  readonly #onConnection = (): void => {
    if (this.state === 'lonely') this.#enterAgain()
    this.#changed()
  }

  #enterAgain (): void {
    if (this.#retryTimer !== undefined) return
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined
      if (this.state !== 'lonely') return
      enter(this.mesh, this.#init.addrs).then(() => { this.#retryMs = RETRY_MS_MIN }, () => {
        this.#retryMs = Math.min(RETRY_MS_MAX, 2 * this.#retryMs)
        this.#enterAgain()
      })
    }, this.#retryMs)
  }

  #onNotice (notice: Notice): void {
    switch (notice.type) {
      case 'known': {
        const { job, spec, submitter, outcome } = notice.announcement
        this.#know({ job, name: spec.name, submitter, partitions: spec.partitions, done: 0, state: 'running', spec })
        if (outcome === null) this.#init.sandbox.warm()
        else this.#update(job, { state: outcome.type })
        break
      }
      case 'submitted': this.#know({ job: notice.job, name: notice.name, submitter: this.mesh.id, partitions: notice.partitions, done: 0, state: 'running', spec: null }); break
      case 'progress': this.#update(notice.job, { done: notice.done }); break
      case 'done': this.#update(notice.job, { state: 'done' }); break
      case 'job-failed': this.#update(notice.job, { state: 'failed' }); break
      case 'cancelled': this.#update(notice.job, { state: 'cancelled' }); break
      case 'leased':
        // For whoever measures pages: once, the first time.
        if (performance.getEntriesByName(LEASED_MARK).length === 0) performance.mark(LEASED_MARK)
        break
      case 'store': this.full = notice.why; break
      case 'credited':
        this.given.partitions += notice.count
        break
      case 'certified':
        this.given.certified += notice.count
        this.given.creditedMs += notice.ms
        break
      default: return
    }
    this.#changed()
  }

  #know (job: KnownJob): void {
    if (!this.#jobs.has(job.job)) this.#jobs.set(job.job, job)
  }

  #update (job: JobId, change: Partial<KnownJob>): void {
    const known = this.#jobs.get(job)
    if (known === undefined) return
    Object.assign(known, change)
    if (known.state === 'done') known.done = known.partitions
  }

  #changed (): void {
    if (this.#isStopped) return
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = undefined
      for (const listener of this.#listeners) listener()
    }, TELL_MS)
  }
}

function kindOf (agent: string | undefined): Neighbour['kind'] {
  if (agent?.startsWith(TAB_AGENT) === true) return 'tab'
  return agent?.startsWith('millionfold-node') === true ? 'node' : 'unknown'
}

function viaOf ({ limits, remoteAddr }: Connection): Neighbour['via'] {
  const names = remoteAddr.getComponents().map(({ name }) => name)
  const relayed = names.indexOf('p2p-circuit')
  if (relayed >= 0) return names.includes('webrtc', relayed) ? 'webrtc' : 'relay'
  if (limits !== undefined) return 'relay'
  if (names.includes('webrtc-direct')) return 'webrtc-direct'
  if (names.includes('webrtc')) return 'webrtc'
  return names.includes('ws') || names.includes('wss') ? 'websocket' : 'tcp'
}
