/**
 * All that the page shows at one moment, as plain values, and the sentences that say it. Strangers' names are cut to
 * length here. Pure: what it is given, it only reads.
 */
import { formatRange, formatThings } from '../ui/format.ts'
import { chosen } from './chosen.ts'
import { isAccepted } from '../../protocol/host/acceptance.ts'
import { plainName, shortPeer } from '../ui/names.ts'
import type { Certified, Given, KnownJob, Neighbour, TabPeer } from '../peer/tab-peer.ts'
import type { Link } from './doors.ts'
import type { Ever } from './ledger.ts'
import type { Slot } from './pace.ts'
import type { Cause, Pauses, Reason } from './pauses.ts'
import type { Problem } from './problems.ts'
import type { Settings, SettingsStore } from './settings.ts'
import type { Tally } from './tally.ts'

/** `running`: consent and the turn are there; whether it computes just now, `reasons` tell. */
export type Phase = 'loading' | 'asking' | 'starting' | 'running' | 'problem'

/** One piece of work. */
export interface Piece {
  key: string
  isDone: boolean
  name: string
  /** Who asked for it; empty when this tab has not heard. */
  submitter: string
  from: number
  to: number
  startedMs: number
  /** How far it is, as far as one can tell. */
  share?: number
}

export interface ShownJob extends KnownJob {
  /** The visitor's rules refuse it (A7). */
  declined: boolean
}

export interface View {
  phase: Phase
  problem?: Problem
  /** When entry is tried again, Unix milliseconds. */
  retryMs?: number
  meshName?: string
  settings: Settings
  coresMax: number
  isLasting: boolean
  reasons: Reason[]
  overruled: Cause[]
  /** How much of the duty is used now. */
  share: number
  /** `away`: not in the mesh. */
  mesh: TabPeer['state'] | 'away'
  /** By core; undefined where nothing is worked on. */
  pieces: Array<Piece | undefined>
  /** Jobs that run, those this tab works on first, those it refuses last. */
  jobs: ShownJob[]
  neighbours: Neighbour[]
  /** Why the store takes nothing more; empty when it does. */
  full: string
  visit: Given
  ever: Ever
  /** Of this browser's peer, ever; undefined while it is not in the mesh. */
  certified?: Certified
  history: number[]
  historyStepMs: number
  nowMs: number
}

export interface ViewInit {
  phase: Phase
  problem?: Problem
  retryMs?: number
  link?: Link
  settings: SettingsStore
  pauses: Pauses
  peer?: TabPeer
  tally: Tally
  nowMs: number
}

const NAME_CHARACTERS = 32

export function viewOf ({ phase, problem, retryMs, link, settings, pauses, peer, tally, nowMs }: ViewInit): View {
  const { ledger, pace, history } = tally
  const jobs = peer?.jobs() ?? []
  const submitters = new Map(jobs.map(({ job, submitter }) => [job, submitter]))
  const slots = pace.slots(nowMs)
  const mine = new Set(slots.map((slot) => slot?.work.job))
  return {
    phase, problem, retryMs, meshName: link?.name === undefined ? undefined : plainName(link.name, NAME_CHARACTERS),
    settings: settings.values, coresMax: settings.coresMax, isLasting: settings.isLasting,
    reasons: pauses.reasons, overruled: pauses.overruled, share: pauses.share,
    mesh: peer?.state ?? 'away',
    pieces: slots.map((slot) => slot === undefined ? undefined : pieceOf(slot, submitters.get(slot.work.job), pace.share(slot, nowMs))),
    jobs: shownJobs(jobs, settings.values).sort((a, b) => Number(mine.has(b.job)) - Number(mine.has(a.job)) || Number(a.declined) - Number(b.declined)),
    neighbours: peer?.neighbours() ?? [],
    full: peer?.full ?? '',
    certified: peer?.certified,
    visit: ledger.visit, ever: ledger.ever(nowMs), history: history.values, historyStepMs: history.stepMs, nowMs
  }
}

function shownJobs (jobs: KnownJob[], settings: Settings): ShownJob[] {
  const acceptance = chosen(settings)
  return jobs.filter(({ state }) => state === 'running').map((job) => ({ ...job, declined: job.spec !== null && !isAccepted(acceptance, { spec: job.spec, submitter: job.submitter }) }))
}

function pieceOf ({ work, endedMs }: Slot, submitter = '', share?: number): Piece {
  const { job, path, name, from, to, startedMs } = work
  return { key: `${job} ${path} ${startedMs}`, isDone: endedMs !== undefined, name: plainName(name, NAME_CHARACTERS), submitter: shortPeer(submitter), from, to, startedMs, share }
}

export type Mood = 'off' | 'starting' | 'working' | 'ready' | 'paused' | 'lonely' | 'stuck'

/** What a look at the page tells first. */
export function moodOf ({ phase, reasons, mesh, pieces }: View): Mood {
  if (phase === 'problem') return 'stuck'
  if (phase === 'loading' || phase === 'asking') return 'off'
  if (reasons.length > 0) return 'paused'
  if (phase === 'starting' || mesh === 'away') return 'starting'
  if (mesh === 'lonely') return 'lonely'
  return pieces.some((piece) => piece !== undefined) ? 'working' : 'ready'
}

const BECAUSE: Record<Reason, string> = {
  user: 'You paused it.',
  battery: 'This computer runs on battery.',
  'save-data': 'Your browser asks pages to save data.',
  offline: 'This computer is offline.',
  busy: 'Your own work needs the machine.'
}

/** Why it is paused, by the first reason. */
export function because ({ reasons }: View): string {
  return reasons[0] === undefined ? '' : BECAUSE[reasons[0]]
}

/** A heading of a few words, and the tab's title. */
export function headline (view: View): string {
  switch (moodOf(view)) {
    case 'off': return 'Lend this computer'
    case 'starting': return 'Joining the mesh'
    case 'working': return 'Working'
    case 'ready': return 'Ready for work'
    case 'paused': return 'Paused'
    case 'lonely': return 'Looking for others'
    case 'stuck': return view.problem?.title ?? 'Stopped'
  }
}

/** What goes on, in one sentence. */
export function sentence (view: View): string {
  switch (moodOf(view)) {
    case 'off': return ''
    case 'starting': return 'Finding a way to the other volunteers.'
    case 'working': return workSentence(view.pieces.filter((piece) => piece !== undefined))
    case 'ready': return view.jobs.length > 0 && view.jobs.every(({ declined }) => declined)
      ? 'Your rules refuse every job that runs now. Leave the tab open, or change them under What you give.'
      : 'No job needs help this moment. Leave the tab open: work comes by itself.'
    case 'paused': return `${because(view)}${hasOwnEnd(view) ? ' It goes on by itself when that is over.' : ''}`
    case 'lonely': return 'Nobody is connected just now. It keeps trying by itself.'
    case 'stuck': return view.problem?.todo ?? ''
  }
}

const hasOwnEnd = ({ reasons }: View): boolean => reasons.length > 0 && reasons[0] !== 'user'

/** `Working on primes for 12D3…Xk2ab: partitions 15,625–31,249.`; of scattered pieces, how many partitions. */
function workSentence (pieces: Piece[]): string {
  const [first] = pieces
  if (first === undefined) return ''
  const { name, submitter } = first
  const others = new Set(pieces.filter((piece) => piece.name !== name || piece.submitter !== submitter).map((piece) => `${piece.name} ${piece.submitter}`))
  const what = `Working on ${name}${submitter === '' ? '' : ` for ${submitter}`}`
  if (others.size > 0) return `${what} and ${formatThings(others.size, 'other job')}.`
  const from = Math.min(...pieces.map((piece) => piece.from))
  const to = Math.max(...pieces.map((piece) => piece.to))
  const count = pieces.reduce((sum, piece) => sum + piece.to - piece.from, 0)
  return count === to - from ? `${what}: ${count === 1 ? 'partition' : 'partitions'} ${formatRange(from, to)}.` : `${what}: ${formatThings(count, 'partition')} at once.`
}

/** What a screen reader is told when it changes: where things stand, not every piece of work. */
export function announcement (view: View): string {
  switch (moodOf(view)) {
    case 'working':
    case 'ready': return view.share < 1 ? 'Volunteering, going easy.' : 'Volunteering.'
    case 'paused': return `Paused. ${because(view)}`
    case 'off':
    case 'stuck': return ''
    default: return `${headline(view)}.`
  }
}
