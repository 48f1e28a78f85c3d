/** What a peer tells its application: events of the log (DESIGN 7), progress, and the end of jobs. */
import type { Announcement, Failure, Value } from './job.ts'
import type { Contact, JobId, Path, PeerId } from './ids.ts'
import type { Fence, Load } from './message.ts'

export type Notice =
  /** A job was submitted here; its shape lets the log's readers draw it (G1, G2). */
  | { type: 'submitted', job: JobId, name: string, partitions: number, fanout: number, grain: number }
  /** A job was heard of. */
  | { type: 'known', announcement: Announcement }
  /** This peer claims a path. */
  | { type: 'claim', job: JobId, path: Path, fence: Fence }
  /** This peer has become the coordinator of a path (granted or elected), or its heirs have changed. */
  | { type: 'coordinator', job: JobId, path: Path, fence: Fence, heirs: PeerId[] }
  /** A value was accepted at this coordinator (R2). */
  | { type: 'value', job: JobId, path: Path, count: number, from: PeerId, by: PeerId }
  /** A bite that this peer computed is accepted, here or by whom it was owed to (R2): `ms` inside the sandbox. */
  | { type: 'credited', job: JobId, path: Path, count: number, ms: number }
  /** A receipt for own work is kept (K5): what it adds to those before. The host tells this, once it has checked it. */
  | { type: 'certified', job: JobId, path: Path, count: number, ms: number, issuer: PeerId }
  /** This peer took over a path; `ms` since its old coordinator was last heard. */
  | { type: 'failover', job: JobId, path: Path, fence: Fence, ms: number }
  /** A partition failed here. */
  | { type: 'failed', job: JobId, path: Path, why: Failure }
  /** How far the job is, as far as this peer knows; at most every `renewMs`. */
  | { type: 'progress', job: JobId, done: number, partitions: number, load: Load }
  /** Three members (all, if fewer) hold bundle and inputs: the submitter may leave (R5). */
  | { type: 'stocked', job: JobId }
  /** This peer started its first bite of the job. */
  | { type: 'leased', job: JobId, path: Path }
  /** Two different values for one path: evidence of a bug or a lie (R4). */
  | { type: 'conflict', job: JobId, path: Path, peers: PeerId[] }
  /** This peer is convinced that another lied, about this partition (-1: a fold) of this path (V5). */
  | { type: 'blamed', job: JobId, peer: PeerId, path: Path, partition: number }
  /** The job's policy wants so many distinct peers, and there are fewer: it waits; once `have` is `need` it goes on (V3). */
  | { type: 'short', job: JobId, need: number, have: number }
  /** A job came back from the store: of its partitions, so many are part of values that were kept (D2). Without all goods it waits for who has them (D3). */
  | { type: 'restored', job: JobId, name: string, done: number, partitions: number, goods: 'all' | 'some' }
  /** The host's word on its store: it takes nothing more, and computing pauses, or there is room again (D6). */
  | { type: 'store', state: 'full' | 'open', why: string }
  | { type: 'done', job: JobId, value: Value, holders: Contact[] }
  | { type: 'job-failed', job: JobId, why: Failure }
  | { type: 'cancelled', job: JobId }
