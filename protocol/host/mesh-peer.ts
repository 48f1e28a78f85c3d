/**
 * One peer of the mesh: a core that decides, a network that carries, a sandbox that computes, a store that
 * keeps. It turns what happens into Inputs, hands them to the core one after another and performs the Effects
 * in their order (DESIGN 3, the core's contract). It decides nothing about jobs itself, and never calls the
 * core from inside the core.
 */
import { BlockFetcher } from './block-fetcher.ts'
import { Bookkeeper } from './credit/bookkeeper.ts'
import { Driver } from './driver.ts'
import { JobBlocks } from './job-blocks.ts'
import { JobBook } from './job-book.ts'
import { JobRunner } from './job-runner.ts'
import { Keeping, keepingStore } from './store/keeping.ts'
import { JOBS_TOPIC } from '../core/root.ts'
import { Peer } from '../core/peer.ts'
import { Queries } from './queries.ts'
import { Timers } from './timers.ts'
import { Verification } from './verify/verification.ts'
import { Incoming } from './incoming.ts'
import { cancelBytes } from './cancelled.ts'
import { carry } from './carry.ts'
import { cidOfDag } from '../job/cid.ts'
import { configure } from '../core/config.ts'
import { countDropped, countSent } from './traffic.ts'
import { encodeSpec } from '../job/spec.ts'
import { unreachable } from '../core/unreachable.ts'
import type { Acceptance } from './acceptance.ts'
import type { Blockstore } from 'interface-blockstore'
import type { Cid, Contact, JobId, PeerId } from '../core/ids.ts'
import type { Counters } from './traffic.ts'
import type { Effect } from '../core/effect.ts'
import type { Input } from '../core/input.ts'
import type { JobReport, Message, Topic } from '../core/message.ts'
import type { JobSpec } from '../core/job.ts'
import type { MeshPeerInit } from './mesh-peer-init.ts'
import type { Network, NetworkEvent } from './network.ts'
import type { Notice } from '../core/notice.ts'
import type { Wallet } from './credit/wallet.ts'

export type { MeshPeerInit } from './mesh-peer-init.ts'

/** What a polite goodbye may take, milliseconds: Ctrl-C should feel immediate. DESIGN: 2 s. */
const LEAVE_MS_MAX = 2_000

export class MeshPeer {
  readonly id: PeerId
  readonly blocks: Blockstore
  readonly keeping: Keeping
  readonly counters: Counters = { messages: 0, bytes: 0, dropped: new Map() }
  readonly #network: Network
  readonly #init: MeshPeerInit
  readonly #books: Bookkeeper
  readonly #core: Peer
  readonly #driver: Driver
  readonly #timers: Timers
  readonly #fetcher: BlockFetcher
  readonly #jobBlocks: JobBlocks
  readonly #runner: JobRunner
  readonly verification: Verification
  readonly #queries = new Queries()
  readonly #incoming: Incoming
  readonly #listeners = new Set<(notice: Notice) => void>()
  readonly #jobs = new JobBook()
  readonly #stopping = new AbortController()
  #state: 'new' | 'running' | 'stopped' = 'new'

  constructor (init: MeshPeerInit) {
    const config = configure(init.config)
    this.#init = init
    this.#network = init.network
    this.id = init.network.id
    this.blocks = init.blocks
    const store = keepingStore(init.blocks)
    this.#core = new Peer({ id: this.id, config, keeps: store !== null, seed: init.seed, secret: crypto.getRandomValues(new Uint8Array(32)) })
    this.#driver = new Driver({
      core: this.#core,
      perform: effect => { this.#perform(effect) },
      onCrash: error => { this.#crash(error) }
    })
    this.#timers = new Timers(timer => { this.#feed({ type: 'timer', timer }) })
    this.#fetcher = new BlockFetcher(init.network, init.blocks)
    this.#jobBlocks = new JobBlocks(init.blocks, store)
    const parts = { id: this.id, fetcher: this.#fetcher, blocks: this.#jobBlocks, jobs: this.#jobs, counters: this.counters, connected: () => this.#network.connected() }
    this.#books = new Bookkeeper({ ...init, ...parts, onNotice: notice => { this.#notify(notice) } })
    const specOf = (job: JobId): JobSpec | undefined => this.#jobs.find(job)
    const accept = (from: PeerId, message: Message, topic: Topic | null): void => { this.#incoming.accept(from, message, topic) }
    const answer = (input: Input): void => { this.#feed(input) }
    this.verification = new Verification({ ...init, specOf, answer, accept, runner: () => this.#runner, drop: reason => { countDropped(this.counters, reason) } })
    this.keeping = new Keeping({ ...init, ...parts, store: init.blocks, feed: input => { this.#feed(input) }, notify: notice => { this.#notify(notice) } })
    this.#runner = new JobRunner({
      ...init,
      fetcher: this.#fetcher,
      blocks: this.#jobBlocks,
      inlineBytesMax: config.valueInlineBytesMax,
      sources: job => this.#jobs.sourcesOf(job, this.#network.connected()).filter(peer => peer !== this.id),
      credit: this.#books,
      packs: this.verification.packs,
      answer
    })
    this.#incoming = new Incoming({ ...init, ...parts, inbox: this.verification.inbox, queries: this.#queries, books: this.#books, feed: answer })
  }

  /** Receipts for own work (K5). */
  get wallet (): Wallet { return this.#books.wallet }

  /** What sealed jobs are read with (A8); null in an open mesh. */
  get readingKey (): Uint8Array | null { return this.#init.readingKey ?? null }

  /** The own dialable multiaddrs. */
  addrs (): string[] {
    return this.#network.addrs()
  }

  /**
   * Listen, connect and volunteer.
   *
   * @throws Error in one sentence when an address cannot be listened on
   */
  async start (): Promise<void> {
    await this.keeping.load(this.#stopping.signal)
    this.#state = 'running'
    await this.#network.start({
      onEvent: event => { this.#onEvent(event) },
      readBlock: async cid => this.verification.showing(cid, await this.#books.read(cid)),
      open: async (_from, request) => await this.verification.open(request),
      faultIn: (from, message) => this.#incoming.faultIn(from, message)
    })
    // J1: jobs of peers that this one is not connected to.
    this.#network.subscribe(JOBS_TOPIC)
    this.keeping.begin(this.#init.cores)
  }

  /**
   * Submit a job; its bundle, params and inputs must be in `blocks` already.
   *
   * @returns its id, the same for the same spec
   * @throws SpecError when the spec has a fault
   */
  async submit (spec: JobSpec): Promise<JobId> {
    const bytes = encodeSpec(spec)
    const job = cidOfDag(bytes) as Cid & JobId
    await this.#jobBlocks.put(job, job, bytes)
    for (const cid of [spec.bundle, spec.params]) this.#jobBlocks.note(job, cid)
    if (spec.inputs !== null) this.#jobBlocks.gather(this.#fetcher, job, spec.inputs, [], this.#stopping.signal).catch(() => { /* put before the job had an id; who misses one says so */ })
    this.keeping.restore(job)
    this.#jobs.know(job, spec, this.id)
    this.#feed({ type: 'submit', job, spec, proof: await this.#init.duties?.proofOf(job) ?? null })
    return job
  }

  /** Follow a job without working for it. */
  watch (job: JobId): void {
    this.#feed({ type: 'watch', job })
  }

  /**
   * Cancel a job that was submitted with this peer's key.
   *
   * @throws Error in one sentence when it was not
   */
  async cancel (job: JobId): Promise<void> {
    const submitter = this.#jobs.submitterOf(job)
    if (submitter !== null && submitter !== this.id) throw new Error(`Only ${submitter}, who submitted job ${job}, can cancel it.`)
    this.#feed({ type: 'cancel', job, signature: await this.#init.sign(cancelBytes(job)) })
  }

  /** Which jobs to work for from now on (A7). */
  setAcceptance (acceptance: Acceptance): void {
    this.#incoming.chooser.change(acceptance)
  }

  /** @param cores - partitions to compute at once from now on; 0 pauses */
  setCores (cores: number): void {
    this.keeping.setCores(cores)
  }

  /**
   * Ask one peer, maybe this one, what it knows of some jobs.
   *
   * @param jobs - empty for all
   * @param tables - also what it coordinates in them
   * @throws Error in one sentence when it does not answer within 5 s
   */
  async query (to: Contact, jobs: JobId[], tables = false): Promise<JobReport[]> {
    if (to.peer === this.id) return this.#core.reports(jobs, tables)
    this.#network.learn([to])
    return await this.#queries.ask(to.peer, id => { this.#network.send(to.peer, { type: 'query', id, jobs, tables }) })
  }

  /** @throws Error in one sentence when no peer answers at the address */
  async connect (addr: string): Promise<PeerId> {
    return await this.#network.connect(addr)
  }

  /**
   * Get every block below a content id into `blocks`.
   *
   * @throws UnfetchableError when none of the peers has one of them
   */
  async fetch (cid: Cid, from: PeerId[]): Promise<void> {
    await this.#fetcher.tree(cid, from, this.#stopping.signal)
  }

  /** @returns what ends listening */
  onNotice (listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** Hand over, say goodbye and stop everything (C8); at most about two seconds. */
  async leave (): Promise<void> {
    if (this.#state !== 'running') return
    this.#feed({ type: 'leave' })
    this.#state = 'stopped'
    this.#runner.close()
    await this.#books.settled()
    await this.#network.flush(LEAVE_MS_MAX)
    await this.#stop()
  }

  async #stop (): Promise<void> {
    this.#state = 'stopped'
    this.#driver.stop()
    this.#stopping.abort(new Error('this peer has stopped'))
    this.#timers.clearAll()
    this.#books.close()
    this.#runner.close()
    this.verification.close()
    this.#queries.close()
    await Promise.all([this.#network.stop(), this.#init.sandbox?.close()])
  }

  /** A bug in the core must neither be hidden nor leave half a peer behind: it stops, and the process hears of it. */
  #crash (error: unknown): void {
    void this.#stop().catch(() => {})
    queueMicrotask(() => { throw error })
  }

  #feed (input: Input): void {
    if (input.type === 'restore') this.#incoming.chooser.hear([input.restored.record.announcement])
    if (this.#state === 'running') this.#driver.feed(input)
  }

  #perform (effect: Effect): void {
    switch (effect.type) {
      case 'send': case 'publish': case 'subscribe': case 'unsubscribe': case 'neighbours': case 'dial': case 'find-members': case 'provide':
        return carry(this.#network, this.#jobs, effect)
      case 'certify': return this.#books.certify(effect, message => { this.#network.send(effect.to, message) })
      case 'set-timer': return this.#timers.set(effect.timer, effect.ms)
      case 'clear-timer': return this.#timers.clear(effect.timer)
      case 'compute': return this.#runner.compute(effect.job, this.#jobs.specOf(effect.job), effect.path)
      case 'collect': return this.#runner.collect(effect.job, this.#jobs.specOf(effect.job), effect.path, effect.values)
      case 'cancel-compute': return this.#runner.cancelCompute(effect.job, effect.path)
      case 'check': case 'judge': case 'prove': return this.verification.perform(effect, this.#jobs.specOf(effect.job))
      case 'fetch': return this.#runner.fetch(effect.job, effect.cid, effect.from)
      case 'forget': return this.#forget(effect.job)
      case 'store': return this.keeping.keep(effect.changes)
      case 'drop': return countDropped(this.counters, effect.reason)
      case 'notice': return this.#notify(effect.notice)
      default: return unreachable(effect)
    }
  }

  #forget (job: JobId): void {
    this.#runner.forget(job)
    this.verification.forget(job)
    this.#jobs.forget(job)
    this.keeping.forget(job).catch(() => { countDropped(this.counters, 'a block could not be deleted') })
  }

  #notify (notice: Notice): void {
    if (notice.type === 'known') {
      const { job, spec, submitter } = notice.announcement
      this.#jobs.know(job, spec, submitter)
      this.keeping.restore(job)
    }
    this.#books.onNotice(notice)
    this.verification.onNotice(notice, job => this.#jobs.neighboursOf(job))
    for (const listener of this.#listeners) listener(notice)
  }

  #onEvent (event: NetworkEvent): void {
    switch (event.type) {
      case 'message': return this.#incoming.take(event.from, event.message, event.topic)
      case 'sent': {
        const { messages, bytes } = countSent(this.counters, event)
        return this.#core.countTraffic(messages, bytes)
      }
      case 'dropped': return countDropped(this.counters, event.reason)
      case 'unreachable':
      case 'disconnected':
        this.#queries.fail(event.peer)
        return this.#feed(event)
      case 'listening':
      case 'connected':
      case 'members': return this.#feed(event)
      default: return unreachable(event)
    }
  }
}
