/**
 * What a peer that keeps tells its store (D1): at most one effect an input, with the values that are kept from now on, those that
 * need not be, and the job's record when that changed. A peer that keeps nothing has a plain ledger and pays nothing. It never
 * waits for the store.
 */
import type { Contact, Path } from './ids.ts'
import type { Context, Entry, Job } from './state.ts'
import type { Fence } from './message.ts'
import type { JobChange, JobRecord } from './record.ts'
import type { Value } from './job.ts'
import { ROOT } from './geometry.ts'
import { contactOf } from './context.ts'
import { homeView } from './viewed.ts'
import { membersOf } from './heirs.ts'

/** What the store has not been told yet. */
export interface Unstored { paths: Set<Path>, record: 'due' | 'told' }

/** A ledger that remembers which of its entries changed. */
export class KeptLedger extends Map<Path, Entry> {
  readonly #changed: Set<Path>

  constructor (changed: Set<Path>) {
    super()
    this.#changed = changed
  }

  override set (path: Path, entry: Entry): this {
    this.#changed.add(path)
    return super.set(path, entry)
  }

  override delete (path: Path): boolean {
    if (!super.delete(path)) return false
    this.#changed.add(path)
    return true
  }

  override clear (): void {
    for (const path of this.keys()) this.#changed.add(path)
    super.clear()
  }
}

/** The job's record is another from now on. */
export function changeRecord (job: Job): void {
  if (job.unstored !== null) job.unstored.record = 'due'
}

/** The end of an input at a peer that keeps. */
export function tellStore (cx: Context): void {
  const changes: JobChange[] = []
  for (const job of cx.jobs.values()) {
    const { unstored } = job
    if (unstored !== null && (unstored.paths.size > 0 || unstored.record === 'due')) changes.push(changeOf(cx, job, unstored))
  }
  if (changes.length > 0) cx.effects.push({ type: 'store', changes })
}

function changeOf (cx: Context, job: Job, unstored: Unstored): JobChange {
  const puts: Value[] = []
  const drops: Path[] = []
  for (const path of unstored.paths) {
    const entry = job.ledger.get(path)
    if (entry === undefined) drops.push(path)
    else if (entry.state !== 'fetching') puts.push(entry.value)
  }
  const record = unstored.record === 'due' ? recordOf(cx, job) : null
  unstored.paths.clear()
  unstored.record = 'told'
  return { job: job.id, record, puts, drops }
}

/** Acquaintances a record has room for. A guess: the root's coordinator, three heirs, and as many near this peer. */
const CONTACTS_MAX = 8
/** As many as positions forgotten (position.ts). */
const FENCES_MAX = 64

function recordOf (cx: Context, job: Job): JobRecord {
  const { id, spec, submitter, outcome, proof } = job
  const members = acquaintances(cx, job)
  return {
    announcement: { job: id, spec, submitter, members, outcome, proof },
    part: job.state === 'member' || job.ledger.size > 0 ? 'member' : 'none',
    met: members.map(({ peer }) => peer).filter(peer => job.met.has(peer) || holdsHere(cx, job, peer)),
    fences: fencesOf(job)
  }
}

const holdsHere = (cx: Context, job: Job, peer: string): boolean =>
  [...job.positions.values()].some(position => (membersOf(cx, position) as string[]).includes(peer))

/** Whom to look for after a restart: whoever speaks for the root first. */
function acquaintances (cx: Context, job: Job): Contact[] {
  const found: Contact[] = []
  const add = ({ peer, addrs }: Contact): void => {
    if (found.length < CONTACTS_MAX && peer !== cx.id && addrs.length > 0 && !found.some(other => other.peer === peer)) found.push({ peer, addrs })
  }
  const home = homeView(job)
  if (home !== undefined) for (const contact of [home.state.coordinator, ...home.state.heirs, ...home.state.up]) add(contact)
  for (const position of job.positions.values()) for (const peer of [...position.heirs, ...membersOf(cx, position)]) add(contactOf(cx, peer))
  for (const hint of job.hints) add(hint)
  return found
}

function fencesOf (job: Job): JobRecord['fences'] {
  const fences = new Map<Path, Fence>([[ROOT, [job.rootTerm]]])
  for (const { path, fence } of job.positions.values()) if (path !== ROOT) fences.set(path, fence)
  for (const { path, state } of job.views.values()) if (path !== ROOT) fences.set(path, state.fence)
  for (const [path, fence] of job.past) if (path !== ROOT && !fences.has(path)) fences.set(path, fence)
  return [...fences].slice(0, FENCES_MAX).map(([path, fence]) => ({ path, fence }))
}
