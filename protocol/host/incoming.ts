/**
 * What other peers say, on its way to the core: in a private mesh each must be somebody's to say and each job of somebody who may
 * submit (A6); then what is signed is verified (inbox.ts), and jobs that the rules do not accept are declined (A7). Proofs are checked
 * asynchronously, which the core may not do, so this stands before it; what comes from one peer keeps its order all the same.
 */
import { Chooser } from './chooser.ts'
import { contactsIn } from './contacts.ts'
import { countDropped } from './traffic.ts'
import type { Announcement } from '../core/job.ts'
import type { Counters } from './traffic.ts'
import type { Inbox } from './inbox.ts'
import type { Input } from '../core/input.ts'
import type { JobBook } from './job-book.ts'
import type { MeshPeerInit } from './mesh-peer-init.ts'
import type { Message, Topic } from '../core/message.ts'
import type { Network } from './network.ts'
import type { PeerId } from '../core/ids.ts'
import type { Queries } from './queries.ts'

export interface IncomingInit extends Pick<MeshPeerInit, 'duties' | 'acceptance'> {
  id: PeerId
  network: Pick<Network, 'learn'>
  jobs: JobBook
  counters: Counters
  inbox: Pick<Inbox, 'take'>
  queries: Pick<Queries, 'answer'>
  books: { hear: (from: PeerId, message: Message) => void }
  feed: (input: Input) => void
}

export class Incoming {
  readonly chooser: Chooser
  readonly #init: IncomingInit
  /** What is being checked, by whom it is from. */
  readonly #checks = new Map<PeerId, Promise<void>>()

  constructor (init: IncomingInit) {
    this.#init = init
    this.chooser = new Chooser(init)
  }

  take (from: PeerId, message: Message, topic: Topic | null): void {
    const fault = this.faultIn(from, message)
    if (fault !== null) return this.#drop(fault)
    const before = this.#checks.get(from)
    const isProven = this.#init.duties == null || announcementsIn(message).length === 0
    if (isProven && before === undefined) return this.#init.inbox.take(from, message, topic)
    const check = (before ?? Promise.resolve()).then(async () => {
      const proven = isProven ? message : await this.#provenOf(message)
      if (proven !== null) this.#init.inbox.take(from, proven, topic)
    })
    const last = check.finally(() => { if (this.#checks.get(from) === last) this.#checks.delete(from) })
    this.#checks.set(from, last)
  }

  /** What is wrong with it at first sight: then it is not passed on either. */
  faultIn (from: PeerId, message: Message): string | null {
    const { duties, jobs } = this.#init
    return duties == null ? null : duties.faultIn(from, message, job => jobs.submitterOf(job))
  }

  /** The message without the jobs of those who may not submit; null when nothing of it counts. */
  async #provenOf (message: Message): Promise<Message | null> {
    const { duties } = this.#init
    if (duties == null) return message
    const proven = new Set<Announcement>()
    for (const announcement of announcementsIn(message)) {
      if (await duties.isProven(announcement)) proven.add(announcement)
      else this.#drop('a job of a peer that may not submit')
    }
    if (message.type === 'jobs') return proven.size === 0 ? null : { ...message, jobs: message.jobs.filter(announcement => proven.has(announcement)) }
    if (message.type === 'report') return { ...message, jobs: message.jobs.filter(({ announcement }) => proven.has(announcement)) }
    return message
  }

  #drop (reason: string): void {
    countDropped(this.#init.counters, reason)
  }

  /** It has been verified. */
  accept (from: PeerId, message: Message, topic: Topic | null): void {
    const { network, books, queries } = this.#init
    network.learn(contactsIn(message))
    books.hear(from, message)
    if (message.type === 'report' && queries.answer(from, message)) {
      // What a report tells of jobs is news as any other (J1): who asks before submitting does not open a job twice.
      const jobs = message.jobs.map(({ announcement }) => announcement)
      return this.#tell(from, { type: 'jobs', jobs }, null)
    }
    this.#tell(from, message, topic)
  }

  #tell (from: PeerId, message: Message, topic: Topic | null): void {
    if (message.type === 'jobs') this.chooser.hear(message.jobs)
    this.#init.feed({ type: 'message', from, message, topic })
  }
}

function announcementsIn (message: Message): Announcement[] {
  if (message.type === 'jobs') return message.jobs
  return message.type === 'report' ? message.jobs.map(({ announcement }) => announcement) : []
}
