/** Everything that can happen to a peer. The core learns of the world through these and in no other way. */
import type { Commitment, Computed, Failure, JobSpec, Lie, Verdict } from './job.ts'
import type { Cid, Contact, JobId, Path, PeerId } from './ids.ts'
import type { Message, Topic } from './message.ts'
import type { Restored } from './record.ts'
import type { Timer } from './timer.ts'

export type Input =
  /** The peer's own dialable addresses, at start and whenever they change. */
  | { type: 'listening', addrs: string[] }
  /** How many partitions it may compute at once; 0 pauses, more than 0 volunteers. */
  | { type: 'capacity', cores: number }
  /** The application submits a job; its blocks are in the store already. */
  | { type: 'submit', job: JobId, spec: JobSpec, proof: Uint8Array | null }
  /**
   * The application's rules do not accept a job, or do again (A7): this peer never works for it, and says so. Comes before the job is heard of, or later.
   */
  | { type: 'decline', job: JobId, declined: boolean }
  /** The application asks to cancel a job it submitted; `signature` is over the job id by this peer's key. */
  | { type: 'cancel', job: JobId, signature: Uint8Array }
  /** The application wants to know of a job and be told how it goes, without working for it. */
  | { type: 'watch', job: JobId }
  /** Leave all jobs, in this one call (C8). */
  | { type: 'leave' }
  /** A message, checked for its shape by the host; `topic` is set when it came by gossip, `from` is its signer. */
  | { type: 'message', from: PeerId, message: Message, topic: Topic | null }
  /** A peer that speaks the protocol is connected. */
  | { type: 'connected', peer: PeerId, addrs: string[] }
  /** The last connection to it closed: a hint, not a verdict (C6). */
  | { type: 'disconnected', peer: PeerId }
  /** It could not be dialled. */
  | { type: 'unreachable', peer: PeerId }
  /** A timer fired. */
  | { type: 'timer', timer: Timer }
  /**
   * A `compute` or `collect` effect finished; `ms` is the time it took inside the sandbox. `commitment` is null where the job's trust is `none`; `salt`
   * is 16 bytes of the host's cryptographic randomness, empty where nobody votes.
   */
  | { type: 'computed', job: JobId, value: Computed, ms: number, commitment: Commitment | null, salt: Uint8Array }
  /** It did not. */
  | { type: 'compute-failed', job: JobId, why: Failure }
  /** What a `check` came to; of this very value, by its path and content id. */
  | { type: 'checked', job: JobId, path: Path, cid: Cid, by: PeerId, verdict: Verdict }
  /** What a `judge` came to. `equal`: all values are the same by the job's own word, and every verdict is `valid`. */
  | { type: 'judged', job: JobId, path: Path, equal: boolean, verdicts: Array<{ by: PeerId, verdict: Verdict }> }
  /** What a `prove` came to; null when the evidence proves nothing. */
  | { type: 'proved', job: JobId, evidence: Uint8Array, lie: Lie | null }
  /** All blocks below this CID are in the store, verified. */
  | { type: 'fetched', job: JobId, cid: Cid }
  | { type: 'unfetchable', job: JobId, cid: Cid }
  /** A job as the store kept it, at the start or when the application asks for it (D2). */
  | { type: 'restore', restored: Restored }
  /** The DHT's answer to `find-members`. */
  | { type: 'members', job: JobId, contacts: Contact[] }
