/**
 * Tells the core which jobs this peer's rules do not accept (A7): before it hears of them, and again when the rules change. Own jobs are
 * always accepted. It decides nothing but that.
 */
import { isAccepted } from './acceptance.ts'
import type { Acceptance } from './acceptance.ts'
import type { Announcement } from '../core/job.ts'
import type { Input } from '../core/input.ts'
import type { JobBook } from './job-book.ts'
import type { PeerId } from '../core/ids.ts'

/** Any job. */
const ANY: Acceptance = { submitters: [], rules: [] }

export interface ChooserInit {
  id: PeerId
  acceptance?: Acceptance | undefined
  jobs: JobBook
  feed: (input: Input) => void
}

export class Chooser {
  readonly #init: ChooserInit
  #acceptance: Acceptance

  constructor (init: ChooserInit) {
    this.#init = init
    this.#acceptance = init.acceptance ?? ANY
  }

  /** Before the core hears of these jobs. */
  hear (jobs: readonly Announcement[]): void {
    if (this.#acceptance.submitters.length === 0 && this.#acceptance.rules.length === 0) return
    for (const announcement of jobs) {
      if (!this.#init.jobs.has(announcement.job) && !this.accepts(announcement)) this.#init.feed({ type: 'decline', job: announcement.job, declined: true })
    }
  }

  /** From now on, for jobs that are known too. */
  change (acceptance: Acceptance): void {
    this.#acceptance = acceptance
    for (const known of this.#init.jobs.all()) this.#init.feed({ type: 'decline', job: known.job, declined: !this.accepts(known) })
  }

  accepts (announcement: Pick<Announcement, 'spec' | 'submitter'>): boolean {
    return announcement.submitter === this.#init.id || isAccepted(this.#acceptance, announcement)
  }
}
