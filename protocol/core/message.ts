/**
 * Everything that goes on the wire, one interface a message, joined in the closed union `Message`.
 * Direct messages travel over a stream to one peer; gossip ones are signed by libp2p and published on
 * a topic. Sizes are capped by the host before decoding and by checked.ts after it.
 */
import type { Announcement, Failure, Value } from './job.ts'
import type { Contact, JobId, Path, PeerId } from './ids.ts'
import type { Receipt } from './credit.ts'

/** Terms from the root down to a path (C4); its length is depth + 1. */
export type Fence = number[]

/** What is left to do below a path, for routing joiners (J2) and fitting bites (J4). */
export interface Load {
  /** Partitions not yet part of a value here. */
  remaining: number
  /** Of these, partitions that nobody has begun: what a joiner could get. */
  free: number
  /** Peers at work below, the holder included when it computes. */
  helpers: number
  /** Partitions a second all of them manage together; 0 when not yet known. */
  rate: number
  /** Deepest holder below, counted in changes of hands. */
  levels: number
}

/** One child as its coordinator tells it. */
export interface ChildState {
  digit: number
  state: 'free' | 'leased' | 'done'
  /** Term of its last grant. */
  term: number
  holder: PeerId | null
}

/** J1: jobs a peer knows, on connecting and on the mesh's jobs topic. Gossip and direct. */
export interface JobsMessage { type: 'jobs', jobs: Announcement[] }
/** Where a question goes: up to who knows of free work, down to it, or, where nothing is free, down to the bite that takes longest (J5). */
export type JoinPhase = 'up' | 'down' | 'tail'
/** J2: a peer looks for work; routed along tree connections. `rate` is its speed in partitions a second, 0 when not yet known. */
export interface JoinMessage { type: 'join', job: JobId, joiner: Contact, rate: number, hops: number, phase: JoinPhase, via: PeerId[] }
/** J2: the answer: claim this child of `path`'s coordinator within the reservation. Routed back along `via`. */
export interface OfferMessage { type: 'offer', job: JobId, to: PeerId, via: PeerId[], path: Path, fence: Fence, coordinator: Contact }
/** J5: compute this path without authority and send its value to `coordinator`. Routed back along `via`. */
export interface RerunMessage { type: 'rerun', job: JobId, to: PeerId, via: PeerId[], path: Path, coordinator: Contact }
/** J2: nothing to do now; ask again after `ms`. */
export interface LaterMessage { type: 'later', job: JobId, to: PeerId, via: PeerId[], ms: number }
/** C1, C3: I claim this path. Direct to a live coordinator; gossiped where there is none. */
export interface ClaimMessage { type: 'claim', job: JobId, path: Path, fence: Fence, peer: Contact }
/** C2: the claim holds. `values` are the accepted values known below, so that nothing is recomputed. */
export interface GrantMessage { type: 'grant', job: JobId, path: Path, fence: Fence, peer: PeerId, leaseMs: number, values: Value[], state: StateMessage }
/** C1: someone else has it; `next` is a free child to claim instead, `ask` a peer that is closer to deciding. */
export interface RefusedMessage { type: 'refused', job: JobId, path: Path, next: Path | null, ask: Contact | null }
/** C4: your fence is lower than one I have seen. */
export interface StaleMessage { type: 'stale', job: JobId, path: Path, fence: Fence }
/** C5: I am at work here; `done` of my path's partitions are part of a value, `seen` is the version of your state I know. */
export interface RenewMessage { type: 'renew', job: JobId, path: Path, fence: Fence, done: number, load: Load, seen: number }
/** C6: what a coordinator tells its members. Gossip on the path's topic; direct to one that missed it. */
export interface StateMessage {
  type: 'state'
  job: JobId
  path: Path
  fence: Fence
  version: number
  coordinator: Contact
  children: ChildState[]
  heirs: Contact[]
  load: Load
  /** The parent's coordinator, then its heirs; empty at the root. */
  up: Contact[]
  /** Changes of hands from the root to this coordinator. */
  level: number
  /** The next state comes within this many milliseconds. */
  nextMs: number
}
/** C6: a state that said nothing new: I am here, and this is the load. Gossip on the path's topic. */
export interface BeatMessage {
  type: 'beat'
  job: JobId
  path: Path
  fence: Fence
  version: number
  /** The version that last changed: who knows an older one has missed a state. */
  since: number
  load: Load
  nextMs: number
}
/** R1: a path's value, to the coordinator of the parent (or whoever asked for a rerun). */
export interface ValueMessage {
  type: 'value'
  job: JobId
  value: Value
  /** What its commitment was salted with (V3), 16 bytes; empty where nobody votes. */
  salt: Uint8Array
}
/** V3: I have computed this path, and am bound to a value: the digest is salt.ts's. To whoever would get the value. */
export interface CommitMessage { type: 'commit', job: JobId, path: Path, digest: Uint8Array }
/** V3: all who were asked are bound: tell the value. */
export interface RevealMessage { type: 'reveal', job: JobId, path: Path }
/** V3: somebody other than these should compute this path for `coordinator`, who has no member left to ask. Passed up until one is found. */
export interface RecruitMessage { type: 'recruit', job: JobId, path: Path, coordinator: Contact, not: PeerId[] }
/** V3: the answer: ask this one. */
export interface VoterMessage { type: 'voter', job: JobId, path: Path, voter: Contact }
/** V5: this peer lied, and this proves it. Gossip on the root's topic, and direct; believed only once proved. */
export interface BlameMessage {
  type: 'blame'
  job: JobId
  peer: PeerId
  evidence: Uint8Array
  /** V7: the value of whoever is told that holds the lie, and why it is not taken; null where it is told of the peer alone. */
  within: Path | null
}
/** R2: these paths' values are kept by the coordinator and its heirs. K1: with a receipt for what the one who is told did itself. */
export interface AcceptedMessage { type: 'accepted', job: JobId, paths: Path[], receipt: Receipt | null }
/** R2: keep these values as an heir. C7, C8: or merge them, when authority changes hands. */
export interface HoldMessage { type: 'hold', job: JobId, values: Value[] }
/** R2: kept. */
export interface HeldMessage { type: 'held', job: JobId, paths: Path[] }
/** R3: the value of this path is safe one level up; what lies below may be dropped. */
export interface ReleasedMessage { type: 'released', job: JobId, path: Path }
/** C4: this path is done; work below it ends. */
export interface EndedMessage { type: 'ended', job: JobId, path: Path }
/** E1: computing this path failed here; `tried` names others where it did too, so that they are not asked again. */
export interface FailedMessage { type: 'failed', job: JobId, why: Failure, tried: PeerId[] }
/** C6: do you hear this peer? */
export interface AskMessage { type: 'ask', job: JobId, path: Path, peer: PeerId }
/** C6: the answer: milliseconds since last heard, -1 when not at all; `now` holds the path instead of it. */
export interface HeardMessage { type: 'heard', job: JobId, path: Path, peer: PeerId, ms: number, now: Contact | null }
/** C8: I leave this job now. */
export interface LeaveMessage { type: 'leave', job: JobId }
/** R5: I hold the job's bundle and inputs. To the root's coordinator. */
export interface StockedMessage { type: 'stocked', job: JobId }
/** What do you know of these jobs? Empty: of all. With `tables`, also of the positions you hold in them. Answered by `report`. */
export interface QueryMessage { type: 'query', id: number, jobs: JobId[], tables: boolean }
export interface ReportMessage { type: 'report', id: number, jobs: JobReport[] }

export interface JobReport {
  announcement: Announcement
  /** Partitions folded so far, as far as this peer can tell. */
  done: number
  load: Load
  /** Whom to ask for a view closer to the root; empty when this peer is its coordinator. */
  up: Contact[]
  /** The positions this peer holds; empty unless asked for. */
  tables: PositionTable[]
  /** This peer's rules do not accept the job, so it does not work for it (A7). */
  declined: boolean
}

/** A position as its coordinator sees it, for people who watch. */
export interface PositionTable {
  path: Path
  fence: Fence
  /** Changes of hands from the root to here. */
  level: number
  heirs: PeerId[]
  children: ChildTable[]
  /** Partitions whose values are kept here, in order, and who computed them. */
  runs: Run[]
}

export interface ChildTable {
  digit: number
  state: 'free' | 'leased' | 'done'
  /** Term of its last grant. */
  term: number
  holder: Contact | null
  /** Partitions below it that are part of a value, as its holder told. */
  done: number
}

/** Partitions `from` up to, not including, `to`. */
export interface Run { from: number, to: number, by: PeerId }

export type Message =
  | JobsMessage | JoinMessage | OfferMessage | RerunMessage | LaterMessage
  | ClaimMessage | GrantMessage | RefusedMessage | StaleMessage | RenewMessage | StateMessage | BeatMessage
  | ValueMessage | AcceptedMessage | HoldMessage | HeldMessage | ReleasedMessage | EndedMessage
  | CommitMessage | RevealMessage | RecruitMessage | VoterMessage | BlameMessage
  | FailedMessage | AskMessage | HeardMessage | LeaveMessage | StockedMessage | QueryMessage | ReportMessage

export type MessageType = Message['type']

/** A gossip topic: the mesh's list of jobs (job null), or one subtree of one job (G4). */
export interface Topic { job: JobId | null, path: Path }
