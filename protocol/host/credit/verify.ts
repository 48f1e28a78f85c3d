/**
 * Checks a file of receipts offline (K5): every signature, every path, and that no partition is counted twice. What is wrong is told line
 * by line, one sentence each; the rest is summed. It asks nobody and believes nothing that is not signed.
 */
import { Cover, describeRuns } from './runs.ts'
import { faultOf, isSelfIssued, isSigned, partitionsOf, shortId, votersOf } from './receipt.ts'
import { readLine } from './lines.ts'
import type { Held } from './lines.ts'
import type { JobId, PeerId } from '../../core/ids.ts'
import type { JobReceipt } from './receipt.ts'
import type { JobSpec } from '../../core/job.ts'
import type { Runs } from '../../core/credit.ts'
import type { Verify } from '../cancelled.ts'

/** What is wrong may quote the file, which may be a stranger's. */
const WHY_MAX = 300

export interface Fault { line: number, why: string }

/** What valid receipts of one job come to. */
export interface JobCredit {
  job: JobId
  name: string
  /** Of these partitions in all. */
  size: number
  partitions: number
  ms: number
  receipts: number
  /** Of the partitions, those that nobody else has certified. */
  selfIssued: number
  producers: Set<PeerId>
}

export interface Verified {
  jobs: JobCredit[]
  faults: Fault[]
  /** Those that count. */
  held: Held[]
}

interface KnownJob extends Held { sum: JobCredit, counted: Counted[] }

/** Whose partitions are counted already, and by which lines. */
interface Counted { producer: PeerId, cover: Cover, lines: Array<{ line: number, runs: Runs }> }

export async function verifyLines (lines: Iterable<string> | AsyncIterable<string>, verify: Verify): Promise<Verified> {
  const check = new Check(verify)
  let line = 0
  for await (const text of lines) await check.line(text, ++line)
  const known = [...check.jobs.values()]
  return { jobs: known.map(({ sum }) => sum), faults: check.faults, held: known }
}

class Check {
  readonly jobs = new Map<JobId, KnownJob>()
  readonly faults: Fault[] = []
  readonly #verify: Verify
  #mesh: string | null = null

  constructor (verify: Verify) {
    this.#verify = verify
  }

  async line (text: string, line: number): Promise<void> {
    const why = await this.#read(text, line).catch((error: Error) => error.message)
    if (why !== null) this.faults.push({ line, why: why.length > WHY_MAX ? `${why.slice(0, WHY_MAX)}…` : why })
  }

  /** @returns what is wrong, or null */
  async #read (text: string, line: number): Promise<string | null> {
    const said = readLine(text)
    switch (said.type) {
      case 'empty': return null
      case 'head':
        this.#mesh = said.mesh
        return null
      case 'job':
        if (!this.jobs.has(said.job)) this.jobs.set(said.job, knownJob(said.job, said.spec))
        return null
      case 'receipt': return await this.#count(said.receipt, line)
    }
  }

  async #count (receipt: JobReceipt, line: number): Promise<string | null> {
    const known = this.jobs.get(receipt.job)
    if (known === undefined) return `job ${shortId(receipt.job)} is not described before it, so its partitions cannot be checked`
    if (receipt.mesh !== (this.#mesh ??= receipt.mesh)) return `it is from another mesh (${nameOf(receipt.mesh)}) than this file (${nameOf(this.#mesh)})`
    const fault = faultOf(known.spec, receipt)
    if (fault !== null) return fault
    if (!await isSigned(this.#verify, receipt)) return `the signature is not by its issuer ${shortId(receipt.issuer)}: it is forged or was changed`
    const twice = countIn(known, receipt, line)
    if (twice !== null) return twice
    known.receipts.push(receipt)
    addTo(known.sum, receipt)
    return null
  }
}

const nameOf = (mesh: string): string => mesh === '' ? 'the open one' : shortId(mesh as JobId)

const knownJob = (job: JobId, spec: JobSpec): KnownJob =>
  ({ job, spec, receipts: [], counted: [], sum: { job, name: spec.name, size: spec.partitions, partitions: 0, ms: 0, receipts: 0, selfIssued: 0, producers: new Set() } })

export function addTo (sum: JobCredit, receipt: JobReceipt): void {
  const partitions = partitionsOf(receipt)
  sum.partitions += partitions
  sum.ms += receipt.ms
  sum.receipts++
  if (isSelfIssued(receipt)) sum.selfIssued += partitions
  sum.producers.add(receipt.producer)
}

/** A partition is counted once; where peers vote, once for each of so many voters. @returns what is wrong, or null */
function countIn ({ spec, counted }: KnownJob, { producer, runs }: JobReceipt, line: number): string | null {
  const own = counted.find(each => each.producer === producer) ?? { producer, cover: new Cover(), lines: [] }
  const rivals = counted.filter(({ cover }) => cover.common(runs).length > 0)
  const isTwice = own.cover.common(runs).length > 0
  if (isTwice || rivals.length >= votersOf(spec)) {
    const { cover, lines } = isTwice ? own : rivals[0]!
    const common = cover.common(runs)
    const first = lines.find(each => new Cover(each.runs).common(common).length > 0)?.line
    return `partitions ${describeRuns(common)} are certified already in line ${first}; they count once`
  }
  if (own.lines.length === 0) counted.push(own)
  own.cover.add(runs)
  own.lines.push({ line, runs })
  return null
}
