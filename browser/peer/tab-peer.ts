/**
 * A tab's peer as pages see it. What a peer is for is decided by its options alone: a volunteer computes, a control
 * page only submits and collects.
 */
import type { Acceptance } from '../../protocol/host/acceptance.ts'
import type { Right } from '../../protocol/host/admission/rights.ts'
import type { EntryError } from './entry-error.ts'
import type { JobSpec } from '../../protocol/core/job.ts'
import type { JobId, PeerId } from '../../protocol/core/ids.ts'
import type { MeshPeer } from '../../protocol/host/mesh-peer.ts'
import type { Work } from './work.ts'

export interface TabPeerInit {
  /** Multiaddrs of peers to enter the mesh by, relays among them. */
  addrs: string[]
  /** Partitions computed at once; 0 for a peer that does not volunteer. */
  cores: number
  /** Memory of one partition's sandbox, MiB. */
  memoryMb: number
  /** Share of a core's time job code may use, above 0 up to 1. */
  duty: number
  /** STUN servers, as URLs, for tabs behind NATs; none by default. */
  stun?: string[] | undefined
  /** To a private mesh: its text. */
  invitation?: string | undefined
  /** What the invitation must allow; nothing for a tab that only looks. */
  right?: Right | undefined
  /** Which jobs it works for; any by default. */
  acceptance?: Acceptance | undefined
}

export interface Neighbour {
  peer: PeerId
  kind: 'tab' | 'node' | 'unknown'
  /** What the best connection to it runs over. */
  via: 'websocket' | 'webrtc' | 'webrtc-direct' | 'relay' | 'tcp'
}

/** What this tab has done for others since it was opened. */
export interface Given {
  /** Partitions computed whose values were accepted. */
  partitions: number
  /** Partitions that receipts certify, of those and of earlier ones whose receipts came late. */
  certified: number
  /** Sandbox time that receipts certify, milliseconds: what it is credited with. */
  creditedMs: number
  /** Sandbox time spent in all, milliseconds. */
  cpuMs: number
}

/** Receipts of this tab's peer, ever (K5). */
export interface Certified {
  receipts: number
  partitions: number
  /** Sandbox time of these, milliseconds. */
  ms: number
}

/** What a tab knows of a job it has heard of. */
export interface KnownJob {
  job: JobId
  name: string
  submitter: PeerId
  partitions: number
  done: number
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Null of a job that was submitted here. */
  spec: JobSpec | null
}

/** What pages use of a tab's peer. */
export interface TabPeer {
  readonly mesh: MeshPeer
  /** `lonely`: nobody is connected just now, and entry is tried again. */
  readonly state: 'connected' | 'lonely' | 'stopped'
  /** Why it has stopped by itself. */
  readonly over?: EntryError | undefined
  /** Why the store takes nothing more, so that computing pauses (D6); empty when it does. */
  readonly full?: string
  neighbours (): Neighbour[]
  work (): Work[]
  readonly given: Given
  readonly certified: Certified
  /** Its receipts as a file that anybody can check. */
  exported (): string
  jobs (): KnownJob[]
  /** From now on; 0 pauses and gives back what is being computed. */
  setCores (cores: number): void
  /** From now on. */
  setDuty (duty: number): void
  /** @returns what ends listening; called whenever anything above may have changed, at most ten times a second */
  onChange (listener: () => void): () => void
  /** Leave politely (C8); the first part of it is synchronous, so that `pagehide` can do it. */
  stop (): Promise<void>
}
