/**
 * What a peer remembers, as plain records: jobs, the positions it holds in them, its views of positions above it, and the ledger of
 * values. Only the step files (submitted.ts ... root.ts) change them. All are made lazily: a peer that does nothing costs nothing.
 */
import type { Announcement, Failure, JobSpec, Outcome, Value } from './job.ts'
import type { Fence, Load, StateMessage } from './message.ts'
import type { Cid, Contact, JobId, Path, PeerId } from './ids.ts'
import type { Config } from './config.ts'
import type { Effect } from './effect.ts'
import type { Link } from './links.ts'
import type { Random } from './random.ts'
import type { Standing } from './stalled.ts'
import type { Revival } from './restored.ts'
import { KeptLedger, type Unstored } from './kept.ts'
import { SparseMap } from './sparse-map.ts'
import { createCourt, type Court } from './court.ts'
import { createSpeed, type Speed } from './speed.ts'

/** How this peer stands to a job: it heard of it, follows it, works or coordinates in it, or it is over. */
export type JobState = 'known' | 'watching' | 'member' | 'over'

export interface Job {
  id: JobId
  spec: JobSpec
  submitter: PeerId
  /** See Announcement. */
  proof: Uint8Array | null
  state: JobState
  /** When this peer heard of it. */
  sinceMs: number
  outcome: Outcome | null
  /** Members somebody told of, freshest first. */
  hints: Contact[]
  /** Peers seen as members, by grants of this peer or states it believed; the only ones whose word on the whole job counts. */
  met: Set<PeerId>
  /** The highest term of the root that this peer has worked under (C4). */
  rootTerm: number
  /** Subtrees this peer has authority over. */
  positions: Map<Path, Position>
  /** Positions of others in which this peer holds, or last held, a child. */
  views: Map<Path, View>
  /** The highest fences of positions forgotten, this peer's and others' (C4). */
  past: SparseMap<Path, Fence>
  ledger: Map<Path, Entry>
  /** What the store has not been told yet (D1); null at a peer that keeps nothing. */
  unstored: Unstored | null
  /** Somebody said of itself that it is a member; others only pass on what they heard, which may be long ago (D3). */
  hasMember: boolean
  /** It came from the store, and no member has been found since (D3). */
  revival: Revival | null
  /** Paths that values lie below, deeper than children of positions here (D4). */
  worked: Set<Path> | null
  /** Who was last given all that the store had kept (D2). */
  broughtTo: PeerId | null
  /** What is known of values that are not simply believed (V1); null where all are. */
  court: Court | null
  /** Valid values of peers in a row, once the job is over (V3, adaptive); null where nobody had any. */
  record: ReadonlyMap<PeerId, number> | null
  /** Of those, what its keepers (R2) are not all known to have; null when keepers changed: it may be any. */
  uncopied: Entry[] | null
  /** Values owed to somebody else until accepted: by path, to whom. */
  owed: SparseMap<Path, Owed>
  /** Computes handed to the sandbox. */
  bites: Map<Path, Bite>
  seek: Seek
  /** Own speed. */
  speed: Speed
  failures: SparseMap<Path, FailureRecord>
  /** Peers that brought values here, or let children stall (C5). */
  standings: SparseMap<PeerId, Standing>
  /** Members known to hold bundle and inputs (R5). */
  stocked: readonly PeerId[]
  /** May the submitter leave (R5)? */
  safety: 'alone' | 'safe'
  stocking: 'no' | 'fetching' | 'yes'
  /** Of bundle, params and inputs, what has arrived here. */
  goods: readonly Cid[]
  /** The root's coordinator that was told so. */
  stockedAt: PeerId | null
  /** What rolls up with the next value made here. */
  extra: { failovers: number, duplicates: number }
  /** When this peer looks for the next bite, before a core is idle (J4); NEVER_MS when no timer runs. */
  fillMs: number
  /** How patient this peer is before it claims a root, 1 to 2 (J2). */
  patience: number
  /** When the last joiner that was sent away may come back (J2). */
  turnMs: number
  /** The last neighbours effect, to send only changes. */
  neighbours: PeerId[]
  /** Did positions, children or values change since the end of an input looked for what rolls up (settled.ts)? */
  rolling: 'due' | 'done'
  /** Did positions, children, heirs, views or claims change since the neighbours were named? */
  naming: 'due' | 'done'
}

/** Authority over one subtree (C1): granted by the parent's coordinator, or claimed without one (C3). */
export interface Position {
  path: Path
  parent: Path | null
  /** Partitions. */
  size: number
  fence: Fence
  state: 'provisional' | 'granted'
  /** Changes of hands from the root to here. */
  level: number
  children: Child[]
  /** The whole path is one bite, or it is being collected, or its value is known; otherwise children are worked on. */
  work: 'split' | 'whole' | 'collecting' | 'valued'
  heirs: PeerId[]
  version: number
  /** The load at the last turn: turns at which it is much the same are quiet (C5). */
  turn: Load | null
  /** The version that last changed, and the last that was published in full, with the peers above that it named. */
  changed: number
  told: { version: number, up: PeerId[] } | null
  publishedMs: number
  since: number
  /** When a refused claim was last sent on to whom the refusal named; at the root, when others were last looked for (C7). */
  chasedMs: number
  /** A root that is one leaf, of a coordinator without cores: who runs it, the last since when (J5). */
  lent: readonly PeerId[]
  lentMs: number
}

export type ChildState = 'free' | 'leased' | 'done'

export interface Child {
  path: Path
  digit: number
  size: number
  state: ChildState
  term: number
  holder: PeerId | null
  /** Who lost it last, and may only have been late (C5). */
  last: PeerId | null
  /** When the holder was last heard, and last got on with its work. */
  heardMs: number
  grantedMs: number
  progressMs: number
  done: number
  load: Load | null
  /** A free child kept for a joiner (J2), for a silent holder's members (C5), or for a value on its way (C6). */
  reservedFor: PeerId | 'members' | 'values' | null
  reservedUntilMs: number
  /** How often it changed hands because nothing got done (C5). */
  stalls: number
  /** Joiners sent below that have not yet shown in its load (J2). */
  sent: number
  /** Who runs it without authority (J5). */
  reruns: readonly PeerId[]
  /** Until when those that run it again should have finished (J5). */
  rerunUntilMs: number
}

/** What a member knows of the position above it. */
export interface View {
  path: Path
  state: StateMessage
  /** What beats have told since: the version known, and the load. */
  version: number
  load: Load
  heardMs: number
  /** Live; or in doubt: redialling, asking others, waiting for this heir's turn (C6). */
  doubt: 'none' | 'redialling' | 'asking' | 'electing'
  /** What this state calls free is not for this peer: it asks to be routed instead. */
  isRefused?: boolean
  /** Nothing is free there either, as far as one who asked was told; until then others are not sent there (J2). */
  idleUntilMs?: number
}

export interface Entry {
  value: Value
  /** Of the blocks on their way, those that are not here yet. */
  missing?: readonly Cid[]
  /** Blocks on their way; kept here; kept by the heirs too (R2). */
  state: 'fetching' | 'kept' | 'accepted'
  /** Who sent it; wants to hear `accepted`. */
  from: PeerId
  /** Peers that hold it too, and those that were sent it, when last. A few heirs: searching lists is cheaper than keeping sets. */
  heldBy: readonly PeerId[]
  sent: ReadonlyArray<{ to: PeerId, ms: number }>
}

/** Paths to tell of as accepted, and values the one who is told has a receipt coming for (K1). */
export interface Acceptance { paths: Path[], worth: Value[] }

export interface Owed {
  value: Value
  /** Who asked for it; null for the coordinator above. */
  to: PeerId | null
  /** When it was made, and when it was last told, milliseconds. */
  sentMs: number
  saidMs: number
  /** Who has asked to see what it was committed to (V3). */
  revealedTo: PeerId | null
}

export interface Bite {
  path: Path
  size: number
  /** When it began to run; null while it waits for a core. */
  startedMs: number | null
  /** Without authority: whom the value goes to (J5, E1). */
  rerunFor: Contact | null
}

/** How this peer looks for work in a job. */
export interface Seek {
  state: 'idle' | 'asked' | 'claiming' | 'waiting'
  /** Since when nobody answered. */
  sinceMs: number
  attempts: number
  /** Who was asked last. */
  asked: PeerId | null
  claim: { path: Path, fence: Fence, coordinator: Contact } | null
  /** The last claim given up: its grant may still come. */
  unanswered: Path | null
}

/** E1: who failed as seen from here, whom it is no use to ask, and who was asked, when last. */
export interface FailureRecord { why: Failure, tried: Set<PeerId>, spent: Set<PeerId>, asked: Set<PeerId>, askedMs: number }

/** What the step functions work on: one peer's memory, and the effects of the input being handled. */
export interface Context {
  readonly id: PeerId
  readonly config: Config
  /** Does it tell a store what it keeps (D1)? */
  readonly keeps: boolean
  readonly random: Random
  /** Nobody else knows it (V7). */
  readonly secret: Uint8Array
  readonly jobs: Map<JobId, Job>
  /** Where peers can be dialled that anybody named, in that order; empty where it is not known. */
  readonly addresses: Map<PeerId, string[]>
  /** Of those, the ones that were connected or heard. */
  readonly links: Map<PeerId, Link>
  /** Values accepted in this input, told to their senders in one message each. */
  readonly accepted: SparseMap<PeerId, Map<JobId, Acceptance>>
  readonly fetches: SparseMap<Cid, Array<{ job: JobId, path: Path }>>
  addrs: string[]
  cores: number
  /** Jobs that this peer's rules do not accept (A7); null as long as there is none. */
  declined: Set<JobId> | null
  now: number
  traffic: { messages: number, bytes: number }
  /** Until when all cores have enough to do, unless bites change: nothing is to be filled before (settled.ts). */
  busyUntilMs: number
  /** This peer as a producer (sketch.ts), once it is one. */
  sketch: number[] | null
  effects: Effect[]
}

/** Before any time: twelve days before a clock's zero, a whole number that engines keep small. */
export const NEVER_MS = -(2 ** 30)

/** Most lists stay empty: they share this one. A longer one takes its place, made by `concat`, which leaves no room for more. */
export const NONE: readonly never[] = []

export const emptyLoad = (): Load => ({ remaining: 0, free: 0, helpers: 0, rate: 0, levels: 0 })

export function createJob (announcement: Announcement, now: number, keeps = false): Job {
  const unstored: Unstored | null = keeps ? { paths: new Set(), record: 'due' } : null
  return {
    id: announcement.job,
    spec: announcement.spec,
    submitter: announcement.submitter,
    proof: announcement.proof,
    state: 'known',
    sinceMs: now,
    outcome: null,
    hints: [],
    met: new Set(),
    rootTerm: 0,
    positions: new Map(),
    views: new Map(),
    past: new SparseMap(),
    ledger: unstored === null ? new Map() : new KeptLedger(unstored.paths),
    unstored,
    hasMember: false,
    revival: null,
    worked: null,
    broughtTo: null,
    court: createCourt(announcement.spec), record: null,
    uncopied: null,
    owed: new SparseMap(),
    bites: new Map(),
    seek: { state: 'idle', sinceMs: now, attempts: 0, asked: null, claim: null, unanswered: null },
    speed: createSpeed(),
    failures: new SparseMap(), standings: new SparseMap(),
    stocked: NONE,
    safety: 'alone',
    stocking: 'no',
    goods: NONE, stockedAt: null,
    extra: { failovers: 0, duplicates: 0 }, fillMs: NEVER_MS,
    patience: 1, turnMs: 0,
    neighbours: [],
    rolling: 'due',
    naming: 'due'
  }
}
