/**
 * Watches one job for people: asks the root's coordinator what it holds, then those that it names, level by level, with
 * so many questions a round at most. Where a tree has more coordinators than that, it asks them in turn: what lies high
 * is fresh, what lies deep is older. Only asks; nobody's work waits for it.
 */
import type { Contact, JobId, PeerId } from '../core/ids.ts'
import type { JobReport, PositionTable } from '../core/message.ts'
import type { Query } from './view.ts'

/** What one coordinator told. */
export interface Observed {
  peer: PeerId
  tables: PositionTable[]
}

export interface ObserverInit {
  query: Query
  /** Whom to ask where nothing is known yet. */
  entries: () => Contact[]
  onRound: (observed: Observed[], report: JobReport) => void
}

/** Questions in one round: few connections, and a page that watches a million partitions is still one peer of many. A guess. */
const QUESTIONS_MAX = 12
/** Between two rounds, milliseconds. */
const ROUND_MS = 1_000
/** A coordinator that does not answer is left alone for so many rounds. */
const SKIPPED_ROUNDS = 5

export class Observer {
  readonly #init: ObserverInit
  readonly #job: JobId
  #timer: ReturnType<typeof setTimeout> | undefined
  #isStopped = false
  #round = 0
  /** Who answered closest to the root, last. */
  #root: Contact | null = null
  /** When each was last asked, by round. */
  readonly #asked = new Map<PeerId, number>()

  /** Begins at once. */
  constructor (job: JobId, init: ObserverInit) {
    this.#job = job
    this.#init = init
    void this.#rounds()
  }

  stop (): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  async #rounds (): Promise<void> {
    this.#round++
    try {
      await this.#look()
    } catch { /* nobody answered: the next round may find somebody */ }
    if (!this.#isStopped) this.#timer = setTimeout(() => { void this.#rounds() }, ROUND_MS)
  }

  async #look (): Promise<void> {
    const found = await this.#rootReport()
    if (found === null || this.#isStopped) return
    const { report, from } = found
    const observed: Observed[] = [{ peer: from.peer, tables: report.tables }]
    let left = QUESTIONS_MAX
    let level = holdersIn(report.tables, from.peer)
    const seen = new Set<PeerId>([from.peer])
    while (left > 0 && level.length > 0 && !this.#isStopped) {
      const next = level.filter(({ peer }) => !seen.has(peer)).sort((a, b) => (this.#asked.get(a.peer) ?? 0) - (this.#asked.get(b.peer) ?? 0)).slice(0, left)
      left -= next.length
      for (const { peer } of next) seen.add(peer)
      const answers = await Promise.all(next.map(async (contact) => await this.#ask(contact)))
      const below = answers.flatMap((answer) => answer ?? [])
      observed.push(...below)
      level = below.flatMap(({ peer, tables }) => holdersIn(tables, peer))
    }
    if (!this.#isStopped) this.#init.onRound(observed, report)
  }

  /** The view of the root's coordinator, or the closest to it that can be had. */
  async #rootReport (): Promise<{ report: JobReport, from: Contact } | null> {
    const known = this.#root === null ? [] : [this.#root]
    const asked = new Set<PeerId>()
    let best: { report: JobReport, from: Contact } | null = null
    for (let next = [...known, ...this.#init.entries()]; next.length > 0;) {
      const contact = next.shift() as Contact
      if (asked.has(contact.peer)) continue
      asked.add(contact.peer)
      const report = await this.#reportOf(contact).catch(() => null)
      if (report === null) continue
      best = { report, from: contact }
      if (report.up.length === 0) break
      next = report.up.filter(({ peer }) => !asked.has(peer))
    }
    this.#root = best?.report.up.length === 0 ? best.from : null
    return best
  }

  async #ask (contact: Contact): Promise<Observed | null> {
    this.#asked.set(contact.peer, this.#round)
    try {
      const report = await this.#reportOf(contact)
      return report === null ? null : { peer: contact.peer, tables: report.tables }
    } catch {
      this.#asked.set(contact.peer, this.#round + SKIPPED_ROUNDS)
      return null
    }
  }

  async #reportOf (contact: Contact): Promise<JobReport | null> {
    const reports = await this.#init.query(contact, [this.#job], true)
    return reports.find(({ announcement }) => announcement.job === this.#job) ?? null
  }
}

/** Those who hold children in these tables, but not who told. */
function holdersIn (tables: PositionTable[], teller: PeerId): Contact[] {
  const holders = new Map<PeerId, Contact>()
  for (const { children } of tables) {
    for (const { holder } of children) if (holder !== null && holder.peer !== teller) holders.set(holder.peer, holder)
  }
  return [...holders.values()]
}
