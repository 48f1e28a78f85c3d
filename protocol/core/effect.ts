/** Everything the core asks of its host. `handle` returns them in order; the host performs them in order. */
import type { Cid, Contact, JobId, Path, PeerId } from './ids.ts'
import type { AcceptedMessage, Message, Topic } from './message.ts'
import type { JobChange } from './record.ts'
import type { Notice } from './notice.ts'
import type { Timer } from './timer.ts'
import type { Value } from './job.ts'

export type Effect =
  /** Send to one peer over a direct stream; dial it first if `addrs` of it are known. Lost when it cannot be reached. */
  | { type: 'send', to: PeerId, message: Message }
  /** Send a message as `send` does, with a receipt in it for what the peer itself did of these values (K1). */
  | { type: 'certify', to: PeerId, message: AcceptedMessage, values: Value[] }
  | { type: 'publish', topic: Topic, message: Message }
  | { type: 'subscribe', topic: Topic }
  | { type: 'unsubscribe', topic: Topic }
  /** The whole set of tree neighbours of a job (J3): dial and keep these, let go of others kept before for this job. */
  | { type: 'neighbours', job: JobId, contacts: Contact[] }
  /** Try to dial now; answered by `connected` or `unreachable`. */
  | { type: 'dial', contact: Contact }
  | { type: 'set-timer', timer: Timer, ms: number }
  | { type: 'clear-timer', timer: Timer }
  /** Compute every partition of a path and fold them up to its value (G3); answered by `computed` or `compute-failed`. */
  | { type: 'compute', job: JobId, path: Path }
  /** Fold the values of a path's children, in index order; answered likewise. Never queued behind computes. */
  | { type: 'collect', job: JobId, path: Path, values: Value[] }
  /** Stop a running or queued compute; not answered. */
  | { type: 'cancel-compute', job: JobId, path: Path }
  /**
   * V7: get the openings of these partitions of a value from whoever made it, recompute them beside bites, and compare. Of a collected value, fold its
   * children again first, and go down to the bites that hold the partitions; a bite whose maker is gone is recomputed whole. Answered by `checked`.
   */
  | { type: 'check', job: JobId, value: Value, samples: number[] }
  /**
   * V3: values of one path differ: equal by the job's `equal`, where it has one, and nobody lied; else bisect over their commitments to one
   * partition, and recompute it. Answered by `judged`.
   */
  | { type: 'judge', job: JobId, path: Path, values: Value[] }
  /** V5: is this evidence what it says? Signature, place in the tree, and one partition or fold recomputed. Answered by `proved`. */
  | { type: 'prove', job: JobId, evidence: Uint8Array }
  /** Get every block below this CID from these peers; answered by `fetched` or `unfetchable`. */
  | { type: 'fetch', job: JobId, cid: Cid, from: PeerId[] }
  /** Keep this, across restarts (D1); not answered. At most one an input, and only at a peer that keeps. */
  | { type: 'store', changes: JobChange[] }
  /** Look up members of a job in the DHT; answered by `members`. */
  | { type: 'find-members', job: JobId }
  /** Publish a provider record for the job (its members or its result). */
  | { type: 'provide', job: JobId }
  /** All about this job may be dropped: sandboxes, blocks. */
  | { type: 'forget', job: JobId }
  /** A message was dropped: counted, and shown when debugging. */
  | { type: 'drop', from: PeerId, reason: string }
  | { type: 'notice', notice: Notice }
