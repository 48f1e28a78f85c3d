/**
 * A peer's own receipts (K5): kept as lines of a log, which is read once and only added to. Of receipts that cover the same partitions the
 * one for more of them counts, or the one that somebody else issued; so nothing is counted twice, in whatever order they came. Credit
 * cannot be given away: a receipt names its producer, and only its own are kept.
 */
import { Cover } from './runs.ts'
import { addTo } from './verify.ts'
import { isSelfIssued, partitionsOf } from './receipt.ts'
import { jobLine, readLine, receiptLine } from './lines.ts'
import type { Held } from './lines.ts'
import type { JobCredit } from './verify.ts'
import type { JobId } from '../../core/ids.ts'
import type { JobReceipt } from './receipt.ts'
import type { JobSpec } from '../../core/job.ts'
import type { Runs } from '../../core/credit.ts'

/** Where lines are kept: a file, a browser's database. */
export interface ReceiptLog {
  /** All lines, in the order in which they were added. */
  read (): Promise<string[]>
  /** Add a line; resolves when it would survive this process. */
  append (line: string): Promise<void>
}

/** Lines that end with the process. */
export class MemoryLog implements ReceiptLog {
  readonly #lines: string[] = []

  async read (): Promise<string[]> {
    return [...this.#lines]
  }

  async append (line: string): Promise<void> {
    this.#lines.push(line)
  }
}

/** What a receipt added: nothing where its partitions were certified already. */
export interface Gain { partitions: number, ms: number }

const NO_GAIN: Gain = { partitions: 0, ms: 0 }

export class Wallet {
  /** Lines of the log that cannot be read. */
  damaged = 0
  readonly #log: ReceiptLog
  readonly #jobs = new Map<JobId, Held>()
  /** Jobs of which something was kept before this process. */
  readonly #before = new Set<JobId>()
  #loaded: Promise<void> | null = null

  constructor (log: ReceiptLog) {
    this.#log = log
  }

  /** Read what is kept; lines that were cut short by a crash are left out. Safe to call again. */
  async load (): Promise<void> {
    this.#loaded ??= this.#load()
    await this.#loaded
  }

  /**
   * Keep a receipt whose signature was checked.
   *
   * @returns what it added
   * @throws Error when it cannot be written; it counts until the process ends
   */
  async add (spec: JobSpec, receipt: JobReceipt): Promise<Gain> {
    await this.load()
    const isNew = !this.#jobs.has(receipt.job)
    const gain = this.#take(spec, receipt)
    if (gain === null) return NO_GAIN
    const lines = [...isNew ? [jobLine(receipt.job, spec)] : [], receiptLine(receipt)]
    await this.#log.append(lines.join('\n'))
    return gain
  }

  /** Were there receipts of a job before this process? Then it may have made more than it remembers. */
  isOlder (job: JobId): boolean {
    return this.#before.has(job)
  }

  /** The partitions of a job that receipts cover. */
  coverOf (job: JobId): Cover {
    return new Cover(runsOf(this.#jobs.get(job)?.receipts ?? []))
  }

  sums (): JobCredit[] {
    return this.held().map(({ job, spec, receipts }) => {
      const sum: JobCredit = { job, name: spec.name, size: spec.partitions, partitions: 0, ms: 0, receipts: 0, selfIssued: 0, producers: new Set() }
      for (const receipt of receipts) addTo(sum, receipt)
      return sum
    })
  }

  /** Everything that counts. */
  held (): Held[] {
    return [...this.#jobs.values()]
  }

  async #load (): Promise<void> {
    const specs = new Map<JobId, JobSpec>()
    for (const text of (await this.#log.read()).flatMap(line => line.split('\n'))) {
      try {
        const line = readLine(text)
        if (line.type === 'job') specs.set(line.job, line.spec)
        const spec = line.type === 'receipt' ? specs.get(line.receipt.job) : undefined
        if (line.type === 'receipt' && spec !== undefined) this.#take(spec, line.receipt)
      } catch {
        // The end of a process that was killed while it wrote, or damage.
        this.damaged++
      }
    }
    for (const job of this.#jobs.keys()) this.#before.add(job)
  }

  /** @returns what it adds, or null when it is not kept */
  #take (spec: JobSpec, receipt: JobReceipt): Gain | null {
    const held = this.#jobs.get(receipt.job) ?? { job: receipt.job, spec, receipts: [] }
    const cover = new Cover(receipt.runs)
    const rivals = held.receipts.filter(({ runs }) => cover.common(runs).length > 0)
    const gain = { partitions: partitionsOf(receipt), ms: receipt.ms }
    for (const rival of rivals) {
      gain.partitions -= partitionsOf(rival)
      gain.ms -= rival.ms
    }
    const isBetter = gain.partitions > 0 || (gain.partitions === 0 && rivals.length > 0 && rivals.every(isSelfIssued) && !isSelfIssued(receipt))
    if (!isBetter) return null
    held.receipts = [...held.receipts.filter(each => !rivals.includes(each)), receipt]
    this.#jobs.set(receipt.job, held)
    return gain
  }
}

const runsOf = (receipts: JobReceipt[]): Runs => {
  const cover = new Cover()
  for (const { runs } of receipts) cover.add(runs)
  return cover.runs
}
