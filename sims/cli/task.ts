/** What the command and its workers say to each other: a world to play, how far it is, and what it came to. Plain data, since it crosses threads. */
import type { Latency } from '../models/latency.ts'
import type { Plan } from '../scenarios/plan.ts'
import type { Report } from '../report/report.ts'
import type { Session } from '../models/session.ts'

export interface Task {
  plan: Plan
  trace?: Session[]
  latency?: Latency
  /** Where to write the event log. */
  record?: string
  /** The command that plays it again, and the commit it runs at. */
  replay: string
  commit: string
}

/** How far a world is. */
export interface Pulse {
  /** Virtual milliseconds since the submission. */
  atMs: number
  /** Share of the job that is done, as far as any peer knows. */
  share: number
  live: number
  events: number
  /** Milliseconds of the wall clock since it began. */
  wallMs: number
}

export interface Played {
  report: Report
  wallMs: number
  /** Heap that it took at its largest, as far as was seen; bytes. */
  heapBytes: number
}

export type Told =
  | { type: 'pulse', pulse: Pulse }
  | { type: 'played', played: Played }
  | { type: 'refused', message: string }
