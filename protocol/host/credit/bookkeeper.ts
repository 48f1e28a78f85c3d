/**
 * A peer's credit while it runs: signs receipts for others when the core says so (K1), folds credit beside `collect` (K3), keeps its own
 * receipts once they are checked, and, when a job ends, looks in its table for those that it lacks (K5). It decides nothing about jobs.
 */
import { Cover, sizeOfRuns, unite } from './runs.ts'
import { ROOT, rangeOf } from '../../core/geometry.ts'
import { certify, foldCredit, ownShareOf } from './fold.ts'
import { commonPath, faultOf, isSigned } from './receipt.ts'
import { receiptsFor } from './table.ts'
import { MemoryLog, Wallet } from './wallet.ts'
import { countDropped } from '../traffic.ts'
import type { AcceptedMessage, Message } from '../../core/message.ts'
import type { BlockFetcher } from '../block-fetcher.ts'
import type { Cid, JobId, Path, PeerId } from '../../core/ids.ts'
import type { Credit, Receipt } from '../../core/credit.ts'
import type { Effect } from '../../core/effect.ts'
import type { FoldInit } from './fold.ts'
import type { JobBlocks } from '../job-blocks.ts'
import type { Counters } from '../traffic.ts'
import type { JobBook } from '../job-book.ts'
import type { JobReceipt } from './receipt.ts'
import type { MeshPeerInit } from '../mesh-peer-init.ts'
import type { JobSpec, Value } from '../../core/job.ts'
import type { Notice } from '../../core/notice.ts'

export interface BookkeeperInit extends Pick<MeshPeerInit, 'sign' | 'verify' | 'mesh' | 'receipts'> {
  id: PeerId
  fetcher: BlockFetcher
  blocks: JobBlocks
  jobs: JobBook
  counters: Counters
  connected: () => PeerId[]
  /** Told when a receipt was kept that added something. */
  onNotice: (notice: Notice) => void
}

type Done = Extract<Notice, { type: 'done' }>

/** The last acceptances are on their way when a job ends, milliseconds. */
const LOOK_MS = 1_000
/** What a table's way to another peer may hold up leaving, milliseconds. A guess: some round trips. */
const TABLE_MS_MAX = 1_000
/** Those who lack receipts do not all look at once. A guess. */
const SPREAD_MS = 2_000

export class Bookkeeper {
  readonly wallet: Wallet
  readonly #init: BookkeeperInit
  /** Partitions of the bites made here, of jobs that run; of a coordinator maybe none. */
  readonly #made = new Map<JobId, Cover>()
  readonly #busy = new Set<Promise<void>>()
  /** Tables made here that nobody else has yet. */
  readonly #unread = new Map<Cid, PromiseWithResolvers<void>>()
  readonly #looks = new Set<ReturnType<typeof setTimeout>>()
  readonly #closing = new AbortController()

  constructor (init: BookkeeperInit) {
    this.#init = init
    this.wallet = new Wallet(init.receipts ?? new MemoryLog())
  }

  /** A bite was computed here. */
  onMade (job: JobId, path: Path): void {
    const spec = this.#init.jobs.findSpec(job)
    const range = spec === null ? null : rangeOf(spec, path)
    if (range === null) return
    this.#madeOf(job).add([range.from, range.to])
  }

  #madeOf (job: JobId): Cover {
    const cover = this.#made.get(job) ?? new Cover()
    this.#made.set(job, cover)
    return cover
  }

  /** Sign for what a peer did itself of these values, and send it (K1): one receipt for all of them. */
  certify ({ to, message, values }: Extract<Effect, { type: 'certify' }>, send: (message: AcceptedMessage) => void): void {
    this.#track(this.#receiptFor(to, message.job, values).then(receipt => { send({ ...message, receipt }) }))
  }

  /** The credit of a value that is collected here, its blocks stored; null when it cannot be made, which must not cost the value. */
  async fold (job: JobId, spec: JobSpec, path: Path, values: Value[]): Promise<Credit | null> {
    this.#madeOf(job)
    try {
      const { credit, blocks } = await foldCredit(this.#foldInit(job, spec), path, values)
      for (const { cid, bytes } of blocks) await this.#init.blocks.put(job, cid, bytes)
      return credit
    } catch {
      this.#drop('credit could not be folded')
      return null
    }
  }

  /** What a message brings: receipts of this peer's, and values with credit. */
  hear (from: PeerId, message: Message): void {
    if (message.type === 'accepted' && message.receipt !== null) this.#take(from, message.job, message.receipt)
    if (message.type === 'value') this.#fetchSheets(from, message.job, [message.value])
    if (message.type === 'hold' || message.type === 'grant') this.#fetchSheets(from, message.job, message.values)
    if (message.type === 'jobs') for (const { job, outcome } of message.jobs) if (outcome?.type === 'done') this.#fetchTable(from, job, outcome.value)
  }

  /** Kept if it is this peer's, by the one it comes from, and true. */
  #take (from: PeerId, job: JobId, receipt: Receipt): void {
    const { id, mesh = '' } = this.#init
    if (receipt.issuer !== from || receipt.producer !== id) return this.#drop('a receipt for or by somebody else')
    if (receipt.mesh !== mesh) return this.#drop('a receipt of another mesh')
    this.#track(this.#keep({ job, ...receipt }))
  }

  /** A job's last coordinator may leave at once: those connected to it that worked on the job take a copy of its table. */
  #fetchTable (from: PeerId, job: JobId, value: Value): void {
    if (value.by === from && this.#made.has(job) && this.#init.connected().includes(from)) this.#fetchSheets(from, job, [value])
  }

  /** Sheets that values name are fetched along with them, so that they outlive their maker. */
  #fetchSheets (from: PeerId, job: JobId, values: Value[]): void {
    if (this.#init.jobs.findSpec(job) === null) return
    for (const { by, credit } of values) {
      for (const { cid } of credit?.sheets ?? []) {
        this.#track(this.#init.fetcher.tree(cid, [from, by], this.#closing.signal, block => { this.#init.blocks.note(job, block) }, this.#init.blocks.wholesOf(job)))
      }
    }
  }

  onNotice (notice: Notice): void {
    switch (notice.type) {
      case 'done': return this.#onDone(notice)
      case 'job-failed':
      case 'cancelled':
        this.#made.delete(notice.job)
        return
      default:
    }
  }

  /** A block for somebody who asks; a table that was asked for need not be waited for. */
  async read (cid: Cid): Promise<Uint8Array | null> {
    this.#unread.get(cid)?.resolve()
    this.#unread.delete(cid)
    return await this.#init.fetcher.read(cid)
  }

  /** Before leaving: resolves when what was to be signed is sent, what came is written, and somebody else has the tables made here, if anybody wants them. */
  async settled (): Promise<void> {
    if (this.#unread.size > 0 && this.#init.connected().length > 0) {
      const late = new Promise<void>(resolve => { setTimeout(resolve, TABLE_MS_MAX) })
      await Promise.race([late, Promise.all([...this.#unread.values()].map(async ({ promise }) => { await promise }))])
    }
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy)
  }

  close (): void {
    this.#closing.abort(new Error('this peer has stopped'))
    for (const look of this.#looks) clearTimeout(look)
    this.#looks.clear()
  }

  async #receiptFor (to: PeerId, job: JobId, values: Value[]): Promise<Receipt | null> {
    const spec = this.#init.jobs.findSpec(job)
    if (spec === null) return null
    const shares = values.map(value => ownShareOf(spec, value)).filter(({ runs }) => runs.length > 0)
    if (shares.length === 0) return null
    const share = { runs: unite(shares.map(({ runs }) => runs)), ms: shares.reduce((sum, { ms }) => sum + ms, 0) }
    return await certify(this.#foldInit(job, spec), commonPath(values.map(({ path }) => path)), to, share)
  }

  #foldInit (job: JobId, spec: JobSpec): FoldInit {
    const { id, mesh = '', sign } = this.#init
    return { id, mesh, sign, job, spec }
  }

  async #keep (receipt: JobReceipt): Promise<void> {
    const { verify, onNotice } = this.#init
    const spec = this.#init.jobs.findSpec(receipt.job)
    if (spec === null || faultOf(spec, receipt) !== null) return this.#drop('a receipt that does not fit its job')
    if (!await isSigned(verify, receipt)) return this.#drop('a receipt that its issuer did not sign')
    const gain = await this.wallet.add(spec, receipt)
    const { job, path, issuer } = receipt
    if (gain.partitions > 0 || gain.ms !== 0) onNotice({ type: 'certified', job, path, count: gain.partitions, ms: gain.ms, issuer })
  }

  /** The root's coordinator certifies its own share where nobody else can (K2); whoever made bites looks for receipts it lacks. */
  #onDone ({ job, value, holders }: Done): void {
    const { id } = this.#init
    const spec = this.#init.jobs.findSpec(job)
    const made = this.#made.get(job)
    this.#made.delete(job)
    if (spec === null) return
    if (value.by === id) for (const { cid } of value.credit?.sheets ?? []) this.#unread.set(cid, Promise.withResolvers())
    if (value.by === id && holders.length === 1) this.#track(this.#certifySelf(job, spec, value))
    const look = setTimeout(() => {
      this.#looks.delete(look)
      this.#track(this.#look(job, spec, made ?? new Cover(), value, holders.map(({ peer }) => peer)))
    }, LOOK_MS + SPREAD_MS * Math.random());
    // Where a timer keeps a process running, this one does not.
    (look as { unref?: () => void }).unref?.()
    this.#looks.add(look)
  }

  async #certifySelf (job: JobId, spec: JobSpec, value: Value): Promise<void> {
    const share = ownShareOf(spec, value)
    if (share.runs.length > 0) await this.#keep({ job, ...await certify(this.#foldInit(job, spec), ROOT, this.#init.id, share) })
  }

  async #look (job: JobId, spec: JobSpec, made: Cover, value: Value, holders: PeerId[]): Promise<void> {
    const { fetcher, verify, id, connected } = this.#init
    await this.wallet.load()
    if (this.wallet.isOlder(job)) made.add([0, spec.partitions])
    const lacking = new Cover(this.wallet.coverOf(job).missing(made.runs))
    if (sizeOfRuns(lacking.runs) === 0) return
    const { signal } = this.#closing
    // The last coordinator may be gone, and whoever worked with it has a copy of its table.
    const sources = (): PeerId[] => [...new Set([...connected(), ...holders])].filter(peer => peer !== id)
    const get = async (cid: Cid): Promise<Uint8Array> => await fetcher.get(cid, sources, signal)
    for (const receipt of await receiptsFor({ job, spec, value, get, verify }, id, lacking)) await this.#keep(receipt)
  }

  #drop (reason: string): void {
    countDropped(this.#init.counters, reason)
  }

  #track (work: Promise<unknown>): void {
    const tracked: Promise<void> = work.then(() => {}, () => { this.#drop('a receipt could not be made, had or kept') }).finally(() => { this.#busy.delete(tracked) })
    this.#busy.add(tracked)
  }
}
