/** What a calibration and its peers' processes tell each other over their channel. */
import type { ByType, Noted } from './recording.ts'
import type { Notice } from '../../../protocol/core/notice.ts'
import type { Path } from '../../../protocol/core/ids.ts'
import type { Trial } from './trial.ts'

/** What a process is started with. */
export interface PeerRole {
  trial: Trial
  /** 0 for the submitter. */
  cores: number
  seed: number
}

export type ToPeer =
  /** Connect to this address. */
  | { type: 'dial', addr: string }
  /** Submit the trial's job. */
  | { type: 'submit' }
  /** Say what was counted. */
  | { type: 'count' }

export type FromPeer =
  | { type: 'started', peer: string, addr: string }
  /** The address that it was to dial answered. */
  | { type: 'joined' }
  /** `timeMs` is Unix milliseconds, `cpuMs` the process's processor time until then. */
  | { type: 'noted', timeMs: number, cpuMs: number, notice: Noted | Extract<Notice, { type: 'submitted' }>, isExact: boolean }
  /** All paths that it coordinates now, with members. */
  | { type: 'coordinates', paths: Path[] }
  | { type: 'counted', counted: Counted }

/** A process's counts since it started (counted-network.ts). */
export interface Counted {
  sent: ByType
  direct: ByType
  heard: ByType
  /** Partitions that its sandbox finished. */
  computed: number
  /** Processor time of the process, milliseconds. */
  cpuMs: number
  /** How late its timers were, milliseconds. */
  lateMs: number[]
  /** From the last connection that it lost to its takeovers, milliseconds of the clock and of its processor time. */
  takeovers: Array<{ ms: number, cpuMs: number }>
}
