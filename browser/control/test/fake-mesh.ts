/**
 * A mesh inside one page, for tests of the page: real peers of the protocol over the network in memory, with the tab's own
 * sandbox, so that jobs are really bundled, computed, failed and cancelled. Only libp2p and its connections are missing.
 */
import { MemoryBlockstore } from 'blockstore-core'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { MemoryNetwork, MemoryRoom } from '../../../protocol/host/memory-network.ts'
import { MeshPeer } from '../../../protocol/host/mesh-peer.ts'
import { createTabSandbox } from '../../sandbox/tab-sandbox.ts'
import { signWith, verifyBy } from '../../../protocol/host/keys.ts'
import { statusOf } from '../../../protocol/client/view.ts'
import type { KnownJob, Neighbour, TabPeer } from '../../peer/tab-peer.ts'
import type { JobId, PeerId } from '../../../protocol/core/ids.ts'

export class FakeMesh {
  readonly #room = new MemoryRoom()
  #first: PeerId | null = null
  #count = 0
  readonly #readingKey: Uint8Array | null

  /** @param isPrivate - its peers can read what is sealed (A8) */
  constructor (isPrivate = false) {
    this.#readingKey = isPrivate ? new Uint8Array(32).fill(7) : null
  }

  /** A peer with a key of its own, so that what it signs can be checked. */
  async add (cores: number): Promise<MeshPeer> {
    const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(this.#count + 1))
    const network = new MemoryNetwork(this.#room, peerIdFromPrivateKey(key).toString() as PeerId)
    const peer = new MeshPeer({
      network, cores, sandbox: createTabSandbox({ cores }), blocks: new MemoryBlockstore(), seed: this.#count++, sign: signWith(key), verify: verifyBy,
      readingKey: this.#readingKey
    })
    await peer.start()
    this.#first ??= peer.id
    if (peer.id !== this.#first) await peer.connect(`/memory/${this.#first}/p2p/${this.#first}`)
    return peer
  }
}

export interface FakeTabInit { mesh: MeshPeer, others: PeerId[], isLonely: boolean }

/** The page's own peer. */
export class FakeTab implements TabPeer {
  readonly mesh: MeshPeer
  readonly given = { partitions: 0, certified: 0, creditedMs: 0, cpuMs: 0 }
  readonly certified = { receipts: 0, partitions: 0, ms: 0 }
  state: TabPeer['state']
  cores = 0
  readonly #others: PeerId[]
  readonly #jobs = new Map<JobId, KnownJob>()
  readonly #listeners = new Set<() => void>()
  readonly #timer: ReturnType<typeof setInterval>

  constructor ({ mesh, others, isLonely }: FakeTabInit) {
    this.mesh = mesh
    this.#others = others
    this.state = isLonely ? 'lonely' : 'connected'
    mesh.onNotice((notice) => {
      if (notice.type === 'known') {
        const { job, name, submitter, partitions, done, state } = statusOf({ announcement: notice.announcement, done: 0, load: { remaining: 0, free: 0, helpers: 0, rate: 0, levels: 0 }, up: [], tables: [], declined: false })
        this.#jobs.set(job, { job, name, submitter: submitter as PeerId, partitions, done, state, spec: notice.announcement.spec })
      }
      if (notice.type === 'progress') this.#change(notice.job, { done: notice.done })
      if (notice.type === 'done') this.#change(notice.job, { state: 'done' })
      if (notice.type === 'job-failed') this.#change(notice.job, { state: 'failed' })
      if (notice.type === 'cancelled') this.#change(notice.job, { state: 'cancelled' })
      this.#tell()
    })
    this.#timer = setInterval(() => this.#tell(), 500)
  }

  #change (job: JobId, part: Partial<KnownJob>): void {
    Object.assign(this.#jobs.get(job) ?? {}, part)
  }

  #tell (): void {
    for (const listener of this.#listeners) listener()
  }

  neighbours (): Neighbour[] {
    return this.state === 'lonely' ? [] : this.#others.map((peer, index) => ({ peer, kind: index % 3 === 2 ? 'node' : 'tab', via: 'webrtc' }))
  }

  exported (): string {
    return '[]'
  }

  work (): [] {
    return []
  }

  jobs (): KnownJob[] {
    return [...this.#jobs.values()]
  }

  setCores (cores: number): void {
    this.cores = cores
    this.mesh.setCores(cores)
  }

  setDuty (): void {}

  onChange (listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop (): Promise<void> {
    this.state = 'stopped'
    clearInterval(this.#timer)
    await this.mesh.leave()
  }
}
