/**
 * What other peers say, before the core hears it: cancellations are let through when the job's submitter signed them (R5), values of jobs
 * that ask for trust when their makers did (V2). Verifying is asynchronous, which the core may not be, so it stands before it; messages
 * of one peer keep their order, and those in which nothing is signed pass at once. Wrong values are left out and counted.
 */
import { areCancelled, cancellationsIn } from './cancelled.ts'
import { bytesToHex } from '@noble/hashes/utils.js'
import { isCommitted } from '../job/commitment/commits.ts'
import { statementBytes, statementOf } from './verify/statement.ts'
import type { Announcement, JobSpec, Value } from '../core/job.ts'
import type { JobId, PeerId } from '../core/ids.ts'
import type { Message, Topic } from '../core/message.ts'
import type { Statement } from './verify/statement.ts'
import type { Verify } from './cancelled.ts'

export interface InboxInit {
  verify: Verify
  /** Undefined for a job that this peer has not heard of: its core takes no values of it. */
  specOf: (job: JobId) => JobSpec | undefined
  accept: (from: PeerId, message: Message, topic: Topic | null) => void
  drop: (reason: string) => void
}

/** Statements whose signatures were verified: values are told again until they are accepted, and handed on. A guess. */
const KNOWN_MAX = 16_384

const keyOf = ({ job, path, cid, root, by, signature }: Statement): string => [job, path, cid, root, by, bytesToHex(signature)].join(' ')

export class Inbox {
  readonly #init: InboxInit
  /** By sender: what has to be verified before anything else of it. */
  readonly #waiting = new Map<PeerId, Promise<void>>()
  readonly #known = new Set<string>()

  constructor (init: InboxInit) {
    this.#init = init
  }

  take (from: PeerId, message: Message, topic: Topic | null): void {
    const before = this.#waiting.get(from)
    const unverified = this.#unverifiedIn(message)
    if (before === undefined && unverified.length === 0 && cancellationsIn(message).length === 0) return this.#pass(from, message, topic, new Set())
    const next = (before ?? Promise.resolve()).then(async () => { await this.#verifyAndPass(from, message, topic, unverified) })
    const last = next.finally(() => { if (this.#waiting.get(from) === last) this.#waiting.delete(from) })
    this.#waiting.set(from, last)
  }

  async #verifyAndPass (from: PeerId, message: Message, topic: Topic | null, unverified: Statement[]): Promise<void> {
    const { verify, drop } = this.#init
    if (!await areCancelled(cancellationsIn(message), verify)) return drop('a cancellation is not signed by the submitter')
    const wrong = new Set<string>()
    for (const statement of unverified) {
      const isSigned = await verify(statement.by, statementBytes(statement), statement.signature).catch(() => false)
      if (isSigned) this.#know(keyOf(statement))
      else wrong.add(keyOf(statement))
    }
    this.#pass(from, message, topic, wrong)
  }

  #know (key: string): void {
    this.#known.add(key)
    const [oldest] = this.#known
    if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest)
  }

  #pass (from: PeerId, message: Message, topic: Topic | null, wrong: Set<string>): void {
    const passed = this.#sifted(message, wrong)
    if (passed !== null) this.#init.accept(from, passed, topic)
  }

  #unverifiedIn (message: Message): Statement[] {
    const statements: Statement[] = []
    const add = (job: JobId, spec: JobSpec | undefined, value: Value): void => {
      const statement = spec !== undefined && isCommitted(spec) ? statementOf(job, value) : null
      if (statement !== null && !this.#known.has(keyOf(statement))) statements.push(statement)
    }
    switch (message.type) {
      case 'value': add(message.job, this.#init.specOf(message.job), message.value); break
      case 'hold':
      case 'grant': for (const value of message.values) add(message.job, this.#init.specOf(message.job), value); break
      case 'jobs':
      case 'report': for (const { job, spec, outcome } of announcementsIn(message)) if (outcome?.type === 'done') add(job, spec, outcome.value); break
    }
    return statements
  }

  /** The message without its wrong values; itself where all are right, null where nothing is left. */
  #sifted (message: Message, wrong: Set<string>): Message | null {
    switch (message.type) {
      case 'value': return this.#isRight(message.job, this.#init.specOf(message.job), message.value, wrong) ? message : null
      case 'hold':
      case 'grant': {
        const spec = this.#init.specOf(message.job)
        const values = message.values.filter(value => this.#isRight(message.job, spec, value, wrong))
        return values.length === message.values.length ? message : { ...message, values }
      }
      case 'jobs': {
        const jobs = message.jobs.filter(announcement => this.#isToldRight(announcement, wrong))
        return jobs.length === message.jobs.length ? message : { ...message, jobs }
      }
      case 'report': {
        const jobs = message.jobs.filter(({ announcement }) => this.#isToldRight(announcement, wrong))
        return jobs.length === message.jobs.length ? message : { ...message, jobs }
      }
      default: return message
    }
  }

  #isToldRight ({ job, spec, outcome }: Announcement, wrong: Set<string>): boolean {
    return outcome?.type !== 'done' || this.#isRight(job, spec, outcome.value, wrong)
  }

  #isRight (job: JobId, spec: JobSpec | undefined, value: Value, wrong: Set<string>): boolean {
    if (spec === undefined || (!isCommitted(spec) && value.commitment === null)) return true
    const statement = isCommitted(spec) ? statementOf(job, value) : null
    if (statement !== null && !wrong.has(keyOf(statement))) return true
    this.#init.drop(statement === null ? 'a value that is not bound as its job asks' : 'a value that its maker has not signed')
    return false
  }
}

const announcementsIn = (message: Extract<Message, { type: 'jobs' | 'report' }>): Announcement[] =>
  message.type === 'jobs' ? message.jobs : message.jobs.map(({ announcement }) => announcement)
