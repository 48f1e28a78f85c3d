/**
 * What a peer remembers of a job whose values it does not simply believe (V1): values on trial, how peers have done so far, who lied, and who
 * is said to have. A job of trust `none` has none of it. Only verified.ts, voted.ts, recruited.ts and blamed.ts change it.
 */
import type { JobSpec, Lie, Outcome, Trust, Value } from './job.ts'
import type { Cid, Contact, Path, PeerId } from './ids.ts'

/** What one voter said of a path (V3). */
export interface Vote {
  /** What it is bound to; null for one whose value came first of all, by a voter that left. */
  digest: Uint8Array | null
  /** Null until it is revealed. */
  value: Value | null
  /** Who has it: the voter itself, or whoever handed its value over. */
  from: PeerId
  /** When it was last asked to reveal it, milliseconds; null before. */
  askedMs: number | null
  /** Whether it was chosen: by this peer, by those above, or it is this peer. The others chose themselves. */
  isChosen: boolean
}

/** A bite's value that is voted on (V3). */
export interface Poll {
  type: 'poll'
  path: Path
  state: 'open' | 'revealing' | 'judging'
  /** Equal values it needs. */
  quorum: number
  votes: Map<PeerId, Vote>
  /** Who else was asked, and until when it should have answered, milliseconds. */
  asked: Map<PeerId, number>
  /** Not asked again: it took too long, or did not stand by its word. */
  spent: Set<PeerId>
  /** When those above were last asked for a voter, milliseconds; null while none is wanted. */
  recruitedMs: number | null
  /** Values that were judged without a decision: only others are worth another judgement. */
  judged: readonly Value[]
  /** The job's own `equal` said that values so far are the same, whatever their content ids. */
  isEqual: boolean
}

/** A value whose partitions or folds are being looked at (V7). */
export interface Check {
  type: 'check'
  path: Path
  value: Value
  from: PeerId
  /** It is the result that others say the job came to; null for a value that would count here. */
  outcome: Outcome | null
}

/** A value that does not count yet. */
export type Trial = Poll | Check

/** A voter that somebody below wants, until when, milliseconds: the next peer without work that comes by is named. */
export interface Want { coordinator: Contact, not: readonly PeerId[], untilMs: number }

/** What somebody says of another's lie, not yet proved; `within` is the value of this peer that holds it, if one does. */
export interface Accusation { from: PeerId, evidence: Uint8Array, within: Path | null }

export interface Court {
  trials: Map<Path, Trial>
  /** Valid values in a row, of peers that this one has seen checked (V3, adaptive); nobody else's word counts. */
  standing: Map<PeerId, number>
  liars: Map<PeerId, Lie>
  accused: Map<PeerId, Accusation[]>
  /** The accused whose evidence is being proved; one at a time. */
  proving: { peer: PeerId, accusation: Accusation } | null
  /** This peer itself has made wrong values, and has seen the proof: it takes no part in the job any more. */
  own: 'heard' | 'expelled'
  /** Whose accusations proved nothing. */
  slanderers: Set<PeerId>
  /** What a value made here was committed to with, until it is accepted (V3). */
  salts: Map<Path, Uint8Array>
  /** Voters wanted below, by path; known at the root. */
  wants: Map<Path, Want>
  /** Of values that were not taken, whose and which, the lie they hold, if they were answered for, and until when they are not looked at again, milliseconds. */
  refused: Map<Path, { cid: Cid, by: PeerId, root: Cid | null, lie: Lie | null, untilMs: number }>
  /** Since when there are too few distinct peers, milliseconds; null while there are enough. Known at the root (V3). */
  shortMs: number | null
}

/** Null where everything is believed. */
export const createCourt = ({ trust }: JobSpec): Court | null => trust.type === 'none'
  ? null
  : {
    trials: new Map(), standing: new Map(), liars: new Map(), accused: new Map(), proving: null, own: 'heard', slanderers: new Set(), salts: new Map(), wants: new Map(), refused: new Map(), shortMs: null
  }

/** What is remembered when the job is over: who was confirmed how often, and never again who lied. */
export const recordOf = (court: Court | null): Court['standing'] | null => court === null || court.standing.size + court.liars.size === 0
  ? null
  : new Map([...court.standing, ...[...court.liars.keys()].map((peer): [PeerId, number] => [peer, -Infinity])])

export const createPoll = (path: Path, quorum: number): Poll =>
  ({ type: 'poll', path, state: 'open', quorum, votes: new Map(), asked: new Map(), spent: new Set(), recruitedMs: null, judged: [], isEqual: false })

/** Are bites computed by several peers (V3)? */
export const isVoted = (trust: Trust): trust is Extract<Trust, { type: 'votes' | 'adaptive' }> => trust.type === 'votes' || trust.type === 'adaptive'

/** Adaptive replication pairs peers; as many are asked before the job is said to be no function of its spec. A guess. */
const ADAPTIVE_VOTERS = 5

/** Equal values that a bite needs, before anybody is trusted. */
export const quorumOf = (trust: Trust): number => trust.type === 'votes' ? trust.quorum : 2

/** Distinct peers that may vote on one value. */
export const votersMax = (trust: Trust): number => trust.type === 'votes' ? trust.voters : ADAPTIVE_VOTERS

/** Milliseconds that a job waits for enough distinct peers; 0 for ever. */
export const deadlineOf = (trust: Trust): number => isVoted(trust) ? trust.deadlineMs : 0
