/**
 * A tab's peer without a mesh, for the page's own tests: it works on made-up jobs as long as it has cores, and can be
 * put into every state. It opens no connection.
 */
import type { Acceptance } from '../../../protocol/host/acceptance.ts'
import type { EntryError } from '../../peer/entry-error.ts'
import type { JobSpec } from '../../../protocol/core/job.ts'
import type { JobId, Path, PeerId } from '../../../protocol/core/ids.ts'
import type { Certified, Given, KnownJob, Neighbour, TabPeer, TabPeerInit } from '../../peer/tab-peer.ts'
import type { Work } from '../../peer/work.ts'

const SUBMITTER = '12D3KooWGzBXWNvHpLALvhEJ3sQ7RtXk2ab' as PeerId
const STEP_MS = 100

const neighbour = (index: number, kind: Neighbour['kind'], via: Neighbour['via']): Neighbour =>
  ({ peer: `12D3KooWQy${index}8Jt4mVd2Ez${index}pLq${'abcdefghij'[index % 10]}Rs` as PeerId, kind, via })

/** What rules look at. */
const specOf = (name: string, partitions: number): JobSpec => ({ name, partitions, timeoutMs: 60_000, trust: { type: 'none' } }) as JobSpec

export interface FakeOptions { jobName?: string, pieceMs?: number, isIdle?: boolean, isLonely?: boolean }

export class FakePeer implements TabPeer {
  readonly mesh = { setAcceptance: (acceptance) => { this.acceptance = acceptance } } as TabPeer['mesh']
  acceptance: Acceptance | undefined
  readonly given: Given
  state: TabPeer['state']
  over: EntryError | undefined
  cores: number
  duty: number
  readonly #options: Required<FakeOptions>
  #work: Work[] = []
  #next = 15_625
  #isWaiting = false
  #listeners = new Set<() => void>()
  #timer: ReturnType<typeof setInterval>

  constructor (init: TabPeerInit, options: FakeOptions, given: Given = { partitions: 0, certified: 0, creditedMs: 0, cpuMs: 0 }) {
    this.#options = { jobName: 'primes', pieceMs: 3000, isIdle: false, isLonely: false, ...options }
    this.cores = init.cores
    this.duty = init.duty
    this.acceptance = init.acceptance
    this.given = given
    this.state = this.#options.isLonely ? 'lonely' : 'connected'
    this.#timer = setInterval(() => this.step(), STEP_MS)
    this.step()
  }

  /** A moment of work. */
  step (nowMs = Date.now()): void {
    const { pieceMs, isIdle, isLonely, jobName } = this.#options
    this.#work = this.cores === 0 ? [] : this.#work.filter(({ startedMs, from, to }) => {
      const tookMs = nowMs - startedMs
      if (tookMs < pieceMs * (1 + from % 7 / 7)) return true
      this.given.partitions += to - from
      this.given.certified = this.given.partitions - (to - from)
      this.given.cpuMs += tookMs
      this.given.creditedMs += tookMs * 0.9
      return false
    })
    while (!isIdle && !isLonely && !this.#isWaiting && this.state === 'connected' && this.#work.length < this.cores) {
      const from = this.#next
      this.#next += 1250
      this.#work.push({ job: 'job-1' as JobId, name: jobName, path: `0.${from}` as unknown as Path, from, to: from + 1250, startedMs: nowMs - from % 900 })
    }
    for (const listener of this.#listeners) listener()
  }

  neighbours (): Neighbour[] {
    if (this.#options.isLonely) return []
    return [...[0, 1, 2, 3, 4, 5].map((index) => neighbour(index, 'tab', 'webrtc')), neighbour(6, 'tab', 'relay'), neighbour(7, 'node', 'webrtc-direct'), neighbour(8, 'node', 'websocket'), neighbour(9, 'unknown', 'relay')]
  }

  get certified (): Certified {
    const { certified: partitions, creditedMs } = this.given
    return { receipts: partitions === 0 ? 0 : 1, partitions, ms: creditedMs }
  }

  exported (): string {
    return '[]'
  }

  work (): Work[] {
    return this.#work
  }

  jobs (): KnownJob[] {
    if (this.#options.isIdle || this.#options.isLonely) return []
    return [
      { job: 'job-1' as JobId, name: this.#options.jobName, submitter: SUBMITTER, partitions: 1_000_000, done: this.#next, state: 'running', spec: specOf(this.#options.jobName, 1_000_000) },
      { job: 'job-2' as JobId, name: 'protein folds', submitter: '12D3KooWAnotherSubmitter9QmZt' as PeerId, partitions: 4096, done: 3900, state: 'running', spec: specOf('protein folds', 4096) }
    ]
  }

  setCores (cores: number): void {
    this.cores = cores
    this.step()
  }

  setDuty (duty: number): void {
    this.duty = duty
  }

  onChange (listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** It gets no more work. */
  setIdle (): void {
    this.#isWaiting = true
    this.#work = []
  }

  /** As a tab's peer whose invitation no longer counts. */
  end (message: string): void {
    this.over = Object.assign(new Error(message), { code: 'invitation-over' as const })
    void this.stop()
    for (const listener of this.#listeners) listener()
  }

  async stop (): Promise<void> {
    this.state = 'stopped'
    clearInterval(this.#timer)
  }
}
